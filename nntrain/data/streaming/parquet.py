"""Parquet files whose rows stay in them: groups of rows are read one after another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from nntrain.data.dataset import Table
from nntrain.data.files import check_memory
from nntrain.data.kind import Blocks
from nntrain.data.parquet_file import Columns, guarded
from nntrain.data.streaming.features import Store, StoredFeatures, chunk_rows
from nntrain.data.tables.build import make_table
from nntrain.data.tables.cells import Cells
from nntrain.errors import Location

AT_ONCE = 4
"""Pieces that are in memory together: those of a pool, and one that is being prepared."""


@dataclass(frozen=True)
class _Span(Columns):
    """Some rows of the files, read; errors name rows of the whole."""

    whole: Columns | None = None
    first: int = 0

    def where(self, row: int, column: str) -> Location:
        """The file and the row in it."""
        assert self.whole is not None
        return self.whole.where(self.first + row, column)


@dataclass(frozen=True)
class _Read:
    """Rows that were read, in the place of Arrow's view of a file."""

    table: Any
    schema_arrow: Any

    def read(self, columns: list[str]) -> Any:
        """Some columns."""
        return self.table.select(columns)


@dataclass(frozen=True)
class _Piece:
    """Neighbouring groups of rows of one file."""

    file: int
    groups: tuple[int, ...]
    first: int
    """Their first row, counted over all files."""
    rows: int


class TableStore(Store):
    """The rows of Parquet files."""

    def __init__(
        self, columns: Columns, order: tuple[str, ...], texts: Collection[str], dates: Collection[str]
    ) -> None:
        """Look at the groups of rows.

        Args:
            columns: The files.
            order: The columns that are features.
            texts: Those that are read as texts.
            dates: Those that are read as days.

        Raises:
            DataError: A group of rows is too large to be in memory with others.
        """
        self._columns, self.order, self.texts, self._dates = (
            columns,
            order,
            frozenset(texts),
            frozenset(dates),
        )
        self.rows = columns.rows
        width = max(1, len(order)) * 8
        self._pieces = list(_pieces(columns, chunk_rows(width)))
        self.bounds = np.array([*(piece.first for piece in self._pieces), self.rows])
        most = max(piece.rows for piece in self._pieces)
        what = f"{AT_ONCE} groups of {most:,} rows take"
        check_memory(AT_ONCE * most * width, what, columns.files[0][0].shown)

    def read(self, first: int, stop: int, columns: tuple[str, ...]) -> Table:
        """Some rows of one piece."""
        piece = self._pieces[int(np.searchsorted(self.bounds, first, side="right")) - 1]
        file, opened = self._columns.files[piece.file]
        names = [*columns]
        read = guarded(file, lambda: opened.read_row_groups(list(piece.groups), columns=names))
        rows = read.slice(first - piece.first, stop - first)
        cells = self._cells(rows, first, piece.file)
        table = make_table(cells, columns, self.texts, self._dates)
        return replace(table, index=np.arange(first, stop), where=self._where)

    @property
    def _where(self) -> Callable[[int, str], Location]:
        """The place of a cell."""
        return self._columns.where

    def _cells(self, rows: Any, first: int, file: int) -> Cells:
        """Arrow's rows of one file as cells; `first` is the number of the first one over all files."""
        source, opened = self._columns.files[file]
        held = [(source, _Read(rows, opened.schema_arrow))]
        return _Span(self._columns.names, len(rows), held, whole=self._columns, first=first)

    def values(self, columns: tuple[str, ...]) -> Iterator[tuple[str, Blocks]]:
        """Column by column, as those of a table in memory."""
        for name in columns:
            dtype = np.dtype(object if name in self.texts else np.float64)
            yield name, Blocks((self.rows,), dtype, partial(self._column, name))

    def _column(self, name: str) -> Iterator[Any]:
        for first, stop in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            table = self.read(int(first), int(stop), (name,))
            yield table.categorical[name] if name in self.texts else table.numeric[name]


def stored_features(
    cells: Any, order: tuple[str, ...], texts: Collection[str], dates: Collection[str] = ()
) -> StoredFeatures:
    """Columns as features that stay in their files, in the place of `make_table`."""
    assert isinstance(cells, Columns)
    return StoredFeatures.of(TableStore(cells, order, texts, dates))


def _pieces(columns: Columns, wanted: int) -> Iterator[_Piece]:
    """Neighbouring groups that have about `wanted` rows together; a larger group is a piece by itself."""
    start = 0
    for number, (_, opened) in enumerate(columns.files):
        groups: list[int] = []
        rows = 0
        for group in range(opened.metadata.num_row_groups):
            count = opened.metadata.row_group(group).num_rows
            if groups and rows + count > wanted:
                yield _Piece(number, tuple(groups), start, rows)
                start, rows, groups = start + rows, 0, []
            groups.append(group)
            rows += count
        if rows:
            yield _Piece(number, tuple(groups), start, rows)
            start += rows
