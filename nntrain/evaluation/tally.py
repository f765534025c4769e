"""Scores that are quotients of counts, for one set of rows or for many resamples of it at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nntrain.evaluation.outputs import FloatArray, IntArray


@dataclass(frozen=True)
class Tally:
    """Rows (or pixels) by class; of labels, those that have each. Every array has shape `(..., k)`."""

    right: FloatArray
    """Of each class, that were predicted as it."""
    actual: FloatArray
    """Of each class."""
    said: FloatArray
    """Predicted as each class."""

    @classmethod
    def of(cls, matrix: IntArray | FloatArray) -> Tally:
        """From rows of actual class `i` predicted as class `j` at `[..., i, j]`."""
        counts = np.asarray(matrix, np.float64)
        return cls(np.diagonal(counts, axis1=-2, axis2=-1), counts.sum(axis=-1), counts.sum(axis=-2))

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which classes a row has, or is said to have."""
        return self.actual + self.said > 0

    @property
    def precision(self) -> FloatArray:
        """Right ones, of those predicted as the class; like the others 0 where there is nothing to divide."""
        return share(self.right, self.said)

    @property
    def recall(self) -> FloatArray:
        """Right ones, of those of the class."""
        return share(self.right, self.actual)

    @property
    def f1(self) -> FloatArray:
        """Harmonic mean of precision and recall; of pixels it is called Dice."""
        return share(2 * self.right, self.actual + self.said)

    @property
    def iou(self) -> FloatArray:
        """Right ones, of those that are of the class or predicted as it."""
        return share(self.right, self.actual + self.said - self.right)

    @property
    def accuracy(self) -> FloatArray:
        """Share of the rows that are right, shape `(...)`; each row is of one class."""
        return share(self.right.sum(axis=-1), self.actual.sum(axis=-1))

    @property
    def balanced_accuracy(self) -> FloatArray:
        """Mean recall of the classes that rows have, shape `(...)`.

        Source: scikit-learn's `balanced_accuracy_score`.
        """
        present = self.actual > 0
        return share(np.where(present, self.recall, 0).sum(axis=-1), present.sum(axis=-1).astype(np.float64))

    @property
    def mcc(self) -> FloatArray:
        """Matthews correlation of actual and predicted class, in [-1, 1], shape `(...)`; 0 of a constant.

        Source: Gorodkin, "Comparing two K-category assignments by a K-category correlation coefficient",
        2004, as scikit-learn's `matthews_corrcoef`.
        """
        rows = self.actual.sum(axis=-1)
        both = self.right.sum(axis=-1) * rows - (self.actual * self.said).sum(axis=-1)
        actual, said = (rows**2 - (of**2).sum(axis=-1) for of in (self.actual, self.said))
        return share(both, np.sqrt(np.maximum(actual * said, 0)))

    @property
    def kappa(self) -> FloatArray:
        """Agreement beyond that of chance, in [-1, 1], shape `(...)`; NaN where chance would always agree.

        Source: Cohen, "A coefficient of agreement for nominal scales", 1960, as scikit-learn's
        `cohen_kappa_score`.
        """
        rows = self.actual.sum(axis=-1)
        chance = (self.actual * self.said).sum(axis=-1)
        possible = np.asarray(rows**2 - chance)
        agreed = self.right.sum(axis=-1) * rows - chance
        return np.asarray(
            np.divide(agreed, possible, out=np.full(possible.shape, np.nan), where=possible > 0)
        )

    def pooled(self) -> Tally:
        """All classes as one, shape `(..., 1)`."""
        return Tally(*(of.sum(axis=-1, keepdims=True) for of in (self.right, self.actual, self.said)))

    def weighted(self, values: FloatArray) -> FloatArray:
        """Mean over the classes, each by its rows, shape `(...)`; 0 where there are none."""
        return share((values * self.actual).sum(axis=-1), self.actual.sum(axis=-1))


def share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """A quotient, 0 where the divisor is, of any shape."""
    part, whole = np.asarray(part, np.float64), np.asarray(whole, np.float64)
    return np.asarray(np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole > 0))


def confusion(truth: IntArray, guess: IntArray, classes: int) -> IntArray:
    """Rows of actual class `i` predicted as class `j` at `[i, j]`, from class indices of shape `(n,)`."""
    pairs = np.bincount(truth * classes + guess, minlength=classes * classes)
    return pairs.reshape(classes, classes).astype(np.int64)
