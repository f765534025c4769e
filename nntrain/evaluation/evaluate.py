"""Scores of one split beside those of its baseline: what `fit`, `evaluate` and CI all report."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nntrain.errors import listing
from nntrain.evaluation.baseline import majority_class, majority_labels, majority_predictions
from nntrain.evaluation.classification import Average, ClassificationScores, score_classification
from nntrain.evaluation.multi_label import LabelAverage, LabelPredictions, MultiLabelScores, score_labels
from nntrain.evaluation.outputs import FloatArray, IntArray, Predictions
from nntrain.evaluation.reconstruction import ReconstructionScores, score_reconstruction
from nntrain.evaluation.recorded import RecordedScores
from nntrain.evaluation.regression import RegressionScores, score_regression
from nntrain.evaluation.segmentation import (
    PixelAverage,
    SegmentationScores,
    pixel_confusion,
    score_segmentation,
)
from nntrain.evaluation.words import quoted

Scores = (
    ClassificationScores
    | RegressionScores
    | MultiLabelScores
    | ReconstructionScores
    | SegmentationScores
    | RecordedScores
)
DETAILS = ("averages", "per_class", "per_label", "per_column", "confusion_matrix", "notes")
"""What of a baseline's scores nobody reads."""
LESS_IS_BETTER = frozenset({"log loss", "Hamming loss", "MAE", "MSE", "RMSE", "MAPE"})
"""Scores that measure what is wrong, as the terminal names them."""
NOISE = 1e-6
"""Difference from the baseline that is rounding: relative, and of shares absolute."""


@dataclass(frozen=True)
class SplitScores:
    """A model and a baseline, scored on the same rows by the same functions."""

    model: Scores
    baseline: Scores
    baseline_name: str
    """What the baseline always answers."""

    @classmethod
    def from_json(cls, scores: Mapping[str, Any]) -> SplitScores:
        """The scores that `to_json` wrote, without what can only be told from the rows."""
        ours = {name: value for name, value in scores.items() if name != "baseline"}
        reference = {name: value for name, value in scores["baseline"].items() if name != "name"}
        return cls(RecordedScores(ours), RecordedScores(reference), scores["baseline"]["name"])

    def to_json(self) -> dict[str, Any]:
        """The scores, and the baseline's single numbers under `baseline`; `undefined` explains each None."""
        reference = _finite(self.baseline.to_json())
        kept = {name: value for name, value in reference.items() if name not in DETAILS}
        return {**_finite(self.model.to_json()), "baseline": {"name": self.baseline_name, **kept}}

    def headline(self) -> list[tuple[str, float | None, float | None]]:
        """Name, the model's value and the baseline's, in the order in which they are printed."""
        pairs = zip(self.model.headline(), self.baseline.headline(), strict=True)
        return [(name, value, reference) for (name, value), (_, reference) in pairs]

    def worse(self) -> list[str]:
        """The scores of the headline on which the model does worse than the baseline."""
        found = []
        for name, value, reference in self.headline():
            if value is None or reference is None:
                continue
            error = name in LESS_IS_BETTER
            alike = math.isclose(value, reference, rel_tol=NOISE, abs_tol=0.0 if error else NOISE)
            if not alike and (value > reference) == error:
                found.append(name)
        return found


def evaluate_classes(
    truth: ArrayLike,
    predictions: Predictions,
    *,
    counts: IntArray,
    names: Sequence[str],
    average: Average = "macro",
) -> SplitScores:
    """Score a classifier beside the majority class.

    Args:
        truth: Actual class indices, shape `(n,)`.
        predictions: Its decoded outputs for the same rows.
        counts: Training rows of each class, shape `(classes,)`.
        names: Name of class 0, 1, 2, ...
        average: What precision, recall and F1 mean.

    Raises:
        ConfigError: `average` does not suit the classes.
        DataError: No rows, or a label that is not one of the classes.
    """
    actual = np.asarray(truth)
    baseline = majority_predictions(counts, len(actual))
    return SplitScores(
        model=score_classification(actual, predictions, names, average=average),
        baseline=score_classification(actual, baseline, names, average=average),
        baseline_name=f"the majority class of the training rows, {names[majority_class(counts)]!r}",
    )


