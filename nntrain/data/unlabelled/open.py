"""An input for a finished run: which kind it is, and what reads it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import IO, Any

from nntrain.config.data import (
    Column,
    CsvSource,
    DataSection,
    ImagesSource,
    SequenceSource,
    SeriesSource,
    TextSource,
    TfrecordSource,
)
from nntrain.data.csv_open import delimiter_of
from nntrain.data.csv_scan import refuse_zip
from nntrain.data.files import check_file
from nntrain.data.new_rows import CSV_SUFFIXES, PARQUET_SUFFIXES, RECORD_SUFFIXES, Known, as_csv
from nntrain.data.new_tables import named
from nntrain.data.prepare.arrays import FittedArray
from nntrain.data.prepare.document import from_json
from nntrain.data.sequences.features import SequenceState
from nntrain.data.sequences.load import JSON_SUFFIXES
from nntrain.data.series.features import WindowState
from nntrain.data.tables import arrow
from nntrain.data.tables.files import SourceFile
from nntrain.data.tables.unpack import is_packed, open_bytes
from nntrain.data.texts.vocabulary import Vocabulary
from nntrain.data.unlabelled.array_rows import array_rows, record_rows
from nntrain.data.unlabelled.cells import Read, Wanted, of_table, prepared
from nntrain.data.unlabelled.chunk import Chunk, NewRows
from nntrain.data.unlabelled.csv_rows import STDIN, Columns, CsvRows
from nntrain.data.unlabelled.image_rows import image_rows
from nntrain.data.unlabelled.json_rows import json_rows
from nntrain.data.unlabelled.sequence_rows import json_sequences, npz_sequences, of_cells, of_sequences
from nntrain.data.unlabelled.text_rows import folder_rows, line_rows, of_texts
from nntrain.data.unlabelled.window_rows import window_rows
from nntrain.errors import DataError, Location, Problem, UsageError

ARRAYS = (".npz", ".npy")
Reads = Iterator[tuple[Read, int]]


@dataclass(frozen=True)
class _Input:
    """What is to be read, and how."""

    source: DataSection
    known: Known
    shown: str
    skip: bool
    notes: list[str]
    stdin: bool
    streams: list[IO[bytes]]

    @property
    def suffix(self) -> str:
        """The ending of the file's name, `.gz` left out."""
        return "" if self.stdin else PurePath(self.shown.lower().removesuffix(".gz")).suffix

    @property
    def name(self) -> str:
        """What messages call it."""
        return STDIN if self.stdin else self.shown

    @property
    def file(self) -> Path:
        """The path."""
        return Path(self.shown)

    @property
    def size(self) -> int | None:
        """Bytes of a file that is not packed."""
        return None if self.stdin or is_packed(self.file, self.shown) else self.file.stat().st_size

    def open(self) -> IO[bytes]:
        """The content, unpacked."""
        if self.stdin:
            return sys.stdin.buffer
        refuse_zip(self.file, self.shown)
        self.streams.append(open_bytes(self.file, self.shown, whole=False))
        return self.streams[-1]

    def refuse(self, wanted: str) -> DataError:
        """The error for a file of another kind than the run reads."""
        what = "what comes in" if self.stdin else f"{self.suffix} files" if self.suffix else "such a file"
        message = f"{what} can't be read for this run; give {wanted}"
        return DataError(Problem(message, location=Location(self.name), id="wrong_kind"))


