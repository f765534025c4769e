"""Scores of a model that gives each row any number of labels; scikit-learn does the arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from nntrain.errors import DataError
from nntrain.evaluation.classification import SMALLEST_PROBABILITY, AverageScores, ClassScores
from nntrain.evaluation.outputs import (
    FloatArray,
    IntArray,
    OutputKind,
    finite_columns,
    sigmoid,
    softmax,
    unsuitable,
)
from nntrain.evaluation.words import absences, quoted

LabelAverage = Literal["macro", "micro", "weighted"]
"""Mean over the labels; over all labels of all rows; over the labels weighted by their rows."""
AVERAGES: tuple[LabelAverage, ...] = ("macro", "micro", "weighted")


@dataclass(frozen=True)
class LabelPredictions:
    """What a model says of each row and label."""

    labels: IntArray
    """1 where the row has the label and 0 where not, shape `(n, k)`."""
    probabilities: FloatArray | None
    """In [0, 1], shape `(n, k)`; None where the outputs are no probabilities."""
    scores: FloatArray
    """What ranks the rows for each label, shape `(n, k)`; larger means more likely."""


@dataclass(frozen=True)
class MultiLabelScores:
    """How well predicted sets of labels agree with actual ones."""

    rows: int
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
    roc_auc: float | None
    """Area under the ROC curve, in [0, 1]: the mean over the labels that some rows have and some have not."""
    undefined: Mapping[str, str]
    """Why a score is None, by its name."""
    notes: tuple[str, ...]
    """What one should know to read the scores, one sentence each."""

    def to_json(self) -> dict[str, Any]:
        """Plain values; `precision`, `recall` and `f1` are those of `average`."""
        return {
            "rows": self.rows,
            "exact_match": self.exact_match,
            "hamming_loss": self.hamming_loss,
            **self.averages[self.average]._asdict(),
            "f1_micro": self.averages["micro"].f1,
            "log_loss": self.log_loss,
            "roc_auc": self.roc_auc,
            "average": self.average,
            "averages": {name: scores._asdict() for name, scores in self.averages.items()},
            "per_label": [scores._asdict() for scores in self.per_label],
            "undefined": dict(self.undefined),
            "notes": list(self.notes),
        }

    def headline(self) -> list[tuple[str, float | None]]:
        """Names and values for the terminal, the most looked at first."""
        precision, recall, f1 = self.averages[self.average]
        return [
            ("exact match", self.exact_match),
            ("Hamming loss", self.hamming_loss),
            (f"precision ({self.average})", precision),
            (f"recall ({self.average})", recall),
            (f"F1 ({self.average})", f1),
            ("F1 (micro)", self.averages["micro"].f1),
            ("log loss", self.log_loss),
            ("ROC AUC", self.roc_auc),
        ]


def decode_labels(
    outputs: ArrayLike,
    *,
    labels: int,
    kind: OutputKind,
    threshold: float = 0.5,
    boundary: float = 0.0,
) -> LabelPredictions:
    """Read the outputs of a model with one unit a label.

    Args:
        outputs: What the model gives, shape `(n, labels)`; for one label also `(n,)`.
        labels: How many labels the data have.
        kind: What the outputs are, as for classes; each column is read for itself.
        threshold: Probability above which a row has the label, in [0, 1].
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
    from sklearn.metrics import f1_score, precision_score, recall_score

    actual, guess = _checked(truth, predictions, names), predictions.labels

    def of_columns(score: Any) -> FloatArray:
        """One value a label; a single column is a label of its own, not two classes."""
        return np.asarray(
            [score(actual[:, j], guess[:, j], labels=[0, 1], zero_division=0) for j in range(actual.shape[1])]
        )

    columns = [of_columns(score) for score in (precision_score, recall_score, f1_score)]
    support = actual.sum(axis=0)
    per_label = tuple(
        ClassScores(name, float(p), float(r), float(f), int(s))
        for name, p, r, f, s in zip(names, *columns, support, strict=True)
    )
    undefined: dict[str, str] = {}
    notes = list(absences(guess.sum(axis=0) > 0, support > 0, names, "label", "labels"))
    return MultiLabelScores(
        rows=len(actual),
        exact_match=float((actual == guess).all(axis=1).mean()),
        hamming_loss=float((actual != guess).mean()),
        average=average,
        averages=_averages(actual, guess, columns),
        per_label=per_label,
        log_loss=_log_loss(actual, predictions.probabilities, undefined),
        roc_auc=_roc_auc(actual, predictions.scores, names, undefined, notes),
        undefined=undefined,
        notes=tuple(notes),
    )


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


def _averages(
    actual: IntArray, guess: IntArray, columns: Sequence[FloatArray]
) -> dict[LabelAverage, AverageScores]:
    """Over the labels, each counting the same or by its rows, and over all decisions at once."""
    from sklearn.metrics import precision_recall_fscore_support

    pooled = precision_recall_fscore_support(
        actual.ravel(), guess.ravel(), labels=[0, 1], average="binary", zero_division=0
    )
    support = actual.sum(axis=0)
    weights = support / support.sum() if support.any() else np.zeros(len(support))
    return {
        "macro": AverageScores(*(float(values.mean()) for values in columns)),
        "micro": AverageScores(*map(float, pooled[:3])),
        "weighted": AverageScores(*(float(values @ weights) for values in columns)),
    }


def _log_loss(actual: IntArray, probabilities: FloatArray | None, undefined: dict[str, str]) -> float | None:
    """Binary cross-entropy in nats; probabilities of shape `(n, k)` are kept away from 0 and 1."""
    from sklearn.metrics import log_loss

    if probabilities is None:
        undefined["log_loss"] = "the model's outputs are not probabilities"
        return None
    kept = np.clip(probabilities, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return float(log_loss(actual.ravel(), kept.ravel(), labels=[0, 1]))


def _roc_auc(
    actual: IntArray, scores: FloatArray, names: Sequence[str], undefined: dict[str, str], notes: list[str]
) -> float | None:
    """Mean over the labels that both values occur of; the others are named in a note."""
    from sklearn.metrics import roc_auc_score

    support = actual.sum(axis=0)
    mixed = (support > 0) & (support < len(actual))
    if not mixed.any():
        undefined["roc_auc"] = "no label that some of these rows have and others have not"
        return None
    if not mixed.all():
        left = [name for name, both in zip(names, mixed, strict=True) if not both]
        notes.append(
            f"the same in all of these rows, so ROC AUC leaves out {quoted(left, 'label', 'labels')}"
        )
    return float(np.mean([roc_auc_score(actual[:, j], scores[:, j]) for j in np.flatnonzero(mixed)]))
