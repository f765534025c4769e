"""Sequences of whole numbers with their targets, from .npz, JSON lines or CSV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from nntrain.config.data import INPUT, TARGET, CsvSource, SequenceSource
from nntrain.data import csv_file
from nntrain.data.dataset import Array, Part, Raw, Table, TargetOrigin
from nntrain.data.files import check_file, resolve
from nntrain.data.kind import Index
from nntrain.data.npz_arrays import read_arrays
from nntrain.data.npz_file import make_part
from nntrain.data.sequences.features import Sequences
from nntrain.data.sequences.json_lines import read_lines
from nntrain.errors import DataError, KeyPath, Location, Problem

LARGEST = int(np.iinfo(np.int32).max)
JSON_SUFFIXES = (".jsonl", ".ndjson", ".json")
Where = Callable[[int], tuple[Location, str]]


def load(source: SequenceSource, base: Path) -> Raw:
    """Read the file that a config in the folder `base` names.

    Raises:
        DataError: It is missing, or does not hold sequences and targets.
        MachineError: It may not be read.
    """
    file = resolve(source.path, base)
    check_file(file, source.path, ("data", "path"))
    return _read(source, file, source.path)


def load_new(
    source: SequenceSource, file: Path, shown: str
) -> tuple[Part, dict[str, TargetOrigin], tuple[str, ...]]:
    """New sequences with their targets, in a file with the run's names.

    Raises:
        DataError: It is missing, or does not hold sequences and targets.
        MachineError: It may not be read.
    """
    check_file(file, shown, ())
    try:
        raw = _read(source, file, shown)
    except DataError as error:
        found = (p if p.location else replace(p, key=(), location=Location(shown)) for p in error.problems)
        raise DataError(*found) from None
    return raw.rows, {name: replace(origin, key=()) for name, origin in raw.targets.items()}, raw.notes


def _read(source: SequenceSource, file: Path, shown: str) -> Raw:
    suffix = file.suffix.lower()
    if suffix == ".npz":
        return _npz(source, file, shown)
    return _json(source, file, shown) if suffix in JSON_SUFFIXES else _csv(source, file, shown)


def _raw(
    features: Sequences, target: Array, origin: TargetOrigin, shown: str, notes: tuple[str, ...] = ()
) -> Raw:
    low, high = int(features.lengths.min()), int(features.lengths.max())
    described = f"{low:,} to {high:,}" if low < high else f"{low:,}"
    return Raw(
        Part({INPUT: features}, {TARGET: target}),
        targets={TARGET: origin},
        description=f"{shown}: {len(features):,} sequences of {described} numbers",
        notes=notes,
    )


def _csv(source: SequenceSource, file: Path, shown: str) -> Raw:
    table = CsvSource(
        type="csv",
        path=source.path,
        inputs={INPUT: (source.x,)},
        target=source.y,
        categorical=(source.x,),
        delimiter=source.delimiter,
        missing=("",),
    )
    try:
        raw = csv_file.read(table, file, shown)
    except DataError as error:
        raise DataError(*dict.fromkeys(map(_renamed, error.problems))) from None
    cells = raw.rows.features
    assert isinstance(cells, Table)
    where = cells.where
    assert where is not None

    def place(row: int) -> tuple[Location, str]:
        return where(row, source.x), ""

    rows = [whole_numbers(cell or "", i, place) for i, cell in enumerate(cells.categorical[source.x])]
    return _raw(of_rows(rows, place, source), raw.rows.target, raw.targets[TARGET], shown, raw.notes)


def _renamed(problem: Problem) -> Problem:
    """The problem with the key of this section in place of that of a table."""
    names: dict[KeyPath, KeyPath] = {
        ("data", "inputs", INPUT, 0): ("data", "x"),
        ("data", "categorical", 0): ("data", "x"),
        ("data", "target"): ("data", "y"),
    }
    return replace(problem, key=names.get(problem.key, problem.key))


def whole_numbers(cell: str, row: int, where: Where) -> list[int]:
    """The whole numbers of a cell."""
    found = []
    for word in cell.split():
        try:
            found.append(int(word))
        except ValueError:
            message = f"'{word}' is no whole number; a sequence is whole numbers with spaces between them"
            raise DataError(Problem(message, location=where(row)[0], id="not_whole")) from None
    return found


def _json(source: SequenceSource, file: Path, shown: str) -> Raw:
    rows, target, lines = read_lines(source, file, shown)

    def place(row: int) -> tuple[Location, str]:
        return Location(shown, lines[row]), ""

    origin = TargetOrigin(("data", "y"), (source.y,))
    return _raw(of_rows(rows, place, source), target, origin, shown)


def of_rows(rows: list[list[int]], where: Where, source: SequenceSource) -> Sequences:
    """Lists of numbers as sequences, checked."""
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    for i, row in enumerate(rows):
        if row and max(row) > LARGEST:  # before NumPy is asked to hold it
            raise _wrong_number(max(row), i, where)
        if row and min(row) < 0:
            raise _wrong_number(min(row), i, where)
    flat = np.fromiter((number for row in rows for number in row), np.int32, int(lengths.sum()))
    return _checked(flat, np.cumsum(lengths) - lengths, lengths, where, source)


def _npz(source: SequenceSource, file: Path, shown: str) -> Raw:
    name = source.offsets or source.lengths or "lengths"
    key = ("data", "offsets" if source.offsets else "lengths")
    arrays = read_arrays(file, shown, {source.x: ("data", "x"), name: key, source.y: ("data", "y")})
    flat, given = arrays[source.x], arrays[name]
    for array, called in ((flat, source.x), (given, name)):
        if array.dtype.kind not in "iu" or array.ndim != 1:
            message = f"array '{called}' must hold whole numbers in one row, not {array.dtype} {array.shape}"
            raise _error(message, shown)
    lengths = _lengths(flat, given.astype(np.int64), name, source, len(arrays[source.y]), shown)
    part = make_part({**arrays, name: lengths}, {INPUT: name}, {TARGET: source.y}, shown)
    starts = np.cumsum(lengths) - lengths

    def place(row: int) -> tuple[Location, str]:
        return Location(shown), f" in row {row} (from 0)"

    for wrong in ((flat < 0), (flat > LARGEST)):
        if wrong.any():
            at = int(wrong.argmax())
            raise _wrong_number(int(flat[at]), int(np.searchsorted(starts, at, side="right")) - 1, place)
    sequences = _checked(flat.astype(np.int32), starts, lengths, place, source)
    return _raw(sequences, part.target, TargetOrigin(("data", "y"), (source.y,)), shown)


def _lengths(flat: Array, given: Index, name: str, source: SequenceSource, rows: int, shown: str) -> Index:
    """The lengths of the sequences, which make up the whole flat array."""
    if source.offsets is None:
        if (given < 0).any() or int(given.sum()) != len(flat):
            message = f"the lengths in '{name}' add up to {int(given.sum()):,}, and '{source.x}' has "
            raise _error(f"{message}{len(flat):,} numbers", shown)
        return given
    ends = given[1:] if len(given) == rows + 1 else np.append(given[1:], len(flat))
    starts = given[: len(ends)]
    whole = len(given) > 0 and given[0] == 0 and ends[-1] == len(flat) and (ends >= starts).all()
    if not whole:
        message = f"the offsets in '{name}' must begin with 0 and ascend to the {len(flat):,} numbers of "
        raise _error(f"{message}'{source.x}'", shown)
    return ends - starts


def _checked(flat: Array, starts: Index, lengths: Index, where: Where, source: SequenceSource) -> Sequences:
    empty = np.flatnonzero(lengths == 0)
    if len(empty):
        location, row = where(int(empty[0]))
        first = row or " here"
        count = f"{len(empty)} of {len(lengths)} sequences {'is' if len(empty) == 1 else 'are'} empty"
        message = f"{count}, the first{first}; take the row out"
        raise DataError(Problem(message, location=location, id="empty_sequence"))
    return Sequences(flat, starts, lengths, np.arange(len(starts)), where, source)


def _wrong_number(number: int, row: int, where: Where) -> DataError:
    location, words = where(row)
    which = "is negative" if number < 0 else "is more than a 32-bit number can be"
    message = f"the number {number}{words} {which}; an Embedding layer looks up numbers from 0"
    return DataError(Problem(message, location=location, id="number_range"))


def _error(message: str, shown: str) -> DataError:
    return DataError(Problem(message, location=Location(shown), id="array"))
