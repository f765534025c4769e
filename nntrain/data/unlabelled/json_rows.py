"""JSON lines: a row a line, an object of values by the names of the run's columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any

import numpy as np

from nntrain.data.csv_read import marked
from nntrain.data.unlabelled.blocks import blocks
from nntrain.data.unlabelled.cells import Read, Wanted
from nntrain.data.unlabelled.chunk import Fault
from nntrain.data.unlabelled.csv_rows import Columns
from nntrain.errors import DataError, Location, Problem


def json_rows(
    columns: Callable[[Sequence[str]], Columns],
    markers: tuple[str, ...],
    stream: IO[bytes],
    shown: str,
    note: Callable[[str], None],
) -> Iterator[tuple[Read, int]]:
    """The cells of each block, and the bytes up to its end.

    Args:
        columns: What the run reads, given the names that the first row has. That row has to hold all of
            them; in others a value that is not there is missing.
        markers: Texts that mean that a value is missing.
        stream: The content, unpacked.
        shown: The file as the user wrote it.
        note: Is told what the user should know.

    Raises:
        DataError: There are no rows, or the first lacks a column.
    """
    row, wanted = 0, None
    for block in blocks(stream, quotes=False):
        lines = [
            (number, line)
            for number, line in enumerate(block.text(shown).splitlines(), block.line)
            if line.strip()
        ]
        if not lines:
            continue
        found = [_object(line) for _, line in lines]
        if wanted is None:
            names = list(next((row for row in found if isinstance(row, dict)), {}))
            own = columns(names)
            wanted, extra = own.wanted, own.check(names, shown)
            if extra:
                note(extra)
        yield _read(wanted, lines, found, markers, row, shown), block.done
        row += len(lines)
    if not row:
        raise DataError(
            Problem("the file is empty; give one with rows", location=Location(shown), id="empty")
        )


def _object(line: str) -> dict[str, Any] | str:
    """The object of a line, or what is wrong with it."""
    try:
        found = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError):
            return f"this line is no JSON at column {error.colno} ({error.msg})"
        return "this line is no JSON (brackets inside brackets)"
    except ValueError:  # a number of thousands of digits
        return "this line holds a number that is too large"
    return found if isinstance(found, dict) else "this line is no object of values by columns"


def _read(
    wanted: Wanted,
    lines: list[tuple[int, str]],
    found: list[dict[str, Any] | str],
    markers: tuple[str, ...],
    first: int,
    shown: str,
) -> Read:
    import pyarrow as pa

    texts: dict[str, Any] = {}
    for position, row in enumerate(found):
        if isinstance(row, dict):
            nested = [n for n in wanted.order if isinstance(row.get(n), list | dict)]
            if nested:
                found[position] = (
                    f"column '{nested[0]}' holds {json.dumps(row[nested[0]])[:40]}, no single value"
                )
    for name in wanted.order:
        cells = [_cell(row.get(name)) if isinstance(row, dict) else None for row in found]
        texts[name] = marked(pa.chunked_array([pa.array(cells, pa.string())]), markers)

    def where(row: int, column: str) -> Location:
        number, line = lines[row]
        return Location(shown, number, None, line)

    bad = np.fromiter((isinstance(row, str) for row in found), bool, len(found))
    faults = []
    if bad.any():
        faults = [
            Fault(
                bad, lambda row: Problem(str(found[row]), location=where(row, ""), id="json_line"), whole=True
            )
        ]
    return Read(wanted, first, len(found), {}, texts, where, faults)


def _cell(value: Any) -> str | None:
    """A value as a cell of a file would have it."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)
