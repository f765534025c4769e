"""A CSV file of rows that follow one another as windows, each with what comes after it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import INPUT, TARGET, CsvSource, SeriesSource
from nntrain.data.csv_open import open_sheet
from nntrain.data.csv_sheet import Sheet
from nntrain.data.dataset import Array, Part, Raw, Table, TargetOrigin
from nntrain.data.files import check_file, resolve
from nntrain.data.kind import Index
from nntrain.data.roles import find_column
from nntrain.data.series.cut import Cut, cut, parts_of
from nntrain.data.series.features import Windows
from nntrain.data.series.times import check_order, read_times, refuse_times
from nntrain.data.tables.build import make_table
from nntrain.data.tables.files import SourceFile
from nntrain.errors import DataError, KeyPath, Location, Problem


@dataclass(frozen=True)
class _Rows:
    """A file's rows, series after series."""

    table: Table
    target: NDArray[np.float64]
    """Shape `(rows,)`; NaN where it is missing."""
    target_name: str
    pieces: list[Index]
    """The file's row numbers of each piece of a series."""
    parts: Index
    """The split of each row of the file."""
    series: int
    """How many there are."""
    names: Array | None
    """The name of the series of each row; None without a column for it."""


def load(source: SeriesSource, base: Path) -> Raw:
    """Read the file that a config in the folder `base` names.

    Raises:
        DataError: It is missing, its cells are not what the config says, or it makes no windows.
        MachineError: It may not be read.
    """
    file = resolve(source.path, base)
    check_file(file, source.path, ("data", "path"))
    return _windows(source, _read(source, file, source.path), source.path, divided=True)


def load_new(
    source: SeriesSource, file: Path, shown: str
) -> tuple[Part, dict[str, TargetOrigin], tuple[str, ...]]:
    """All windows of another file with the run's columns.

    Raises:
        DataError: It is missing, its cells are not what the run's config says, or it makes no windows.
        MachineError: It may not be read.
    """
    check_file(file, shown, ())
    try:
        raw = _windows(source, _read(source, file, shown), shown, divided=False)
    except DataError as error:
        found = (p if p.location else replace(p, key=(), location=Location(shown)) for p in error.problems)
        raise DataError(*found) from None
    return raw.rows, {name: replace(origin, key=()) for name, origin in raw.targets.items()}, raw.notes


def _read(source: SeriesSource, file: Path, shown: str) -> _Rows:
    cells = CsvSource(
        type="csv",
        path=source.path,
        task="reconstruction",  # so that no target is asked for: the columns are looked up here
        header=source.header,
        delimiter=source.delimiter,
        missing=source.missing,
    )
    sheet = open_sheet(cells, (SourceFile(file, shown),))
    target, time, group, features = _columns(source, sheet)
    texts = [name for name in features if sheet.looks_like_text(name)]
    refuse_times(sheet, texts, time)
    try:
        table = make_table(sheet, features, texts)
        predicted = sheet.numbers(target)
    except DataError as error:
        raise DataError(*dict.fromkeys(map(_without_text_columns, error.problems))) from None
    series = series_of(sheet, group)
    times = None if time is None else read_times(sheet, time)
    own = [np.flatnonzero(series == number) for number in range(int(series.max()) + 1)]
    pieces = own if times is None or time is None else check_order(times, own, source.gaps, sheet, time)
    parts = parts_of(pieces, source.split, times, series)
    order = np.concatenate(pieces)
    names = None if group is None else sheet.texts(group)[order]
    return _Rows(table.take(order), predicted[order], target, pieces, parts, len(own), names)


def _without_text_columns(problem: Problem) -> Problem:
    """The problem of a cell, with what can be done about it here."""
    if problem.id != "not_a_number":
        return problem
    found = problem.message.split("; ")[0]
    return replace(problem, message=f"{found}; mend the cell, or add its text to data.missing")


def _columns(source: SeriesSource, sheet: Sheet) -> tuple[str, str | None, str | None, tuple[str, ...]]:
    """The names of target, time, group and features."""
    problems: list[Problem] = []

    def named(column: str | int | None, key: KeyPath) -> str | None:
        try:
            return None if column is None else find_column(column, sheet.names, key)
        except DataError as error:
            problems.extend(error.problems)
            return None

    target = named(source.target, ("data", "target"))
    time, group = named(source.time, ("data", "time")), named(source.group, ("data", "group"))
    wanted = source.features
    features = [named(column, ("data", "features", i)) for i, column in enumerate(wanted or ())]
    for key, name, others in (("time", time, (target,)), ("group", group, (target, time))):
        if name is not None and name in others:
            message = (
                f"'{name}' is {'the time' if name == time and key == 'group' else 'to be predicted'} too"
            )
            problems.append(Problem(message, ("data", key), id="conflict"))
    for i, name in enumerate(features):
        if name is not None and (name in (time, group) or name in features[:i]):
            message = f"'{name}' is named twice, or is the time or the group; remove it"
            problems.append(Problem(message, ("data", "features", i), id="conflict"))
    if problems:
        raise DataError(*problems)
    assert target is not None
    chosen = features if wanted is not None else [name for name in sheet.names if name not in (time, group)]
    return target, time, group, tuple(name for name in chosen if name is not None)


