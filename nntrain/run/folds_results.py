"""What training and scoring by folds return: the scores of every fold, their mean and their spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntrain.config.folds import FOLDS, SEEDS, Parts
from nntrain.evaluation import SplitScores
from nntrain.evaluation.spread import Spread, spreads
from nntrain.run.expectations import Outcome, outcomes_json
from nntrain.run.results import FitResult, exchanged, split_json

FOLDS_SCHEMA = "nntrain.folds/1"
FoldScores = Mapping[str, Mapping[str, Sequence[SplitScores]]]
"""For each output its scores by split: those of fold 1, 2, ..."""
Headline = list[tuple[str, Spread, Spread]]
"""Name, the model's values and the baseline's, in the order in which they are printed."""


def headline(folds: Sequence[SplitScores], *, everything: bool = False) -> Headline:
    """The main scores of a split over the folds, or `everything`."""
    rows = [scores.rows(everything=everything) for scores in folds]
    found = []
    for same in zip(*rows, strict=True):
        ours = Spread(tuple(row.value for row in same))
        found.append((same[0].title, ours, Spread(tuple(row.references[0] for row in same))))
    return found


def gathered(each: Sequence[Mapping[str, Mapping[str, SplitScores]]]) -> FoldScores:
    """Scores by output and split of every fold."""
    return {
        output: {split: [fold[output][split] for fold in each] for split in splits}
        for output, splits in each[0].items()
    }


def folds_json(each: Sequence[Mapping[str, Mapping[str, SplitScores]]], parts: Parts) -> dict[str, Any]:
    """By split every score with its mean, deviation and the value of each fold."""
    splits = [exchanged(fold) for fold in each]
    return {name: spreads([split_json(fold[name]) for fold in splits], parts.several) for name in splits[0]}


def median_of(runs: Sequence[FitResult]) -> int:
    """The place of the run with the median of the first score of the first output, of test rows if any.

    Of an even number it is the one below the middle.
    """
    splits = runs[0].scores
    split = "test" if "test" in splits else next(iter(splits))
    values = [run.scores[split].headline()[0][1] for run in runs]
    ranked = sorted(range(len(runs)), key=lambda i: (values[i] is not None, values[i] or 0.0, i))
    return ranked[(len(ranked) - 1) // 2]


@dataclass(frozen=True)
class FoldsResult:
    """A finished parent run with a run for each fold."""

    path: Path
    """The parent's directory; the runs are `fold-1`, `fold-2`, ... in it, or `seed-1`, ..."""
    name: str
    runs: tuple[FitResult, ...]
    seconds: float
    """Of the whole command."""
    notes: tuple[str, ...] = ()
    """What the user should know, one sentence each."""
    parts: Parts = FOLDS
    """What the runs are for."""
    expectations: tuple[Outcome, ...] = ()
    """What became of the config's `expect`, for the mean of the runs."""

    @property
    def median(self) -> FitResult | None:
        """Of several seeds the run whose score is the median; folds hold out different rows."""
        return self.runs[median_of(self.runs)] if self.parts is SEEDS else None

    @property
    def outputs(self) -> FoldScores:
        """For each output its scores by split and fold."""
        return gathered([run.outputs for run in self.runs])

    def metrics(self) -> dict[str, Any]:
        """By split every score with its mean, deviation and the value of each fold."""
        return folds_json([run.outputs for run in self.runs], self.parts)

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "run": {"dir": str(self.path), "name": self.name, "status": "finished"},
            self.parts.several: [
                {
                    "dir": str(run.path),
                    "epochs": len(run.history),
                    "best_epoch": run.best_epoch,
                    "seconds": round(run.seconds, 3),
                }
                for run in self.runs
            ],
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
            "metrics": self.metrics(),
            **({} if self.median is None else {"median": str(self.median.path)}),
            **outcomes_json(self.expectations),
        }


@dataclass(frozen=True)
class FoldsEvaluation:
    """The models of all folds, scored on one split or file."""

    model: Path
    """The parent run."""
    split: str
    """`training`, `validation`, `test`, or the file that was scored."""
    each: tuple[Mapping[str, SplitScores], ...]
    """For each fold the scores of each output."""
    written: Path
    """The file that holds the scores."""
    notes: tuple[str, ...] = ()
    parts: Parts = FOLDS
    """What the runs are for."""
    name: str = ""
    """The config's name."""
    expectations: tuple[Outcome, ...] = ()
    """What became of the config's `expect`, for the mean of the models."""

    @property
    def outputs(self) -> FoldScores:
        """For each output its scores by split and fold."""
        return gathered(self.by_output)

    @property
    def by_output(self) -> list[dict[str, dict[str, SplitScores]]]:
        """Of each fold the scores by output and split."""
        return [{name: {self.split: scores} for name, scores in fold.items()} for fold in self.each]

    def metrics(self) -> dict[str, Any]:
        """Every score with its mean, deviation and the value of each fold, under the split's name."""
        return folds_json(self.by_output, self.parts)

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "model": str(self.model),
            "split": self.split,
            self.parts.several: len(self.each),
            "written": str(self.written),
            "notes": list(self.notes),
            "metrics": self.metrics(),
            **outcomes_json(self.expectations),
        }
