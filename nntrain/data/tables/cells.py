"""What every kind of table says of its cells, whatever it is read from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nntrain.errors import Location

FLOAT32_MAX = float(np.finfo(np.float32).max)
SHOWN_PROBLEMS = 8


def not_float32(values: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Which numbers are not finite, or are more than 32 bits can hold."""
    narrow = values.dtype.itemsize <= np.dtype(np.float32).itemsize  # in 16 bits that number is infinite
    fits: NDArray[np.bool_] = np.isfinite(values) if narrow else np.abs(values) <= FLOAT32_MAX
    return ~fits


class Cells(Protocol):
    """Columns by name, of the same number of rows each, none of which has a part to play yet."""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, in the file's order."""

    @property
    def rows(self) -> int:
        """How many rows there are."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know, one sentence each."""

    @property
    def nameless(self) -> tuple[str, ...]:
        """Columns that the file gives no name, called by their position."""

    @property
    def where(self) -> Callable[[int, str], Location] | None:
        """The place of a cell, for errors; None where there is no file."""

    def looks_like_text(self, name: str) -> bool:
        """Whether a column is no column of numbers; dates aren't, and truth values that are words.

        Raises:
            DataError: It is a column of something that no network reads.
        """

    def is_truth(self, name: str) -> bool:
        """Whether every cell of a column is true or false (yes or no), or missing."""

    def date_in(self, name: str) -> str | None:
        """The first cell of a column of dates or times; None if it is no such column."""

    def alike(self, name: str, pattern: str) -> str | None:
        """The first cell of a column of texts that all fit a pattern; None if it is no such column."""

    def texts(self, name: str) -> NDArray[np.object_]:
        """A column as texts, shape `(rows,)`; None where the cell is missing."""

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as numbers, truth values as 0 and 1, shape `(rows,)`; NaN where the cell is missing.

        Raises:
            DataError: Cells that are no numbers, or too large for 32 bits.
        """

    def days(self, name: str) -> NDArray[np.float64]:
        """A column of dates as days since 1970-01-01, shape `(rows,)`; NaN where the cell is missing.

        Raises:
            DataError: Cells that are no dates.
        """
