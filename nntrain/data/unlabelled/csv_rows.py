"""CSV rows from a file or a pipe, block by block, found by the names of their columns."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Any

import numpy as np

from nntrain.config.data import CsvSource
from nntrain.data.csv_open import names_of
from nntrain.data.csv_read import Layout, are_plain, arrow_options, marked, runs_over_lines
from nntrain.data.csv_scan import Record, left_open, records_in
from nntrain.data.new_tables import missing
from nntrain.data.tables import arrow
from nntrain.data.unlabelled.blocks import Block, blocks
from nntrain.data.unlabelled.cells import Read, Wanted
from nntrain.data.unlabelled.chunk import Fault
from nntrain.errors import DataError, Location, Problem, listing

STDIN = "standard input"
"""What messages call it."""


class OtherColumns(DataError):
    """Columns that a run reads are not there."""

    def __init__(self, *problems: Problem | str, names: Sequence[str] = ()) -> None:
        """Take what is wrong, and the columns that are there."""
        super().__init__(*problems)
        self.names = tuple(names)


@dataclass(frozen=True)
class Columns:
    """What a run has to do with a file's columns."""

    wanted: Wanted
    targets: tuple[str, ...]
    """Those that it predicts, which may be there."""
    ignored: tuple[str, ...] = ()
    """Those that its config leaves out."""

    def check(self, names: Sequence[str], shown: str) -> str:
        """Refuse a file that lacks a column.

        Returns:
            A note on those that nothing reads, or nothing.

        Raises:
            DataError: Naming every column that is not there.
        """
        order = self.wanted.order
        absent = [name for name in order if name not in names]
        if absent:
            raise OtherColumns(missing(absent, names, shown, features=order), names=names)
        known = {*order, *self.targets, *self.ignored}
        extra = [name for name in names if name not in known]
        return f"columns that the run does not use were ignored: {listing(extra)}" if extra else ""


