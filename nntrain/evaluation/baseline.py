"""What a model that looks at no feature would score: the bar that every real one has to clear."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from nntrain.evaluation.outputs import FloatArray, IntArray, Predictions


def majority_class(train_labels: IntArray, classes: int) -> int:
    """The class with the most training rows; of several, the lowest index.

    Args:
        train_labels: Class indices of the training rows, shape `(m,)`.
        classes: How many classes the data have.
    """
    return int(_counts(train_labels, classes).argmax())


def majority_predictions(train_labels: IntArray, classes: int, rows: int) -> Predictions:
    """The majority class for each of `rows` rows; the probabilities are the classes' training shares."""
    counts = _counts(train_labels, classes)
    shares = np.tile(counts / counts.sum(), (rows, 1))
    labels = np.full(rows, counts.argmax(), dtype=np.int64)
    return Predictions(labels, shares, shares[:, 1] if classes == 2 else shares)


def mean_predictions(train_targets: ArrayLike, rows: int) -> FloatArray:
    """The mean of the training targets `(m,)` for each of `rows` rows, shape `(rows,)`."""
    return np.full(rows, np.mean(np.asarray(train_targets, dtype=np.float64)))


def _counts(labels: IntArray, classes: int) -> IntArray:
    """Rows of each class, shape `(classes,)`."""
    if not len(labels):
        raise ValueError("a baseline needs at least one training row")
    return np.bincount(np.asarray(labels), minlength=classes).astype(np.int64)
