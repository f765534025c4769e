"""What `fit` and `evaluate` return."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from nntrain.evaluation import SplitScores
from nntrain.run.expectations import Outcome, outcomes_json

if TYPE_CHECKING:
    from nntrain.run.target import Target

METRICS_SCHEMA = "nntrain.metrics/1"
LONGEST = 150
"""Bytes of a file's name that stand in the names of its scores, which file systems end at 255."""
Split = Literal["training", "validation", "test"]


@dataclass(frozen=True)
class FitResult:
    """A finished run."""

    path: Path
    """The run's directory."""
    name: str
    outputs: Mapping[str, Mapping[str, SplitScores]]
    """For each output of the network its scores by split: `validation`, `test`; `training` where no rows are
    held out."""
    history: tuple[Mapping[str, float], ...]
    """A row an epoch: `epoch` from 1, loss, metrics, the same for validation, learning rate."""
    best_epoch: int | None
    """The epoch whose weights were kept by early stopping; None: the last one's."""
    seconds: float
    """Of the whole command, from the call to the finished run."""
    notes: tuple[str, ...] = ()
    """What the user should know, one sentence each."""
    expectations: tuple[Outcome, ...] = ()
    """What became of the config's `expect`."""

    @property
    def scores(self) -> Mapping[str, SplitScores]:
        """Scores by split of the first output, which mostly is the only one."""
        return next(iter(self.outputs.values()))

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "run": {"dir": str(self.path), "name": self.name, "status": "finished"},
            "epochs": len(self.history),
            "best_epoch": self.best_epoch,
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
            "metrics": {split: split_json(scores) for split, scores in exchanged(self.outputs).items()},
            **outcomes_json(self.expectations),
        }


@dataclass(frozen=True)
class EvaluateResult:
    """Scores of a model on one split or file."""

    model: Path
    """The run, or the `.keras` file."""
    split: str
    """`training`, `validation`, `test`, or the file that was scored."""
    outputs: Mapping[str, SplitScores]
    """For each output of the network its scores."""
    written: Path | None
    """The file that holds the scores; None for a bare model."""
    examples: tuple[Mapping[str, Any], ...] = ()
    """The first rows: row number, actual, predicted and, for numbers and two classes, the difference; the
    names of the labels that a row has; the error of a row that was given back."""
    notes: tuple[str, ...] = ()
    name: str = ""
    """The config's name."""
    expectations: tuple[Outcome, ...] = ()
    """What became of the config's `expect`, as far as these rows tell."""
    pictures: tuple[Path, ...] = ()
    """What was drawn of them, each as PNG and as SVG."""

    @property
    def scores(self) -> SplitScores:
        """Scores of the first output, which mostly is the only one."""
        return next(iter(self.outputs.values()))

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "model": str(self.model),
            "split": self.split,
            "written": str(self.written) if self.written else None,
            "notes": list(self.notes),
            "examples": [dict(example) for example in self.examples],
            "metrics": {self.split: split_json(self.outputs)},
            "pictures": [str(file) for file in self.pictures],
            **outcomes_json(self.expectations),
        }


def scores_stem(file: Path) -> str:
    """What the scores of a file or folder are called: its name, or its begin, which no split has."""
    whole = file.name if file.suffix else f"{file.name}_folder"
    name = whole if file.stem in get_args(Split) else file.stem
    told = os.fsencode(name)
    if len(told) <= LONGEST:
        return name
    return f"{told[:LONGEST].decode(errors='ignore')}-{hashlib.sha256(told).hexdigest()[:8]}"


def metrics_json(
    targets: Mapping[str, Target], splits: Mapping[str, Mapping[str, SplitScores]]
) -> dict[str, Any]:
    """The content of `metrics.json`.

    With one output it holds the task, the classes and each split's scores; with several, `outputs` holds the
    task and the classes of each, and each split has an `outputs` of its own.

    Args:
        targets: What each output predicts, by its name.
        splits: For each split the scores of each output.
    """
    described = {name: target.describe() for name, target in targets.items()}
    return {
        "schema": METRICS_SCHEMA,
        **({"outputs": described} if len(described) > 1 else next(iter(described.values()))),
        "splits": {name: split_json(scores) for name, scores in splits.items()},
    }


def split_json(outputs: Mapping[str, SplitScores]) -> dict[str, Any]:
    """The scores of one split: those of the only output, or those of each under `outputs`."""
    if len(outputs) == 1:
        return next(iter(outputs.values())).to_json()
    return {"outputs": {name: scores.to_json() for name, scores in outputs.items()}}


def exchanged(found: Mapping[str, Mapping[str, SplitScores]]) -> dict[str, dict[str, SplitScores]]:
    """Scores by output and split as scores by split and output, or the other way round."""
    result: dict[str, dict[str, SplitScores]] = {}
    for outer, inside in found.items():
        for inner, scores in inside.items():
            result.setdefault(inner, {})[outer] = scores
    return result
