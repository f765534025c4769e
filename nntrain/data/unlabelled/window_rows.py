"""What comes after the last rows of a series: the last window of each, without what it predicts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nntrain.config.data import CsvSource, SeriesSource
from nntrain.data.csv_open import delimiter_of, open_sheet
from nntrain.data.csv_sheet import Sheet
from nntrain.data.dataset import Index
from nntrain.data.new_tables import missing
from nntrain.data.prepare.tables import FittedTable
from nntrain.data.roles import find_column
from nntrain.data.series.features import Windows, WindowState
from nntrain.data.series.load import series_of
from nntrain.data.series.times import check_order, read_times
from nntrain.data.tables.build import make_table
from nntrain.data.tables.files import SourceFile
from nntrain.data.unlabelled.chunk import Chunk, NewRows
from nntrain.errors import DataError, Location, Problem


def window_rows(source: SeriesSource, name: str, state: WindowState, file: Path, shown: str) -> NewRows:
    """The last rows of each series in a CSV file, as many as a window has.

    The column that is predicted need not be there, unless its past is among the features.

    Raises:
        DataError: A column is not there, a series is shorter than a window, or a cell is no good.
    """
    notes: list[str] = []
    return NewRows(_chunks(source, name, state, file, shown, notes), None, notes)


def _chunks(
    source: SeriesSource, name: str, state: WindowState, file: Path, shown: str, notes: list[str]
) -> Iterator[Chunk]:
    sheet = open_sheet(
        CsvSource(
            type="csv",
            path=shown,
            task="reconstruction",  # so that no target is asked for
            header=source.header,
            delimiter=delimiter_of(source.delimiter, shown),
            missing=source.missing,
        ),
        (SourceFile(file, shown),),
    )
    fitted = state.fitted
    assert isinstance(fitted, FittedTable)
    absent = [column for column in fitted.order if column not in sheet.names]
    if absent:
        raise DataError(missing(absent, sheet.names, shown, features=fitted.order))
    time, group = (_named(column, sheet, shown) for column in (source.time, source.group))
    series = series_of(sheet, group)
    own = [np.flatnonzero(series == number) for number in range(int(series.max()) + 1)]
    if time is not None:
        try:
            pieces = check_order(read_times(sheet, time), own, source.gaps, sheet, time)
        except DataError as error:
            raise error.located(lambda key: Location(shown)) from None
        own = [next(p for p in reversed(pieces) if len(p) and series[p[0]] == n) for n in range(len(own))]
    names = None if group is None else sheet.texts(group)
    last = [
        _last(rows, source.window, "" if names is None else f" of '{names[rows[0]]}'", shown) for rows in own
    ]
    table = make_table(sheet, fitted.order, fitted.texts).take(np.concatenate(last))
    starts = np.arange(len(last)) * source.window
    inputs = {name: state.apply(Windows(table, starts, source.window))}
    ends = np.array([rows[-1] for rows in last])
    beside = {} if names is None else {"series": [str(names[row]) for row in ends]}
    if source.horizon > 1:
        notes.append(f"the first predicted value lies {source.horizon} rows after the last row")
    yield Chunk(inputs, ends, beside, done=sheet.rows)


def _named(column: str | int | None, sheet: Sheet, shown: str) -> str | None:
    try:
        return None if column is None else find_column(column, sheet.names, ())
    except DataError as error:
        raise DataError(
            *(Problem(p.message, location=Location(shown), id=p.id) for p in error.problems)
        ) from None


def _last(rows: Index, window: int, whose: str, shown: str) -> Index:
    """The last rows of a series, as many as a window has."""
    if len(rows) < window:
        message = f"a window takes {window} rows that follow one another, and the end of the series{whose} "
        message += f"has {len(rows)}"
        raise DataError(Problem(message, location=Location(shown), id="window"))
    return rows[-window:]
