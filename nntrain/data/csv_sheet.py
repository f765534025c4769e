"""The cells of CSV files as columns of numbers and of texts, and what numbers those texts are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.data.tables import arrow, words
from nntrain.data.tables.cells import FLOAT32_MAX
from nntrain.errors import DataError, Location, Problem

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$|^[+-]?(?i:inf|infinity)$"


@dataclass(frozen=True)
class Sheet:
    """The columns of one file or several, trimmed of spaces, missing cells marked."""

    names: tuple[str, ...]
    plain: Mapping[str, NDArray[np.float64]]
    """Columns that were read as numbers; NaN where the cell is missing."""
    columns: Mapping[str, Any]
    """The others, Arrow arrays of texts; null where the cell is missing."""
    where: Callable[[int, str], Location]
    rows: int
    notes: tuple[str, ...] = ()
    nameless: tuple[str, ...] = ()
    """Columns whose cell of the header is empty, called by their position."""
    settled: bool = False
    """Whether a finished run has settled which columns are numbers."""

    def looks_like_text(self, name: str) -> bool:
        """Whether fewer than half of the cells that are present are numbers."""
        if name in self.plain:
            return False
        numbers, unreadable = parse(self.columns[name])
        bad = int(unreadable.sum())
        return bad > int((~np.isnan(numbers)).sum())

    def is_truth(self, name: str) -> bool:
        """Whether every cell is true or false (yes or no), or missing."""
        return name not in self.plain and words.truth_words(self._distinct(name)) is not None

    def date_in(self, name: str) -> str | None:
        """The first cell of a column of dates or times; None if it is no such column."""
        return self.alike(name, words.DATE)

    def alike(self, name: str, pattern: str) -> str | None:
        """The first cell of a column of texts that all fit a pattern; None if it is no such column."""
        import pyarrow.compute as pc

        if name in self.plain:
            return None
        column = self.columns[name]
        first = next((cell.as_py() for cell in column if cell.is_valid), None)
        if first is None or not re.search(pattern, first):
            return None  # which spares a look at the others
        return str(first) if pc.all(pc.match_substring_regex(column, pattern)).as_py() else None

    def texts(self, name: str) -> NDArray[np.object_]:
        """A column as texts, shape `(rows,)`; None where the cell is missing."""
        return arrow.texts(self.columns[name])

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as numbers, truth values as 0 and 1, shape `(rows,)`; NaN where the cell is missing.

        Raises:
            DataError: Cells that are no numbers, or too large for 32 bits.
        """
        if name in self.plain:
            return self.plain[name]
        numbers, unreadable = parse(self.columns[name])
        if unreadable.any():
            truth = words.truth_words(self._distinct(name))
            if truth is not None:
                return np.array([np.nan if text is None else truth[text] for text in self.texts(name)])
            raise self._no_number(name, unreadable)
        with np.errstate(invalid="ignore"):
            excessive = np.abs(numbers) > FLOAT32_MAX
        if excessive.any():
            raise self._too_large(name, excessive)
        return numbers

    def days(self, name: str) -> NDArray[np.float64]:
        """A column of dates as days since 1970-01-01, shape `(rows,)`; NaN where the cell is missing.

        Raises:
            DataError: A cell is no date, or some have a zone and others none.
        """
        texts = self.texts(name)
        found, bad = words.days(texts)
        if bad is None:
            return found
        what = "is no date" if words.moment(texts[bad]) is None else words.mixed_zones(texts[bad])
        message = (
            f"column '{name}': '{texts[bad]}' {what}; write dates as 2026-01-31 or 2026-01-31T12:00, "
            "or add the cell to data.missing"
        )
        raise DataError(Problem(message, location=self.where(bad, name), id="not_a_date"))

    def _distinct(self, name: str) -> set[str]:
        """The different texts of a column, those that are missing left out."""
        import pyarrow.compute as pc

        return {*pc.unique(self.columns[name]).to_pylist()} - {None}

    def _no_number(self, name: str, unreadable: NDArray[np.bool_]) -> DataError:
        row, count = int(unreadable.argmax()), int(unreadable.sum())
        cell = str(self.columns[name][row])
        if re.match(words.COMMAS, cell):
            advice = f"write it with a point: {cell.replace(',', '.')}"
        elif self.settled:
            advice = "the run was trained on numbers here"
        else:
            advice = (
                f"read the column as text with data.categorical: [{name}], or add '{cell}' to data.missing"
            )
        message = f"column '{name}': '{cell}' is not a number ({_of(count, self.rows)}); {advice}"
        return DataError(Problem(message, location=self.where(row, name), id="not_a_number"))

    def _too_large(self, name: str, excessive: NDArray[np.bool_]) -> DataError:
        row, count = int(excessive.argmax()), int(excessive.sum())
        cell = str(self.columns[name][row])
        size = "not a finite number" if "inf" in cell.lower() else "more than a 32-bit number can hold"
        message = f"column '{name}': '{cell}' is {size} ({_of(count, self.rows)}); " + (
            "mend the cell" if self.settled else f"mend the cell, or add '{cell}' to data.missing"
        )
        return DataError(Problem(message, location=self.where(row, name), id="too_large_a_number"))


def _of(count: int, rows: int) -> str:
    return f"{count} of {rows} cells"


def parse(column: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Numbers, NaN where a cell is missing or unreadable; and which cells are present but unreadable."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        values = pc.cast(column, pa.float64())
    except pa.ArrowInvalid:
        readable = pc.match_substring_regex(column, NUMBER)
        values = pc.cast(pc.if_else(readable, column, arrow.no_text()), pa.float64())
    numbers = arrow.numbers(values)
    present = ~np.concatenate([arrow.nulls(chunk) for chunk in column.chunks])
    return numbers, present & np.isnan(numbers)
