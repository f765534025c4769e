"""Divisions that can't be made, in words that say what to change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nntrain.errors import DataError, Problem

Labels = NDArray[np.int64]


def check_sizes(rows: int, held: int, share: float, part: str) -> None:
    """Refuse a share that gives or leaves no row.

    Raises:
        DataError: A split would be empty.
    """
    if held == 0 or held == rows:
        message = (
            f"{share:g} of {rows} rows makes {held} {part} rows and leaves {rows - held}; "
            "every split needs rows: change the share, or set it to 0 for none"
        )
        raise DataError(Problem(message, ("data", "split", part), id="empty_split"))


def check_classes(labels: Labels, parts: int, classes: tuple[str, ...]) -> None:
    """Refuse classes that have not a row for each of so many splits.

    Raises:
        DataError: Naming each of them.
    """
    counts = np.bincount(labels, minlength=len(classes))
    rare = [i for i in np.flatnonzero(counts) if counts[i] < parts] if parts > 1 else []
    if rare:
        found = ", ".join(f"'{classes[i]}' has {counts[i]}" for i in rare)
        message = (
            f"each class needs {parts} rows, one for each split, but {found}; "
            "add rows of it, or leave it out of the file"
        )
        raise DataError(Problem(message, ("data", "split", "stratify"), id="rare_class"))


def check_strata(labels: Labels, rows: int, held: int, part: str, classes: tuple[str, ...]) -> None:
    """Refuse a cut that can't keep the classes' shares: what scikit-learn would refuse.

    Raises:
        DataError: A side has fewer rows than there are classes, or a class has a single row.
    """
    counts = np.bincount(labels, minlength=len(classes))
    present = int((counts > 0).sum())
    if held < present or rows - held < present:
        message = (
            f"{held} {part} rows and {rows - held} others can't each hold all {present} classes; "
            "change the shares, or set data.split.stratify: false"
        )
        raise DataError(Problem(message, ("data", "split", part), id="rare_class"))
    _check_single(counts, classes)


def _check_single(counts: Labels, classes: tuple[str, ...]) -> None:
    single = np.flatnonzero(counts == 1)
    if len(single):
        message = (
            f"class '{classes[single[0]]}' has 1 row left once the test rows are taken, "
            "too few for two splits; add rows of it, or leave it out of the file"
        )
        raise DataError(Problem(message, ("data", "split", "stratify"), id="rare_class"))


def check_groups(groups: Labels, parts: int) -> int:
    """How many groups there are.

    Raises:
        DataError: Fewer than the splits that they are for.
    """
    count = len(np.unique(groups))
    if count < parts:
        message = (
            f"{_few(count, len(groups), 'group')}, and each of {parts} splits needs one of its own; "
            "name a column of more groups, or hold out fewer splits"
        )
        raise DataError(Problem(message, ("data", "split", "by_group"), id="few_groups"))
    return count


def check_times(rows: int, times: int, parts: int) -> None:
    """Refuse rows of fewer different times than there are splits.

    Raises:
        DataError: A time would have to stand in two splits.
    """
    if times < parts:
        message = (
            f"{_few(times, rows, 'time')}, and each of {parts} splits needs one of its own; "
            "name a column of finer times, or hold out fewer splits"
        )
        raise DataError(Problem(message, ("data", "split", "by_time"), id="few_times"))


def check_fold(
    rows: NDArray[np.int64],
    count: int,
    labels: Labels | None,
    classes: tuple[str, ...],
    groups: Labels | None,
) -> None:
    """Refuse more folds than rows or groups, and classes of a single row.

    Raises:
        DataError: A fold would be empty, or a class would be in one fold alone.
    """
    key = ("data", "split", "fold")
    if groups is not None and len(np.unique(groups)) < count:
        given = _few(len(np.unique(groups)), len(rows), "group")
        raise DataError(Problem(f"{given}, too few for {count} folds; ask for fewer", key, id="few_groups"))
    if len(rows) < count:
        message = f"{len(rows)} rows are too few for {count} folds; ask for fewer"
        raise DataError(Problem(message, key, id="empty_split"))
    if labels is not None:
        _check_single(np.bincount(labels, minlength=len(classes)), classes)


def _few(count: int, rows: int, noun: str) -> str:
    one = f"the {rows} rows are all of one {noun}"
    return one if count == 1 else f"the {rows} rows are of {count} {noun}s"
