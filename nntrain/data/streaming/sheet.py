"""CSV files whose rows stay in the columns that the cache keeps of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from nntrain.config.data import Column, CsvSource
from nntrain.data.csv_keep import keep
from nntrain.data.csv_open import sheet_of
from nntrain.data.csv_sheet import Sheet
from nntrain.data.parquet_file import Columns, guarded, open_parquet
from nntrain.data.streaming.features import StoredFeatures
from nntrain.data.streaming.parquet import TableStore
from nntrain.data.tables import arrow
from nntrain.data.tables.files import SourceFile
from nntrain.errors import Location


@dataclass(frozen=True)
class _Read(Mapping[str, Any]):
    """Columns that are read when they are asked for, and not held."""

    names: Collection[str]
    read: Callable[[str], Any]

    def __getitem__(self, name: str) -> Any:
        if name not in self.names:
            raise KeyError(name)
        return self.read(name)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class StoredSheet(Sheet):
    """Cells whose columns are read one at a time, and the file that they stay in."""

    kept: Columns | None = None

    def part(self, rows: Any, first: int) -> Sheet:
        """Some rows that Arrow has read, of which the number of the first is given."""
        names = rows.column_names
        return replace(
            self,
            plain={name: arrow.numbers(rows.column(name)) for name in names if name in self.plain},
            columns={name: rows.column(name) for name in names if name not in self.plain},
            where=lambda row, column: self.where(first + row, column),
            rows=len(rows),
        )


def open_stored(source: CsvSource, files: Sequence[SourceFile], as_text: Collection[Column]) -> StoredSheet:
    """Look at the columns of CSV files, which are parsed now if they never were.

    Raises:
        DataError: As `open_sheet` says.
        MachineError: The cache folder has no room for the columns, or may not be written to.
    """
    found = keep(source, files, as_text)
    columns = open_parquet((SourceFile(found.file, str(found.file)),), whole=False)
    ((file, opened),) = columns.files

    def read(name: str) -> Any:
        return guarded(file, lambda: opened.read(columns=[name]).column(0))

    names = found.opened[0].names
    plain = _Read(found.plain, lambda name: arrow.numbers(read(name)))
    texts = _Read([name for name in names if name not in found.plain], read)
    sheet = sheet_of(source, found.opened, found.rows, plain, texts)
    return StoredSheet(**{field.name: getattr(sheet, field.name) for field in fields(sheet)}, kept=columns)


def stored_features(
    cells: Any, order: tuple[str, ...], texts: Collection[str], dates: Collection[str] = ()
) -> StoredFeatures:
    """Columns as features that stay in their file, in the place of `make_table`.

    Raises:
        DataError: Cells that are no numbers, or no dates.
    """
    assert isinstance(cells, StoredSheet)
    for name in order:
        if name in dates:
            cells.days(name)
        elif name not in texts and name not in cells.plain:
            cells.numbers(name)
    return StoredFeatures.of(_SheetStore(cells, order, texts, dates))


class _SheetStore(TableStore):
    """The rows of columns that the cache keeps."""

    def __init__(
        self, cells: StoredSheet, order: tuple[str, ...], texts: Collection[str], dates: Collection[str]
    ) -> None:
        assert cells.kept is not None
        self._sheet = cells
        super().__init__(cells.kept, order, texts, dates)

    @property
    def _where(self) -> Callable[[int, str], Location]:
        return self._sheet.where

    def _cells(self, rows: Any, first: int, file: int) -> Sheet:
        return self._sheet.part(rows, first)
