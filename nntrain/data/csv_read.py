"""The cells of one CSV file by Arrow: as numbers where they are plain ones, else as texts."""

from __future__ import annotations

import mmap
import re
from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.data import csv_scan
from nntrain.data.by_twos import by_twos
from nntrain.data.tables import arrow
from nntrain.data.tables.cells import FLOAT32_MAX
from nntrain.data.tables.unpack import is_packed, open_bytes
from nntrain.errors import DataError, Location, Problem

PLAIN = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
"""A number as every reader understands it."""
LOOKED_AT = 64
"""Rows by which columns of numbers are guessed."""


@dataclass(frozen=True)
class Layout:
    """How a file is written."""

    delimiter: str
    header: csv_scan.Record | None
    """The first row, where it holds the columns' names."""
    width: int
    """How many columns there are."""
    missing: tuple[str, ...]
    """The markers of a missing value, without spaces around them."""


@dataclass(frozen=True)
class Block:
    """The cells of one file, by the position of their column."""

    rows: int
    numbers: dict[int, NDArray[np.float64]]
    """Columns of plain numbers; NaN where a cell is missing."""
    texts: dict[int, Any]
    """The other columns, Arrow arrays of trimmed texts; null where a cell is missing."""


def guess_numbers(file: Path, shown: str, layout: Layout, as_text: Collection[int]) -> tuple[int, ...]:
    """The columns that begin with plain numbers, as far as the first rows tell."""
    if layout.header is not None and (layout.header.line, len(layout.header.text)) != (1, 1):
        return ()
    if any(PLAIN.fullmatch(marker) for marker in layout.missing):
        return ()  # with a space before it, such a marker would be taken for a number
    first = int(layout.header is not None)
    rows = [r.fields for r in islice(csv_scan.records(file, layout.delimiter, shown), first, LOOKED_AT)]
    if any(len(fields) != layout.width for fields in rows):
        return ()
    return tuple(
        i
        for i in range(layout.width)
        if i not in as_text and _are_numbers([f[i] for f in rows], layout.missing)
    )


def _are_numbers(cells: Sequence[str], missing: Collection[str]) -> bool:
    present = [cell.strip() for cell in cells if cell.strip() not in missing]
    return bool(present) and all(map(PLAIN.fullmatch, present))


def read_numbers(file: Path, shown: str, layout: Layout, numeric: Collection[int]) -> Block | None:
    """Read a file, these columns at once as numbers.

    Returns:
        None where a cell of theirs is no plain finite number, or the file is damaged: read it as texts then,
        and find out what there is to say.
    """
    import pyarrow as pa

    quoted = has_quotes(file, shown, layout)
    types = {**dict.fromkeys(range(layout.width), pa.string()), **dict.fromkeys(numeric, pa.float64())}
    try:
        table = _table(file, shown, layout, types, quoted=quoted, skip=int(layout.header is not None))
    except pa.ArrowInvalid:
        return None
    if quoted and len(numeric) < layout.width and runs_over_lines(table):
        return None
    found = by_twos(lambda i: _plain(table.column(i)), numeric, len(numeric) * table.num_rows)
    numbers = {i: values for i, values in zip(numeric, found, strict=True) if values is not None}
    if len(numbers) < len(numeric):
        return None
    texts = {i: marked(table.column(i), layout.missing) for i in types if i not in numbers}
    return Block(table.num_rows, numbers, texts)


def _plain(column: Any) -> NDArray[np.float64] | None:
    """A column of numbers as an array, if `are_plain` says so."""
    values = arrow.numbers(column)
    return values if are_plain(values, column.null_count) else None


def are_plain(values: NDArray[np.float64], missing: int) -> bool:
    """Whether all values but those that are missing are numbers that 32 bits can hold."""
    if missing:
        if int(np.isnan(values).sum()) != missing:
            return False
        low, high = np.fmin.reduce(values), np.fmax.reduce(values)
        return missing == len(values) or bool(low >= -FLOAT32_MAX and high <= FLOAT32_MAX)
    return not len(values) or bool(values.min() >= -FLOAT32_MAX and values.max() <= FLOAT32_MAX)


def has_quotes(file: Path, shown: str, layout: Layout) -> bool:
    """Whether a quote may stand in the file, behind its header."""
    if is_packed(file, shown):
        return True
    start = 0 if layout.header is None else len(layout.header.text[0].encode())
    with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(b'"', start) >= 0


def read_texts(file: Path, shown: str, layout: Layout) -> Block:
    """Read a file, every column as texts.

    Raises:
        DataError: The file has ragged rows, is damaged or not UTF-8, or a quote is left open.
    """
    import pyarrow as pa

    types = dict.fromkeys(range(layout.width), pa.string())
    try:
        table = _table(file, shown, layout, types, quoted=True, skip=0)
    except pa.ArrowInvalid as error:
        raise unreadable(file, shown, layout, error) from None
    table = table.slice(int(layout.header is not None))
    if runs_over_lines(table):
        unclosed = csv_scan.unclosed_quote(file, layout.delimiter, shown)
        if unclosed is not None:
            raise unclosed
    texts = {i: marked(table.column(i), layout.missing) for i in types}
    return Block(table.num_rows, {}, texts)


def unreadable(file: Path, shown: str, layout: Layout, error: Exception) -> DataError:
    """Why a file can't be read, though each cell is taken for a text."""
    ragged = csv_scan.ragged_row(file, layout.delimiter, shown, layout.width)
    if ragged is not None:
        return ragged
    message = f"the file can't be read: {error}"
    return DataError(Problem(message, location=Location(shown), id="csv"))


def _table(file: Path, shown: str, layout: Layout, types: dict[int, Any], *, quoted: bool, skip: int) -> Any:
    from pyarrow import csv

    with open_bytes(file, shown) if is_packed(file, shown) else nullcontext(str(file)) as content:
        return csv.read_csv(content, **arrow_options(layout, types, quoted=quoted, skip=skip))


def arrow_options(layout: Layout, types: dict[int, Any], *, quoted: bool, skip: int) -> dict[str, Any]:
    """How Arrow is to read a file: the types of its columns by position, and how many lines are no rows."""
    from pyarrow import csv

    names = [str(i) for i in types]
    return {
        # Cells of several lines are found block by block, in order; without quotes there are none.
        "read_options": csv.ReadOptions(
            column_names=names, block_size=1 << 24 if quoted else 1 << 22, skip_rows=skip
        ),
        "parse_options": csv.ParseOptions(
            delimiter=layout.delimiter, quote_char='"' if quoted else False, newlines_in_values=quoted
        ),
        "convert_options": csv.ConvertOptions(
            column_types=dict(zip(names, types.values(), strict=True)),
            null_values=list(layout.missing),
            strings_can_be_null=False,
        ),
    }


def runs_over_lines(table: Any) -> bool:
    """Whether a cell of the last row holds a line break, as it does where a quote is not closed."""
    last = table.slice(max(0, table.num_rows - 1)).to_pylist()
    cells = [cell for row in last for cell in row.values() if isinstance(cell, str)]
    return any("\n" in cell or "\r" in cell for cell in cells)


def marked(column: Any, missing: Sequence[str]) -> Any:
    """The cells without surrounding spaces; null in place of each marker of a missing value."""
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(column)
    return pc.if_else(pc.is_in(trimmed, value_set=arrow.strings(missing)), arrow.no_text(), trimmed)
