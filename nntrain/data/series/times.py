"""The column of the time: numbers or dates, which must ascend and leave nothing out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nntrain.data.csv_sheet import Sheet
from nntrain.data.kind import Index
from nntrain.errors import DataError, Location, Problem

Times = NDArray[np.float64]
LONG_STEP = 1.5
"""A step of more than so many usual ones is a gap; months differ by less."""


def read_times(sheet: Sheet, column: str) -> Times:
    """A column as numbers: as they stand there, or seconds of dates and times.

    Args:
        sheet: The file's cells.
        column: The column.

    Raises:
        DataError: A cell is missing, or no time.
    """
    if not sheet.looks_like_text(column):
        times = sheet.numbers(column)
        missing = np.isnan(times)
        if missing.any():
            raise _wrong(
                "the time is missing here; a row needs its time", sheet.where(int(missing.argmax()), column)
            )
        return times
    found = np.zeros(sheet.rows)
    for row, cell in enumerate(sheet.texts(column)):
        if cell is None:
            raise _wrong("the time is missing here; a row needs its time", sheet.where(row, column))
        seconds = _seconds(cell)
        if seconds is None:
            message = f"'{cell}' is no time; write numbers, or times such as 2024-05-31 or 2024-05-31T12:00"
            raise _wrong(message, sheet.where(row, column))
        found[row] = seconds
    return found


def _seconds(cell: str) -> float | None:
    """Seconds since 1970 of a date or a time; None for another text."""
    try:
        moment = datetime.fromisoformat(cell)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def refuse_times(sheet: Sheet, columns: Sequence[str], named: str | None) -> None:
    """Refuse features that are dates: each would be a category of its own.

    Args:
        sheet: The file's cells.
        columns: The features that are texts.
        named: The column that the config calls the time.

    Raises:
        DataError: With the first of them.
    """
    for column in columns:
        first = sheet.texts(column)[0]
        if first is not None and _seconds(first) is not None:
            name = "" if named else f"name it with data.time: {column}, or "
            message = f"column '{column}' holds times, which are no features; {name}leave it out: name the "
            raise _wrong(f"{message}columns of a window in data.features", sheet.where(0, column))


def check_order(
    times: Times,
    series: list[Index],
    gaps: Literal["error", "split", "ignore"],
    sheet: Sheet,
    column: str,
) -> list[Index]:
    """Refuse times that don't ascend, and find the gaps.

    Args:
        times: Of each row of the file.
        series: The file's row numbers of each series, in the file's order.
        gaps: What to do where rows are left out.
        sheet: The file's cells.
        column: The column of the time.

    Returns:
        The series; where they are to be split at gaps, the pieces.

    Raises:
        DataError: A time does not come after the one before, or rows are left out; with the line.
    """
    pieces: list[Index] = []
    for rows in series:
        steps = np.diff(times[rows])
        if (steps <= 0).any():
            row = int(rows[int((steps <= 0).argmax()) + 1])
            cell, before = sheet.texts(column)[[row, int(rows[int((steps <= 0).argmax())])]]
            how = "is the time of the row before too" if cell == before else f"comes after {before}"
            message = f"the time {cell} {how}; sort the rows by time"
            message += ", or name the column that tells several series apart in data.group"
            raise _wrong(message, sheet.where(row, column))
        long = steps > LONG_STEP * np.median(steps) if len(steps) else steps > 0
        if long.any() and gaps == "error":
            at = int(long.argmax())
            cell, before = sheet.texts(column)[[int(rows[at + 1]), int(rows[at])]]
            count = f"{int(long.sum())} gaps, the first here" if long.sum() > 1 else "a gap"
            message = (
                f"{count}: {cell} comes after {before}, {steps[at] / np.median(steps):.1f} usual steps on; "
            )
            message += "fill in the rows, or set data.gaps: split | ignore"
            raise _wrong(message, sheet.where(int(rows[at + 1]), column))
        pieces += np.split(rows, np.flatnonzero(long) + 1) if gaps == "split" else [rows]
    return pieces


def _wrong(message: str, location: Location) -> DataError:
    return DataError(Problem(message, location=location, id="time"))
