"""What `fit` and `evaluate` return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntrain.evaluation import SplitScores

METRICS_SCHEMA = "nntrain.metrics/1"


@dataclass(frozen=True)
class FitResult:
    """A finished run."""

    path: Path
    """The run's directory."""
    name: str
    scores: Mapping[str, SplitScores]
    """Scores by split: `validation`, `test`; `training` where no rows are held out."""
    history: tuple[Mapping[str, float], ...]
    """A row an epoch: `epoch` from 1, loss, metrics, the same for validation, learning rate."""
    best_epoch: int | None
    """The epoch whose weights were kept by early stopping; None: the last one's."""
    seconds: float
    """Of the whole command, from the call to the finished run."""
    notes: tuple[str, ...] = ()
    """What the user should know, one sentence each."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "run": {"dir": str(self.path), "name": self.name, "status": "finished"},
            "epochs": len(self.history),
            "best_epoch": self.best_epoch,
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
            "metrics": {split: scores.to_json() for split, scores in self.scores.items()},
        }


@dataclass(frozen=True)
class EvaluateResult:
    """Scores of a model on one split or file."""

    model: Path
    """The run, or the `.keras` file."""
    split: str
    """`training`, `validation`, `test`, or the file that was scored."""
    scores: SplitScores
    written: Path | None
    """The file that holds the scores; None for a bare model."""
    examples: tuple[Mapping[str, Any], ...] = ()
    """The first rows: row number, actual, predicted and, for numbers, the difference."""
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "model": str(self.model),
            "split": self.split,
            "written": str(self.written) if self.written else None,
            "notes": list(self.notes),
            "examples": [dict(example) for example in self.examples],
            "metrics": {self.split: self.scores.to_json()},
        }


def metrics_json(task: str, classes: tuple[str, ...], splits: Mapping[str, SplitScores]) -> dict[str, Any]:
    """The content of `metrics.json`."""
    return {
        "schema": METRICS_SCHEMA,
        "task": task,
        "classes": list(classes),
        "splits": {name: scores.to_json() for name, scores in splits.items()},
    }