def evaluate_labels(
    truth: ArrayLike,
    predictions: LabelPredictions,
    *,
    shares: FloatArray,
    names: Sequence[str],
    average: LabelAverage = "macro",
) -> SplitScores:
    """Score a model of several labels beside the labels that most training rows have.

    Args:
        truth: Actual labels, 0 and 1, shape `(n, k)`.
        predictions: The model's decoded outputs for the same rows.
        shares: Share of the training rows that have each label, shape `(k,)`.
        names: The labels.
        average: What precision, recall and F1 mean.

    Raises:
        DataError: No rows, or a label that is neither 0 nor 1.
    """
    usual = [name for name, share in zip(names, shares, strict=True) if share > 0.5]
    baseline = majority_labels(shares, len(np.asarray(truth)))
    return SplitScores(
        model=score_labels(truth, predictions, names, average=average),
        baseline=score_labels(truth, baseline, names, average=average),
        baseline_name="what most training rows have, "
        + (quoted(usual, "label", "labels") if usual else "no label"),
    )


def evaluate_numbers(
    truth: ArrayLike, outputs: ArrayLike, *, means: FloatArray, names: Sequence[str] = ()
) -> SplitScores:
    """Score predicted numbers beside the mean of the training targets.

    Args:
        truth: Actual numbers, shape `(n,)` or `(n, k)`.
        outputs: The model's, shape `(n,)`, `(n, 1)` or `(n, k)`.
        means: Mean of each number over the training rows, shape `(1,)` or `(k,)`.
        names: What the k numbers are called; unused for one.

    Raises:
        ConfigError: The outputs are not as many numbers as the target.
        DataError: No rows.
        DivergedError: A predicted number is not finite.
    """
    actual = np.asarray(truth)
    if len(means) == 1:
        name = f"the mean of the training targets, {means[0]:g}"
    else:
        values = (f"{column} {mean:g}" for column, mean in zip(names, means, strict=True))
        name = f"the means of the training targets, {listing(values)}"
    baseline = np.broadcast_to(means, (len(actual), len(means)))
    return SplitScores(
        score_regression(actual, outputs, names), score_regression(actual, baseline, names), name
    )


def evaluate_pixels(
    truth: ArrayLike,
    labels: ArrayLike,
    *,
    counts: IntArray,
    names: Sequence[str],
    average: PixelAverage = "macro",
) -> SplitScores:
    """Score predicted masks beside masks of the class that most training pixels have.

    Args:
        truth: Actual class indices, shape `(n, height, width)`; from the number of classes upwards left out.
        labels: Predicted ones, of the same shape.
        counts: Training pixels of each class, shape `(classes,)`.
        names: Name of class 0, 1, 2, ...
        average: What Dice, precision and recall mean.

    Raises:
        DataError: No pixels.
    """
    actual = np.asarray(truth)
    matrix = pixel_confusion(actual, labels, len(names))
    usual = majority_class(counts)
    same = np.zeros_like(matrix)
    same[:, usual] = matrix.sum(axis=1)
    of: dict[str, Any] = {
        "rows": len(actual),
        "left_out": int(actual.size - matrix.sum()),
        "average": average,
    }
    return SplitScores(
        model=score_segmentation(matrix, names, **of),
        baseline=score_segmentation(same, names, **of),
        baseline_name=f"the majority class of the training pixels, {names[usual]!r}",
    )


def evaluate_reconstruction(truth: ArrayLike, outputs: ArrayLike, *, mean: FloatArray) -> SplitScores:
    """Score rows that a model gave back beside the mean training row.

    Args:
        truth: Prepared inputs, shape `(n, ...)`.
        outputs: What the model made of them, the same shape.
        mean: The mean training row, shape `(...)`, or the mean of all its values, shape `()`.

    Raises:
        ConfigError: The outputs have another shape than the inputs.
        DataError: No rows.
        DivergedError: A value of `outputs` is not finite.
    """
    actual = np.asarray(truth)
    whole = mean.shape == actual.shape[1:]
    return SplitScores(
        score_reconstruction(actual, outputs),
        score_reconstruction(actual, np.broadcast_to(mean, actual.shape)),
        "the mean of the training rows" if whole else f"the mean of all training values, {mean:g}",
    )


def _finite(scores: dict[str, Any]) -> dict[str, Any]:
    """Put None, and a word on it, in place of a score that overflowed."""
    undefined = dict(scores["undefined"])
    for name, value in scores.items():
        if _overflowed(value):
            scores[name], undefined[name] = None, "too large for a number"
    for column in scores.get("per_column", ()):
        column.update({name: None for name, value in column.items() if _overflowed(value)})
    scores["undefined"] = undefined
    return scores


def _overflowed(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
