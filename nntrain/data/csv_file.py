"""A CSV file as a table of features and a target."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import CsvSource
from nntrain.data.csv_sheet import SHOWN_PROBLEMS, Sheet, find_column, open_sheet
from nntrain.data.dataset import Array, Part, Raw, Table, missing_values
from nntrain.data.files import check_file, resolve
from nntrain.errors import DataError, Problem

PATH_KEY = ("data", "path")


def load(source: CsvSource, base: Path) -> Raw:
    """Read the file that a config in the folder `base` names.

    Raises:
        DataError: The file is missing, or its cells or columns are not what the config says.
        MachineError: It may not be read.
    """
    file = resolve(source.path, base)
    check_file(file, source.path, PATH_KEY)
    return read(source, file, source.path)


def read(source: CsvSource, file: Path, shown: str) -> Raw:
    """Read a file whose kinds of column are still to be found out.

    A column is text where `categorical` names it or where fewer than half of its cells are numbers.

    Args:
        source: Says how the file is written and which columns matter.
        file: The path as resolved.
        shown: The path as the user wrote it.

    Returns:
        A table of features; the target as texts or as float64.

    Raises:
        DataError: The cells or columns are not what the config says.
    """
    sheet = open_sheet(source, file, shown)
    target, order, as_text = _roles(source, sheet)
    text = {name for name in (*order, target) if name in as_text or sheet.looks_like_text(name)}
    table = make_table(sheet, order, text)
    rows = Part(table, read_target(sheet, target, target in text))
    width = f"{len(order)} feature column" + ("s" if len(order) > 1 else "")
    return Raw(
        rows,
        description=f"{shown}: {sheet.rows} rows, {width}, target '{target}'",
        notes=sheet.notes,
        target_name=target,
    )


def _roles(source: CsvSource, sheet: Sheet) -> tuple[str, tuple[str, ...], set[str]]:
    """The target, the features in the file's order, and the columns to read as text."""
    problems: list[Problem] = []
    named: dict[str, list[str]] = {"target": [], "drop": [], "categorical": []}
    for key, columns in (("drop", source.drop), ("categorical", source.categorical)):
        for i, column in enumerate(columns):
            try:
                named[key].append(find_column(column, sheet.names, ("data", key, i)))
            except DataError as error:
                problems += error.problems
    try:
        named["target"].append(find_column(source.target, sheet.names, ("data", "target")))
    except DataError as error:
        problems += error.problems
    for i, name in enumerate(named["drop"]):
        if name in named["target"] and not problems:
            problems.append(Problem(f"'{name}' is the target; it can't be dropped", ("data", "drop", i)))
    if problems:
        raise DataError(*problems)
    target = named["target"][0]
    order = tuple(name for name in sheet.names if name != target and name not in named["drop"])
    if not order:
        message = "drops every column but the target; leave at least one feature"
        raise DataError(Problem(message, ("data", "drop"), id="no_features"))
    return target, order, set(named["categorical"])


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


def read_target(sheet: Sheet, name: str, as_text: bool) -> Array:
    """The target, shape `(rows,)`: texts, or float64.

    Raises:
        DataError: Cells of the target are missing or no numbers.
    """
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
