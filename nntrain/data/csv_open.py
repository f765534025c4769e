"""CSV files opened: their columns' names, one way to read each column, and all files behind one another."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Column, CsvSource
from nntrain.data import csv_scan
from nntrain.data.csv_read import LOOKED_AT, Block, Layout, guess_numbers, read_numbers, read_texts
from nntrain.data.csv_sheet import Sheet
from nntrain.data.tables.files import SourceFile, check_same_columns, refuse_name
from nntrain.data.tables.unpack import unpacked_size
from nntrain.errors import DataError, Location, Problem, listing

IN_MEMORY = 12
"""Bytes that a number takes: 8 as it is read, 4 once it is prepared."""
MOST_COLUMNS = 100_000
"""Each of them is looked at by itself, which takes a minute for so many."""


@dataclass(frozen=True)
class Opened:
    """One file, of which the first row is known."""

    file: SourceFile
    names: tuple[str, ...]
    first: csv_scan.Record
    layout: Layout


@dataclass(frozen=True)
class _Across:
    """Finds cells of several files by the number of the row over all of them."""

    places: Sequence[tuple[int, csv_scan.Places]]
    """How many rows each file has, and where they are."""

    def __call__(self, row: int, column: str) -> Location:
        """The place of a cell."""
        for rows, places in self.places:
            if row < rows:
                return places(row, column)
            row -= rows
        return Location(self.places[-1][1].shown)


def open_sheet(
    source: CsvSource, files: Sequence[SourceFile], as_text: Collection[Column] | None = None
) -> Sheet:
    """Read all cells of one file or several.

    Args:
        source: Says how the files are written.
        files: At least one; they are there and can be opened.
        as_text: Columns whose texts are needed though they may be numbers: names or positions. None is all.

    Raises:
        DataError: A file is empty or packed as a workbook, has no rows, has ragged rows, is not UTF-8, is
            split by another delimiter, its columns are named twice or not as the config says, or they are not
            those of the first file.
    """
    opened = open_files(source, files)
    blocks = _blocks(opened, as_text)
    return sheet_of(source, opened, [block.rows for block in blocks], *_joined(opened, blocks))


def open_files(source: CsvSource, files: Sequence[SourceFile]) -> list[Opened]:
    """Look at the first row of each file.

    Raises:
        DataError: As `open_sheet` says of first rows.
    """
    opened = [_open(source, file) for file in files]
    for other in opened[1:]:
        check_same_columns(opened[0].file, opened[0].names, other.file, other.names)
    return opened


def sheet_of(
    source: CsvSource,
    opened: Sequence[Opened],
    rows: Sequence[int],
    plain: Mapping[str, NDArray[np.float64]],
    texts: Mapping[str, Any],
) -> Sheet:
    """The columns of all files behind one another, with the places of their cells.

    Raises:
        DataError: A file has no rows.
    """
    names = opened[0].names
    places = []
    for one, count in zip(opened, rows, strict=True):
        check_rows(one.file, count)
        delimiter = one.layout.delimiter
        found = csv_scan.Places(one.file.path, one.file.shown, delimiter, source.header, one.names)
        places.append((count, found))
    header = opened[0].first.fields if source.header else ()
    return Sheet(
        names,
        plain,
        texts,
        places[0][1] if len(places) == 1 else _Across(places),
        sum(rows),
        _header_of_numbers(source, names),
        tuple(name for name, cell in zip(names, header, strict=False) if not cell.strip()),
    )


def check_rows(file: SourceFile, rows: int) -> None:
    """Refuse a file without rows.

    Raises:
        DataError: It has none.
    """
    if not rows:
        message = "0 rows: the file holds its header alone; give one with rows"
        raise DataError(Problem(message, location=Location(file.shown), id="empty"))


def text_positions(names: Sequence[str], as_text: Collection[Column]) -> set[int]:
    """The columns that are named or counted."""
    asked = {*as_text}
    return {i for i, name in enumerate(names) if {name, i, i - len(names)} & asked}


def _open(source: CsvSource, file: SourceFile) -> Opened:
    """Look at the first row of a file."""
    path, shown = file.path, file.shown
    refuse_name(file)
    csv_scan.refuse_zip(path, shown)
    delimiter = delimiter_of(source.delimiter, shown)
    _check_delimiter(delimiter)
    first = next(csv_scan.records(path, delimiter, shown), None)
    if first is None:
        raise DataError(
            Problem("the file is empty; give one with rows", location=Location(shown), id="empty")
        )
    if len(first.fields) == 1:
        raise _one_column(delimiter, file, first.fields[0])
    names = names_of(source, delimiter, shown, first)
    missing = tuple(marker.strip() for marker in source.missing)
    layout = Layout(delimiter, first if source.header else None, len(names), missing)
    return Opened(file, names, first, layout)


def delimiter_of(given: str | None, name: str) -> str:
    """The character between two cells of a file: the one that is given, else as the file's name says."""
    if given is not None:
        return given
    return "\t" if name.lower().removesuffix(".gz").endswith(".tsv") else ","


