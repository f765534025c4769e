"""CSV files as tables of features and targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from nntrain.config.data import Column, CsvSource
from nntrain.data.csv_open import memory_of, open_sheet
from nntrain.data.dataset import Raw
from nntrain.data.streaming.decide import streams
from nntrain.data.tables.build import build
from nntrain.data.tables.files import SourceFile, find_files
from nntrain.data.tables.own_files import text_columns, with_own_files

PATH_KEY = ("data", "path")


def load(source: CsvSource, base: Path) -> Raw:
    """Read the files that a config in the folder `base` names.

    Raises:
        DataError: A file is missing, or the cells or columns are not what the config says.
        MachineError: It may not be read.
    """
    as_text = _as_written(source)
    whole = source.streaming is False
    files = find_files(source.path, base, PATH_KEY, whole=whole)
    reason = None if whole else streams(source, memory_of(source, files))
    if reason:
        return _stored(source, base, files, as_text, reason)
    if not whole:
        find_files(source.path, base, PATH_KEY)
    cells = open_sheet(source, files, as_text)
    raw = build(source, cells, source.path)
    texts = (*as_text, *text_columns(raw))
    return with_own_files(source, base, raw, cells, lambda files: open_sheet(source, files, texts))


def _stored(
    source: CsvSource,
    base: Path,
    files: Sequence[SourceFile],
    as_text: tuple[Column, ...],
    reason: str,
) -> Raw:
    """Rows that stay in columns of the cache."""
    from nntrain.data.streaming.sheet import open_stored, stored_features

    cells = open_stored(source, files, as_text)
    raw = build(source, cells, source.path, stored_features)
    raw = replace(raw, notes=(*raw.notes, reason))
    look = partial(open_stored, source, as_text=(*as_text, *text_columns(raw)))
    return with_own_files(source, base, raw, cells, look, stored_features)


def read(source: CsvSource, file: Path, shown: str) -> Raw:
    """Read one file, wherever it lies.

    Args:
        source: Says how the file is written and which columns matter.
        file: The path as resolved.
        shown: The path as the user wrote it.

    Raises:
        DataError: The cells or columns are not what the config says.
    """
    as_text = _as_written(source)
    return build(source, open_sheet(source, (SourceFile(file, shown),), as_text), shown)


def _as_written(source: CsvSource) -> tuple[Column, ...]:
    """The columns whose texts are needed though they may hold numbers."""
    return (*source.categorical, *source.dates, *source.preprocess.texts, *source.columns_beside.values())
