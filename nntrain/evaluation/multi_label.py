"""Scores of a model that gives each row any number of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from nntrain.errors import DataError
from nntrain.evaluation.calibration import calibration_error, label_losses
from nntrain.evaluation.card import AverageScores, Card, ClassScores, little, little_note
from nntrain.evaluation.classification import NO_PROBABILITIES, averages_of, number_or_none
from nntrain.evaluation.outputs import (
    FloatArray,
    IntArray,
    OutputKind,
    finite_columns,
    sigmoid,
    softmax,
    unsuitable,
)
from nntrain.evaluation.ranking import Ranked
from nntrain.evaluation.tally import Tally
from nntrain.evaluation.words import absences, quoted

LabelAverage = Literal["macro", "micro", "weighted"]
"""Mean over the labels; over all labels of all rows; over the labels weighted by their rows."""


@dataclass(frozen=True)
class LabelPredictions:
    """What a model says of each row and label."""

    labels: IntArray
    """1 where the row has the label and 0 where not, shape `(n, k)`."""
    probabilities: FloatArray | None
    """In [0, 1], shape `(n, k)`; None where the outputs are no probabilities."""
    scores: FloatArray
    """What ranks the rows for each label, shape `(n, k)`; larger means more likely."""


@dataclass(frozen=True, kw_only=True)
class MultiLabelScores(Card):
    """How well predicted sets of labels agree with actual ones."""

    exact_match: float
    """Share of rows with every label right, in [0, 1]."""
    hamming_loss: float
    """Share of single labels that are wrong, in [0, 1]."""
    average: LabelAverage
    """Which of the averages the run reports."""
    averages: Mapping[LabelAverage, AverageScores]
    per_label: tuple[ClassScores, ...]
    """Each label for itself; `support` counts the rows that have it."""
    log_loss: float | None
    """Mean over rows and labels of -ln(probability of what is so), in [0, 16.12]."""
    brier: float | None
    """Mean over rows and labels of the squared error of the probability, in [0, 1]."""
    calibration_error: float | None
    """Mean gap between a label's probability and how often rows have it, over all labels, in [0, 1]."""
    roc_auc: float | None
    """Area under the ROC curve, in [0, 1]: the mean over the labels that some rows have and some have not."""
    average_precision: float | None
    """Area under the precision-recall curve, in [0, 1]: the mean over the same labels."""

    @property
    def task(self) -> str:
        """What the model does."""
        return "multi_label"

    @property
    def chosen(self) -> object:
        """The average that the run reports."""
        return self.average

    def numbers(self) -> dict[str, float | None]:
        """Single numbers by their names in files; `precision`, `recall` and `f1` are those of `average`."""
        precision, recall, f1 = self.averages[self.average]
        return {
            "exact_match": self.exact_match,
            "hamming_loss": self.hamming_loss,
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "f1_micro": self.averages["micro"].f1,
            "log_loss": self.log_loss,
            "brier": self.brier,
            "calibration_error": self.calibration_error,
            "roc_auc": self.roc_auc,
            "average_precision": self.average_precision,
        }

    def details(self) -> dict[str, Any]:
        """The averages and the labels."""
        names, support = zip(*((row.name, row.support) for row in self.per_label), strict=True)
        return {
            "average": self.average,
            "averages": {name: scores._asdict() for name, scores in self.averages.items()},
            "per_label": [scores._asdict() for scores in self.per_label],
            "little_support": little(names, support),
        }


def decode_labels(
    outputs: ArrayLike,
    *,
    labels: int,
    kind: OutputKind,
    threshold: float | FloatArray = 0.5,
    boundary: float = 0.0,
) -> LabelPredictions:
    """Read the outputs of a model with one unit a label.

    Args:
        outputs: What the model gives, shape `(n, labels)`; for one label also `(n,)`.
        labels: How many labels the data have.
        kind: What the outputs are, as for classes; each column is read for itself.
        threshold: Probability above which a row has the label, in [0, 1]; of each label where it is an array
            of shape `(labels,)`.
        boundary: Value of a `scores` output above which a row has the label.

    Raises:
        ConfigError: The number of outputs is not the number of labels.
        DivergedError: An output is not a finite number.
    """
    given = np.asarray(outputs)
    units = 1 if given.ndim == 1 else given.shape[1] if given.ndim == 2 else None
    if units != labels:
        raise unsuitable(
            f"the model's output shape is ({', '.join(['None', *map(str, given.shape[1:])])}), "
            f"the data have {labels} labels, which take (None, {labels})"
        )
    columns = finite_columns(given)
    if kind == "scores":
        return LabelPredictions((columns > boundary).astype(np.int64), None, columns)
    if kind.endswith("_logits"):
        probabilities = softmax(columns) if kind == "softmax_logits" else sigmoid(columns)
    else:
        probabilities = columns
    return LabelPredictions((probabilities > threshold).astype(np.int64), probabilities, columns)


