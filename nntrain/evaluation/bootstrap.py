"""Intervals of scores by the bootstrap: rows are drawn again and again, and the scores taken of each draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from nntrain.evaluation.outputs import FloatArray, IntArray

LEVEL = 0.95
RESAMPLES = 1000
"""Draws of a set of rows, unless that is more than `WORK` rows."""
FEWEST = 100
"""Draws of a set that is so large that `RESAMPLES` would take seconds."""
WORK = 1 << 21
"""Rows that are drawn in all: a tenth of a second, or two where classes are ranked."""
LARGEST = 60_000
"""Rows (times what one costs) from which on there is no interval: it would be very narrow."""
SMALLEST = 10
"""Rows below which draws say nothing of other rows."""
CHUNK = 1 << 18
"""Rows that are drawn at a time, so that they stay in the processor's memory."""
SEED = 0
"""The same rows always give the same interval."""

Statistics = Mapping[str, FloatArray]
"""Scores by name, each of shape `(draws,)`; NaN where a draw has none."""


class Interval(NamedTuple):
    """Where a score lies on other rows of the same kind, 19 times of 20."""

    low: float
    high: float
    resamples: int
    """Draws that it was taken from."""


def resamples(rows: int, cost: int = 1) -> int:
    """How often so many rows are drawn; 0 of too few and of too many.

    Args:
        rows: How many there are.
        cost: How many times as much work a row is as one of a single score.
    """
    if rows < SMALLEST or rows * cost > LARGEST:
        return 0
    return min(RESAMPLES, max(FEWEST, WORK // (rows * cost)))


def intervals(rows: int, scores: Callable[[FloatArray], Statistics], *, cost: int = 1) -> dict[str, Interval]:
    """The middle 95 % of each score over resamples of the rows, drawn with replacement.

    A score that more than half of the resamples do not have gets no interval, nor does one that is the same
    in all of them, such as an accuracy of 1: they can't tell how far from it other rows are.

    Args:
        rows: How many there are.
        scores: Of draws in which row `i` occurs `counts[:, i]` times, shape `(b, rows)`.
        cost: As for `resamples`.

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13: percentiles.
    """
    count = resamples(rows, cost)
    if not count:
        return {}
    drawn = [scores(counts) for counts in _draws(rows, count)]
    found = {}
    for name in drawn[0]:
        values = np.concatenate([chunk[name] for chunk in drawn])
        known = values[np.isfinite(values)]
        if 2 * len(known) > count:
            low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
            if low < high:
                found[name] = Interval(float(low), float(high), count)
    return found


class Groups:
    """Rows sorted by a label of theirs, so that draws of them are quickly counted."""

    def __init__(self, labels: IntArray, size: int) -> None:
        """Sort.

        Args:
            labels: Of each row, from 0, shape `(n,)`.
            size: How many labels there are.
        """
        self._size = size
        self._order = np.argsort(labels, kind="stable")
        ordered = labels[self._order]
        self._starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])[: len(labels)]
        self._present = ordered[self._starts]

    def counted(self, counts: FloatArray) -> FloatArray:
        """How often each label was drawn, shape `(b, size)`, from how often each row was, `(b, n)`."""
        found = np.zeros((len(counts), self._size))
        if len(self._order):
            found[:, self._present] = np.add.reduceat(counts[:, self._order], self._starts, axis=1)
        return found


def _draws(rows: int, count: int) -> Iterator[FloatArray]:
    """How often each row is drawn, shape `(b, rows)`, for `count` draws in all."""
    random = np.random.default_rng(SEED)
    step = max(1, CHUNK // rows)
    for start in range(0, count, step):
        size = min(step, count - start)
        picked = random.integers(0, rows, (size, rows))
        picked += np.arange(size)[:, np.newaxis] * rows
        yield np.bincount(picked.ravel(), minlength=size * rows).reshape(size, rows).astype(np.float64)
