"""Which rows train, which watch and which judge: decided first, before anything is fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Split
from nntrain.data.dataset import Index
from nntrain.errors import DataError, Problem

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Division:
    """Row numbers of each split, ascending; None for a split that the config does not ask for."""

    train: Index
    validation: Index | None
    test: Index | None


def divide(
    rows: int, split: Split, seed: int, labels: Labels | None = None, classes: tuple[str, ...] = ()
) -> Division:
    """Draw the test rows, then the validation rows from those that are left.

    Args:
        rows: How many rows there are.
        split: Shares of test (of all rows) and validation (of the rest); a share of 0 or none gives no split.
        seed: The same seed, rows and labels give the same division.
        labels: Class indices, shape `(rows,)`, for classification; the shares of the classes are kept where
            `split.stratify` says so.
        classes: The classes' names.

    Raises:
        DataError: A split would be empty, or a class has too few rows to be in each split.
    """
    chosen = labels if split.stratify else None
    if chosen is not None:
        parts = 1 + sum(bool(share) for share in (split.validation, split.test))
        _check_classes(chosen, parts, classes)
    rest = np.arange(rows)
    rest, test = _cut(rest, split.test or 0.0, "test", seed, chosen, classes)
    train, validation = _cut(rest, split.validation, "validation", seed, chosen, classes)
    return Division(train, validation, test)


def _cut(
    rows: Index, share: float, part: str, seed: int, labels: Labels | None, classes: tuple[str, ...]
) -> tuple[Index, Index | None]:
    """The rows that stay and those that are held out, both ascending."""
    if not share:
        return rows, None
    held = round(len(rows) * share)
    _check_sizes(len(rows), held, share, part)
    own = None if labels is None else labels[rows]
    if own is not None:
        _check_strata(own, len(rows), held, part, classes)
    random = np.random.RandomState(seed % 2**32)
    taken = random.permutation(len(rows))[:held] if own is None else _stratified(own, held, random)
    chosen = np.zeros(len(rows), bool)
    chosen[taken] = True
    return rows[~chosen], rows[chosen]


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


def _check_sizes(rows: int, held: int, share: float, part: str) -> None:
    if held == 0 or held == rows:
        message = (
            f"{share:g} of {rows} rows makes {held} {part} rows and leaves {rows - held}; "
            "every split needs rows: change the share, or set it to 0 for none"
        )
        raise DataError(Problem(message, ("data", "split", part), id="empty_split"))


def _check_classes(labels: Labels, parts: int, classes: tuple[str, ...]) -> None:
    counts = np.bincount(labels, minlength=len(classes))
    rare = [i for i in np.flatnonzero(counts) if counts[i] < parts] if parts > 1 else []
    if rare:
        found = ", ".join(f"'{classes[i]}' has {counts[i]}" for i in rare)
        message = (
            f"each class needs {parts} rows, one for each split, but {found}; "
            "add rows of it, or leave it out of the file"
        )
        raise DataError(Problem(message, ("data", "split", "stratify"), id="rare_class"))


def _check_strata(labels: Labels, rows: int, held: int, part: str, classes: tuple[str, ...]) -> None:
    """What scikit-learn would refuse, in words that say what to change."""
    counts = np.bincount(labels, minlength=len(classes))
    present = int((counts > 0).sum())
    if held < present or rows - held < present:
        message = (
            f"{held} {part} rows and {rows - held} others can't each hold all {present} classes; "
            "change the shares, or set data.split.stratify: false"
        )
        raise DataError(Problem(message, ("data", "split", part), id="rare_class"))
    single = np.flatnonzero(counts == 1)
    if len(single):
        message = (
            f"class '{classes[single[0]]}' has 1 row left once the test rows are taken, "
            "too few for two splits; add rows of it, or leave it out of the file"
        )
        raise DataError(Problem(message, ("data", "split", "stratify"), id="rare_class"))
