"""Texts with labels, from two columns of a file or from a folder for each class."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from nntrain.config.data import INPUT, TARGET, CsvSource, Split, TextSource
from nntrain.data import csv_file
from nntrain.data.dataset import Part, Raw, Table, TargetOrigin
from nntrain.data.files import check_file, resolve
from nntrain.data.texts.features import Texts
from nntrain.data.texts.folders import load_folder, read_classes
from nntrain.errors import DataError, KeyPath, Location, Problem

INPUT_KEY: KeyPath = ("data", "inputs", INPUT, 0)
"""Where the reader of tables takes the name of the text column to stand."""


def load(source: TextSource, base: Path) -> Raw:
    """Read the file or the folder that a config in the folder `base` names.

    Raises:
        DataError: It is missing, or does not hold texts and labels.
        MachineError: It may not be read.
    """
    file = resolve(source.path, base)
    if source.text is None and file.is_dir():
        return load_folder(source, file)
    if file.is_dir():
        message = f"'{source.path}' is a folder; name a file in it, or remove data.text and data.target"
        raise DataError(Problem(message, ("data", "path"), id="folder"))
    check_file(file, source.path, ("data", "path"))
    if source.text is None:
        message = f"'{source.path}' is a file; name its columns with data.text and data.target"
        raise DataError(Problem(message, ("data", "path"), id="missing-key"))
    return _columns(source, file, source.path, divided=True)


def load_new(
    source: TextSource, file: Path, shown: str
) -> tuple[Part, dict[str, TargetOrigin], tuple[str, ...]]:
    """New texts with their labels: a file with the run's columns, or folders called as its classes are.

    Raises:
        DataError: It is missing, or does not hold texts and labels.
        MachineError: It may not be read.
    """
    if source.text is None:
        if file.is_file():
            message = "the run was trained on a folder of texts for each class; give a folder that holds such"
            raise DataError(Problem(message, location=Location(shown), id="wrong_kind"))
        if not file.exists():
            check_file(file, shown, ())
        part, notes = read_classes(file, shown, source.classes, ())
        return part, {TARGET: TargetOrigin((), (TARGET,))}, notes
    check_file(file, shown, ())
    try:
        raw = _columns(source, file, shown)
    except DataError as error:
        raise DataError(*(_of_file(problem, shown) for problem in error.problems)) from None
    origins = {name: replace(origin, key=()) for name, origin in raw.targets.items()}
    return raw.rows, origins, raw.notes


def _of_file(problem: Problem, shown: str) -> Problem:
    """The problem as one of a file from the command line."""
    return problem if problem.location else replace(problem, key=(), location=Location(shown))


def _columns(source: TextSource, file: Path, shown: str, *, divided: bool = False) -> Raw:
    """Texts and targets from the columns of a file; if they are divided, also what divides them."""
    assert source.text is not None
    split = Split(by_group=source.split.by_group, by_time=source.split.by_time) if divided else Split()
    table = CsvSource(
        type="csv",
        path=source.path,
        inputs={INPUT: (source.text,)},
        target=source.target,
        split=split,
        categorical=(source.text,),
        header=source.header,
        delimiter=source.delimiter,
        missing=("",),
    )
    try:
        raw = csv_file.read(table, file, shown)
    except DataError as error:
        raise DataError(*dict.fromkeys(map(_renamed, error.problems))) from None
    found = raw.rows.features
    assert isinstance(found, Table)
    (column,) = found.order
    texts = Texts(found.categorical[column], np.arange(len(found)), lambda row: _place(found, row, column))
    lost, _, predicted = raw.description.partition(", 1 feature column")
    return replace(
        raw,
        rows=replace(raw.rows, inputs={INPUT: texts}),
        description=f"{lost} of texts{predicted}",
    )


def _place(table: Table, row: int, column: str) -> Location:
    assert table.where is not None
    return table.where(row, column)


def _renamed(problem: Problem) -> Problem:
    """The problem with the key of this section in place of that of a table."""
    for key in (INPUT_KEY, ("data", "categorical", 0)):
        if problem.key == key:
            return replace(problem, key=("data", "text"))
    return problem
