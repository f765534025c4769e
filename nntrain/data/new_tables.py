"""Files of new rows of a run on named columns: read at once, or looked at where their rows stay in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from nntrain.config.data import Column, CsvSource
from nntrain.data.csv_open import memory_of, open_sheet
from nntrain.data.parquet_file import IN_MEMORY, check_size, open_parquet
from nntrain.data.streaming.decide import streams
from nntrain.data.tables.build import ReadFeatures, make_table
from nntrain.data.tables.cells import Cells
from nntrain.data.tables.files import SourceFile
from nntrain.errors import Location, Problem, did_you_mean, listing

Opened = tuple[Cells, ReadFeatures, tuple[str, ...]]
"""Cells, what reads features of them, and notes."""


def parquet_cells(source: CsvSource, file: SourceFile) -> Opened:
    """The cells of a Parquet file."""
    from nntrain.data.streaming.parquet import stored_features

    columns = replace(open_parquet((file,), whole=False), settled=True)
    reason = streams(source, columns.rows * len(columns.names) * IN_MEMORY)
    if reason:
        return columns, stored_features, (reason,)
    check_size(columns)
    return columns, make_table, ()


def csv_cells(source: CsvSource, file: SourceFile, as_text: Collection[Column]) -> Opened:
    """The cells of a CSV file."""
    from nntrain.data.streaming.sheet import open_stored, stored_features

    reason = None if source.streaming is False else streams(source, memory_of(source, (file,)))
    if reason:
        return replace(open_stored(source, (file,), as_text), settled=True), stored_features, (reason,)
    return replace(open_sheet(source, (file,), as_text), settled=True), make_table, ()


def named(columns: Iterable[Column], names: Sequence[str]) -> set[str]:
    """The names of columns that the config names or counts, as far as a file with these has them."""
    size = len(names)
    found = {column for column in columns if isinstance(column, str)}
    return found | {names[c] for c in columns if isinstance(c, int) and -size <= c < size}


def missing(
    name: str, is_target: bool, features: Collection[str], names: Sequence[str], shown: str
) -> Problem:
    """A column of the run that a file does not have.

    Args:
        name: Of the column.
        is_target: Whether it is predicted.
        features: The run's other columns, which it can't be mistaken for.
        names: The file's columns.
        shown: The path as the user wrote it.
    """
    role = "target" if is_target else "feature"
    free = [column for column in names if column not in features]
    message = (
        f"the run's {role} column '{name}' is not in the file{did_you_mean(name, free)}; "
        f"the file has {listing(names)}"
    )
    return Problem(message, location=Location(shown), id="missing_column")
