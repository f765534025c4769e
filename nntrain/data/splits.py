"""Which rows train, which watch and which judge: decided first, before anything is fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Split
from nntrain.data import split_groups
from nntrain.data.dataset import Array, Index
from nntrain.data.split_checks import (
    check_classes,
    check_fold,
    check_groups,
    check_sizes,
    check_strata,
    check_times,
)

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Division:
    """Row numbers of each split, ascending; None for a split that the config does not ask for."""

    train: Index
    validation: Index | None
    test: Index | None


@dataclass(frozen=True)
class Ties:
    """What keeps rows together or in order; the shares of classes are kept where `labels` are given."""

    labels: Labels | None = None
    """Class indices, shape `(rows,)`, for classification."""
    classes: tuple[str, ...] = ()
    """The classes' names."""
    groups: Labels | None = None
    """The group of each row, shape `(rows,)`."""
    times: Array | None = None
    """Numbers that grow with time, shape `(rows,)`."""


def divide(rows: int, split: Split, seed: int, ties: Ties = Ties()) -> Division:
    """Draw the test rows, then the validation rows from those that are left.

    Args:
        rows: How many rows there are.
        split: Shares of test (of all rows) and validation (of the rest), where a share of 0 or none gives no
            split; or the fold of the rest that is the validation split.
        seed: The same seed, rows and ties give the same division.
        ties: What keeps rows together or in order.

    Raises:
        DataError: A split would be empty, or a class has too few rows to be in each split.
    """
    parts = 1 + split.has_validation + bool(split.test)
    labels = ties.labels if split.stratify and ties.times is None else None
    dealer = _Dealer(seed, labels, ties)
    if labels is not None and ties.groups is None:
        check_classes(labels, parts, ties.classes)
    fold = split.numbered_fold
    rest, test = dealer.cut(np.arange(rows), split.test or 0.0, "test", fold[1] if fold else parts - 1)
    if fold is not None:
        return Division(*dealer.fold(rest, *fold), test)
    return Division(*dealer.cut(rest, split.validation, "validation", 1), test)


@dataclass(frozen=True)
class _Dealer:
    """Divides rows by one seed."""

    seed: int
    labels: Labels | None
    """Classes whose shares are kept."""
    ties: Ties

    @property
    def random(self) -> np.random.RandomState:
        """Begins anew for every draw."""
        return np.random.RandomState(self.seed % 2**32)

    def cut(self, rows: Index, share: float, part: str, others: int) -> tuple[Index, Index | None]:
        """The rows that stay and those that are held out, both ascending.

        Args:
            rows: Ascending.
            share: Of the rows, to be held out.
            part: What the held out rows are for.
            others: Splits that the other rows are for; each gets a group, or a time, of its own.
        """
        if not share:
            return rows, None
        held = round(len(rows) * share)
        check_sizes(len(rows), held, share, part)
        chosen = np.zeros(len(rows), bool)
        chosen[self._held(rows, held, part, others)] = True
        return rows[~chosen], rows[chosen]

    def _held(self, rows: Index, held: int, part: str, others: int) -> Index:
        """Positions of the rows that are held out."""
        labels = None if self.labels is None else self.labels[rows]
        if self.ties.times is not None:
            return _newest(self.ties.times[rows], held, others)
        if self.ties.groups is not None:
            groups = self.ties.groups[rows]
            most = check_groups(groups, 1 + others) - others
            return split_groups.hold_out(groups, held, most, self.random, labels)
        if labels is not None:
            check_strata(labels, len(rows), held, part, self.ties.classes)
            return _stratified(labels, held, self.random)
        drawn: Index = self.random.permutation(len(rows))[:held]
        return drawn

    def fold(self, rows: Index, number: int, count: int) -> tuple[Index, Index]:
        """The rows of the other folds and those of one, both ascending.

        Args:
            rows: Ascending.
            number: Of the fold, from 1.
            count: Of folds.
        """
        labels = None if self.labels is None else self.labels[rows]
        groups = None if self.ties.groups is None else self.ties.groups[rows]
        check_fold(rows, count, None if groups is not None else labels, self.ties.classes, groups)
        if groups is not None:
            folds = split_groups.deal(groups, count, self.random, labels)
        else:
            folds = _dealt(len(rows), count, self.random, labels)
        return rows[folds != number - 1], rows[folds == number - 1]


def _dealt(rows: int, count: int, random: np.random.RandomState, labels: Labels | None) -> Index:
    """The fold of each row, from 0: of the rows, and of each class, folds differ by one row at most."""
    order = random.permutation(rows)
    if labels is not None:
        order = order[np.argsort(labels[order], kind="stable")]
    folds = np.empty(rows, np.int64)
    folds[order] = np.arange(rows) % count
    return folds


def _newest(times: Array, held: int, others: int) -> Index:
    """Positions of nearly so many newest rows; those of one time stay together.

    Args:
        times: Of each row.
        held: Rows that are wanted.
        others: Splits that the older rows are for; each gets a time of its own.
    """
    order = np.argsort(times, kind="stable")
    steps = 1 + np.flatnonzero(np.diff(times[order]) != 0)  # where another time begins
    check_times(len(times), len(steps) + 1, 1 + others)
    steps = steps[others - 1 :]
    newest: Index = order[steps[np.abs(steps - (len(times) - held)).argmin()] :]
    return newest


def _stratified(labels: Labels, held: int, random: np.random.RandomState) -> Index:
    """Positions of the rows that are held out, so many of each class as is its share.

    Draws the rows that scikit-learn's `train_test_split` draws: importing that takes longer than reading
    most files.
    """
    _, numbers, counts = np.unique(labels, return_inverse=True, return_counts=True)
    of_class: list[Index] = np.split(np.argsort(numbers, kind="stable"), np.cumsum(counts)[:-1])
    kept = _by_share(counts, len(labels) - held, random)
    taken = _by_share(counts - kept, held, random)
    found: list[Index] = []
    for own, before, count in zip(of_class, kept, taken, strict=True):
        found.append(own[random.permutation(len(own))][before : before + count])
    return np.concatenate(found)


def _by_share(counts: Labels, wanted: int, random: np.random.RandomState) -> Labels:
    """How many rows of each class make `wanted` rows; where shares are equal, chance rounds up."""
    exact = wanted * (counts / counts.sum())
    rounded = np.floor(exact)
    missing = int(wanted - rounded.sum())
    rest = exact - rounded
    for value in np.unique(rest)[::-1]:
        if missing <= 0:
            break
        (equal,) = np.nonzero(rest == value)
        more = random.choice(equal, size=min(len(equal), missing), replace=False)
        rounded[more] += 1
        missing -= len(more)
    whole: Labels = rounded.astype(np.int64)
    return whole
