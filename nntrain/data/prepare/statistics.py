"""What training rows say about numbers, block by block: gaps, mean, deviation, range and quartiles.

Blocks are added once each and in any size, so that rows need not be in memory together. Mean and deviation
are those of each block, merged by Chan's formula: no large sums are subtracted from one another. Medians,
quartiles and most frequent values are exact, which takes all values: then the blocks are kept until the
result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Numeric
from nntrain.data.dataset import Array

Vector = NDArray[np.float64]
BLOCK = 1 << 16
"""Values handled in one go: float64 copies of 512 KiB stay in a processor's cache."""
SORTED_TOGETHER = 16
"""Features that are gathered from kept blocks in one go: their values lie side by side in memory."""


@dataclass(frozen=True)
class Statistics:
    """Statistics of `k` features, shape `(k,)` each.

    All but `missing` and `filling` are of the numbers as imputing, clipping and the logarithm leave them.
    """

    missing: NDArray[np.int64]
    filling: Vector | None
    """What replaces a missing value; None where nothing does."""
    mean: Vector
    std: Vector
    """Population deviation, as scikit-learn's StandardScaler has it; 0 for a constant feature."""
    low: Vector
    high: Vector
    quartiles: Vector | None
    """First quartile, median and third quartile, shape `(3, k)`, for `scale: robust`, else None."""

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Which features have one value."""
        return np.equal(self.low, self.high)

    def affine(self, steps: Numeric) -> tuple[Vector, Vector]:
        """What to subtract from each feature and what to divide it by: by 1 where it does not vary."""
        if steps.scale == "standard":
            return self.mean, _divisor(self.std)
        if steps.scale == "min_max":
            return self.low, _divisor(self.high - self.low)
        if steps.scale == "robust":
            assert self.quartiles is not None
            return self.quartiles[1], _divisor(self.quartiles[2] - self.quartiles[0])
        low, high = steps.range or (0.0, 1.0)
        return np.full_like(self.mean, low), np.full_like(self.mean, high - low)


def _divisor(spread: Vector) -> Vector:
    return np.where(spread == 0, 1.0, spread)


def blocks(rows: int, width: int, least: int = 1) -> Iterator[slice]:
    """Slices of so many rows that a block of `width` columns is cheap to copy, of `least` rows at least."""
    step = max(least, BLOCK // max(1, width))
    for start in range(0, rows, step):
        yield slice(start, start + step)


def as_floats(block: Array, filling: Vector | None) -> Vector:
    """A copy as float64, missing values replaced where there is something to replace them with."""
    numbers = block.astype(np.float64)
    if filling is not None and block.dtype.kind == "f" and (gaps := np.isnan(numbers)).any():
        return np.where(gaps, filling, numbers)
    return numbers


def shape(numbers: Vector, steps: Numeric) -> None:
    """Clip numbers and take their logarithm, in place; gaps stay gaps."""
    if steps.clip is not None:
        np.clip(numbers, *steps.clip, out=numbers)
    if steps.log:
        np.log1p(numbers, out=numbers)


class Moments:
    """Count, mean, sum of squared deviations, least and greatest value of `k` features."""

    def __init__(self, features: int) -> None:
        self.count = np.zeros(features)
        self.mean, self.squares = np.zeros(features), np.zeros(features)
        self.low, self.high = np.full(features, np.inf), np.full(features, -np.inf)

    def add(self, block: Vector) -> None:
        """Take in a block of shape `(rows, k)`, or `(rows,)` of one feature; NaN stands for no value."""
        total = block.sum(axis=0)
        if np.isnan(total).any():
            self._add_with_gaps(block)
            return
        mean = total / len(block)
        away = block - mean
        np.square(away, out=away)
        self.merge(len(block), mean, away.sum(axis=0), block.min(axis=0), block.max(axis=0))

    def _add_with_gaps(self, block: Vector) -> None:
        present = ~np.isnan(block)
        count = present.sum(axis=0)
        mean = np.where(present, block, 0.0).sum(axis=0) / np.maximum(count, 1)
        away = np.where(present, block - mean, 0.0)
        np.square(away, out=away)
        low, high = np.where(present, block, np.inf), np.where(present, block, -np.inf)
        self.merge(count, mean, away.sum(axis=0), low.min(axis=0), high.max(axis=0))

    def merge(self, count: object, mean: object, squares: object, low: object, high: object) -> None:
        """Take in the moments of other values, of shape `(k,)` or one for all features."""
        more, away = np.asarray(count, np.float64), np.asarray(mean, np.float64) - self.mean
        share = more / np.maximum(self.count + more, 1)
        self.mean = self.mean + away * share
        self.squares = self.squares + np.asarray(squares, np.float64) + away**2 * self.count * share
        self.count = self.count + more
        self.low = np.minimum(self.low, np.asarray(low, np.float64))
        self.high = np.maximum(self.high, np.asarray(high, np.float64))


class Measuring:
    """Statistics in the making."""

    def __init__(self, features: int, steps: Numeric) -> None:
        self.features, self.steps = features, steps
        self.rows = 0
        self._shaped = Moments(features)
        changes = steps.clip is not None or steps.log
        self._plain = Moments(features) if changes and steps.impute == "mean" else self._shaped
        self._keeps = steps.impute in ("median", "most_frequent") or steps.scale == "robust"
        self._kept: list[Array] = []

    def add(self, values: Array) -> None:
        """Take in rows of shape `(rows, features)`, or `(rows,)` of one feature.

        Where values are kept, the array itself is, not a copy: it must not change before the result.
        """
        self.rows += len(values)
        if self._keeps:
            self._kept.append(values.reshape(len(values), self.features))
        for rows in blocks(len(values), self.features):
            numbers = values[rows].astype(np.float64)
            if self.features == 1:
                numbers = numbers.reshape(-1)
            if self._plain is not self._shaped:
                self._plain.add(numbers)
            shape(numbers, self.steps)
            self._shaped.add(numbers)

    @property
    def empty(self) -> NDArray[np.intp]:
        """The features without a single value."""
        return np.flatnonzero(self._shaped.count == 0)

    def result(self) -> Statistics:
        """The statistics of all rows; each feature has a value or one is given. To be called once."""
        missing = self.rows - self._shaped.count
        filling, quartiles = self._filling(), None
        if self._keeps:
            filling, quartiles = self._from_order(filling, missing)
        if filling is not None and missing.any():
            shaped = filling.copy()
            shape(shaped, self.steps)
            low, high = np.where(missing, shaped, np.inf), np.where(missing, shaped, -np.inf)
            self._shaped.merge(missing, shaped, 0.0, low, high)
        found, constant = self._shaped, self._shaped.low == self._shaped.high
        return Statistics(
            missing=missing.astype(np.int64),
            filling=filling,
            mean=np.where(constant, found.low, found.mean),
            std=np.where(constant, 0.0, np.sqrt(found.squares / self.rows)),
            low=found.low,
            high=found.high,
            quartiles=quartiles,
        )

    def _filling(self) -> Vector | None:
        """What replaces missing values, where that is known without their order; else what to write it to."""
        impute = self.steps.impute
        if impute is None:
            return None
        if impute == "mean":
            return np.where(self._plain.low == self._plain.high, self._plain.low, self._plain.mean)
        return np.full(self.features, impute if isinstance(impute, float) else np.nan)

    def _from_order(self, filling: Vector | None, missing: Vector) -> tuple[Vector | None, Vector | None]:
        """Medians or most frequent values to fill in, and quartiles: each feature is sorted once."""
        quartiles = np.empty((3, self.features)) if self.steps.scale == "robust" else None
        for i, values in enumerate(self._sorted()):
            if filling is not None and self.steps.impute == "median":
                filling[i] = quantile(values, 0.5)
            elif filling is not None and self.steps.impute == "most_frequent":
                filling[i] = _most_frequent(values)
            if quartiles is not None:
                filled = np.full(int(missing[i]), np.nan if filling is None else filling[i])
                shape(filled, self.steps)
                shape(values, self.steps)  # which keeps their order
                quartiles[:, i] = [quantile(values, share, filled) for share in (0.25, 0.5, 0.75)]
        return filling, quartiles

    def _sorted(self) -> Iterator[Vector]:
        """The kept values of each feature, without gaps and in their order."""
        for first in range(0, self.features, SORTED_TOGETHER):
            together = [block[:, first : first + SORTED_TOGETHER].T for block in self._kept]
            columns = np.concatenate(together, axis=1, dtype=np.float64)
            columns.sort(axis=1)  # gaps come last
            for i, values in enumerate(columns, first):
                yield values[: int(self._shaped.count[i])]


def quantile(values: Vector, share: float, filled: Vector | None = None) -> float:
    """The value below which a share of all lies, between two of them in proportion.

    Args:
        values: Sorted, shape `(n,)`.
        share: From 0 to 1.
        filled: Equal values that belong among them, shape `(m,)`.
    """
    gaps = 0 if filled is None else len(filled)
    start = int(np.searchsorted(values, filled[0])) if filled is not None and gaps else len(values)

    def nth(i: int) -> float:
        if filled is not None and start <= i < start + gaps:
            return float(filled[0])
        return float(values[i if i < start else i - gaps])

    position = share * (len(values) + gaps - 1)
    before = int(position)
    part = position - before
    low, high = nth(before), nth(before + (part > 0))
    # From the nearer end, as NumPy does: so that equal values give that value.
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)


def _most_frequent(values: Vector) -> float:
    """The value that stands most often among sorted ones; of several, the least."""
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    counts = np.diff(starts, append=len(values))
    return float(values[starts[counts.argmax()]])
