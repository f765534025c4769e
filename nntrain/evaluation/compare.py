"""Whether two models differ on the same rows by more than chance: paired tests."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95
ALPHA = 1 - LEVEL
DRAWS = 10_000
"""Resamples of the rows, unless that is more than `WORK` rows."""
FEWEST = 1_000
WORK = 1 << 27
"""Rows that are drawn in all, at about 100 million a second."""
CHUNK = 1 << 20
"""Rows that are drawn at a time, so that they stay in the processor's memory."""
EXACT = 1_000
"""Rows that one of two models has right, up to which McNemar's test is computed exactly."""


@dataclass(frozen=True)
class Paired:
    """The means of two models over the same rows, and what the rows say of their difference."""

    rows: int
    first: float
    second: float
    difference: float
    """Of the means, second - first."""
    low: float
    high: float
    """Where the difference lies on other rows of the same kind, 19 times of 20."""

    @property
    def within_noise(self) -> bool:
        """Whether no difference at all is as good an explanation."""
        return self.low <= 0 <= self.high

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "rows": self.rows,
            "first": self.first,
            "second": self.second,
            "difference": self.difference,
            "interval": [self.low, self.high],
            "within_noise": self.within_noise,
        }


@dataclass(frozen=True)
class McNemar:
    """Rows that one model has right and the other wrong."""

    first_alone: int
    second_alone: int
    p: float
    """How likely a split at least as uneven is, if both models are right as often."""

    @property
    def within_noise(self) -> bool:
        """Whether no difference at all is as good an explanation."""
        return self.p >= ALPHA

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "first_alone": self.first_alone,
            "second_alone": self.second_alone,
            "p": self.p,
            "within_noise": self.within_noise,
        }


def paired_bootstrap(first: ArrayLike, second: ArrayLike, *, seed: int = 0) -> Paired:
    """The interval of the difference of two means over the same rows, which are drawn with replacement.

    Args:
        first: A value for each row, such as its error, shape `(n,)`, n at least 2.
        second: The other model's for the same rows.
        seed: Of the draws; the same rows always give the same interval.

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13: percentiles.
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.shape != b.shape or a.ndim != 1 or len(a) < 2:
        raise ValueError(f"shapes {a.shape} and {b.shape} are no two values for each of some rows")
    gaps = b - a
    low, high = np.quantile(_means(gaps, seed), [ALPHA / 2, 1 - ALPHA / 2])
    return Paired(len(a), float(a.mean()), float(b.mean()), float(gaps.mean()), float(low), float(high))


def mcnemar(first: ArrayLike, second: ArrayLike) -> McNemar:
    """McNemar's test of two classifiers on the same rows, two-sided.

    Only rows count that one of the two has right. If both are right as often, each of these `n` is a fair
    coin: `p = 2 * sum of C(n, i) / 2^n for i = 0..min(b, c)`, at most 1. Beyond `EXACT` rows the normal
    limit with Edwards' correction: `p = erfc(sqrt(x / 2))` of `x = (|b - c| - 1)^2 / (b + c)`.

    Args:
        first: Whether the first model has each row right, shape `(n,)`.
        second: The same of the second one.

    Source: McNemar, Psychometrika 12 (1947) 153; Edwards, Psychometrika 13 (1948) 185; Dietterich, Neural
    Computation 10 (1998) 1895, section 3.1.
    """
    a, b = np.asarray(first, bool), np.asarray(second, bool)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"shapes {a.shape} and {b.shape} are no two answers for each of some rows")
    ours, theirs = int((a & ~b).sum()), int((b & ~a).sum())
    n = ours + theirs
    if n == 0:
        p = 1.0
    elif n <= EXACT:
        tail = sum(math.comb(n, i) for i in range(min(ours, theirs) + 1))
        p = min(1.0, 2 * tail / 2**n)
    else:
        x = max(0, abs(ours - theirs) - 1) ** 2 / n
        p = math.erfc(math.sqrt(x / 2))
    return McNemar(ours, theirs, p)


def _means(values: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """The mean of each resample, shape `(draws,)`."""
    random, rows = np.random.default_rng(seed), len(values)
    draws = min(DRAWS, max(FEWEST, WORK // rows))
    kinds, counts = np.unique(values, return_counts=True)
    if len(kinds) <= 64:  # a draw of rows is then a draw of how many there are of each kind
        return random.multinomial(rows, counts / rows, size=draws) @ kinds / rows
    step = max(1, CHUNK // rows)
    means = [
        values[random.integers(0, rows, (min(step, draws - at), rows))].mean(axis=1)
        for at in range(0, draws, step)
    ]
    return np.concatenate(means)
