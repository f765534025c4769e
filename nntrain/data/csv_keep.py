"""CSV files as columns in the user's cache folder: their text is parsed once, block by block, by Arrow.

An entry is a Parquet file, named by what decides its content, and `.json`, which is written last and says how
many rows came from each file. Columns are of float64 where every cell is a plain number, else of trimmed
texts, as in memory. Parquet's own checksums tell a damaged page.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nntrain.config.data import Column, CsvSource
from nntrain.data import own_cache
from nntrain.data.csv_open import Opened, check_rows, open_files, text_positions
from nntrain.data.csv_read import (
    Layout,
    are_plain,
    arrow_options,
    guess_numbers,
    has_quotes,
    marked,
    runs_over_lines,
    unreadable,
)
from nntrain.data.csv_scan import unclosed_quote
from nntrain.data.tables import arrow
from nntrain.data.tables.files import SourceFile
from nntrain.data.tables.unpack import is_packed, open_bytes
from nntrain.errors import MachineError, Problem

VERSION = 1
"""Of the entries and of what parsing makes of a cell."""
LARGEST = 100 << 30
"""Bytes that all entries together may take; those not used for longest go first."""
SAMPLED = 1 << 20
"""Bytes at a file's beginning and end that its entry depends on."""
IN_COLUMN = re.compile(r"In CSV column #(\d+)")
"""How Arrow says where a cell is no number."""


@dataclass(frozen=True)
class Kept:
    """Files whose columns are in the cache."""

    file: Path
    opened: list[Opened]
    rows: tuple[int, ...]
    """Of each file."""
    plain: frozenset[str]
    """The columns of plain numbers."""


class _NoNumbers(Exception):
    """A column that was taken for one of numbers holds something else."""

    def __init__(self, position: int) -> None:
        super().__init__(position)
        self.position = position


def keep(source: CsvSource, files: Sequence[SourceFile], as_text: Collection[Column]) -> Kept:
    """The columns of files: as an earlier time has kept them, or parsed now.

    Args:
        source: Says how the files are written.
        files: At least one; they are there and can be opened.
        as_text: Columns whose texts are needed though they may be numbers: names or positions.

    Raises:
        DataError: As `open_sheet` says.
        MachineError: The cache folder has no room, or may not be written to.
    """
    opened = open_files(source, files)
    texts = text_positions(opened[0].names, as_text)
    where = own_cache.folder("tables")
    file = where / f"{_name_of(opened, texts)}.parquet"
    found = _find(file, opened)
    if found is not None:
        return found
    try:
        own_cache.make(where)
        own_cache.make_room(where, ".parquet", sum(one.file.path.stat().st_size for one in opened), LARGEST)
        return _parsed(file, opened, texts)
    except OSError as error:
        message = (
            f"the columns of {files[0].shown} can't be kept in {where}: {error.strerror or error}; make room "
            "there, or name another folder with NNTRAIN_CACHE_HOME"
        )
        raise MachineError(Problem(message, ("data", "streaming"), id="cache")) from None


def _name_of(opened: Sequence[Opened], texts: Collection[int]) -> str:
    """What an entry is called: 32 hexadecimal digits of all that decides its content."""
    import pyarrow as pa

    digest = hashlib.sha256(json.dumps([VERSION, pa.__version__, sorted(texts)]).encode())
    for one in opened:
        path, facts = one.file.path, one.file.path.stat()
        told = [str(path.absolute()), facts.st_size, facts.st_mtime_ns, one.names]
        told += [one.layout.delimiter, one.layout.header is not None, one.layout.missing]
        digest.update(json.dumps(told).encode(errors="surrogateescape"))
        with path.open("rb") as stream:
            digest.update(stream.read(SAMPLED))
            stream.seek(max(0, facts.st_size - SAMPLED))
            digest.update(stream.read(SAMPLED))
    return digest.hexdigest()[:32]


