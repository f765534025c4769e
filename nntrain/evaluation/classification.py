"""Scores of a classifier on one split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nntrain.errors import ConfigError, DataError, Problem
from nntrain.evaluation.calibration import brier_rows, calibration_error, class_losses
from nntrain.evaluation.card import AverageScores, Card, ClassScores, defined, little, little_note
from nntrain.evaluation.outputs import FloatArray, IntArray, Predictions
from nntrain.evaluation.ranking import Ranked
from nntrain.evaluation.tally import Tally, confusion
from nntrain.evaluation.words import absences, quoted

Average = Literal["macro", "weighted", "binary"]
"""Mean over the classes; the same weighted by their rows; class 1 alone (two classes)."""
TOP = (3, 5)
"""How many of the likeliest classes count as a hit, where there are more classes than that."""
NO_PROBABILITIES = "the model's outputs are not probabilities"


@dataclass(frozen=True, kw_only=True)
class ClassificationScores(Card):
    """How well predicted classes agree with actual ones."""

    accuracy: float
    """Share of rows whose class is right, in [0, 1]."""
    balanced_accuracy: float
    """Mean recall of the classes that the rows have, in [0, 1]."""
    average: Average
    """Which of the averages the run reports."""
    averages: Mapping[Average, AverageScores]
    per_class: tuple[ClassScores, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Rows of actual class `i` that were predicted as class `j`, at `[i][j]`."""
    mcc: float
    """Matthews correlation, in [-1, 1]; 0 is no better than chance."""
    kappa: float | None
    """Cohen's kappa: agreement beyond that of chance, in [-1, 1]."""
    top: Mapping[int, float]
    """Share of rows whose class is among the k likeliest, in [0, 1], by k."""
    log_loss: float | None
    """Mean of -ln(probability of the actual class), in [0, 16.12]."""
    brier: float | None
    """Mean squared error of the probabilities, in [0, 1]; of more than two classes their sum, in [0, 2]."""
    calibration_error: float | None
    """Mean gap between the likeliest class's probability and how often it is right, in [0, 1]."""
    roc_auc: float | None
    """Area under the ROC curve, in [0, 1]; more than two classes: each against the rest, then the mean."""
    average_precision: float | None
    """Area under the precision-recall curve, in [0, 1]: of class 1 of two; of more the mean over them."""

    @property
    def task(self) -> str:
        """What the model does."""
        return "classification"

    @property
    def chosen(self) -> object:
        """The average that the run reports."""
        return self.average

    def numbers(self) -> dict[str, float | None]:
        """Single numbers by their names in files; `precision`, `recall` and `f1` are those of `average`."""
        precision, recall, f1 = self.averages[self.average]
        return {
            "accuracy": self.accuracy,
            "balanced_accuracy": self.balanced_accuracy,
            **{f"top_{k}_accuracy": value for k, value in self.top.items()},
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "mcc": self.mcc,
            "kappa": self.kappa,
            "log_loss": self.log_loss,
            "brier": self.brier,
            "calibration_error": self.calibration_error,
            "roc_auc": self.roc_auc,
            "average_precision": self.average_precision,
        }

    def details(self) -> dict[str, Any]:
        """The averages, the classes and the confusion matrix."""
        names, support = zip(*((row.name, row.support) for row in self.per_class), strict=True)
        return {
            "average": self.average,
            "averages": {name: scores._asdict() for name, scores in self.averages.items()},
            "per_class": [scores._asdict() for scores in self.per_class],
            "little_support": little(names, support),
            "confusion_matrix": [list(row) for row in self.confusion],
        }


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
    truth = _checked(truth, predictions, class_names, average)
    matrix = confusion(truth, predictions.labels, len(class_names))
    tally, support = Tally.of(matrix), matrix.sum(axis=1)
    undefined: dict[str, str] = {}
    areas = _areas(truth, predictions.scores, len(class_names))
    columns = (tally.precision, tally.recall, tally.f1, support, *areas)
    return ClassificationScores(
        rows=len(truth),
        accuracy=float(tally.accuracy),
        balanced_accuracy=float(tally.balanced_accuracy),
        average=average,
        averages=averages_of(tally),
        per_class=tuple(
            ClassScores(name, float(p), float(r), float(f), int(s), number_or_none(a), number_or_none(ap))
            for name, p, r, f, s, a, ap in zip(class_names, *columns, strict=True)
        ),
        confusion=tuple(tuple(int(count) for count in row) for row in matrix),
        mcc=float(tally.mcc),
        kappa=defined(float(tally.kappa), "kappa", undefined, "rows and predictions have one class"),
        top={k: float(in_top(truth, predictions.scores, k).mean()) for k in TOP if k < len(class_names)},
        **_of_probabilities(truth, predictions.probabilities, undefined),
        **_of_ranks(areas, support, class_names, undefined),
        undefined=undefined,
        notes=(
            *absences(tally.said > 0, support > 0, class_names, "class", "classes"),
            *little_note(little(class_names, list(support)), "class", "classes"),
        ),
    )