def series_of(sheet: Sheet, group: str | None) -> Index:
    """The number of the series of each row, in the order in which they appear."""
    if group is None:
        return np.zeros(sheet.rows, np.int64)
    numbers: dict[str, int] = {}
    found = np.zeros(sheet.rows, np.int64)
    for row, name in enumerate(sheet.texts(group)):
        if name is None:
            message = f"'{group}' is missing here, so the row belongs to no series"
            raise DataError(Problem(message, location=sheet.where(row, group), id="missing_group"))
        found[row] = numbers.setdefault(name, len(numbers))
    return found


def _windows(source: SeriesSource, rows: _Rows, shown: str, *, divided: bool) -> Raw:
    """The windows of every split with what they predict; of a file that is not divided, all in one."""
    found = cut(rows.pieces, rows.parts if divided else None, source)
    starts = {name: _predictable(own, rows, source) for name, own in found.starts.items()}
    parts = {
        name: Part(
            {INPUT: _laid(own, rows, source.window)},
            {TARGET: _ahead(own, rows, source)},
        )
        for name, own in starts.items()
    }
    notes = tuple(_notes(rows, found, starts, source, divided))
    names = [f"{rows.target_name}+{source.horizon + i}" for i in range(source.steps)]
    columns = tuple(names) if source.steps > 1 else (rows.target_name,)
    several = f" in {rows.series} series" if rows.series > 1 else ""
    return Raw(
        parts["train"],
        parts.get("validation"),
        parts.get("test"),
        targets={TARGET: TargetOrigin(("data", "target"), columns, task="regression")},
        description=f"{shown}: {len(rows.target):,} rows{several}, {sum(map(len, parts.values())):,} windows "
        f"of {source.window:,}, target '{rows.target_name}'",
        notes=notes,
    )


def _laid(starts: Index, rows: _Rows, window: int) -> Windows:
    """Windows that begin at these rows."""
    series = None if rows.names is None else rows.names[starts]
    return Windows(rows.table, starts, window, rows.target[starts + window - 1], series)


def _ahead(starts: Index, rows: _Rows, source: SeriesSource) -> Array:
    """What each window predicts: `(windows,)`, or `(windows, steps)` of several steps."""
    first = starts + source.window + source.horizon - 1
    if source.steps == 1:
        return np.asarray(rows.target[first])
    return np.asarray(rows.target[first[:, np.newaxis] + np.arange(source.steps)])


def _predictable(starts: Index, rows: _Rows, source: SeriesSource) -> Index:
    """The windows whose target is there.

    Raises:
        DataError: One is missing, and missing values are not to be replaced; or all are.
    """
    missing = np.isnan(_ahead(starts, rows, source).reshape(len(starts), -1))
    gone = missing.any(axis=1)
    if gone.any() and (source.preprocess.numeric.impute is None or gone.all()):
        window, step = np.argwhere(missing)[0]
        at = int(starts[window]) + source.window + source.horizon - 1 + int(step)
        location, row = rows.table.place(at, rows.target_name)
        message = f"the target '{rows.target_name}' is missing{row or ' here'}; fill it in, or leave out the "
        message += "windows that predict it with data.preprocess.numeric.impute"
        raise DataError(Problem(message, location=location, id="missing_target"))
    return starts[~gone]


def _notes(
    rows: _Rows, found: Cut, starts: dict[str, Index], source: SeriesSource, divided: bool
) -> list[str]:
    notes = []
    if found.left_out:
        notes.append(f"windows that reach over the border of two splits are left out: {found.left_out:,}")
    gone = sum(map(len, found.starts.values())) - sum(map(len, starts.values()))
    if gone:
        notes.append(f"windows whose target is missing are left out: {gone:,}")
    judged = (
        "new"
        if not divided
        else "test"
        if "test" in starts
        else "validation"
        if "validation" in starts
        else "training"
    )
    own = starts.get(judged, starts["train"])
    last = rows.target[own + source.window - 1]
    actual = _ahead(own, rows, source).reshape(len(own), -1)
    error = np.abs(actual - last[:, np.newaxis])
    if not np.isnan(error).all():
        notes.append(
            f"to repeat the last value of '{rows.target_name}' misses the {judged} rows by "
            f"{np.nanmean(error):.4g} on average (MAE); a forecast has to beat that"
        )
    return notes
