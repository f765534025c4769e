"""Scores of a class for each pixel, from a confusion matrix that is summed some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nntrain.errors import DataError
from nntrain.evaluation.card import Card, defined
from nntrain.evaluation.outputs import FloatArray, IntArray, OutputKind
from nntrain.evaluation.tally import Tally
from nntrain.evaluation.words import absences, quoted

PixelAverage = Literal["macro", "weighted"]
"""Mean over the classes; the same weighted by their pixels."""
BLOCK = 1 << 22
"""Pixels that are counted at a time."""
Pixels = NDArray[np.uint8]


class PixelClassScores(NamedTuple):
    """One class against the rest, each score in [0, 1]; None where neither masks nor predictions have it."""

    name: str
    iou: float | None
    """Pixels that both have, of those that either has."""
    dice: float | None
    """Twice the pixels that both have, of those that each has: F1 of pixels."""
    precision: float | None
    recall: float | None
    pixels: int
    """Pixels of this class."""


class PixelAverages(NamedTuple):
    """Scores of the classes as one number each, in [0, 1]."""

    iou: float
    dice: float
    precision: float
    recall: float


class RowScores(NamedTuple):
    """Scores of each image by itself; NaN where there is nothing to score."""

    accuracy: FloatArray
    """Share of the pixels that are right, shape `(n,)`."""
    iou: FloatArray
    """Of each class, shape `(n, classes)`."""

    @property
    def mean_iou(self) -> FloatArray:
        """Mean over the classes that an image has, or is said to have, shape `(n,)`."""
        known = ~np.isnan(self.iou)
        counted = known.sum(axis=1)
        total = np.where(known, self.iou, 0.0).sum(axis=1)
        return np.asarray(np.divide(total, counted, out=np.full(len(total), np.nan), where=counted > 0))


@dataclass(frozen=True, kw_only=True)
class SegmentationScores(Card):
    """How well predicted masks agree with actual ones."""

    pixels: int
    """Pixels that are scored."""
    left_out: int
    """Pixels that masks mark as saying nothing."""
    accuracy: float
    """Share of pixels whose class is right, in [0, 1]."""
    balanced_accuracy: float
    """Mean recall of the classes that masks have, in [0, 1]."""
    kappa: float | None
    """Cohen's kappa: agreement beyond that of chance, in [-1, 1]."""
    average: PixelAverage
    """Which of the averages the run reports, but for the IoU, whose mean counts each class the same."""
    averages: Mapping[PixelAverage, PixelAverages]
    """Over the classes that masks or predictions have."""
    per_class: tuple[PixelClassScores, ...]
    confusion: tuple[tuple[int, ...], ...]
    """Pixels of actual class `i` that were predicted as class `j`, at `[i][j]`."""

    @property
    def mean_iou(self) -> float:
        """The mean of the classes' IoU, in [0, 1]."""
        return self.averages["macro"].iou

    @property
    def task(self) -> str:
        """What the model does."""
        return "segmentation"

    @property
    def chosen(self) -> object:
        """The average that the run reports."""
        return self.average

    def numbers(self) -> dict[str, float | None]:
        """Single numbers by name in files; `dice`, `precision` and `recall` are those of `average`."""
        chosen = self.averages[self.average]
        return {
            "mean_iou": self.mean_iou,
            "dice": chosen.dice,
            "accuracy": self.accuracy,
            "balanced_accuracy": self.balanced_accuracy,
            "precision": chosen.precision,
            "recall": chosen.recall,
            "kappa": self.kappa,
        }

    def details(self) -> dict[str, Any]:
        """Pixels, averages, classes and the confusion matrix."""
        return {
            "pixels": self.pixels,
            "left_out": self.left_out,
            "average": self.average,
            "averages": {name: scores._asdict() for name, scores in self.averages.items()},
            "per_class": [scores._asdict() for scores in self.per_class],
            "confusion_matrix": [list(row) for row in self.confusion],
        }


def score_segmentation(
    matrix: IntArray,
    class_names: Sequence[str],
    *,
    rows: int,
    left_out: int = 0,
    average: PixelAverage = "macro",
) -> SegmentationScores:
    """Scores from the pixels of each pair of classes.

    Args:
        matrix: Pixels of actual class `i` predicted as class `j` at `[i, j]`, from `pixel_confusion`.
        class_names: Name of class 0, 1, 2, ...
        rows: How many images they are of.
        left_out: Pixels that are not in the matrix.
        average: What `dice`, `precision` and `recall` mean in the report.

    Raises:
        DataError: There are no pixels to score.

    Source: scikit-learn's `jaccard_score`, `f1_score`, `precision_score` and `recall_score` over all pixels,
    with 0 for a quotient that has no pixels to divide by; a class that neither side has is left out.
    """
    total = int(matrix.sum())
    if not total:
        raise DataError("there are no pixels to score: the masks mark all of them to be left out")
    tally = Tally.of(matrix)
    known = tally.known
    columns = (tally.iou, tally.f1, tally.precision, tally.recall)
    undefined: dict[str, str] = {}
    values = ([float(v) if there else None for v, there in zip(c, known, strict=True)] for c in columns)
    each = zip(class_names, *values, map(int, tally.actual), strict=True)
    return SegmentationScores(
        rows=rows,
        pixels=total,
        left_out=left_out,
        accuracy=float(tally.accuracy),
        balanced_accuracy=float(tally.balanced_accuracy),
        kappa=defined(float(tally.kappa), "kappa", undefined, "masks and predictions have one class"),
        average=average,
        averages={
            "macro": PixelAverages(*(float(column[known].mean()) for column in columns)),
            "weighted": PixelAverages(*(float(tally.weighted(column)) for column in columns)),
        },
        per_class=tuple(PixelClassScores(*scores) for scores in each),
        confusion=tuple(tuple(int(count) for count in row) for row in matrix),
        undefined=undefined,
        notes=_notes(tally.actual, tally.said, class_names),
    )