def averages_of(tally: Tally) -> dict[Average, AverageScores]:
    """The classes' scores as one number each: the mean, that by rows, and of two classes the second's."""
    columns = (tally.precision, tally.recall, tally.f1)
    found: dict[Average, AverageScores] = {
        "macro": AverageScores(*(float(column.mean()) for column in columns)),
        "weighted": AverageScores(*(float(tally.weighted(column)) for column in columns)),
    }
    if len(tally.actual) == 2:
        found["binary"] = AverageScores(*(float(column[1]) for column in columns))
    return found


def in_top(truth: IntArray, scores: FloatArray, k: int) -> FloatArray:
    """1 for rows whose class is among the k likeliest and 0 for the others, shape `(n,)`.

    Of equal values that of the lower class counts as the larger one, as it does for the predicted class.

    Source: scikit-learn's `top_k_accuracy_score`, but for equal values.
    """
    own = scores[np.arange(len(truth)), truth][:, np.newaxis]
    lower = np.arange(scores.shape[1]) < truth[:, np.newaxis]
    before = (scores > own) | ((scores == own) & lower)
    return np.asarray(before.sum(axis=1) < k, np.float64)


def number_or_none(value: float) -> float | None:
    """A plain number; None for NaN."""
    return float(value) if value == value else None


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


def _of_probabilities(
    truth: IntArray, probabilities: FloatArray | None, undefined: dict[str, str]
) -> dict[str, Any]:
    """What probabilities of shape `(n, classes)` are worth; None of all where there are none."""
    names = ("log_loss", "brier", "calibration_error")
    if probabilities is None:
        undefined.update(dict.fromkeys(names, NO_PROBABILITIES))
        return dict.fromkeys(names)
    right = probabilities.argmax(axis=1) == truth
    found = (
        float(class_losses(truth, probabilities).mean()),
        float(brier_rows(truth, probabilities).mean()),
        calibration_error(probabilities.max(axis=1), right.astype(np.float64)),
    )
    return dict(zip(names, found, strict=True))


def _areas(truth: IntArray, scores: FloatArray, classes: int) -> tuple[FloatArray, FloatArray]:
    """ROC AUC and average precision of each class, shape `(classes,)` each; NaN of one without contrast."""
    columns = np.column_stack([-scores, scores]) if scores.ndim == 1 else scores
    each = [Ranked(truth == label, columns[:, label]).areas() for label in range(classes)]
    return np.concatenate([a.roc_auc for a in each]), np.concatenate([a.average_precision for a in each])


def _of_ranks(
    areas: tuple[FloatArray, FloatArray],
    support: IntArray,
    class_names: Sequence[str],
    undefined: dict[str, str],
) -> dict[str, Any]:
    """The classes' areas as one number each: of two classes that of class 1, of more the mean."""
    names = ("roc_auc", "average_precision")
    absent = [name for name, rows in zip(class_names, support, strict=True) if not rows]
    if absent:
        alone = len(absent) == len(class_names) - 1
        why = "only one class in these rows" if alone else f"no rows of {quoted(absent, 'class', 'classes')}"
        undefined.update(dict.fromkeys(names, why))
        return dict.fromkeys(names)
    pick = (lambda of: of[1]) if len(class_names) == 2 else np.mean
    return {name: float(pick(of)) for name, of in zip(names, areas, strict=True)}
