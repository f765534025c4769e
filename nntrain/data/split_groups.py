"""Whole groups for a split or for folds: of several drawings the one that comes nearest to the shares."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heapify, heapreplace

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
DRAWINGS = 32
"""Drawings to choose from where the shares of classes matter."""
MOST = 400_000
"""Groups that are looked at in all drawings together."""


def hold_out(
    groups: Numbers, held: int, most: int, random: np.random.RandomState, labels: Numbers | None = None
) -> Numbers:
    """Draw groups that make up nearly so many rows.

    Args:
        groups: The group of each row, shape `(rows,)`.
        held: Rows that are wanted.
        most: Groups that may be taken at most, so that the other splits have some.
        random: Draws.
        labels: Class of each row, where the classes' shares are to be kept as nearly as groups allow.

    Returns:
        Positions of the rows, at least those of one group.
    """
    codes, sizes, classes = _sizes(groups, labels)
    wanted = classes.sum(axis=0) * (held / len(groups))

    def drawn() -> tuple[float, Numbers]:
        chosen = _filled(sizes, held, most, random.permutation(len(sizes)))
        return float(np.abs(classes[chosen].sum(axis=0) - wanted).sum()), chosen

    chosen = _best(drawn, len(sizes), labels is not None)
    taken = np.zeros(len(sizes), bool)
    taken[chosen] = True
    return np.flatnonzero(taken[codes])


def deal(
    groups: Numbers, folds: int, random: np.random.RandomState, labels: Numbers | None = None
) -> Numbers:
    """Deal groups into folds of nearly the same number of rows.

    Args:
        groups: The group of each row, shape `(rows,)`.
        folds: How many; at most as many as there are groups.
        random: Draws.
        labels: As for `hold_out`.

    Returns:
        The fold of each row, from 0.
    """
    codes, sizes, classes = _sizes(groups, labels)
    wanted = classes.sum(axis=0) / folds

    def drawn() -> tuple[float, Numbers]:
        fold = _dealt(sizes, folds, random.permutation(len(sizes)))
        of_fold = np.zeros((folds, classes.shape[1]))
        np.add.at(of_fold, fold, classes)
        return float(np.abs(of_fold - wanted).sum()), fold

    fold: Numbers = _best(drawn, len(sizes), labels is not None)[codes]
    return fold


def _sizes(groups: Numbers, labels: Numbers | None) -> tuple[Numbers, Numbers, Numbers]:
    """The group of each row from 0, the rows of each group, and those of each class in it."""
    _, codes, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    kinds = np.zeros(len(groups), np.int64) if labels is None else np.unique(labels, return_inverse=True)[1]
    classes = np.zeros((len(sizes), int(kinds.max()) + 1), np.int64)
    np.add.at(classes, (codes, kinds), 1)
    return codes, sizes, classes


def _best(drawn: Callable[[], tuple[float, Numbers]], groups: int, choose: bool) -> Numbers:
    """The drawing that is least far from what is wanted; the first of equals."""
    drawings = max(1, min(DRAWINGS, MOST // groups)) if choose else 1
    return min((drawn() for _ in range(drawings)), key=lambda pair: pair[0])[1]


def _filled(sizes: Numbers, held: int, most: int, order: Numbers) -> Numbers:
    """Groups in an order, each taken if it still fits; then the smallest other, if that comes nearer."""
    chosen: list[int] = []
    total, smallest = 0, -1
    for group in order.tolist():
        size = int(sizes[group])
        if total + size <= held and len(chosen) < most:
            chosen.append(group)
            total += size
        elif smallest < 0 or size < sizes[smallest]:
            smallest = group
    nearer = smallest >= 0 and total + int(sizes[smallest]) - held < held - total
    if not chosen or (nearer and len(chosen) < most):
        chosen.append(smallest)
    return np.array(chosen, np.int64)


def _dealt(sizes: Numbers, folds: int, order: Numbers) -> Numbers:
    """The largest groups first, each into the fold that has the fewest rows."""
    fold = np.zeros(len(sizes), np.int64)
    heap = [(0, number) for number in range(folds)]
    heapify(heap)
    for group in order[np.argsort(-sizes[order], kind="stable")].tolist():
        rows, number = heap[0]
        fold[group] = number
        heapreplace(heap, (rows + int(sizes[group]), number))
    return fold