def open_rows(
    source: DataSection,
    preprocess: Mapping[str, Any],
    targets: Mapping[str, Sequence[str]],
    paths: Sequence[str],
    *,
    skip: bool,
) -> NewRows:
    """Open rows without targets; `-` is standard input.

    A run on a table reads CSV, Parquet and JSON lines by the names of the columns, one on images files or a
    folder, one on texts lines, a column or a folder of .txt files; every other run reads arrays.

    Args:
        source: The run's `data:` section.
        preprocess: Its `preprocess.json`.
        targets: The columns that each of its outputs predicts.
        paths: What the user wrote: one path, or several image files.
        skip: Whether rows that can't be used are left out, rather than an error.

    Raises:
        DataError: The input is missing, of another kind, or lacks a column.
        MachineError: It may not be read.
        UsageError: There are several files, and they are no images.
        ArtefactError: `preprocess` is not what a run writes.
    """
    known = Known(from_json(preprocess)[0], {name: tuple(columns) for name, columns in targets.items()})
    shown = paths[0]
    if isinstance(source, ImagesSource) and PurePath(shown.lower()).suffix not in ARRAYS and shown != "-":
        for path in paths:
            if not Path(path).is_dir() or len(paths) > 1:
                check_file(Path(path), path, ())
        ((name, state),) = known.fitted.items()
        assert isinstance(state, FittedArray)
        return image_rows(source, name, state, paths, skip)
    if len(paths) > 1:
        raise UsageError(f"one input at a time: {len(paths)} are given, and only images may be several files")
    one = _Input(source, known, shown, skip, [], shown == "-", [])
    if not one.stdin and not (isinstance(source, TextSource) and one.file.is_dir()):
        check_file(one.file, shown, ())
    try:
        return replace(_opened(one), streams=one.streams)
    except BaseException:
        for stream in one.streams:
            stream.close()
        raise


def _opened(one: _Input) -> NewRows:
    source = one.source
    if isinstance(source, TextSource):
        return _texts(one, source)
    if isinstance(source, SequenceSource):
        return _sequences(one, source)
    if isinstance(source, SeriesSource):
        if one.stdin or one.suffix not in (*CSV_SUFFIXES, ""):
            raise one.refuse("a CSV file whose last rows are to be gone on from")
        ((name, windows),) = one.known.fitted.items()
        assert isinstance(windows, WindowState)
        return window_rows(source, name, windows, one.file, one.shown)
    return _rows(one)


def _rows(one: _Input) -> NewRows:
    """Rows of a table or of arrays."""
    written = as_csv(one.source, one.known, one.shown)
    if one.suffix in RECORD_SUFFIXES and isinstance(one.source, TfrecordSource):
        return record_rows(one.source, one.known, one.file, one.shown, one.skip)
    if one.suffix in ARRAYS and (written is None or not one.known.texts):
        return array_rows(one.source, one.known, one.file, one.shown, one.skip)
    if written is None:
        raise one.refuse("an .npy or .npz file of arrays")
    if one.suffix in PARQUET_SUFFIXES:
        return _parquet(one, written)
    if one.suffix in ARRAYS:
        raise one.refuse("CSV, Parquet or JSON lines with the run's columns")

    def columns(names: Sequence[str]) -> Columns:
        return _columns(one.known, written, names)

    if one.suffix in JSON_SUFFIXES:
        reads = json_rows(columns, written.missing, one.open(), one.name, one.notes.append)
    else:
        delimiter = delimiter_of(written.delimiter, one.shown)
        reads = CsvRows(written, delimiter, columns, one.open(), one.name, one.notes.append).read()
    return NewRows(_prepared(one, reads), one.size, one.notes)


def _columns(known: Known, written: CsvSource, names: Sequence[str]) -> Columns:
    dates = named(written.dates, names) & {*known.features}
    return Columns(
        Wanted(known.features, known.texts, dates), known.predicted, tuple(named(written.drop, names))
    )


def _prepared(one: _Input, reads: Reads) -> Iterator[Chunk]:
    for read, done in reads:
        for chunk in prepared(one.known.fitted, read, one.skip):
            yield replace(chunk, done=done)


