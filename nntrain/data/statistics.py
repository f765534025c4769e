"""What training rows say about numbers: missing values, mean, deviation and range, feature by feature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array

Impute = Literal["mean", "median", "most_frequent"] | float | None
Scale = Literal["standard", "min_max", "rescale"] | None
Vector = NDArray[np.float64]
BLOCK = 1 << 18
"""Values handled in one go: float64 copies of 2 MiB stay in a processor's cache."""


@dataclass(frozen=True)
class Statistics:
    """Statistics of `k` features, shape `(k,)` each, missing values already replaced."""

    missing: NDArray[np.int64]
    impute: Vector | None
    """What replaces a missing value; None where nothing does."""
    mean: Vector
    std: Vector
    """Population deviation, as scikit-learn's StandardScaler has it; 0 for a constant feature."""
    low: Vector
    high: Vector

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Which features have one value."""
        return np.equal(self.low, self.high)

    def affine(self, scale: Scale, known: tuple[float, float] | None) -> tuple[Vector, Vector]:
        """What to subtract from each feature and what to divide it by; a constant one is divided by 1."""
        if scale == "standard":
            return self.mean, np.where(self.std == 0, 1.0, self.std)
        if scale == "min_max":
            return self.low, np.where(self.constant, 1.0, self.high - self.low)
        low, high = known if scale == "rescale" and known else (0.0, 1.0)
        return np.full_like(self.mean, low), np.full_like(self.mean, high - low)


def as_matrix(values: Array) -> Array:
    """`(rows, features)`: arrays of rank 2 as they are; others, such as images, as one long feature."""
    return values if values.ndim == 2 else values.reshape(-1, 1)


def blocks(matrix: Array) -> Iterator[slice]:
    """Slices of rows that are cheap to copy."""
    step = max(1, BLOCK // max(1, matrix.shape[1]))
    for start in range(0, len(matrix), step):
        yield slice(start, start + step)


def empty_features(matrix: Array) -> NDArray[np.intp]:
    """The features without a single value."""
    if matrix.dtype.kind != "f":
        return np.array([], np.intp)
    filled = np.zeros(matrix.shape[1], bool)
    for rows in blocks(matrix):
        filled |= ~np.isnan(matrix[rows]).all(axis=0)
    return np.flatnonzero(~filled)


def measure(matrix: Array, impute: Impute) -> Statistics:
    """Statistics of a matrix `(rows, k)` of which every feature has a value (or a number is imputed)."""
    missing = np.zeros(matrix.shape[1], np.int64)
    if matrix.dtype.kind == "f":
        for rows in blocks(matrix):
            missing += np.isnan(matrix[rows]).sum(axis=0)
    filling = _filling(matrix, impute)
    low, high = np.full(matrix.shape[1], np.inf), np.full(matrix.shape[1], -np.inf)
    total, squares = np.zeros(matrix.shape[1]), np.zeros(matrix.shape[1])
    for rows in blocks(matrix):
        block = filled(matrix[rows], filling)
        low, high = np.minimum(low, block.min(axis=0)), np.maximum(high, block.max(axis=0))
        total += block.sum(axis=0)
    constant = low == high
    mean = np.where(constant, low, total / len(matrix))
    for rows in blocks(matrix):
        squares += np.square(filled(matrix[rows], filling) - mean).sum(axis=0)
    std = np.where(constant, 0.0, np.sqrt(squares / len(matrix)))
    return Statistics(missing, filling, mean, std, low, high)


def filled(block: Array, filling: Vector | None) -> Vector:
    """A block as float64, missing values replaced where there is something to replace them with."""
    numbers = block.astype(np.float64)
    if filling is not None and block.dtype.kind == "f":
        numbers = np.where(np.isnan(numbers), filling, numbers)
    return numbers


def _filling(matrix: Array, impute: Impute) -> Vector | None:
    if impute is None:
        return None
    if isinstance(impute, float):
        return np.full(matrix.shape[1], impute)
    return np.array([_typical(matrix[:, i], impute) for i in range(matrix.shape[1])])


def _typical(column: Array, how: Literal["mean", "median", "most_frequent"]) -> float:
    values: NDArray[Any] = column.astype(np.float64)
    values = values[~np.isnan(values)]
    if how == "mean":
        return float(values.mean())
    if how == "median":
        return float(np.median(values))
    unique, counts = np.unique(values, return_counts=True)
    return float(unique[counts.argmax()])