def _notes(actual: FloatArray, said: FloatArray, names: Sequence[str]) -> tuple[str, ...]:
    nowhere = [name for name, a, s in zip(names, actual, said, strict=True) if not a and not s]
    there = [i for i in range(len(names)) if actual[i] or said[i]]
    known = [names[i] for i in there]
    notes = absences(said[there] > 0, actual[there] > 0, known, "class", "classes")
    if nowhere:
        return (
            *notes,
            f"in no mask and no prediction, so without scores: {quoted(nowhere, 'class', 'classes')}",
        )
    return notes


def pixel_confusion(truth: ArrayLike, labels: ArrayLike, classes: int) -> IntArray:
    """Pixels by actual and predicted class, shape `(classes, classes)`, in memory that rows don't change.

    Args:
        truth: Class indices of shape `(n, height, width)`; from `classes` upwards pixels are left out.
        labels: Predicted ones, of the same shape.
        classes: How many there are.
    """
    found = np.zeros((classes, classes), np.int64)
    for block in _blocks(truth, labels, classes):
        found += block.sum(axis=0)
    return found


def image_tallies(truth: ArrayLike, labels: ArrayLike, classes: int) -> Tally:
    """Pixels of each class by image, shape `(n, classes)` each; arguments as for `pixel_confusion`."""
    each = [Tally.of(block) for block in _blocks(truth, labels, classes)]
    columns = ([getattr(tally, name) for tally in each] for name in ("right", "actual", "said"))
    return Tally(*(np.concatenate(column) for column in columns))


def _blocks(truth: ArrayLike, labels: ArrayLike, classes: int) -> Iterator[IntArray]:
    """The confusion of each image, `(b, classes, classes)`, of about `BLOCK` pixels at a time."""
    actual, said = np.asarray(truth), np.asarray(labels)
    if actual.shape != said.shape:
        raise ValueError(f"masks of shape {actual.shape} for predictions of shape {said.shape}")
    size = classes * classes
    step = max(1, BLOCK // max(1, actual[0].size, size)) if len(actual) else 1
    for start in range(0, len(actual), step):
        here, there = (of[start : start + step].reshape(-1, actual[0].size) for of in (actual, said))
        counted = here < classes
        pairs = here.astype(np.int64) * classes + there + size * np.arange(len(here))[:, np.newaxis]
        yield np.bincount(pairs[counted], minlength=size * len(here)).reshape(-1, classes, classes)


def row_scores(truth: ArrayLike, labels: ArrayLike, classes: int) -> RowScores:
    """Accuracy and the classes' IoU of each image by itself; arguments as for `pixel_confusion`."""
    actual, said = np.asarray(truth), np.asarray(labels)
    accuracy, iou = np.full(len(actual), np.nan), np.full((len(actual), classes), np.nan)
    for row, (mask, guess) in enumerate(zip(actual, said, strict=True)):
        counted = mask < classes
        here, there = mask[counted], guess[counted]
        if not len(here):
            continue
        both = np.bincount(here[here == there], minlength=classes)
        either = np.bincount(here, minlength=classes) + np.bincount(there, minlength=classes) - both
        accuracy[row] = both.sum() / len(here)
        np.divide(both, either, out=iou[row], where=either > 0)
    return RowScores(accuracy, iou)


def decode_pixels(
    outputs: NDArray[Any], *, kind: OutputKind, threshold: float = 0.5, boundary: float = 0.0
) -> Pixels:
    """The class of each pixel, as `decode` reads a row's, without copies in float64.

    Args:
        outputs: What the model gives for some rows, finite, shape `(n, height, width, classes)`, or
            `(..., 1)` for two classes.
        kind: As for `decode`.
        threshold: Probability of class 1 of two above which a pixel is put there.
        boundary: Value of a single `scores` output above which a pixel is put into class 1.

    Returns:
        Class indices, shape `(n, height, width)`.
    """
    odds = log(threshold / (1 - threshold))
    if outputs.shape[-1] == 1:
        limit = {"sigmoid": threshold, "softmax": threshold, "sigmoid_logits": odds}.get(kind, boundary)
        return np.asarray(outputs[..., 0] > limit, np.uint8)
    if outputs.shape[-1] == 2 and kind == "softmax":
        return np.asarray(outputs[..., 1] > threshold * outputs.sum(axis=-1, dtype=np.float64), np.uint8)
    if outputs.shape[-1] == 2 and kind == "softmax_logits":
        return np.asarray(outputs[..., 1] - outputs[..., 0] > odds, np.uint8)
    return np.asarray(outputs.argmax(axis=-1), np.uint8)
