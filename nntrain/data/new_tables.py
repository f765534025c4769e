"""Files of new rows of a run on named columns: read at once, or looked at where their rows stay in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from nntrain.config.data import Column, CsvSource
from nntrain.data.csv_open import memory_of, open_sheet
from nntrain.data.csv_scan import DELIMITERS, NAMES_OF_DELIMITERS
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
    absent: Sequence[str],
    names: Sequence[str],
    shown: str,
    *,
    features: Collection[str],
    predicted: Collection[str] = (),
) -> Problem:
    """Columns of the run that a file does not have.

    Args:
        absent: Their names.
        names: The file's columns.
        shown: The path as the user wrote it.
        features: The run's columns that are read, which those of the file can't be mistaken for.
        predicted: Its columns that are predicted.
    """
    between = _other_delimiter(names, features)
    if between is not None:
        message = (
            f"the file has one column, '{names[0]}': its cells are separated by '{between}', and those of "
        )
        message += "the run's own file were not; write it as that file was"
    else:
        free = [column for column in names if column not in features]
        parts = [
            _called(role, [name for name in absent if (name in predicted) == (role == "target")], free)
            for role in ("feature", "target")
        ]
        verb = "is" if len(absent) == 1 else "are"
        message = f"the run's {' and '.join(filter(None, parts))} {verb} not in the file; "
        message += f"the file has {listing(names)}"
    return Problem(message, location=Location(shown), id="missing_column")


def _called(role: str, names: Sequence[str], free: Sequence[str]) -> str:
    """`feature columns 'a' (did you mean 'A'?), 'b'`; nothing without a name."""
    if not names:
        return ""
    told = listing([f"'{name}'{did_you_mean(name, free)}" for name in names])
    return f"{role} column{'s' if len(names) > 1 else ''} {told}"


def _other_delimiter(names: Sequence[str], wanted: Collection[str]) -> str | None:
    """What stands between the cells of a header that was read as one; None if it is another one's."""
    if len(names) != 1 or len(wanted) < 2:
        return None
    for delimiter in DELIMITERS:
        found = {name.strip().strip('"') for name in names[0].split(delimiter)}
        if found.issuperset(wanted):
            return NAMES_OF_DELIMITERS.get(delimiter, delimiter)
    return None