def _find(file: Path, opened: list[Opened]) -> Kept | None:
    """An entry that is there and of the size that was written."""
    try:
        facts = json.loads(file.with_suffix(".json").read_bytes())
        rows, plain = tuple(map(int, facts["rows"])), frozenset(map(str, facts["plain"]))
        if file.stat().st_size != facts["size"] or len(rows) != len(opened):
            return None
        os.utime(file)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Kept(file, opened, rows, plain)


def _parsed(file: Path, opened: list[Opened], texts: Collection[int]) -> Kept:
    """Write an entry; each column that turns out to hold more than numbers costs another beginning."""
    names = opened[0].names
    first = opened[0]
    numeric = {names[i] for i in guess_numbers(first.file.path, first.file.shown, first.layout, texts)}
    while True:
        try:
            with own_cache.written(file) as stream:
                rows = _write(stream, opened, numeric)
            break
        except _NoNumbers as found:
            numeric.discard(names[found.position])
    facts = {"rows": rows, "plain": sorted(numeric), "size": file.stat().st_size}
    with own_cache.written(file.with_suffix(".json")) as stream:
        stream.write(json.dumps(facts, allow_nan=False).encode())
    return Kept(file, opened, tuple(rows), frozenset(numeric))


def _write(stream: Any, opened: Sequence[Opened], numeric: Collection[str]) -> list[int]:
    """Write the columns of all files behind one another; how many rows each file has."""
    import pyarrow as pa
    from pyarrow import parquet

    names = opened[0].names
    schema = pa.schema([(name, pa.float64() if name in numeric else pa.string()) for name in names])
    counts = []
    words = [name for name in names if name not in numeric]
    with parquet.ParquetWriter(
        stream, schema, compression="lz4", use_dictionary=words, write_page_checksum=True
    ) as writer:
        for one in opened:
            counts.append(0)
            where = {name: i for i, name in enumerate(one.names)}
            positions = [where[name] for name in names]
            own = {position for position, name in zip(positions, names, strict=True) if name in numeric}
            for block in _blocks(one, own):
                columns = [_column(block.column(i), i, own, one.layout) for i in positions]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
                counts[-1] += len(block)
            check_rows(one.file, counts[-1])
    return counts


def _column(column: Any, position: int, numeric: Collection[int], layout: Layout) -> Any:
    """A column of a block as it is kept."""
    import pyarrow as pa

    chunked = pa.chunked_array([column])
    if position not in numeric:
        return marked(chunked, layout.missing)
    if not are_plain(arrow.numbers(chunked), chunked.null_count):
        raise _NoNumbers(position)
    return chunked


def _blocks(one: Opened, numeric: Collection[int]) -> Iterator[Any]:
    """The rows of a file as Arrow's batches, some at a time.

    Raises:
        DataError: The file has ragged rows, is damaged or not UTF-8, or a quote is left open.
        _NoNumbers: A cell of a column of numbers is none.
    """
    import pyarrow as pa
    from pyarrow import csv

    path, shown, layout = one.file.path, one.file.shown, one.layout
    types = {i: pa.float64() if i in numeric else pa.string() for i in range(layout.width)}
    quoted = has_quotes(path, shown, layout)
    # A header of several lines is a row that is read and left out, which takes texts.
    skipped = layout.header is not None and len(layout.header.text) == 1 and layout.header.line == 1
    options = arrow_options(layout, types, quoted=quoted, skip=int(skipped))
    leave_out = int(layout.header is not None and not skipped)
    last = None
    try:
        packed = is_packed(path, shown)
        with open_bytes(path, shown, whole=False) if packed else nullcontext(str(path)) as content:
            for batch in csv.open_csv(content, **options):
                last = batch.slice(leave_out)
                leave_out = 0
                if len(last):
                    yield last
    except pa.ArrowInvalid as error:
        place = IN_COLUMN.search(str(error))
        if place and int(place[1]) in numeric:
            raise _NoNumbers(int(place[1])) from None
        raise unreadable(path, shown, layout, error) from None
    if quoted and last is not None and runs_over_lines(pa.Table.from_batches([last])):
        unclosed = unclosed_quote(path, layout.delimiter, shown)
        if unclosed is not None:
            raise unclosed
