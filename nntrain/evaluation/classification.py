"""Scores of a classifier on one split; scikit-learn does the arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from nntrain.errors import ConfigError, DataError, Problem
from nntrain.evaluation.outputs import FloatArray, IntArray, Predictions
from nntrain.evaluation.words import absences, quoted

Average = Literal["macro", "weighted", "binary"]
"""Mean over the classes; the same weighted by their rows; class 1 alone (two classes)."""

SMALLEST_PROBABILITY = 1e-7
"""Floor of probabilities in the log loss, Keras' `epsilon()`: one row costs 16.12 at most."""


class ClassScores(NamedTuple):
    """One class against the rest, each score in [0, 1]."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    """Rows of this class."""


class AverageScores(NamedTuple):
    """Scores of the classes as one number each, in [0, 1]."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class ClassificationScores:
    """How well predicted classes agree with actual ones."""

    rows: int
    accuracy: float
    """Share of rows whose class is right, in [0, 1]."""
    average: Average
    """Which of the averages the run reports."""
    averages: Mapping[Average, AverageScores]
    per_class: tuple[ClassScores, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Rows of actual class `i` that were predicted as class `j`, at `[i][j]`."""
    log_loss: float | None
    """Mean of -ln(probability of the actual class), in [0, 16.12]."""
    roc_auc: float | None
    """Area under the ROC curve, in [0, 1]; more than two classes: each against the rest, then the mean."""
    undefined: Mapping[str, str]
    """Why a score is None, by its name."""
    notes: tuple[str, ...]
    """What one should know to read the scores, one sentence each."""

    def to_json(self) -> dict[str, Any]:
        """Plain values; `precision`, `recall` and `f1` are those of `average`."""
        return {
            "rows": self.rows,
            "accuracy": self.accuracy,
            **self.averages[self.average]._asdict(),
            "log_loss": self.log_loss,
            "roc_auc": self.roc_auc,
            "average": self.average,
            "averages": {name: scores._asdict() for name, scores in self.averages.items()},
            "per_class": [scores._asdict() for scores in self.per_class],
            "confusion_matrix": [list(row) for row in self.confusion],
            "undefined": dict(self.undefined),
            "notes": list(self.notes),
        }

    def headline(self) -> list[tuple[str, float | None]]:
        """Names and values for the terminal, the most looked at first."""
        precision, recall, f1 = self.averages[self.average]
        return [
            ("accuracy", self.accuracy),
            (f"precision ({self.average})", precision),
            (f"recall ({self.average})", recall),
            (f"F1 ({self.average})", f1),
            ("log loss", self.log_loss),
            ("ROC AUC", self.roc_auc),
        ]


def score_classification(
    truth: IntArray,
    predictions: Predictions,
    class_names: Sequence[str],
    *,
    average: Average = "macro",
) -> ClassificationScores:
    """Score predictions against the actual classes, over all classes of the data, present here or not.

    Args:
        truth: Actual class indices, shape `(n,)`, in 0..classes-1.
        predictions: What the model says of the same rows.
        class_names: Name of class 0, 1, 2, ...
        average: What `precision`, `recall` and `f1` mean in the report.

    Raises:
        ConfigError: `average` is `binary` and the classes are not two.
        DataError: No rows, or a label that is not one of the classes.

    Source: scikit-learn's definitions, with 0 for a quotient that has no rows to divide by.
    """
    from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

    truth = _checked(truth, predictions, class_names, average)
    labels = list(range(len(class_names)))
    guess = predictions.labels
    columns = precision_recall_fscore_support(truth, guess, labels=labels, zero_division=0)
    kinds: list[Average] = ["macro", "weighted"]
    averages = {
        kind: AverageScores(
            *map(
                float,
                precision_recall_fscore_support(truth, guess, labels=labels, average=kind, zero_division=0)[
                    :3
                ],
            )
        )
        for kind in kinds
    }
    per_class = tuple(
        ClassScores(name, float(p), float(r), float(f), int(s))
        for name, p, r, f, s in zip(class_names, *columns, strict=True)
    )
    if len(labels) == 2:
        averages["binary"] = AverageScores(*per_class[1][1:4])
    undefined: dict[str, str] = {}
    return ClassificationScores(
        rows=len(truth),
        accuracy=float(accuracy_score(truth, guess)),
        average=average,
        averages=averages,
        per_class=per_class,
        confusion=tuple(
            tuple(int(count) for count in row) for row in confusion_matrix(truth, guess, labels=labels)
        ),
        log_loss=_log_loss(truth, predictions.probabilities, undefined),
        roc_auc=_roc_auc(truth, predictions.scores, class_names, undefined),
        undefined=undefined,
        notes=absences(np.isin(labels, guess), np.isin(labels, truth), class_names, "class", "classes"),
    )


def _checked(
    truth: IntArray, predictions: Predictions, class_names: Sequence[str], average: Average
) -> IntArray:
    classes = len(class_names)
    if average == "binary" and classes != 2:
        raise ConfigError(
            Problem(
                f"'binary' scores class 1 of 2, the data have {classes} classes: use macro or weighted",
                key=("evaluation", "average"),
            )
        )
    truth = np.asarray(truth)
    if truth.shape != predictions.labels.shape:
        raise ValueError(f"{truth.shape} labels for {predictions.labels.shape} predictions")
    if not len(truth):
        raise DataError("there are no rows to score")
    strange = truth[(truth < 0) | (truth >= classes)]
    if len(strange):
        raise DataError(f"label {strange[0]} is not one of the {classes} classes 0 to {classes - 1}")
    return truth.astype(np.int64)


def _log_loss(truth: IntArray, probabilities: FloatArray | None, undefined: dict[str, str]) -> float | None:
    """Cross-entropy in nats; `probabilities` of shape `(n, classes)` are kept away from 0."""
    from sklearn.metrics import log_loss

    if probabilities is None:
        undefined["log_loss"] = "the model's outputs are not probabilities"
        return None
    kept = np.maximum(probabilities, SMALLEST_PROBABILITY)
    kept /= kept.sum(axis=1, keepdims=True)
    return float(log_loss(truth, kept, labels=list(range(kept.shape[1]))))


def _roc_auc(
    truth: IntArray, scores: FloatArray, class_names: Sequence[str], undefined: dict[str, str]
) -> float | None:
    """Two classes: of class 1. More: mean over the classes, each ranked by its own column."""
    from sklearn.metrics import roc_auc_score

    present = np.unique(truth)
    if len(present) == 1:
        undefined["roc_auc"] = "only one class in these rows"
        return None
    if len(present) < len(class_names):
        absent = [name for label, name in enumerate(class_names) if label not in present]
        undefined["roc_auc"] = f"no rows of {quoted(absent, 'class', 'classes')}"
        return None
    if scores.ndim == 1:
        return float(roc_auc_score(truth, scores))
    areas = [roc_auc_score(truth == label, scores[:, label]) for label in range(len(class_names))]
    return float(np.mean(areas))
