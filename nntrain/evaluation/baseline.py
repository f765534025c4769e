"""What a model that looks at no feature would score: the bar that every real one has to clear."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import ArrayLike

from nntrain.arrays import Values, in_blocks
from nntrain.evaluation.multi_label import LabelPredictions
from nntrain.evaluation.outputs import FloatArray, IntArray, Predictions
from nntrain.evaluation.tally import Tally

LARGEST_ROW = 10_000
"""A mean row of more values is too large to be kept with a run."""


def class_counts(train_labels: IntArray, classes: int) -> IntArray:
    """Training rows of each class, shape `(classes,)`, from class indices `(m,)`."""
    if not len(train_labels):
        raise ValueError("a baseline needs at least one training row")
    return np.bincount(np.asarray(train_labels), minlength=classes).astype(np.int64)


def pixel_counts(train_masks: IntArray, classes: int) -> IntArray:
    """Training pixels of each class, shape `(classes,)`, from class indices `(m, height, width)`.

    Indices from `classes` upwards are left out.
    """
    if not len(train_masks):
        raise ValueError("a baseline needs at least one training row")
    found = np.zeros(256, np.int64)
    for block in in_blocks(train_masks):
        found += np.bincount(block.ravel(), minlength=256)
    return found[:classes]


def column_means(train_targets: ArrayLike) -> FloatArray:
    """Mean of each number, shape `(k,)`, from training targets `(m,)` or `(m, k)`.

    Of labels, which are 0 and 1, it is the share of the training rows that have them.
    """
    targets = np.asarray(train_targets)
    if not len(targets):
        raise ValueError("a baseline needs at least one training row")
    return np.asarray(targets.reshape(len(targets), -1).mean(axis=0, dtype=np.float64))


def column_medians(train_targets: ArrayLike) -> FloatArray:
    """Median of each number, shape `(k,)`, from training targets `(m,)` or `(m, k)`."""
    targets = np.asarray(train_targets)
    if not len(targets):
        raise ValueError("a baseline needs at least one training row")
    return np.asarray(np.median(targets.reshape(len(targets), -1).astype(np.float64), axis=0))


def mean_row(train_rows: Values) -> FloatArray:
    """The mean training row, shape `(...)`; of rows of more than `LARGEST_ROW` values their mean, shape `()`.

    Args:
        train_rows: Prepared inputs of the training rows, shape `(m, ...)`.
    """
    if not len(train_rows):
        raise ValueError("a baseline needs at least one training row")
    small = prod(train_rows.shape[1:]) <= LARGEST_ROW
    total: FloatArray = np.zeros(train_rows.shape[1:] if small else ())
    for block in in_blocks(train_rows):
        if small:  # row after row, so that the sum does not depend on the blocks
            total = np.add.reduce(np.concatenate([total[np.newaxis], block]), axis=0, dtype=np.float64)
        else:
            total = total + block.sum(dtype=np.float64)
    return np.asarray(total / (len(train_rows) if small else train_rows.size))


def majority_class(counts: IntArray) -> int:
    """The class with the most training rows; of several, the lowest index."""
    return int(counts.argmax())


def majority_predictions(counts: IntArray, rows: int) -> Predictions:
    """The majority class for each of `rows` rows; the probabilities are the classes' training shares."""
    shares = np.tile(counts / counts.sum(), (rows, 1))
    labels = np.full(rows, majority_class(counts), dtype=np.int64)
    return Predictions(labels, shares, shares[:, 1] if len(counts) == 2 else shares)


def majority_labels(shares: FloatArray, rows: int) -> LabelPredictions:
    """For each of `rows` rows the labels that most training rows have, with their training shares."""
    tiled = np.tile(shares, (rows, 1))
    return LabelPredictions((tiled > 0.5).astype(np.int64), tiled, tiled)


def chance_tally(actual: FloatArray, shares: FloatArray) -> Tally:
    """What guesses in the proportions of the training rows come to on average, by class.

    Args:
        actual: Rows of each class, or pixels, shape `(classes,)`.
        shares: Of the training rows that are of each class, shape `(classes,)`.
    """
    return Tally(actual * shares, actual, actual.sum() * shares)
