"""Areas under the curves that a decision value draws, for one set of rows or many resamples at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntrain.evaluation.outputs import FloatArray
from nntrain.evaluation.tally import share


class Areas(NamedTuple):
    """Each of shape `(b,)`, in [0, 1]; NaN where the rows are all alike."""

    roc_auc: FloatArray
    """Chance that a positive row ranks above a negative one; of the same value, half."""
    average_precision: FloatArray
    """Precision at each positive row, averaged: the area under the steps of precision over recall."""


class Ranked:
    """Rows in the order of a decision value, the highest first."""

    def __init__(self, positive: NDArray[np.bool_], scores: FloatArray) -> None:
        """Sort.

        Args:
            positive: Which rows are of the class, or have the label, shape `(n,)`.
            scores: Decision values of any range, shape `(n,)`; larger speaks for positive.
        """
        self._order = np.argsort(-scores, kind="stable")
        ordered = scores[self._order]
        self._positive = positive[self._order].astype(np.float64)
        self._starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])

    def steps(self) -> tuple[FloatArray, FloatArray]:
        """Positive rows, and all, that reach each of the values, the highest first, shape `(values,)`."""
        ends = np.r_[self._starts[1:], len(self._order)]
        return np.cumsum(self._positive)[ends - 1], ends.astype(np.float64)

    def areas(self, counts: FloatArray | None = None) -> Areas:
        """The areas, where row `i` counts `counts[:, i]` times; shape `(b, n)`, by default each row once.

        Source: scikit-learn's `roc_auc_score` and `average_precision_score`, ties included.
        """
        every = np.ones((1, len(self._order))) if counts is None else counts[:, self._order]
        positive = every * self._positive
        if len(self._starts) < len(self._order):
            every = np.add.reduceat(every, self._starts, axis=1)
            positive = np.add.reduceat(positive, self._starts, axis=1)
        found = np.cumsum(positive, axis=1)
        taken = np.cumsum(every, axis=1)
        of, rows = found[:, -1], taken[:, -1]
        above = ((every - positive) * (found - positive / 2)).sum(axis=1)
        steps = (positive * share(found, taken)).sum(axis=1)
        pairs = of * (rows - of)
        roc_auc = np.divide(above, pairs, out=np.full(len(of), np.nan), where=pairs > 0)
        return Areas(roc_auc, np.divide(steps, of, out=np.full(len(of), np.nan), where=pairs > 0))