def _parquet(one: _Input, written: CsvSource) -> NewRows:
    from nntrain.data.parquet_file import open_parquet
    from nntrain.data.streaming.parquet import TableStore

    opened = open_parquet((SourceFile(one.file, one.shown),), whole=False)
    found = _columns(one.known, written, opened.names)
    extra = found.check(opened.names, one.shown)
    notes = [extra] if extra else []
    wanted = found.wanted
    store = TableStore(opened, wanted.order, wanted.texts, wanted.dates)

    def chunks() -> Iterator[Chunk]:
        for first, stop in zip(store.bounds[:-1].tolist(), store.bounds[1:].tolist(), strict=True):
            table = store.read(first, stop, wanted.order)
            for chunk in of_table(one.known.fitted, table, [], one.skip):
                yield replace(chunk, done=stop)

    return NewRows(chunks(), opened.rows, notes)


def _one_column(one: _Input, column: Column, written: CsvSource) -> Reads:
    """The cells of one column of texts."""

    def columns(names: Sequence[str]) -> Columns:
        name = column if isinstance(column, str) else names[column] if column < len(names) else f"c{column}"
        return Columns(Wanted((name,), {name}, ()), one.known.predicted)

    if one.suffix in JSON_SUFFIXES:
        return json_rows(columns, written.missing, one.open(), one.name, one.notes.append)
    delimiter = delimiter_of(written.delimiter, one.shown)
    return CsvRows(written, delimiter, columns, one.open(), one.name, one.notes.append).read()


def _texts(one: _Input, source: TextSource) -> NewRows:
    ((name, state),) = one.known.fitted.items()
    assert isinstance(state, Vocabulary)
    if not one.stdin and one.file.is_dir():
        return folder_rows(name, state, one.file, one.shown, one.skip)
    if one.stdin or one.suffix == ".txt":
        return NewRows(line_rows(name, state, one.open(), one.name, one.skip), one.size)
    if source.text is None or one.suffix not in (".csv", ".tsv", *JSON_SUFFIXES):
        raise one.refuse("a .txt file with a text in each line, or a folder of .txt files")
    written = CsvSource(
        type="csv",
        path=one.shown,
        task="reconstruction",
        header=source.header,
        delimiter=source.delimiter,
        missing=("",),
    )
    reads = _one_column(one, source.text, written)
    return NewRows(_of_columns(one, reads, _of_texts(name, state)), one.size, one.notes)


Make = Callable[[Any, Read, Callable[[int], Location], bool, int], Iterator[Chunk]]
"""Makes rows of the cells of a column: given these, what was read, their places, `skip` and `done`."""


def _of_columns(one: _Input, reads: Reads, make: Make) -> Iterator[Chunk]:
    for read, done in reads:
        ((column, cells),) = read.texts.items()

        def where(row: int, read: Read = read, column: str = column) -> Location:
            return read.where(row, column)

        yield from make(arrow.texts(cells), read, where, one.skip, done)


def _of_texts(name: str, state: Vocabulary) -> Make:
    def make(
        cells: Any, read: Read, where: Callable[[int], Location], skip: bool, done: int
    ) -> Iterator[Chunk]:
        yield from of_texts(name, state, cells, read.first, where, skip, done, read.faults)

    return make


def _sequences(one: _Input, source: SequenceSource) -> NewRows:
    ((name, state),) = one.known.fitted.items()
    assert isinstance(state, SequenceState)
    if one.suffix == ".npz":
        return npz_sequences(source, name, state, one.file, one.shown, one.skip)
    if one.suffix in JSON_SUFFIXES or (one.stdin and PurePath(source.path.lower()).suffix != ".csv"):
        chunks = json_sequences(source, name, state, one.open(), one.name, one.skip)
        return NewRows(chunks, one.size)
    written = CsvSource(
        type="csv", path=one.shown, task="reconstruction", delimiter=source.delimiter, missing=("",)
    )

    def make(
        cells: Any, read: Read, where: Callable[[int], Location], skip: bool, done: int
    ) -> Iterator[Chunk]:
        rows = of_cells(cells, where)
        for fault in read.faults:
            rows = [fault.told(i) if fault.rows[i] else row for i, row in enumerate(rows)]
        yield from of_sequences(source, name, state, rows, read.first, where, skip, done)

    return NewRows(_of_columns(one, _one_column(one, source.x, written), make), one.size, one.notes)
