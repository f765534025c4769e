"""Some rows at a time: what is read, what of it is no good, and what is left once that is put aside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import IO

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import Values
from nntrain.data.dataset import Index
from nntrain.errors import DataError, Problem

SHOWN = 8
"""Problems of one row that are told at most."""
REMEDY = "; --skip-bad leaves such rows out"


@dataclass(frozen=True)
class Chunk:
    """Some rows, ready for the model."""

    inputs: Mapping[str, Values]
    """Prepared features by input; nothing where no row is left."""
    index: Index
    """Row number in the input, from 0, shape `(rows,)`: rows that are left out are counted."""
    beside: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What names each row, such as its file."""
    problems: tuple[Problem, ...] = ()
    """What is wrong with the rows that were left out, the first of each."""
    skipped: int = 0
    """How many were left out."""
    done: int = 0
    """How much of the input is read so far, in the units of its size."""

    def __len__(self) -> int:
        return len(self.index)


@dataclass(frozen=True)
class NewRows:
    """An input that is read once, chunk by chunk."""

    chunks: Iterator[Chunk]
    size: int | None = None
    """Of the input, in bytes, rows or files; None where nobody knows."""
    notes: list[str] = field(default_factory=list)
    """What the user should know, one sentence each; it may grow while chunks are read."""
    streams: Sequence[IO[bytes]] = ()
    """Files that are open."""

    def close(self) -> None:
        """Close them."""
        for stream in self.streams:
            stream.close()


@dataclass(frozen=True)
class Fault:
    """Rows that can't be used, for one reason."""

    rows: NDArray[np.bool_]
    """Which of a chunk's rows, shape `(rows,)`."""
    told: Callable[[int], Problem]
    """What is wrong with one of them, by its position."""
    whole: bool = False
    """Whether nothing else can be said of these rows."""
    column: str = ""
    """The column that it is about, where it is about one."""

    def part(self, start: int, stop: int) -> Fault:
        """The same for some of the rows."""
        return replace(self, rows=self.rows[start:stop], told=lambda row: self.told(start + row))


Prepare = Callable[[Index], Mapping[str, Values]]
"""Prepares the rows at some positions."""


def sifted(
    index: Index,
    faults: Sequence[Fault],
    prepare: Prepare,
    look: Callable[[], Sequence[Fault]],
    skip: bool,
) -> Chunk:
    """Prepare rows, and put those aside that can't be.

    Args:
        index: Row numbers in the input, shape `(rows,)`.
        faults: What reading has found.
        prepare: Prepares rows; raises DataError where one of them is no good.
        look: Looks closer, once something is known to be wrong.
        skip: Whether bad rows are left out, rather than an error.

    Raises:
        DataError: A row is no good, and such are not to be left out: all that is wrong with the first.
    """
    every = np.arange(len(index))
    if not faults:
        try:
            return Chunk(prepare(every), index)
        except DataError:
            pass
    found = [*faults]
    for fault in look():
        known = [other.rows for other in faults if other.column and other.column == fault.column]
        found.append(replace(fault, rows=fault.rows & ~np.any(known, axis=0)) if known else fault)
    kept = every[~_bad(found, len(index))]
    if len(kept) == len(index) or (skip and not _goes(prepare, kept)):
        found.append(_one_by_one(kept, prepare, len(index), every=skip))
    bad = _bad(found, len(index))
    problems = tuple(_told(found, int(row))[0] for row in np.flatnonzero(bad)[:SHOWN])
    if not skip:
        first = _told(found, int(bad.argmax()))
        raise DataError(*first[:-1], replace(first[-1], message=first[-1].message + REMEDY))
    kept = every[~bad]
    inputs = prepare(kept) if len(kept) else {}
    return Chunk(inputs, index[kept], problems=problems, skipped=int(bad.sum()))


def _bad(faults: Sequence[Fault], count: int) -> NDArray[np.bool_]:
    bad = np.zeros(count, bool)
    for fault in faults:
        bad |= fault.rows
    return bad


def _told(faults: Sequence[Fault], row: int) -> list[Problem]:
    """All that is wrong with a row."""
    own = [fault for fault in faults if fault.rows[row]]
    whole = [fault for fault in own if fault.whole]
    told = [fault.told(row) for fault in (whole or own)[:SHOWN]]
    return sorted(told, key=lambda problem: (problem.location and problem.location.column) or 0)


def _goes(prepare: Prepare, rows: Index) -> bool:
    try:
        if len(rows):
            prepare(rows)
    except DataError:
        return False
    return True


def _one_by_one(rows: Index, prepare: Prepare, count: int, *, every: bool) -> Fault:
    """The rows that can't be prepared, or the first: what is wrong with them no closer look has seen."""
    bad, told = np.zeros(count, bool), dict[int, Problem]()
    waiting = [rows]
    while waiting and (every or not told):
        part = waiting.pop()
        try:
            prepare(part)
        except DataError as error:
            if len(part) == 1:
                bad[part] = True
                told[int(part[0])] = error.problems[0]
            else:
                waiting += [part[len(part) // 2 :], part[: len(part) // 2]]
    return Fault(bad, lambda row: told[row])