class CsvRows:
    """The rows of a stream of CSV."""

    def __init__(
        self,
        source: CsvSource,
        delimiter: str,
        columns: Callable[[Sequence[str]], Columns],
        stream: IO[bytes],
        shown: str,
        note: Callable[[str], None],
    ) -> None:
        """Look at the header.

        Args:
            source: Says how the cells are written.
            delimiter: Stands between two cells.
            columns: What the run reads, given the names of the file's columns.
            stream: The content, unpacked.
            shown: The file as the user wrote it, or `STDIN`.
            note: Is told what the user should know.

        Raises:
            DataError: There is nothing in it, or it lacks a column.
        """
        self._shown = shown
        self._blocks = blocks(stream, quotes=True)
        self._begun = next(self._blocks, None)
        first = None if self._begun is None else next(_records(self._begun, delimiter, shown), None)
        if first is None:
            message = (
                "nothing was written to it" if shown == STDIN else "the file is empty; give one with rows"
            )
            raise DataError(Problem(message, location=Location(shown), id="empty"))
        names = _names(source, delimiter, shown, first)
        found = columns(names)
        self.names, self._wanted = names, found.wanted
        extra = found.check(names, shown)
        if extra:
            note(extra)
        markers = tuple(marker.strip() for marker in source.missing)
        self._layout = Layout(delimiter, first if source.header else None, len(names), markers)

    def read(self) -> Iterator[tuple[Read, int]]:
        """The cells of each block, and the bytes up to its end.

        Raises:
            DataError: There are no rows, it is not UTF-8, or a quote is left open.
        """
        row = 0
        for block in self._whole():
            found = self._cells(block, row)
            row += found.rows
            if found.rows:
                yield found, block.done
        if not row:
            message = "0 rows: the file holds its header alone; give one with rows"
            raise DataError(Problem(message, location=Location(self._shown), id="empty"))

    def _whole(self) -> Iterator[Block]:
        """The blocks, the header taken off."""
        assert self._begun is not None
        block, header = self._begun, self._layout.header
        self._begun = None
        if header is not None:
            lines = io.StringIO(block.text(self._shown), newline="")
            skipped = header.line - 1 + len(header.text)
            for _ in range(skipped):
                lines.readline()
            rest = lines.read().encode()
            block = Block(rest, block.line + skipped, block.done, block.last)
        if block.content:
            yield block
        yield from self._blocks

    def _cells(self, block: Block, first: int) -> Read:
        """The cells of a block: by Arrow, and row by row where there is something wrong."""
        if block.content.isspace():
            return Read(self._wanted, first, 0, {}, {}, lambda row, column: Location(self._shown))
        plain = [n for n in self._wanted.order if n not in self._wanted.texts and n not in self._wanted.dates]
        for numbers in (plain, []):
            table = self._parsed(block, numbers)
            if table is None:
                continue
            values = {name: arrow.numbers(table.column(name)) for name in numbers}
            if all(are_plain(values[name], table.column(name).null_count) for name in numbers):
                texts = {
                    name: marked(table.column(name), self._layout.missing)
                    for name in self._wanted.order
                    if name not in values
                }
                return Read(self._wanted, first, table.num_rows, values, texts, _Places(self, block))
            if not numbers:
                break
        return self._row_by_row(block, first)

    def _parsed(self, block: Block, numbers: Sequence[str]) -> Any:
        """The columns that are wanted, some of them as numbers; None where Arrow can't read them so."""
        import pyarrow as pa
        from pyarrow import csv

        quoted = b'"' in block.content
        as_numbers = {self.names.index(name) for name in numbers}
        types = {i: pa.float64() if i in as_numbers else pa.string() for i in range(len(self.names))}
        options = arrow_options(self._layout, types, quoted=quoted, skip=0)
        places = [self.names.index(name) for name in self._wanted.order]
        options["convert_options"].include_columns = [str(i) for i in places]
        try:
            table = csv.read_csv(pa.BufferReader(block.content), **options)
        except pa.ArrowInvalid:
            return None
        if quoted and block.last and runs_over_lines(table):
            return None
        return table.rename_columns(list(self._wanted.order))

    def _row_by_row(self, block: Block, first: int) -> Read:
        """The cells where a row has too few or too many, or something can't be read."""
        import pyarrow as pa

        rows = [*_records(block, self._layout.delimiter, self._shown)]
        unclosed = left_open(rows[-1], self._layout.delimiter, self._shown) if rows and block.last else None
        if unclosed is not None:
            raise unclosed
        width = len(self.names)
        ragged = np.fromiter((len(row.fields) != width for row in rows), bool, len(rows))
        texts = {}
        for name in self._wanted.order:
            place = self.names.index(name)
            cells = [None if bad else row.fields[place] for row, bad in zip(rows, ragged, strict=True)]
            texts[name] = marked(pa.chunked_array([pa.array(cells, pa.string())]), self._layout.missing)

        def told(row: int) -> Problem:
            record = rows[row]
            message = f"expected {width} fields, got {len(record.fields)}"
            location = Location(self._shown, record.line, None, record.text[0].rstrip("\r\n"))
            return Problem(message, location=location, id="ragged_row")

        faults = [Fault(ragged, told, whole=True)] if ragged.any() else []
        return Read(self._wanted, first, len(rows), {}, texts, _Places(self, block, rows), faults)

    def place(self, record: Record, column: str) -> Location:
        """The place of a cell of a row."""
        return record.place(self._shown, self._layout.delimiter, self.names.index(column))

    def records(self, block: Block) -> Sequence[Record]:
        """The rows of a block."""
        return [*_records(block, self._layout.delimiter, self._shown)]


@dataclass
class _Places:
    """Finds the cells of a block, which is read again when the first is asked for."""

    rows: CsvRows
    block: Block
    known: Sequence[Record] | None = None

    @cached_property
    def _records(self) -> Sequence[Record]:
        return self.rows.records(self.block) if self.known is None else self.known

    def __call__(self, row: int, column: str) -> Location:
        """The place of a cell, by its position in the block and its column."""
        return self.rows.place(self._records[row], column)


def _records(block: Block, delimiter: str, shown: str) -> Iterator[Record]:
    return records_in(io.StringIO(block.text(shown), newline=""), delimiter, shown, block.line)


def _names(source: CsvSource, delimiter: str, shown: str, first: Record) -> tuple[str, ...]:
    """The columns' names; of a file without a header those of the config, which may lack the targets."""
    if source.columns is not None:
        targets = [column for own in source.target_columns.values() for column in own]
        predicted = {column if isinstance(column, str) else source.columns[column] for column in targets}
        rest = tuple(name for name in source.columns if name not in predicted)
        if len(first.fields) == len(rest):
            return rest
    return names_of(source, delimiter, shown, first)
