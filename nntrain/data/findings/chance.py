"""Whether rows may be alike by chance, because their columns have few different values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array, Table
from nntrain.data.findings.view import View

LOOKED_AT = 5000
"""Training rows from which it is judged."""
POSITIONS = 64
"""Values of an image or a text from which the others are judged."""
SHARED = 0.5
"""What a column adds to those before it: columns that go together say half of it again."""


def expected_pairs(view: View, pairs: int, step: float = 0.0) -> float:
    """How many of `pairs` pairs of rows would be alike if chance had made them.

    Two rows agree in a column as often as two training rows drawn at random do. The columns' probabilities
    are multiplied, and half of their logarithm is taken, because columns depend on one another.

    Args:
        view: The rows.
        pairs: Pairs of rows that are compared.
        step: Numbers closer than this share of the column's spread count as equal.
    """
    bits = 0.0
    for features in view.train.inputs.values():
        bits += _bits(features, step)
    return pairs * float(2.0 ** (-SHARED * bits))


def _bits(features: Table | Array, step: float) -> float:
    """-log2 of the probability that two rows agree, were the columns independent."""
    if isinstance(features, Table):
        columns = [*features.numeric.values(), *features.categorical.values()]
        return float(sum(_agreement(column[_some(len(column), LOOKED_AT)], step) for column in columns))
    rows = features.reshape(len(features), -1)[_some(len(features), LOOKED_AT)]
    chosen = _some(rows.shape[1], POSITIONS)
    share = rows.shape[1] / len(chosen)
    return float(share * sum(_agreement(rows[:, i], step) for i in chosen))


def _some(count: int, most: int) -> NDArray[np.int64]:
    """Positions, evenly spread, `most` at most."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


def _agreement(values: Array, step: float) -> float:
    """Of one column; at most as much as all its pairs can tell."""
    if len(values) < 2:
        return 0.0
    if values.dtype == object:
        values = np.fromiter((hash(value) for value in values), np.int64, len(values))
    elif step and (width := spread(values)) > 0:
        values = np.round(values / (step * width))
    _, counts = np.unique(values, return_counts=True)
    all_pairs = len(values) * (len(values) - 1) / 2
    alike = (counts * (counts - 1) / 2).sum()
    return float(-np.log2(max(alike, 1.0) / all_pairs)) if alike < all_pairs else 0.0


def spread(values: Array) -> float:
    """The deviation of a column's middle half as a normal distribution would have it; else of all of it."""
    numbers = values[np.isfinite(values)] if values.dtype.kind == "f" else values
    if not len(numbers):
        return 0.0
    low, high = np.quantile(numbers, (0.25, 0.75))
    return float((high - low) / 1.349) or float(np.std(numbers))
