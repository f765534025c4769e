"""What the values of a column are like: measured at once, or piece by piece."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array
from nntrain.data.findings.kept import gaps_of

MOST_DISTINCT = 100_000
"""Different values of a column that are counted where its rows are read piece by piece."""


@dataclass(frozen=True)
class Numbers:
    """Of finite values."""

    mean: float
    deviation: float
    low: float
    high: float


class Measuring:
    """The values of one column."""

    def __init__(self) -> None:
        self.missing = 0
        self.more = False
        """Whether there are more different values than were counted."""
        self.counts: Counter[str] = Counter()
        """Texts, and how many rows have each."""
        self._values: NDArray[np.float64] = np.empty(0)
        self._finite = 0
        self._mean = self._squares = 0.0
        self._low, self._high = np.inf, -np.inf

    def add(self, values: Array) -> None:
        """Look at some rows: float64 with NaN for gaps, or texts with None; shape `(rows,)`."""
        gaps = gaps_of(values)
        self.missing += int(gaps.sum())
        present = values[~gaps] if gaps.any() else values
        if values.dtype != object:
            self.add_numbers(present.astype(np.float64, copy=False))
        if self.distinct > MOST_DISTINCT:
            self.more = True
        elif values.dtype == object:
            self.counts.update(present)
        else:
            unique = np.unique(present)
            self._values = (
                np.union1d(self._values, unique) if len(self._values) else unique.astype(np.float64)
            )

    def add_numbers(self, values: NDArray[np.float64]) -> None:
        """Look at the finite ones of some numbers, and count no different ones."""
        finite = values[np.isfinite(values)]
        if not len(finite):
            return
        mean, count = float(finite.mean()), len(finite)
        squares = float(((finite - mean) ** 2).sum())
        total = self._finite + count
        apart = mean - self._mean
        self._squares += squares + apart**2 * self._finite * count / total
        self._mean = mean if not self._finite else self._mean + apart * count / total
        self._finite = total
        self._low, self._high = min(self._low, float(finite.min())), max(self._high, float(finite.max()))

    @property
    def distinct(self) -> int:
        """How many different values were counted."""
        return len(self.counts) or len(self._values)

    @property
    def numbers(self) -> Numbers | None:
        """Of the finite values; None where there is none."""
        if not self._finite:
            return None
        return Numbers(self._mean, float(np.sqrt(self._squares / self._finite)), self._low, self._high)


def measured(values: Array) -> Numbers | None:
    """Of the finite values of an array; None where there is none."""
    found = Measuring()
    found.add_numbers(values.astype(np.float64).ravel())
    return found.numbers
