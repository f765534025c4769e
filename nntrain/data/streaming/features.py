"""Features that stay in their file: which rows they are, what they teach, and how they are prepared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import gcd, prod
from typing import Any

import numpy as np

from nntrain import arrays
from nntrain.arrays import Scaled, Stored
from nntrain.config.data import INPUT, Preprocess
from nntrain.data.dataset import Array, Index, Table
from nntrain.data.kind import Blocks, Kind, State
from nntrain.data.prepare import preparation
from nntrain.data.prepare.arrays import ArrayFitting
from nntrain.data.prepare.fitted import Fitted
from nntrain.data.prepare.statistics import BLOCK
from nntrain.data.prepare.tables import TableFitting
from nntrain.data.prepare.unfit import check_table, refuse_unknown_columns
from nntrain.errors import DataError, Problem

CHUNK_ROWS = 65_536
"""Rows that are read at once, where the file leaves that open."""
CHUNK_BYTES = 32 << 20
"""Rows that take more than this are read in smaller chunks."""
MOST_BYTES = 8 * CHUNK_BYTES
"""Of rows that are put together only so that sums are those of rows in memory, to the last bit."""

Rows = Table | Array


def chunk_rows(row_bytes: int) -> int:
    """How many rows of so many bytes are read at once."""
    return max(1, min(CHUNK_ROWS, CHUNK_BYTES // max(1, row_bytes)))


class Store(ABC):
    """A file, or several, in which rows lie one after another."""

    rows: int
    """How many there are."""
    bounds: Index
    """Where the pieces begin that are read at once, and where the last one ends, shape `(pieces + 1,)`."""
    order: tuple[str, ...] = ()
    """The columns of a table; empty for an array."""
    texts: Collection[str] = ()
    """Those that hold texts."""

    @abstractmethod
    def read(self, first: int, stop: int, columns: tuple[str, ...]) -> Rows:
        """Some rows of one piece.

        Raises:
            DataError: The file is damaged, or holds what can't be read.
        """

    @abstractmethod
    def values(self, columns: tuple[str, ...]) -> Iterator[tuple[str, Blocks]]:
        """All values, column by column; those of an array without a name."""


@dataclass(frozen=True)
class StoredFeatures(Kind):
    """Some rows of a store, and some columns of a table."""

    store: Store
    index: Index
    """Their numbers in the store, ascending; a row that is drawn several times stands there as often."""
    order: tuple[str, ...]

    @classmethod
    def of(cls, store: Store) -> StoredFeatures:
        """All rows and columns."""
        return cls(store, np.arange(store.rows), store.order)

    def __len__(self) -> int:
        return len(self.index)

    @property
    def categorical(self) -> tuple[str, ...]:
        """The columns of texts."""
        return tuple(name for name in self.order if name in self.store.texts)

    def take(self, rows: Index) -> StoredFeatures:
        """The rows at these positions, which ascend and may be repeated."""
        return replace(self, index=self.index[rows])

    def select(self, columns: tuple[str, ...]) -> StoredFeatures:
        """These columns alone."""
        return replace(self, order=columns)

    def arrays(self) -> Iterator[tuple[str, Array | Blocks]]:
        """All values of the store, for the fingerprint: the same as of rows in memory."""
        return self.store.values(self.order)

    def comparable(self) -> Array:
        """Not to be had: it would be as large as the rows."""
        raise TypeError("rows that stay in their file are not compared with one another")

    @property
    def bounds(self) -> Index:
        """Positions at which another piece begins, from 0 to the count of rows.

        Those are the store's, each cut to its largest where rows are repeated.
        """
        cuts: Index = np.unique(np.searchsorted(self.index, self.store.bounds))
        most = int(np.diff(self.store.bounds).max(initial=1))
        if np.diff(cuts).max(initial=0) <= most:
            return cuts
        parts = [np.arange(first, last, most) for first, last in pairwise(cuts)]
        return np.append(np.concatenate(parts), cuts[-1])

    def read(self, start: int, stop: int) -> Iterator[Rows]:
        """The rows from one position up to another, piece by piece."""
        cuts = self.bounds
        inside = cuts[(cuts > start) & (cuts < stop)].tolist()
        for first, last in zip([start, *inside], [*inside, stop], strict=True):
            wanted = self.index[first:last]
            if len(wanted):
                begin, end = int(wanted[0]), int(wanted[-1]) + 1
                rows = self.store.read(begin, end, self.order)
                chosen = wanted - begin
                if not np.array_equal(chosen, np.arange(end - begin)):
                    rows = rows.take(chosen) if isinstance(rows, Table) else rows[chosen]
                yield rows

    def pieces(self) -> Iterator[Rows]:
        """All rows, piece by piece."""
        return self.read(0, len(self))

    def check(self, settings: Preprocess) -> None:
        """Refuse steps that don't suit, gaps that nothing fills and numbers without a logarithm.

        Raises:
            DataError: Of the first piece that has such.
        """
        if self.store.order:
            refuse_unknown_columns(self.store.order, settings)
            _refuse_most_frequent([n for n in self.order if n not in self.store.texts], settings)
        first = 0
        for piece in self.pieces():
            if first and not isinstance(piece, Table) and not settings.numeric.log:
                return  # what else there is to check, the first rows tell
            try:
                if isinstance(piece, Table):
                    check_table(piece, settings)
                else:
                    preparation.check({INPUT: piece}, settings)
            except DataError as error:
                if len(piece) == len(self):
                    raise
                told = f" (looked at so far: rows {first:,} to {first + len(piece) - 1:,} of {len(self):,})"
                raise DataError(*(replace(p, message=p.message + told) for p in error.problems)) from None
            first += len(piece)

    def fit(self, settings: Preprocess) -> StoredState:
        """Learn from these rows in one pass, to the last bit what rows in memory teach.

        Raises:
            DataError: A column to be filled has no value, or too many categories.
        """
        fitting: TableFitting | ArrayFitting | None = None
        for rows in self._alike():
            if isinstance(rows, Table):
                fitting = fitting or TableFitting(settings)
                assert isinstance(fitting, TableFitting)
                fitting.add(rows)
            else:
                fitting = fitting or ArrayFitting(settings)
                assert isinstance(fitting, ArrayFitting)
                fitting.add(rows)
        assert fitting is not None
        return StoredState(fitting.result())

    def _alike(self) -> Iterator[Rows]:
        """All rows in portions of a size that statistics of rows in memory would be computed in."""
        portion, size = [], 0
        wanted = 0
        for piece in self.pieces():
            wanted = wanted or _portion(piece)
            start = 0
            while start < len(piece):
                stop = min(len(piece), start + wanted - size)
                portion.append(_part(piece, start, stop))
                size, start = size + stop - start, stop
                if size == wanted:
                    yield joined(portion)
                    portion, size = [], 0
        if portion:
            yield joined(portion)


def _refuse_most_frequent(columns: list[str], settings: Preprocess) -> None:
    """Refuse, for single columns, what a config can't tell from the most frequent text.

    Raises:
        DataError: The most frequent number of a column is to be filled in.
    """
    message = (
        "'most_frequent' takes all values of a column of numbers in memory, where 'streaming: true' never "
        "has them: set data.streaming: false, or impute the mean"
    )
    found = [
        Problem(message, settings.key_of(name, "numeric", "impute"), id="conflict")
        for name in columns
        if settings.numeric_of(name).impute == "most_frequent"
    ]
    if found:
        raise DataError(*found)


def _portion(piece: Rows) -> int:
    """How many rows make whole blocks of `statistics.blocks`."""
    if isinstance(piece, Table):
        return BLOCK
    width = prod(piece.shape[1:])
    unit = max(1, BLOCK // width) if piece.ndim == 2 else BLOCK // gcd(BLOCK, width)
    row = piece[0].nbytes
    if unit * row > MOST_BYTES:
        return chunk_rows(row)
    return unit * max(1, chunk_rows(row) // unit)


def _part(rows: Rows, start: int, stop: int) -> Rows:
    return rows.take(np.arange(start, stop)) if isinstance(rows, Table) else rows[start:stop]


def joined(parts: list[Any]) -> Any:
    """Rows of features laid end to end."""
    first = parts[0]
    if len(parts) == 1 or not isinstance(first, Table):
        return arrays.joined(parts)
    return replace(
        first,
        numeric={name: np.concatenate([part.numeric[name] for part in parts]) for name in first.numeric},
        categorical={
            name: np.concatenate([part.categorical[name] for part in parts]) for name in first.categorical
        },
        index=np.concatenate([part.index for part in parts]),
    )


class StoredState(State):
    """What such rows taught: the same as of rows in memory, and kept in the same form."""

    vocabulary = None

    def __init__(self, fitted: Fitted) -> None:
        self.fitted = fitted
        self.rows = fitted.rows

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the prepared columns; empty for arrays."""
        return self.fitted.columns

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about the training rows."""
        return self.fitted.notes

    def apply(self, features: StoredFeatures) -> Any:
        """Rows that are prepared when they are read."""
        return Prepared(features, self.fitted)

    def to_json(self) -> dict[str, Any]:
        """As for rows in memory."""
        return self.fitted.to_json()


def applied(fitted: Fitted, features: Any) -> Any:
    """Rows prepared as a run's training rows taught: now, or when they are read where they stay in a file."""
    return Prepared(features, fitted) if isinstance(features, StoredFeatures) else fitted.apply(features)


