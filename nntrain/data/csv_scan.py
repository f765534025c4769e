"""Where in a CSV file something is: a slow second look, taken when an error needs a line and a column.

The fast reader keeps no positions. Here the file is read record by record with Python's csv module,
which knows that a quoted cell may span lines.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nntrain.data.tables.unpack import open_bytes
from nntrain.errors import DataError, Location, Problem

DELIMITERS = (",", ";", "\t", "|", " ")
ZIP = b"PK\x03\x04"
"""How zip files begin, and with them workbooks."""
NAMES_OF_DELIMITERS = {"\t": "\\t"}


@dataclass(frozen=True)
class Record:
    """One row of the file."""

    line: int
    """The line that it starts on, from 1."""
    fields: list[str]
    text: tuple[str, ...]
    """The lines that it spans, with their ends."""

    def place(self, shown: str, delimiter: str, field: int) -> Location:
        """Line and column of a field's first character."""
        offset = _field_offset("".join(self.text), delimiter, field)
        line = 0
        while line + 1 < len(self.text) and offset >= len(self.text[line]):
            offset -= len(self.text[line])
            line += 1
        return Location(shown, self.line + line, offset + 1, self.text[line].rstrip("\r\n"))


@dataclass(frozen=True)
class Places:
    """Finds cells of one file: `places(row, column)`."""

    file: Path
    shown: str
    delimiter: str
    header: bool
    names: tuple[str, ...]

    def __call__(self, row: int, column: str) -> Location:
        """The place of a cell; `row` counts the rows of data from 0."""
        wanted = row + self.header
        for number, record in enumerate(records(self.file, self.delimiter, self.shown)):
            if number == wanted:
                return record.place(self.shown, self.delimiter, self.names.index(column))
        return Location(self.shown)


def records(file: Path, delimiter: str, shown: str) -> Iterator[Record]:
    """The rows of a file, empty lines left out.

    Raises:
        DataError: A cell is so long that a quote must have been left open, a byte is not UTF-8, or the file
            is packed and damaged.
    """
    with io.TextIOWrapper(open_bytes(file, shown), encoding="utf-8-sig", newline="") as stream:
        try:
            yield from records_in(stream, delimiter, shown)
        except UnicodeDecodeError:
            raise not_utf8(file, shown) from None


def records_in(text: Iterable[str], delimiter: str, shown: str, first: int = 1) -> Iterator[Record]:
    """The rows of a text, empty lines left out.

    Args:
        text: Its lines, with their ends.
        delimiter: Stands between two cells.
        shown: The file, for messages.
        first: The number of the first line.

    Raises:
        DataError: A cell is so long that a quote must have been left open.
    """
    lines: list[str] = []
    start = first
    reader = csv.reader(_remembered(text, lines), delimiter=delimiter)
    try:
        for fields in reader:
            if fields:
                yield Record(start, fields, tuple(lines))
            start = first + reader.line_num
            lines.clear()
    except csv.Error as error:
        message = f"this row can't be read: {error}; is a quote left open?"
        raise DataError(Problem(message, location=Location(shown, start), id="csv")) from None


def _remembered(stream: Iterable[str], lines: list[str]) -> Iterator[str]:
    for line in stream:
        lines.append(line)
        yield line


def _field_offset(text: str, delimiter: str, field: int) -> int:
    """Where field number `field` begins in a row, the spaces and the quote before it left out."""
    seen, first, quoting, inside = 0, True, False, False
    for offset, char in enumerate(text):
        if seen == field and not (char == " " or (char == '"' and first)):
            return offset
        if first and char == '"':
            quoting = inside = True
        elif quoting and char == '"':
            inside = not inside
        elif char == delimiter and not inside:
            seen, first, quoting = seen + 1, True, False
            continue
        first = False
    return len(text.rstrip("\r\n"))


def ragged_row(file: Path, delimiter: str, shown: str, expected: int) -> DataError | None:
    """The error for the first row whose number of fields is not `expected`, with a count of such rows."""
    first, count = None, 0
    for record in records(file, delimiter, shown):
        if len(record.fields) != expected:
            first, count = first or record, count + 1
    if first is None:
        return None
    message = f"expected {expected} fields, got {len(first.fields)}"
    if count > 1:
        message += f"; {count} rows are like this"
    if len(first.text) > 1:
        message += f"; a quote that opens here spans {len(first.text)} lines"
    else:
        message += f"; mend the line, or put quotes around a text that holds {delimiter!r}"
    location = Location(shown, first.line, None, first.text[0].rstrip("\r\n"))
    return DataError(Problem(message, location=location, id="ragged_row"))


def unclosed_quote(file: Path, delimiter: str, shown: str) -> DataError | None:
    """The error for a quote that swallows the rest of the file, which readers take for one long cell."""
    (last,) = deque(records(file, delimiter, shown), maxlen=1)
    return left_open(last, delimiter, shown)


def left_open(last: Record, delimiter: str, shown: str) -> DataError | None:
    """The error for a quote that the last row of a file opens and never closes."""
    try:
        list(csv.reader(last.text, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "end of data" in str(error):
            message = f"a quote that opens in this row is never closed; it takes in {len(last.text)} lines"
            location = Location(shown, last.line, None, last.text[0].rstrip("\r\n"))
            return DataError(Problem(message, location=location, id="csv"))
    return None


def refuse_zip(file: Path, shown: str) -> None:
    """Refuse a packed file, such as a workbook of Excel.

    Raises:
        DataError: The file begins as zip files do.
    """
    with file.open("rb") as stream:
        if stream.read(len(ZIP)) == ZIP:
            message = "this is an Excel or zip file; export it as CSV"
            raise DataError(Problem(message, location=Location(shown), id="zip"))


def not_utf8(file: Path, shown: str) -> DataError:
    """The error for the first byte of a file that is not UTF-8."""
    with open_bytes(file, shown) as stream:
        content = stream.read()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "not UTF-8 at byte 0: this looks like UTF-16; save the file as UTF-8"
        return DataError(Problem(message, location=Location(shown), id="encoding"))
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f"not UTF-8 at byte {error.start} (0x{content[error.start]:02x}); save the file as UTF-8"
        return DataError(Problem(message, location=Location(shown, line), id="encoding"))
    return DataError(Problem("not UTF-8; save the file as UTF-8", location=Location(shown), id="encoding"))


def better_delimiter(file: Path, delimiter: str, shown: str) -> tuple[str, int] | None:
    """The delimiter that splits the first row best, as it is written in YAML, and into how many cells."""
    found = []
    for candidate in DELIMITERS:
        if candidate != delimiter:
            first = next(records(file, candidate, shown), None)
            found.append((len(first.fields) if first else 0, candidate))
    count, best = max(found, key=lambda pair: pair[0])
    return (NAMES_OF_DELIMITERS.get(best, best), count) if count > 1 else None
