"""A CSV file as tables of features and targets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Column, CsvSource
from nntrain.data.csv_sheet import SHOWN_PROBLEMS, Sheet, open_sheet
from nntrain.data.dataset import Array, Beside, Part, Raw, Table, TargetOrigin, Use, missing_values
from nntrain.data.files import check_file, resolve
from nntrain.data.own_files import check_columns, columns_of, with_own_files
from nntrain.data.roles import Roles, find_columns, find_roles
from nntrain.errors import DataError, KeyPath, Problem, listing

PATH_KEY = ("data", "path")


def load(source: CsvSource, base: Path) -> Raw:
    """Read the file that a config in the folder `base` names.

    Raises:
        DataError: The file is missing, or its cells or columns are not what the config says.
        MachineError: It may not be read.
    """
    file = resolve(source.path, base)
    check_file(file, source.path, PATH_KEY)
    raw = read(source, file, source.path)
    return with_own_files(source, base, raw, partial(read_like, source))


def read(source: CsvSource, file: Path, shown: str) -> Raw:
    """Read a file whose kinds of column are still to be found out.

    A column is text where `categorical` names it or where fewer than half of its cells are numbers.

    Args:
        source: Says how the file is written and which columns matter.
        file: The path as resolved.
        shown: The path as the user wrote it.

    Returns:
        A table of features an input; targets as texts or as float64.

    Raises:
        DataError: The cells or columns are not what the config says.
    """
    sheet = open_sheet(source, file, shown)
    roles, as_text = _roles(source, sheet)
    columns = [*roles.features, *(name for columns in roles.targets.values() for name in columns)]
    text = {name for name in columns if name in as_text or sheet.looks_like_text(name)}
    table = make_table(sheet, roles.features, text)
    inputs = {name: table.select(columns) for name, columns in roles.inputs.items()}
    targets = {
        name: read_target(sheet, columns, text, roles.keys[name]) for name, columns in roles.targets.items()
    }
    width = f"{len(roles.features)} feature column" + ("s" if len(roles.features) > 1 else "")
    notes = (*sheet.notes, *_nameless([name for name in sheet.nameless if name in columns]))
    if roles.left_out:
        notes += (f"columns that no input names are left out: {listing(roles.left_out)}",)
    beside = {use: _beside(sheet, use, column) for use, column in roles.beside.items()}
    return Raw(
        Part(inputs, targets, beside, sheet.where),
        targets={
            name: TargetOrigin(roles.keys[name], columns, where=sheet.where)
            for name, columns in roles.targets.items()
        },
        description=f"{shown}: {sheet.rows:,} rows, {width}{_predicted(roles)}",
        notes=notes,
    )


def read_like(source: CsvSource, raw: Raw, file: Path, shown: str, key: KeyPath) -> Part:
    """Read a file with the columns of one that was read; their order is free, and others are ignored.

    Args:
        source: Says how the file is written.
        raw: What was read.
        file: The path as resolved.
        shown: The path as the user wrote it.
        key: The config key that names it.

    Raises:
        DataError: A column is missing, or its cells are not of the kind that they were.
    """
    sheet = open_sheet(source, file, shown)
    wanted, texts = columns_of(raw)
    check_columns(wanted, sheet.names, shown, key)
    tables = {name: features for name, features in raw.rows.inputs.items() if isinstance(features, Table)}
    order = tuple(dict.fromkeys(column for table in tables.values() for column in table.order))
    table = make_table(sheet, order, texts)
    return Part(
        {name: table.select(known.order) for name, known in tables.items()},
        {name: read_target(sheet, origin.columns, texts) for name, origin in raw.targets.items()},
        {use: _beside(sheet, use, b.column) for use, b in raw.rows.beside.items() if use != "weight"},
        sheet.where,
    )


def _beside(sheet: Sheet, use: Use, column: str) -> Beside:
    """A column that weighs rows, or their time, as numbers; a group, or dates, as texts."""
    as_number = use == "weight" or (use == "time" and not sheet.looks_like_text(column))
    return Beside(column, sheet.numbers(column) if as_number else sheet.texts(column))


def _nameless(names: list[str]) -> Iterator[str]:
    """A note on columns whose cell of the header is empty, as pandas writes the numbers of rows."""
    if names:
        one = len(names) == 1
        yield (
            f"the header is empty above column{'' if one else 's'} {listing(names)} (named by position); "
            f"if {'it only counts' if one else 'they only count'} the rows, "
            f"add data.drop: [{', '.join(names)}]"
        )


def _roles(source: CsvSource, sheet: Sheet) -> tuple[Roles, set[str]]:
    """What each column is for, and the columns to read as text."""
    problems: list[Problem] = []
    as_text = find_columns(source.categorical, sheet.names, ("data", "categorical"), problems)
    several = source.targets is not None
    targets: dict[tuple[str, ...], tuple[Column, ...]] = {
        ("targets", name) if several else (name,): columns for name, columns in source.target_columns.items()
    }
    try:
        roles = find_roles(sheet.names, source.inputs, targets, source.drop, source.columns_beside)
    except DataError as error:
        raise DataError(*error.problems, *problems) from None
    if problems:
        raise DataError(*problems)
    return roles, set(as_text)


def _predicted(roles: Roles) -> str:
    """The targets as the end of a description."""
    names = [f"'{name}'" for columns in roles.targets.values() for name in columns]
    return f", target{'s' if len(names) > 1 else ''} {listing(names, 4)}" if names else ""


def make_table(sheet: Sheet, order: tuple[str, ...], text: Iterable[str]) -> Table:
    """The columns named in `order`, those in `text` as texts and the others as numbers.

    Raises:
        DataError: Cells that are no numbers, or too large; every column's first is shown.
    """
    text = set(text)
    numeric: dict[str, NDArray[np.float64]] = {}
    problems: list[Problem] = []
    for name in order:
        if name not in text:
            try:
                numeric[name] = sheet.numbers(name)
            except DataError as error:
                problems += error.problems
            if len(problems) == SHOWN_PROBLEMS:
                break
    if problems:
        raise DataError(*problems)
    categorical = {name: sheet.texts(name) for name in order if name in text}
    return Table(numeric, categorical, order, np.arange(sheet.rows), sheet.where)


def read_target(sheet: Sheet, columns: tuple[str, ...], text: Collection[str], key: KeyPath = ()) -> Array:
    """A target: of one column texts or float64 `(rows,)`, of several float64 `(rows, columns)`.

    Args:
        sheet: The file's cells.
        columns: What the target is made of.
        text: The columns that hold texts.
        key: The config key that names them; empty for the file of a finished run.

    Raises:
        DataError: Cells of the target are missing or no numbers, or one of several columns holds texts.
    """
    if len(columns) == 1:
        return _read_column(sheet, columns[0], columns[0] in text)
    texts = [f"'{name}'" for name in columns if name in text]
    if texts:
        holds = f"{listing(texts)} {'hold' if len(texts) > 1 else 'holds'} texts"
        message = f"a target of several columns needs numbers, and {holds}"
        message += "; give it an output of its own with data.targets" if key else ""
        location = None if key else sheet.where(0, texts[0][1:-1])
        raise DataError(Problem(message, key, location, id="text_target"))
    return np.column_stack([_read_column(sheet, name, False) for name in columns])


def _read_column(sheet: Sheet, name: str, as_text: bool) -> Array:
    target: Array = sheet.texts(name) if as_text else sheet.numbers(name)
    missing = missing_values(target)
    if missing.any():
        count = int(missing.sum())
        message = (
            f"the target '{name}' is missing here ({count} of {sheet.rows} rows); "
            "a row without a target can't be used: remove it from the file"
        )
        location = sheet.where(int(missing.argmax()), name)
        raise DataError(Problem(message, location=location, id="missing_target"))
    return target