def score_labels(
    truth: ArrayLike,
    predictions: LabelPredictions,
    names: Sequence[str],
    *,
    average: LabelAverage = "macro",
) -> MultiLabelScores:
    """Score predicted labels against the actual ones.

    Args:
        truth: 1 where a row has the label and 0 where not, shape `(n, k)`.
        predictions: What the model says of the same rows.
        names: The labels, in the order of the columns.
        average: What `precision`, `recall` and `f1` mean in the report.

    Raises:
        DataError: No rows, or a label that is neither 0 nor 1.

    Source: scikit-learn's definitions, with 0 for a quotient that has no rows to divide by.
    """
    actual, guess = _checked(truth, predictions, names), predictions.labels
    tally, support = label_tally(actual, guess), actual.sum(axis=0)
    areas = [Ranked(actual[:, j] == 1, predictions.scores[:, j]).areas() for j in range(len(names))]
    columns = (tally.precision, tally.recall, tally.f1, support, areas)
    per_label = tuple(
        ClassScores(name, float(p), float(r), float(f), int(s), *(number_or_none(a[0]) for a in area))
        for name, p, r, f, s, area in zip(names, *columns, strict=True)
    )
    undefined: dict[str, str] = {}
    notes = [
        *absences(tally.said > 0, support > 0, names, "label", "labels"),
        *little_note(little(names, list(support)), "label", "labels"),
    ]
    return MultiLabelScores(
        rows=len(actual),
        exact_match=float((actual == guess).all(axis=1).mean()),
        hamming_loss=float((actual != guess).mean()),
        average=average,
        averages=label_averages(tally),
        per_label=per_label,
        **_of_probabilities(actual, predictions.probabilities, undefined),
        **_of_ranks(per_label, undefined, notes),
        undefined=undefined,
        notes=tuple(notes),
    )


def label_tally(actual: IntArray, guess: IntArray) -> Tally:
    """Rows that have each label, are said to have it, and both, from 0 and 1 of shape `(n, k)`."""
    counted = (np.asarray(of.sum(axis=0), np.float64) for of in (actual * guess, actual, guess))
    return Tally(*counted)


def label_averages(tally: Tally) -> dict[LabelAverage, AverageScores]:
    """Over the labels, each counting the same or by its rows, and over all decisions at once."""
    pooled, over = tally.pooled(), averages_of(tally)
    at_once = (pooled.precision, pooled.recall, pooled.f1)
    return {
        "macro": over["macro"],
        "micro": AverageScores(*(float(column[0]) for column in at_once)),
        "weighted": over["weighted"],
    }


def _checked(truth: ArrayLike, predictions: LabelPredictions, names: Sequence[str]) -> IntArray:
    actual = np.asarray(truth)
    if actual.shape != predictions.labels.shape or actual.shape[1:] != (len(names),):
        raise ValueError(
            f"labels of shape {actual.shape} for predictions of shape {predictions.labels.shape} "
            f"and {len(names)} names"
        )
    if not len(actual):
        raise DataError("there are no rows to score")
    strange = actual[(actual != 0) & (actual != 1)]
    if len(strange):
        raise DataError(f"a label is 0 or 1 for each row, and one is {strange[0]:g}")
    return actual.astype(np.int64)


def _of_probabilities(
    actual: IntArray, probabilities: FloatArray | None, undefined: dict[str, str]
) -> dict[str, Any]:
    """What probabilities of shape `(n, k)` are worth; None of all where there are none."""
    names = ("log_loss", "brier", "calibration_error")
    if probabilities is None:
        undefined.update(dict.fromkeys(names, NO_PROBABILITIES))
        return dict.fromkeys(names)
    found = (
        float(label_losses(actual, probabilities).mean()),
        float(((probabilities - actual) ** 2).mean()),
        calibration_error(probabilities.ravel(), actual.ravel().astype(np.float64)),
    )
    return dict(zip(names, found, strict=True))


def _of_ranks(
    per_label: Sequence[ClassScores], undefined: dict[str, str], notes: list[str]
) -> dict[str, Any]:
    """Means over the labels that both values occur of; the others are named in a note."""
    names = ("roc_auc", "average_precision")
    left = [row.name for row in per_label if row.roc_auc is None]
    if len(left) == len(per_label):
        why = "no label that some of these rows have and others have not"
        undefined.update(dict.fromkeys(names, why))
        return dict.fromkeys(names)
    if left:
        notes.append(
            f"the same in all of these rows, so ROC AUC leaves out {quoted(left, 'label', 'labels')}"
        )
    columns = ([getattr(row, name) for row in per_label] for name in names)
    means = ([value for value in column if value is not None] for column in columns)
    return {name: float(np.mean(values)) for name, values in zip(names, means, strict=True)}
