"""How well one column alone tells a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array

Measure = Literal["accuracy", "AUC", "correlation", "R2"]
FEWEST_ROWS = 20
"""With fewer training rows nothing is concluded."""


@dataclass(frozen=True)
class Telling:
    """How well a column tells a target, and by what that is measured."""

    measure: Measure
    """`accuracy`: mean over the classes of the share of rows whose class the nearest value among the other
    half of the rows has. `AUC`: of the column as a score for two classes. `correlation`: the larger of
    Pearson's and Spearman's, without its sign. `R2`: of the mean number of rows with the same text among
    the other half of the rows."""
    value: float


def classes_by(values: Array, labels: NDArray[np.int64]) -> Telling:
    """Of class indices.

    Args:
        values: A column, shape `(rows,)`: numbers with NaN, or texts with None.
        labels: Class indices, shape `(rows,)`.
    """
    accuracy = Telling("accuracy", _by_nearest(values, labels))
    present = np.unique(labels)
    if len(present) == 2 and values.dtype != object and not np.isnan(values).any():
        area = Telling("AUC", _area(values, labels == present[1]))
        # Of columns that tell little the area says more; both are compared with bounds near 1.
        return area if area.value >= accuracy.value else accuracy
    return accuracy


def numbers_by(values: Array, target: Array) -> Telling:
    """Of a number.

    Args:
        values: A column, shape `(rows,)`.
        target: Numbers, shape `(rows,)`.
    """
    wanted = target.astype(np.float64)
    if values.dtype == object:
        return Telling("R2", _by_means(_codes(values), wanted))
    known = ~np.isnan(values)
    if known.sum() < FEWEST_ROWS:
        return Telling("correlation", 0.0)
    a, b = values[known], wanted[known]
    return Telling("correlation", max(_correlation(a, b), _correlation(ranks(a), ranks(b))))


def is_one_to_one(values: Array, labels: NDArray[np.int64]) -> bool:
    """Whether every value goes with one class and every class with one value, gaps being a value."""
    codes = _codes(values)
    count, classes = int(codes.max()) + 1, len(np.unique(labels))
    if count != classes or classes < 2:
        return False
    return len(np.unique(codes * (int(labels.max()) + 1) + labels)) == count


def is_copy(values: Array, labels: Array, names: tuple[str, ...]) -> bool:
    """Whether a column holds the target itself: its numbers, class numbers or class names."""
    if not names:
        return values.dtype != object and bool(np.array_equal(values.astype(np.float32), labels))
    if values.dtype == object:
        return bool((values == np.array(names, object)[labels]).all())
    if np.array_equal(values, labels):
        return True
    try:
        spelled = np.array([float(name) for name in names])
    except ValueError:
        return False
    return bool(np.array_equal(values, spelled[labels]))


def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places in ascending order, from 0; equal values share the middle of theirs."""
    _, numbers, counts = np.unique(values, return_inverse=True, return_counts=True)
    middle: NDArray[np.float64] = np.cumsum(counts) - (counts + 1) / 2
    return middle[numbers]


def _codes(values: Array) -> NDArray[np.int64]:
    """Equal values, and gaps, as equal numbers 0, 1, 2, ..."""
    if values.dtype == object:
        number: dict[object, int] = {}
        return np.fromiter((number.setdefault(v, len(number)) for v in values), np.int64, len(values))
    codes: NDArray[np.int64] = np.unique(values, return_inverse=True)[1]
    return codes


def _by_nearest(values: Array, labels: NDArray[np.int64]) -> float:
    """The accuracy over classes of the nearest value's commonest class in the other half of the rows."""
    turn = np.random.default_rng(0).permutation(len(values)) % 2 == 0
    if values.dtype == object:
        places = _codes(values).astype(np.float64)
    else:
        gap = np.isnan(values)
        lowest = values[~gap].min() if not gap.all() else 0.0
        places = np.where(gap, lowest - 1 - np.abs(lowest), values)
    guessed = np.empty(len(values), np.int64)
    for part in (turn, ~turn):
        guessed[part] = _nearest(places[~part], labels[~part], places[part], values.dtype == object)
    classes, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    right = np.bincount(numbers, weights=guessed == labels, minlength=len(classes))
    return float((right / counts).mean())


def _nearest(
    known: NDArray[np.float64], labels: NDArray[np.int64], values: NDArray[np.float64], exact: bool
) -> NDArray[np.int64]:
    """The commonest class at the nearest known value; of all where it has to be exact and is not."""
    unique, numbers = np.unique(known, return_inverse=True)
    classes = int(labels.max()) + 1
    kinds, counts = np.unique(numbers * classes + labels, return_counts=True)
    order = np.lexsort((counts, kinds // classes))  # the commonest class of each value comes last
    owners = kinds[order] // classes
    last = np.r_[owners[1:] != owners[:-1], True]
    best = kinds[order][last] % classes
    right = np.minimum(np.searchsorted(unique, values), len(unique) - 1)
    left = np.maximum(right - 1, 0)
    nearer = np.where(np.abs(unique[left] - values) < np.abs(unique[right] - values), left, right)
    usual = np.bincount(labels).argmax()
    found: NDArray[np.int64] = np.where((unique[nearer] != values) & exact, usual, best[nearer])
    return found


def _area(values: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve of a score, in [0.5, 1]: a column may also tell by low values."""
    ones, zeros = int(positive.sum()), int((~positive).sum())
    area = (ranks(values)[positive].sum() - ones * (ones - 1) / 2) / (ones * zeros)
    return float(max(area, 1 - area))


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Pearson's, without its sign; 0 where one of them is constant."""
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float(abs((a * b).sum()) / size) if size > 0 and np.isfinite(size) else 0.0


def _by_means(codes: NDArray[np.int64], target: NDArray[np.float64]) -> float:
    """R2 of the other half's mean at the same value, or overall where it has none; at least 0."""
    turn = np.random.default_rng(0).permutation(len(codes)) % 2 == 0
    guessed = np.empty(len(codes))
    for part in (turn, ~turn):
        size = int(codes.max()) + 1
        counts = np.bincount(codes[~part], minlength=size)
        sums = np.bincount(codes[~part], weights=target[~part], minlength=size)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), target[~part].mean())
        guessed[part] = means[codes[part]]
    total = ((target - target.mean()) ** 2).sum()
    return float(max(0.0, 1 - ((target - guessed) ** 2).sum() / total)) if total > 0 else 0.0