class Prepared(Stored):
    """Rows in a file, prepared as the training rows taught when they are read."""

    def __init__(self, features: StoredFeatures, fitted: Fitted) -> None:
        self._features, self._fitted = features, fitted
        self._bounds = features.bounds
        example = self.read(0, 1)
        self._row, self._dtype = example.shape[1:], example.dtype
        self._bytes = example.nbytes

    @property
    def shape(self) -> tuple[int, ...]:
        """Of all rows together."""
        return (len(self._features), *self._row)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the prepared numbers."""
        return self._dtype

    @property
    def nbytes(self) -> int:
        """Bytes that the rows take once they are read: of bytes that stand for floats, these."""
        return self._bytes * len(self._features)

    @property
    def bounds(self) -> Index:
        """Where another piece of the file begins."""
        return self._bounds

    def take(self, rows: Index) -> Prepared:
        """The rows at these positions, which ascend and may be repeated."""
        return Prepared(self._features.take(rows), self._fitted)

    def read(self, start: int, stop: int) -> Array | Scaled:
        """The rows from one position up to another.

        Raises:
            DataError: The file was altered, or holds what can't be prepared.
        """
        parts = [self._fitted.apply(piece) for piece in self._features.read(start, stop)]
        found: Array | Scaled = arrays.joined(parts)
        return found
