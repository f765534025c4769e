"""The 95 % intervals of each task's scores, from resamples of the rows that they were taken of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from nntrain.evaluation.bootstrap import Groups, Interval, Statistics, intervals
from nntrain.evaluation.boxes import is_box, overlaps
from nntrain.evaluation.calibration import brier_rows, class_losses, label_losses
from nntrain.evaluation.classification import TOP, Average, in_top
from nntrain.evaluation.multi_label import LabelAverage, LabelPredictions
from nntrain.evaluation.outputs import FloatArray, IntArray, Predictions
from nntrain.evaluation.ranking import Ranked
from nntrain.evaluation.reconstruction import RowErrors
from nntrain.evaluation.segmentation import PixelAverage
from nntrain.evaluation.tally import Tally, share

Found = dict[str, Interval]


def of_classes(truth: IntArray, predictions: Predictions, classes: int, average: Average) -> Found:
    """Intervals of a classifier's scores, but for the calibration error, which resampling makes larger.

    Args:
        truth: Class indices, shape `(n,)`.
        predictions: What the model says of the same rows.
        classes: How many there are.
        average: What precision, recall and F1 mean.
    """
    guess, scores = predictions.labels, predictions.scores
    hit = truth == guess
    rows: dict[str, FloatArray] = {f"top_{k}_accuracy": in_top(truth, scores, k) for k in TOP if k < classes}
    if predictions.probabilities is not None:
        rows["log_loss"] = class_losses(truth, predictions.probabilities)
        rows["brier"] = brier_rows(truth, predictions.probabilities)

    right = Groups(np.where(hit, truth, classes), classes + 1)
    actual, said = Groups(truth, classes), Groups(guess, classes)

    def counted(counts: FloatArray) -> Statistics:
        tally = Tally(right.counted(counts)[:, :-1], actual.counted(counts), said.counted(counts))
        return {
            "accuracy": tally.accuracy,
            "balanced_accuracy": tally.balanced_accuracy,
            **_averaged(tally, average),
            "mcc": tally.mcc,
            "kappa": tally.kappa,
            **_means(counts, rows),
        }

    columns = {1: scores} if scores.ndim == 1 else dict(enumerate(scores.T))
    ranked = {label: Ranked(truth == label, column) for label, column in columns.items()}
    found = intervals(len(truth), counted)
    return found | intervals(len(truth), lambda counts: _areas(ranked, counts), cost=len(ranked))


def of_labels(truth: IntArray, predictions: LabelPredictions, average: LabelAverage) -> Found:
    """Intervals of the scores of labels, but for the calibration error.

    Args:
        truth: Labels 0 and 1, shape `(n, k)`.
        predictions: What the model says of the same rows.
        average: What precision, recall and F1 mean.
    """
    guess = predictions.labels
    wrong = truth != guess
    rows: dict[str, FloatArray] = {
        "exact_match": (~wrong.any(axis=1)).astype(np.float64),
        "hamming_loss": wrong.mean(axis=1),
    }
    if predictions.probabilities is not None:
        rows["log_loss"] = label_losses(truth, predictions.probabilities).mean(axis=1)
        rows["brier"] = ((predictions.probabilities - truth) ** 2).mean(axis=1)

    def counted(counts: FloatArray) -> Statistics:
        tally = Tally(*(counts @ of for of in (truth * guess, truth, guess)))
        pooled = _averaged(tally.pooled(), "macro")
        mine = pooled if average == "micro" else _averaged(tally, average)
        return {**mine, "f1_micro": pooled["f1"], **_means(counts, rows)}

    columns = enumerate(zip(truth.T, predictions.scores.T, strict=True))
    ranked = {
        j: Ranked(actual == 1, scores) for j, (actual, scores) in columns if 0 < actual.sum() < len(truth)
    }
    found = intervals(len(truth), counted)
    if not ranked:
        return found
    return found | intervals(len(truth), lambda counts: _areas(ranked, counts), cost=len(ranked))


def of_numbers(truth: FloatArray, guess: FloatArray, names: Sequence[str] = ()) -> Found:
    """Intervals of the scores of numbers, shape `(n, k)` each, whose columns are called `names`."""
    n, k = truth.shape
    with np.errstate(over="ignore", invalid="ignore"):
        gaps = np.abs(truth - guess)
        squared, centred = gaps**2, truth - truth.mean(axis=0)
        rows = {"mae": gaps.mean(axis=1), "mse": squared.mean(axis=1)}
        if truth.all():
            rows["mape"] = (gaps / np.abs(truth)).mean(axis=1)
        if is_box(names):
            rows["box_iou"] = overlaps(truth, guess)

    def counted(counts: FloatArray) -> Statistics:
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = _means(counts, rows)
            whole = counts @ centred**2 - (counts @ centred) ** 2 / n
            explained = 1 - (counts @ squared) / np.where(whole > 0, whole, np.nan)
            return {**found, "rmse": np.sqrt(found["mse"]), "r2": explained.mean(axis=1)}

    return intervals(n, counted, cost=k)


def of_rows(errors: RowErrors, variance: FloatArray) -> Found:
    """Intervals of the scores of rows that were given back.

    Args:
        errors: How far each row is from what was made of it.
        variance: Mean squared distance of each row from the mean row, shape `(n,)`.
    """

    def counted(counts: FloatArray) -> Statistics:
        found = _means(counts, {"mse": errors.mse, "mae": errors.mae})
        whole = counts @ variance
        explained = 1 - (counts @ errors.mse) / np.where(whole > 0, whole, np.nan)
        return {**found, "rmse": np.sqrt(found["mse"]), "r2": explained}

    return intervals(len(variance), counted)


def of_images(images: Tally, average: PixelAverage) -> Found:
    """Intervals of the scores of masks: whole images are drawn, because pixels of one are alike.

    Args:
        images: Pixels of each class by image, shape `(n, classes)` each.
        average: What Dice, precision and recall mean.
    """
    n, classes = images.actual.shape

    def counted(counts: FloatArray) -> Statistics:
        tally = Tally(*(counts @ of for of in (images.right, images.actual, images.said)))
        mean_iou = share(tally.iou.sum(axis=1), tally.known.sum(axis=1).astype(np.float64))
        averaged = _averaged(tally, average, tally.known)
        return {
            "mean_iou": mean_iou,
            "dice": averaged["f1"],
            "accuracy": tally.accuracy,
            "balanced_accuracy": tally.balanced_accuracy,
            "precision": averaged["precision"],
            "recall": averaged["recall"],
            "kappa": tally.kappa,
        }

    return intervals(n, counted, cost=classes)


def _averaged(tally: Tally, average: str, known: NDArray[np.bool_] | None = None) -> dict[str, FloatArray]:
    """Precision, recall and F1 as one number each, shape `(b,)`; the mean over the `known` classes."""
    columns = {"precision": tally.precision, "recall": tally.recall, "f1": tally.f1}
    if average == "weighted":
        return {name: tally.weighted(column) for name, column in columns.items()}
    if average == "binary":
        return {name: column[:, 1] for name, column in columns.items()}
    if known is None:
        return {name: column.mean(axis=-1) for name, column in columns.items()}
    size = known.sum(axis=-1).astype(np.float64)
    return {name: share(column.sum(axis=-1), size) for name, column in columns.items()}


def _means(counts: FloatArray, rows: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The mean of values of the rows, shape `(n,)` each, over every draw, shape `(b,)` each."""
    return {name: counts @ values / counts.shape[1] for name, values in rows.items()}


def _areas(ranked: Mapping[int, Ranked], counts: FloatArray) -> Statistics:
    """The mean areas of classes or labels; NaN for a draw in which one is without contrast."""
    each = [of.areas(counts) for of in ranked.values()]
    return {
        "roc_auc": np.mean([areas.roc_auc for areas in each], axis=0),
        "average_precision": np.mean([areas.average_precision for areas in each], axis=0),
    }
