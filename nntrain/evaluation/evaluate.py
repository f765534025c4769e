"""Scores of one split beside those of its baseline: what `fit`, `evaluate` and CI all report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from nntrain.errors import listing
from nntrain.evaluation.baseline import chance_tally, majority_class, majority_labels, majority_predictions
from nntrain.evaluation.bootstrap import LARGEST, Interval
from nntrain.evaluation.card import Card
from nntrain.evaluation.classification import (
    Average,
    averages_of,
    score_classification,
)
from nntrain.evaluation.intervals import of_classes, of_images, of_labels, of_numbers, of_rows
from nntrain.evaluation.multi_label import (
    LabelAverage,
    LabelPredictions,
    label_averages,
    score_labels,
)
from nntrain.evaluation.outputs import FloatArray, IntArray, Predictions
from nntrain.evaluation.reconstruction import centre, row_errors, score_reconstruction
from nntrain.evaluation.regression import RegressionScores, number_columns, score_regression
from nntrain.evaluation.segmentation import (
    PixelAverage,
    image_tallies,
    pixel_confusion,
    score_segmentation,
)
from nntrain.evaluation.split import SplitScores
from nntrain.evaluation.tally import Tally
from nntrain.evaluation.words import quoted

AnyScores = TypeVar("AnyScores", bound=Card)
CHANCE = "guesses in the proportions of the training rows"


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
    model = score_classification(actual, predictions, names, average=average)
    support = np.asarray([row.support for row in model.per_class], np.float64)
    chance = chance_tally(support, counts / counts.sum())
    return SplitScores(
        model=_with(model, of_classes(actual, predictions, len(names), average)),
        baseline=score_classification(actual, baseline, names, average=average),
        baseline_name=f"the majority class of the training rows, {names[majority_class(counts)]!r}",
        others={
            CHANCE: {
                "accuracy": float(chance.accuracy),
                "balanced_accuracy": float(chance.balanced_accuracy),
                **averages_of(chance)[average]._asdict(),
                "mcc": float(chance.mcc),
                "kappa": float(chance.kappa),
            }
        },
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
    actual = np.asarray(truth)
    baseline = majority_labels(shares, len(actual))
    model = score_labels(actual, predictions, names, average=average)
    of_each = np.where(actual == 1, shares, 1 - shares)
    support = np.asarray(actual.sum(axis=0), np.float64)
    averages = label_averages(Tally(support * shares, support, len(actual) * shares))
    return SplitScores(
        model=_with(model, of_labels(actual.astype(np.int64), predictions, average)),
        baseline=score_labels(actual, baseline, names, average=average),
        others={
            CHANCE: {
                "exact_match": float(of_each.prod(axis=1).mean()),
                "hamming_loss": float(1 - of_each.mean()),
                **averages[average]._asdict(),
                "f1_micro": averages["micro"].f1,
            }
        },
        baseline_name="what most training rows have, "
        + (quoted(usual, "label", "labels") if usual else "no label"),
    )


def evaluate_numbers(
    truth: ArrayLike,
    outputs: ArrayLike,
    *,
    means: FloatArray,
    names: Sequence[str] = (),
    medians: FloatArray | None = None,
    last: FloatArray | None = None,
) -> SplitScores:
    """Score predicted numbers beside the mean and the median of the training targets, or the last value.

    Args:
        truth: Actual numbers, shape `(n,)` or `(n, k)`.
        outputs: The model's, shape `(n,)`, `(n, 1)` or `(n, k)`.
        means: Mean of each number over the training rows, shape `(1,)` or `(k,)`.
        names: What the k numbers are called; unused for one.
        medians: Median of each, where it is known.
        last: Of a series the last value that each row knows, shape `(n,)`; NaN where it is missing. Where all
            are there, they are the baseline that the model is set beside.

    Raises:
        ConfigError: The outputs are not as many numbers as the target.
        DataError: No rows.
        DivergedError: A predicted number is not finite.
    """
    actual = np.asarray(truth)
    k = len(means)

    def always(values: ArrayLike) -> RegressionScores:
        return score_regression(actual, np.broadcast_to(values, (len(actual), k)), names)

    found = {f"the {_of_training('mean', means, names)}": always(means)}
    if medians is not None:
        found[f"the {_of_training('median', medians, names)}"] = always(medians)
    if last is not None and np.isfinite(last).all():
        found = {"the last value, repeated": always(last[:, np.newaxis]), **found}
    model = score_regression(actual, outputs, names)
    columns = np.asarray(actual, np.float64).reshape(len(actual), k)
    first, *others = found
    return SplitScores(
        _with(model, of_numbers(columns, number_columns(outputs, k), names)),
        found[first],
        first,
        {name: found[name].numbers() for name in others},
    )


def _of_training(what: str, values: FloatArray, names: Sequence[str]) -> str:
    """`mean of the training targets, 4`; of several numbers that of each."""
    if len(values) == 1:
        return f"{what} of the training targets, {values[0]:g}"
    each = (f"{column} {value:g}" for column, value in zip(names, values, strict=True))
    return f"{what}s of the training targets, {listing(each)}"


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
    chance = chance_tally(np.asarray(matrix.sum(axis=1), np.float64), counts / counts.sum())
    images = image_tallies(actual, labels, len(names))
    return SplitScores(
        model=_with(score_segmentation(matrix, names, **of), of_images(images, average)),
        baseline=score_segmentation(same, names, **of),
        baseline_name=f"the majority class of the training pixels, {names[usual]!r}",
        others={
            CHANCE.replace("rows", "pixels"): {
                "mean_iou": float(chance.iou[chance.known].mean()),
                "accuracy": float(chance.accuracy),
                "balanced_accuracy": float(chance.balanced_accuracy),
                "kappa": float(chance.kappa),
            }
        },
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
    model, errors = score_reconstruction(actual, outputs), row_errors(actual, outputs)
    variance = row_errors(actual, centre(actual)).mse
    return SplitScores(
        _with(model, of_rows(errors, variance)),
        score_reconstruction(actual, np.broadcast_to(mean, actual.shape)),
        "the mean of the training rows" if whole else f"the mean of all training values, {mean:g}",
    )


def _with(scores: AnyScores, found: Mapping[str, Interval]) -> AnyScores:
    """The scores with their intervals, or with a word on why there are none."""
    notes = scores.notes
    if not found and scores.rows > LARGEST:
        notes = (*notes, f"more than {LARGEST:,} rows, so the scores have no intervals")
    return replace(scores, intervals=found, notes=notes)
