"""What a search makes as good as it can: where the number comes from, and whether more of it is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nntrain.config.checks.monitors import UNDIRECTED
from nntrain.config.network.outputs import history_names, outputs_of, own_metrics
from nntrain.config.schema import Config
from nntrain.config.vocabulary.losses import EITHER_METRICS, UPWARD, log_name
from nntrain.config.vocabulary.scores import AT_MOST_1

Direction = Literal["minimize", "maximize"]
ERRORS = frozenset({"hamming_loss", "calibration_error"})
"""Scores that are never above 1, and of which less is better."""
VALIDATION = "validation."


@dataclass(frozen=True)
class Objective:
    """What trials are judged by."""

    name: str
    direction: Direction
    watched: str | None
    """The column of `history.csv` that tells of it after each epoch; None if there is none."""

    @property
    def is_score(self) -> bool:
        """Whether it is a score of the finished run rather than a column of its history."""
        return self.name.startswith(VALIDATION)

    def better(self, one: float, other: float) -> bool:
        """Whether the first is better."""
        return one > other if self.direction == "maximize" else one < other


def objective_of(config: Config) -> Objective:
    """The objective of a config with a search that was checked."""
    assert config.search is not None
    name = config.search.objective
    told = config.search.direction or direction_of(config, name)
    assert told is not None
    return Objective(name, told, watched(config, name))


def direction_of(config: Config, name: str) -> Direction | None:
    """Whether less or more of an objective is better; None where only the user knows."""
    score = name.rpartition(".")[2]
    if name.startswith(VALIDATION):
        return "maximize" if score in AT_MOST_1 - ERRORS else "minimize"
    plain = name.removeprefix("val_")
    for output in outputs_of(config):
        for _, metric in output.metrics:
            if f"{output.prefix}{log_name(metric)}" == plain:
                judged = metric.base or metric.name
                if judged in UNDIRECTED:
                    return None
                return "maximize" if judged in UPWARD | EITHER_METRICS else "minimize"
    own = own_metrics(config).get(plain)
    if own is not None:
        return None if own.base in UNDIRECTED else "maximize" if own.base in UPWARD else "minimize"
    return "minimize"


def watched(config: Config, name: str) -> str | None:
    """The column of `history.csv` that tells of an objective after each epoch; None if there is none."""
    names = history_names(config)
    column = (
        name if not name.startswith(VALIDATION) else f"val_{name.removeprefix(VALIDATION).replace('.', '_')}"
    )
    return column if column in names else None