def _blocks(opened: Sequence[Opened], as_text: Collection[Column] | None) -> list[Block]:
    """The cells of each file; a column is of numbers in all of them or in none."""
    files = [(one.file.path, one.file.shown, one.layout) for one in opened]
    numeric: set[str] = set()
    if as_text is not None:
        names = opened[0].names
        numeric = {names[i] for i in guess_numbers(*files[0], text_positions(names, as_text))}
    blocks: list[Block] = []
    for one, file in zip(opened, files, strict=True):
        positions = [i for i, name in enumerate(one.names) if name in numeric]
        block = read_numbers(*file, positions) if numeric else None
        if block is None:
            return [read_texts(*file) for file in files]
        blocks.append(block)
    return blocks


def _joined(
    opened: Sequence[Opened], blocks: Sequence[Block]
) -> tuple[dict[str, NDArray[np.float64]], dict[str, Any]]:
    """The columns of all files behind one another: plain numbers, and texts."""
    import pyarrow as pa

    plain: dict[str, NDArray[np.float64]] = {}
    texts: dict[str, Any] = {}
    where = [{name: i for i, name in enumerate(one.names)} for one in opened]
    for name in opened[0].names:
        positions = [places[name] for places in where]
        if positions[0] in blocks[0].numbers:
            parts = [block.numbers[i] for i, block in zip(positions, blocks, strict=True)]
            plain[name] = parts[0] if len(parts) == 1 else np.concatenate(parts)
        else:
            columns = [block.texts[i] for i, block in zip(positions, blocks, strict=True)]
            chunks = [chunk for column in columns for chunk in column.chunks]
            texts[name] = columns[0] if len(columns) == 1 else pa.chunked_array(chunks, pa.string())
    return plain, texts


def _check_delimiter(delimiter: str) -> None:
    if delimiter in '"\r\n' or not delimiter.isascii():
        message = f"{delimiter!r} can't separate cells; name a character like ',' ';' '\\t' or '|'"
        raise DataError(Problem(message, ("data", "delimiter"), id="delimiter"))


def _one_column(delimiter: str, file: SourceFile, cell: str) -> DataError:
    better = csv_scan.better_delimiter(file.path, delimiter, file.shown)
    start = cell if len(cell) <= 40 else cell[:37] + "..."
    message = f"the file has one column ('{start}')"
    if better:
        message += f'; data.delimiter: "{better[0]}" would give {better[1]}'
    else:
        message += "; a feature and the target make at least two"
    return DataError(Problem(message, location=Location(file.shown), id="delimiter"))


def names_of(source: CsvSource, delimiter: str, shown: str, first: csv_scan.Record) -> tuple[str, ...]:
    """The columns' names: from the header, the config, or their positions."""
    count = len(first.fields)
    if count > MOST_COLUMNS:
        message = (
            f"the file has {count:,} columns, and at most {MOST_COLUMNS:,} are read; keep so many numbers as "
            "one array in a .npz file, and name it with data.type: npz"
        )
        raise DataError(Problem(message, location=Location(shown), id="columns"))
    if source.columns is not None and len(source.columns) != count:
        message = f"names {len(source.columns)} columns; '{shown}' has {count}"
        raise DataError(Problem(message, ("data", "columns"), id="columns"))
    given = first.fields if source.header else source.columns or [""] * count
    names = tuple(name.strip() or f"c{i}" for i, name in enumerate(given))
    seen: dict[str, int] = {}
    for position, name in enumerate(names):
        if name in seen:
            message = f"two columns are named '{name}': positions {seen[name]} and {position} (from 0)"
            if not source.header:
                message += "; rename one of them"
                raise DataError(Problem(message, ("data", "columns"), id="duplicate_column"))
            if all(map(_is_number, names)):
                message += "; the first line holds numbers alone: if it is data, add data.header: false"
            else:
                message += "; rename one of them"
            location = first.place(shown, delimiter, position)
            raise DataError(Problem(message, location=location, id="duplicate_column"))
        seen[name] = position
    return names


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _header_of_numbers(source: CsvSource, names: tuple[str, ...]) -> tuple[str, ...]:
    """A note when the header may well be the first row of data."""
    counted = names == tuple(str(i) for i in range(len(names)))
    if not source.header or counted or not all(map(_is_number, names)):
        return ()
    first = listing(names, 4)
    return (f"the first line ({first}) was read as column names; if it is data, add data.header: false",)


def memory_of(source: CsvSource, files: Sequence[SourceFile]) -> int:
    """Bytes that the numbers of files would take in memory, by the length of their first rows.

    Raises:
        DataError: As `open_sheet` says of first rows.
    """
    (one,) = open_files(source, files[:1])
    rows = islice(csv_scan.records(one.file.path, one.layout.delimiter, one.file.shown), LOOKED_AT)
    length = np.mean([sum(len(line) for line in record.text) for record in rows])
    total = sum(unpacked_size(file.path, file.shown) for file in files)
    return int(total / length * one.layout.width * IN_MEMORY)
