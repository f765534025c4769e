"""The cells of a CSV file as columns of texts, and what numbers those texts are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import CsvSource
from nntrain.data import csv_scan
from nntrain.data.files import check_memory
from nntrain.errors import DataError, Location, Problem, listing

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(?i:inf|infinity)$"
FLOAT32_MAX = float(np.finfo(np.float32).max)
SHOWN_PROBLEMS = 8


@dataclass(frozen=True)
class Sheet:
    """A file's columns, trimmed of spaces, missing cells marked."""

    names: tuple[str, ...]
    columns: Mapping[str, Any]
    """Arrow arrays of texts by column; null where the cell is missing."""
    where: csv_scan.Places
    rows: int
    notes: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()
    """Columns whose cell of the header is empty, called by their position."""
    settled: bool = False
    """Whether a finished run has settled which columns are numbers."""

    def looks_like_text(self, name: str) -> bool:
        """Whether fewer than half of the cells that are present are numbers."""
        numbers, unreadable = _parse(self.columns[name])
        bad = int(unreadable.sum())
        return bad > int((~np.isnan(numbers)).sum())

    def texts(self, name: str) -> NDArray[np.object_]:
        """A column as texts, shape `(rows,)`; None where the cell is missing."""
        values: NDArray[np.object_] = self.columns[name].to_numpy()
        return values

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as numbers, shape `(rows,)`; NaN where the cell is missing.

        Raises:
            DataError: Cells that are no numbers, or too large for 32 bits.
        """
        numbers, unreadable = _parse(self.columns[name])
        if unreadable.any():
            row, count = int(unreadable.argmax()), int(unreadable.sum())
            cell = str(self.columns[name][row])
            message = f"column '{name}': '{cell}' is not a number ({_of(count, self.rows)}); " + (
                "the run was trained on numbers here"
                if self.settled
                else f"read the column as text with data.categorical: [{name}], "
                f"or add '{cell}' to data.missing"
            )
            raise DataError(Problem(message, location=self.where(row, name), id="not_a_number"))
        with np.errstate(invalid="ignore"):
            excessive = np.abs(numbers) > FLOAT32_MAX
        if excessive.any():
            row, count = int(excessive.argmax()), int(excessive.sum())
            cell = str(self.columns[name][row])
            size = "not a finite number" if "inf" in cell.lower() else "more than a 32-bit number can hold"
            message = f"column '{name}': '{cell}' is {size} ({_of(count, self.rows)}); " + (
                "mend the cell" if self.settled else f"mend the cell, or add '{cell}' to data.missing"
            )
            raise DataError(Problem(message, location=self.where(row, name), id="too_large_a_number"))
        return numbers


def _of(count: int, rows: int) -> str:
    return f"{count} of {rows} cells"


def _parse(column: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Numbers, NaN where a cell is missing or unreadable; and which cells are present but unreadable."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        values = pc.cast(column, pa.float64())
    except pa.ArrowInvalid:
        readable = pc.match_substring_regex(column, NUMBER)
        values = pc.cast(pc.if_else(readable, column, None), pa.float64())
    numbers = values.to_numpy()
    present = pc.is_valid(column).to_numpy()
    return numbers, present & np.isnan(numbers)


def open_sheet(source: CsvSource, file: Path, shown: str) -> Sheet:
    """Read all cells of a file.

    Args:
        source: Says how the file is written.
        file: The path as resolved; it is there and can be opened.
        shown: The path as the user wrote it.

    Raises:
        DataError: The file is empty or packed, has no rows, has ragged rows, is not UTF-8, is split by
            another delimiter, or its columns are named twice or not as the config says.
    """
    check_memory(file.stat().st_size, "the file takes at least", shown)
    csv_scan.refuse_zip(file, shown)
    _check_delimiter(source.delimiter)
    first = next(csv_scan.records(file, source.delimiter, shown), None)
    if first is None:
        raise DataError(Problem("the file is empty", location=Location(shown), id="empty"))
    if len(first.fields) == 1:
        raise _one_column(source, file, shown, first.fields[0])
    names = _names(source, shown, first)
    table = _read(file, shown, source.delimiter, len(names)).slice(int(source.header))
    _check_end(table, source, file, shown)
    if not table.num_rows:
        message = "0 rows: the file holds its header alone"
        raise DataError(Problem(message, location=Location(shown), id="empty"))
    columns = {name: _marked(table.column(i), source.missing) for i, name in enumerate(names)}
    places = csv_scan.Places(file, shown, source.delimiter, source.header, names)
    header = first.fields if source.header else ()
    nameless = tuple(name for name, cell in zip(names, header, strict=False) if not cell.strip())
    return Sheet(names, columns, places, table.num_rows, _header_of_numbers(source, names), nameless)


def _check_delimiter(delimiter: str) -> None:
    if delimiter in '"\r\n' or not delimiter.isascii():
        message = f"{delimiter!r} can't separate cells; name a character like ',' ';' '\\t' or '|'"
        raise DataError(Problem(message, ("data", "delimiter"), id="delimiter"))


def _one_column(source: CsvSource, file: Path, shown: str, cell: str) -> DataError:
    better = csv_scan.better_delimiter(file, source.delimiter, shown)
    start = cell if len(cell) <= 40 else cell[:37] + "..."
    message = f"the file has one column ('{start}')"
    if better:
        message += f'; data.delimiter: "{better[0]}" would give {better[1]}'
    else:
        message += "; a feature and the target make at least two"
    return DataError(Problem(message, location=Location(shown), id="delimiter"))


def _names(source: CsvSource, shown: str, first: csv_scan.Record) -> tuple[str, ...]:
    """The columns' names: from the header, the config, or their positions."""
    count = len(first.fields)
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
                raise DataError(Problem(message, ("data", "columns"), id="duplicate_column"))
            if all(map(_is_number, names)):
                message += "; the first line holds numbers alone: if it is data, add data.header: false"
            location = first.place(shown, source.delimiter, position)
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


def _read(file: Path, shown: str, delimiter: str, count: int) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    names = [str(i) for i in range(count)]
    try:
        with file.open("rb") as stream:  # an open file, because Arrow would unpack a path ending in .gz
            return csv.read_csv(
                stream,
                read_options=csv.ReadOptions(column_names=names, block_size=1 << 24),
                parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
                convert_options=csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    strings_can_be_null=False,
                ),
            )
    except pa.ArrowInvalid as error:
        ragged = csv_scan.ragged_row(file, delimiter, shown, count)
        if ragged is not None:
            raise ragged from None
        message = f"the file can't be read: {error}"
        raise DataError(Problem(message, location=Location(shown), id="csv")) from None


def _check_end(table: Any, source: CsvSource, file: Path, shown: str) -> None:
    """Refuse a file whose last row runs over several lines because its quote is not closed."""
    last = table.slice(max(0, table.num_rows - 1)).to_pylist()
    if any("\n" in cell or "\r" in cell for row in last for cell in row.values()):
        unclosed = csv_scan.unclosed_quote(file, source.delimiter, shown)
        if unclosed is not None:
            raise unclosed


def _marked(column: Any, missing: Sequence[str]) -> Any:
    """The cells without surrounding spaces; null in place of each marker of a missing value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(column)
    markers = pa.array([marker.strip() for marker in missing], pa.string())
    return pc.if_else(pc.is_in(trimmed, value_set=markers), None, trimmed)
