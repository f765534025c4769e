"""The probability above which a row counts as positive, chosen on rows that are not scored."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from nntrain.evaluation.outputs import FloatArray, IntArray
from nntrain.evaluation.tally import share

Rule = Literal["f1", "youden"]
"""F1 of the positive rows; or their recall less the share of the others that is called positive."""
USUAL = 0.5
ROUNDING = 1e-12
"""Difference in what a rule measures that is none."""


class Chosen(NamedTuple):
    """A threshold and what it was chosen for."""

    value: float
    """In (0, 1)."""
    gained: float
    """What the rule measures at `value`, on the rows that it was chosen on."""
    usual: float
    """The same at 0.5."""


def choose(positive: IntArray, probabilities: FloatArray, rule: Rule) -> Chosen | None:
    """The threshold that is best for a rule; of several as good, the one nearest to 0.5.

    Between two probabilities that occur, every threshold does the same, so that only the middle between
    neighbours is tried, besides 0.5 itself.

    Args:
        positive: 1 for rows of the second class, or with the label, and 0 for the others, shape `(n,)`.
        probabilities: In [0, 1], shape `(n,)`.
        rule: What is to be large.

    Returns:
        None where the rows are all alike, so that there is nothing to choose by.

    Source: Youden, "Index for rating diagnostic tests", 1950, for `youden`.
    """
    of, n = int(positive.sum()), len(positive)
    if of in (0, n):
        return None
    order = np.argsort(-probabilities, kind="stable")
    ordered = probabilities[order]
    edges = np.unique(np.r_[0.0, ordered, 1.0])
    middles = (edges[1:] + edges[:-1]) / 2
    tried = np.r_[USUAL, middles[(middles > 0) & (middles < 1)]]
    taken = np.searchsorted(-ordered, -tried, side="left")  # those above, as `decode` has it
    hits = np.r_[0, np.cumsum(positive[order])][taken]
    measured = _measured(rule, hits.astype(np.float64), taken.astype(np.float64), of, n)
    best = np.flatnonzero(measured >= measured.max() - ROUNDING)
    nearest = int(best[np.abs(tried[best] - USUAL).argmin()])
    return Chosen(float(tried[nearest]), float(measured[nearest]), float(measured[0]))


def _measured(rule: Rule, hits: FloatArray, taken: FloatArray, of: int, n: int) -> FloatArray:
    """What the rule says of taking so many rows, so many of them rightly, shape `(t,)`."""
    if rule == "f1":
        return share(2 * hits, taken + of)
    return hits / of - (taken - hits) / (n - of)
