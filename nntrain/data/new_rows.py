"""New labelled rows for a finished run: read with its settings, prepared as its training rows were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nntrain.config.data import Column, CsvSource, DataSection, NpzSource, SklearnSource
from nntrain.data import labels, preprocessing
from nntrain.data.csv_file import make_table, read_target
from nntrain.data.csv_sheet import Sheet, open_sheet
from nntrain.data.dataset import Array, Features, Part, Rows, Table, Task
from nntrain.data.files import check_file
from nntrain.data.npz_arrays import array_names, read_arrays
from nntrain.data.npz_file import make_part
from nntrain.data.preprocess_json import from_json
from nntrain.data.preprocessing import Fitted
from nntrain.data.sklearn_builtin import table_of
from nntrain.errors import DataError, KeyPath, Location, Problem, did_you_mean, listing

CSV_SUFFIXES = (".csv", ".tsv", ".txt")


def load_rows(
    source: DataSection,
    file: Path,
    shown: str,
    *,
    preprocess: Mapping[str, Any],
    classes: tuple[str, ...],
    task: Task,
) -> Rows:
    """Read a file of new rows with their targets.

    A CSV source reads a CSV file (with a header its columns are found by name; their order is free and
    others are ignored, with a note). Every other source reads an .npz file with the run's array names or `x`
    and `y`; a run on named columns (iris, ...) also reads a CSV file of these columns and `target`.

    Args:
        source: The run's `data:` section.
        file: The path as resolved.
        shown: The path as the user wrote it.
        preprocess: The run's `preprocess.json`.
        classes: The run's class names.
        task: The run's task.

    Raises:
        DataError: The file is missing or damaged, lacks a column, or holds labels, texts or shapes that the
            run does not know.
        ArtefactError: `preprocess` is not what a run writes.
        MachineError: The file may not be read.
    """
    fitted = from_json(preprocess)
    check_file(file, shown, ())
    part, notes = _read(source, fitted, file, shown)
    if not isinstance(part.features, Table):
        _check_shape(fitted, part.features, shown)
    x = preprocessing.apply(fitted, part.features)
    if task == "classification":
        y: Array = labels.encode_known(part.target, classes, indices=_labels_are_indices(source))
    elif part.target.dtype == object:
        message = f"the target holds texts such as '{part.target[0]}'; the run predicts numbers"
        raise DataError(Problem(message, location=Location(shown), id="text_target"))
    else:
        y = part.target.astype(np.float32)
    return Rows(x, y, np.arange(len(y)), notes)


def _labels_are_indices(source: DataSection) -> bool:
    """Whether a number among the labels is a class index: where the source names its classes itself."""
    if isinstance(source, NpzSource):
        return source.class_names is not None
    return not isinstance(source, CsvSource)


def _read(source: DataSection, fitted: Fitted, file: Path, shown: str) -> tuple[Part, tuple[str, ...]]:
    as_csv = file.suffix.lower() in CSV_SUFFIXES
    if isinstance(source, CsvSource):
        if file.suffix.lower() == ".npz":
            message = "the run was trained on a CSV file; give one with the same columns"
            raise DataError(Problem(message, location=Location(shown), id="wrong_kind"))
        return _read_csv(source, fitted, file, shown)
    if as_csv and fitted.row_shape is None and isinstance(source, SklearnSource):
        delimiter = "\t" if file.suffix.lower() == ".tsv" else ","
        return _read_csv(
            CsvSource(type="csv", path=shown, target=fitted.target, delimiter=delimiter), fitted, file, shown
        )
    if as_csv:
        message = "the run was trained on arrays; give an .npz file with 'x' and 'y'"
        raise DataError(Problem(message, location=Location(shown), id="wrong_kind"))
    return _read_npz(source, fitted, file, shown), ()


def _read_csv(source: CsvSource, fitted: Fitted, file: Path, shown: str) -> tuple[Part, tuple[str, ...]]:
    sheet = replace(open_sheet(source, file, shown), settled=True)
    wanted = (*fitted.order, fitted.target)
    absent = [name for name in wanted if name not in sheet.names]
    if absent:
        raise DataError(*(_absent(name, fitted, sheet, shown) for name in absent))
    table = make_table(sheet, fitted.order, {text.name for text in fitted.texts})
    as_text = fitted.target in _named(source.categorical, sheet) or sheet.looks_like_text(fitted.target)
    part = Part(table, read_target(sheet, fitted.target, as_text))
    used = {*wanted, *_named(source.drop, sheet)}
    extra = [name for name in sheet.names if name not in used]
    notes = (f"columns that the run does not use were ignored: {listing(extra)}",) if extra else ()
    return part, (*sheet.notes, *notes)


def _named(columns: Iterable[Column], sheet: Sheet) -> set[str]:
    """The names of columns that the config names or counts, as far as this file has them."""
    size = len(sheet.names)
    names = {column for column in columns if isinstance(column, str)}
    return names | {sheet.names[c] for c in columns if isinstance(c, int) and -size <= c < size}


def _absent(name: str, fitted: Fitted, sheet: Sheet, shown: str) -> Problem:
    role = "target" if name == fitted.target else "feature"
    free = [column for column in sheet.names if column not in fitted.order]
    message = (
        f"the run's {role} column '{name}' is not in the file{did_you_mean(name, free)}; "
        f"the file has {listing(sheet.names)}"
    )
    return Problem(message, location=Location(shown), id="missing_column")


def _read_npz(source: DataSection, fitted: Fitted, file: Path, shown: str) -> Part:
    x, y = "x", "y"
    present = array_names(file, shown)
    if isinstance(source, NpzSource) and ({source.x, source.y} <= set(present) or not {x, y} <= set(present)):
        x, y = source.x, source.y
    keys: dict[str, KeyPath] = {x: (), y: ()}
    replaced = fitted.statistics is not None and fitted.statistics.impute is not None
    part = make_part(read_arrays(file, shown, keys), x, y, shown, missing_allowed=replaced)
    assert isinstance(part.features, np.ndarray)
    if fitted.row_shape is not None:
        return part
    _check_shape(fitted, part.features, shown)
    return Part(table_of(part.features, fitted.order), part.target)


def _check_shape(fitted: Fitted, features: Features, shown: str) -> None:
    expected = fitted.row_shape if fitted.row_shape is not None else (len(fitted.order),)
    assert isinstance(features, np.ndarray)
    if features.shape[1:] != expected:
        message = f"rows of shape {features.shape[1:]} where the run was trained on {expected}"
        raise DataError(Problem(message, location=Location(shown), id="row_shape"))
    if fitted.tokens and features.dtype.kind not in "iu":
        message = f"the run was trained on word numbers, which are integers; these rows are {features.dtype}"
        raise DataError(Problem(message, location=Location(shown), id="row_dtype"))
