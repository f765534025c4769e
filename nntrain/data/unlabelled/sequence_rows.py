"""Sequences without targets: JSON lines, a column of CSV, or a flat array of an .npz file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import numpy as np

from nntrain.config.data import SequenceSource
from nntrain.data.dataset import Array, Index
from nntrain.data.npz_arrays import read_arrays
from nntrain.data.sequences.features import SequenceState
from nntrain.data.sequences.json_lines import line_object, sequence_of, value_of
from nntrain.data.sequences.load import LARGEST, of_rows, whole_numbers
from nntrain.data.streaming.features import chunk_rows
from nntrain.data.unlabelled.blocks import blocks
from nntrain.data.unlabelled.chunk import Chunk, Fault, NewRows, sifted
from nntrain.errors import DataError, Location, Problem

Row = list[int] | Problem
"""A sequence, or why there is none."""
Place = Callable[[int], Location]
"""The place of a row, by its position."""


def json_sequences(
    source: SequenceSource, name: str, state: SequenceState, stream: IO[bytes], shown: str, skip: bool
) -> Iterator[Chunk]:
    """JSON lines such as `{"x": [4, 7]}`.

    Raises:
        DataError: There are no lines, or one is no such object.
    """
    first = 0
    for block in blocks(stream, quotes=False):
        lines = enumerate(block.text(shown).splitlines(), block.line)
        places = [(Location(shown, number, None, line), line) for number, line in lines if line.strip()]
        rows = [_of_line(line, source.x, place) for place, line in places]

        def where(row: int, places: Sequence[tuple[Location, str]] = places) -> Location:
            return places[row][0]

        yield from of_sequences(source, name, state, rows, first, where, skip, block.done)
        first += len(rows)
    if not first:
        raise DataError(
            Problem("the file is empty; give one with rows", location=Location(shown), id="empty")
        )


def _of_line(line: str, key: str, place: Location) -> Row:
    try:
        return sequence_of(value_of(line_object(line, place), key, place), key, place)
    except DataError as error:
        return error.problems[0]


def of_cells(cells: Array, where: Place) -> list[Row]:
    """Cells of whole numbers with spaces between them."""
    found: list[Row] = []
    for row, cell in enumerate(cells.tolist()):
        try:
            found.append(whole_numbers(cell or "", row, lambda at: (where(at), "")))
        except DataError as error:
            found.append(error.problems[0])
    return found


def of_sequences(
    source: SequenceSource,
    name: str,
    state: SequenceState,
    rows: Sequence[Row],
    first: int,
    where: Place,
    skip: bool,
    done: int,
) -> Iterator[Chunk]:
    """Sequences as the model takes them, in portions that fit into memory.

    Args:
        source: The run's `data:` section.
        name: The input's.
        state: What its training rows taught.
        rows: Sequences, and what is wrong with those that could not be read.
        first: The row number in the input of the first.
        where: The place of each.
        skip: Whether bad rows are left out.
        done: How much of the input is read with them.

    Raises:
        DataError: A row is no good, and such are not to be left out.
    """
    told = [row if isinstance(row, Problem) else _wrong(row, i, state, where) for i, row in enumerate(rows)]
    step = chunk_rows(4 * state.length)
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        own = told[start : start + step]
        bad = np.fromiter((problem is not None for problem in own), bool, len(own))
        index = np.arange(first + start, first + start + len(part))

        def prepare(chosen: Index, part: Sequence[Row] = part) -> dict[str, Array]:
            held = [row for i in chosen.tolist() if isinstance(row := part[i], list)]
            return {name: state.apply(of_rows(held, lambda at: (where(at), ""), source))}

        def problem(row: int, own: Sequence[Problem | None] = own) -> Problem:
            found = own[row]
            assert found is not None
            return found

        chunk = sifted(index, [Fault(bad, problem)] if bad.any() else [], prepare, list, skip)
        yield Chunk(chunk.inputs, chunk.index, {}, chunk.problems, chunk.skipped, done)


def _wrong(row: list[int], position: int, state: SequenceState, where: Place) -> Problem | None:
    """What is wrong with a sequence that was read."""
    if not row:
        return Problem("the sequence is empty", location=where(position), id="empty_sequence")
    low, high = min(row), max(row)
    if low < 0:
        message = f"the number {low} is negative; the run looks up numbers from 0"
        return Problem(message, location=where(position), id="number_range")
    if high > LARGEST or (state.unknown is None and high >= state.numbers):
        message = f"the number {high} is higher than those that the run knows, 0 to {state.numbers - 1}"
        return Problem(message, location=where(position), id="too_high")
    return None


def npz_sequences(
    source: SequenceSource, name: str, state: SequenceState, file: Path, shown: str, skip: bool
) -> NewRows:
    """A flat array, and an array of lengths or offsets that says where each sequence ends.

    Raises:
        DataError: The file is damaged, lacks an array, or the lengths do not add up.
    """
    ends_name = source.offsets or source.lengths or "lengths"
    arrays = read_arrays(file, shown, {source.x: (), ends_name: ()})
    flat, given = arrays[source.x], arrays[ends_name]
    for called, array in ((source.x, flat), (ends_name, given)):
        if array.ndim != 1 or array.dtype.kind not in "iu":
            message = f"array '{called}' must hold whole numbers in one row, not {array.dtype} {array.shape}"
            raise DataError(Problem(message, location=Location(shown), id="array"))
    counts = given.astype(np.int64)
    if source.offsets is not None:
        whole = counts if len(counts) and counts[-1] == len(flat) else np.append(counts, len(flat))
        counts = np.diff(whole) if whole[0] == 0 else np.array([-1])
    if (counts < 0).any() or int(counts.sum()) != len(flat) or not len(counts):
        message = f"array '{ends_name}' does not say where the {len(flat):,} numbers of '{source.x}' end"
        raise DataError(Problem(message, location=Location(shown), id="array"))
    rows = [part.tolist() for part in np.split(flat, np.cumsum(counts)[:-1])]

    def where(row: int) -> Location:
        return Location(f"{shown}, row {row} (from 0)")

    return NewRows(of_sequences(source, name, state, rows, 0, where, skip, len(rows)), len(rows))
