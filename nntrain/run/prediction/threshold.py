"""The probability above which a prediction says yes."""

from __future__ import annotations

from nntrain.config.schema import Config
from nntrain.run.directory import RunDirectory


def threshold_of(run: RunDirectory, config: Config) -> float:
    """Where a run draws the line between two classes, or for a label: what its scores were made with."""
    return config.evaluation.threshold
