"""CSV files as tables of features and targets."""

from __future__ import annotations

from pathlib import Path

from nntrain.config.data import Column, CsvSource
from nntrain.data.csv_open import open_sheet
from nntrain.data.dataset import Raw
from nntrain.data.tables.build import build
from nntrain.data.tables.files import SourceFile, find_files
from nntrain.data.tables.own_files import with_own_files

PATH_KEY = ("data", "path")


def load(source: CsvSource, base: Path) -> Raw:
    """Read the files that a config in the folder `base` names.

    Raises:
        DataError: A file is missing, or the cells or columns are not what the config says.
        MachineError: It may not be read.
    """
    as_text = _as_written(source)
    cells = open_sheet(source, find_files(source.path, base, PATH_KEY), as_text)
    raw = build(source, cells, source.path)
    return with_own_files(source, base, raw, cells, lambda files: open_sheet(source, files, as_text))


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
    group = () if source.split.by_group is None else (source.split.by_group,)
    return (*source.categorical, *source.dates, *source.preprocess.texts, *group)
