"""Which rows make windows, and which windows train, validate and test: none knows what comes after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nntrain.config.data import SeriesSource, Split
from nntrain.data.kind import Index
from nntrain.data.series.times import Times
from nntrain.errors import DataError, KeyPath, Problem

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Cut:
    """The beginnings of windows, as positions in the rows that were given."""

    starts: dict[str, Index]
    """By split; of a split that is not asked for there is nothing."""
    left_out: int
    """Windows that reach over a border between two splits."""


def parts_of(pieces: Sequence[Index], split: Split, times: Times | None, series: Index) -> Index:
    """The split of each row: 0 trains, 1 validates, 2 tests.

    With times, all series are divided at the same two moments; without, each at its own rows.

    Args:
        pieces: Row numbers of each piece of a series, ascending in time.
        split: The shares.
        times: Of each row; None without a column for them.
        series: The number of the series of each row.
    """
    rows = sum(map(len, pieces))
    parts = np.zeros(rows, np.int64)
    groups = (
        [np.arange(rows)] if times is not None else [np.flatnonzero(series == s) for s in np.unique(series)]
    )
    for group in groups:
        train, held = _sizes(len(group), split)
        if times is None:
            parts[group[train:]] = 1
            parts[group[held:]] = 2
            continue
        ordered = np.sort(times)
        for number, first in ((1, train), (2, held)):
            if first < rows:
                parts[times >= ordered[first]] = number
    return parts


def _sizes(rows: int, split: Split) -> tuple[int, int]:
    """Where the validation rows begin, and where the test rows do."""
    test = rows - round(rows * (split.test or 0.0))
    return test - round(test * split.validation), test


def cut(pieces: Sequence[Index], parts: Index | None, source: SeriesSource) -> Cut:
    """The windows of every piece that lie in one split, with all rows that they predict.

    Args:
        pieces: Row numbers of each piece of a series, ascending in time.
        parts: The split of each row; None where all rows are of one.
        source: Says how long a window is, how far ahead it looks, and how far the next one is.

    Returns:
        Positions count the rows of the pieces, one piece after another.

    Raises:
        DataError: No piece is as long as a window, or a split that is asked for has none.
    """
    starts, offset = [], 0
    for piece in pieces:
        starts.append(np.arange(offset, offset + len(piece) - source.reach + 1, source.stride))
        offset += len(piece)
    every = np.concatenate(starts)
    if not len(every):
        raise _too_short(pieces, source)
    if parts is None:
        return Cut({"train": every}, 0)
    of_position = parts[np.concatenate(pieces)]
    own = of_position[every]
    whole = own == of_position[every + source.reach - 1]
    shares = (1.0, source.split.validation, source.split.test or 0.0)
    found = {}
    for number, name in enumerate(PARTS):
        if shares[number]:
            found[name] = every[whole & (own == number)]
            if not len(found[name]):
                raise _no_window(name, int((of_position == number).sum()), source)
    return Cut(found, int((~whole).sum()))


def _needs(source: SeriesSource) -> str:
    ahead = f"{source.horizon + source.steps - 1} ahead"
    return f"a window of {source.window} rows and {ahead} takes {source.reach} rows that follow one another"


def _too_short(pieces: Sequence[Index], source: SeriesSource) -> DataError:
    longest = max(map(len, pieces))
    has = (
        f"the file has {longest}"
        if len(pieces) == 1
        else f"the longest of {len(pieces)} pieces has {longest}"
    )
    return DataError(
        Problem(f"{_needs(source)}, and {has}; make it shorter", ("data", "window"), id="window")
    )


def _no_window(name: str, rows: int, source: SeriesSource) -> DataError:
    key: KeyPath = ("data", "window") if name == "train" else ("data", "split", name)
    which = "training" if name == "train" else name
    message = f"{_needs(source)}, and none fits into the {rows} {which} rows; "
    message += "make it shorter, or change the shares of data.split"
    return DataError(Problem(message, key, id="empty_split"))
