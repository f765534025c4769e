"""A list of images: a CSV file whose lines name an image and what it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nntrain.config.data import TARGET, Column, CsvSource, ImagesSource
from nntrain.data.beside import KEYS
from nntrain.data.csv_open import open_sheet
from nntrain.data.csv_sheet import Sheet
from nntrain.data.dataset import Beside, TargetOrigin, Use
from nntrain.data.images.files import Found, ImageFile, image_file
from nntrain.data.roles import find_column
from nntrain.data.tables.build import read_beside, read_target
from nntrain.data.tables.files import SourceFile
from nntrain.errors import DataError, KeyPath, Location, Problem

FILE_KEY, MASKS_KEY = ("data", "file"), ("data", "masks")


def find(source: ImagesSource, file: Path, shown: str, key: KeyPath, *, targets: bool) -> Found:
    """The images and targets that a list names, line by line.

    Args:
        source: Says how the list is written and which columns matter.
        file: The list; it is there and can be opened.
        shown: As the user wrote it.
        key: The config key that names it; empty for one from the command line.
        targets: Whether the images have targets.

    Raises:
        DataError: The list's cells or columns are not what the config says.
    """
    delimiter = "\t" if file.suffix.lower() == ".tsv" and source.delimiter == "," else source.delimiter
    # How the cells are written is all that is asked of this section.
    written = CsvSource(
        type="csv", path=shown, task="reconstruction", header=source.header, delimiter=delimiter
    )
    sheet = open_sheet(written, (SourceFile(file, shown),))
    named, predicted = _columns(source, sheet, shown, key, targets)
    files = _files(sheet, named, file.parent, "image")
    beside = _beside(source, sheet) if key else {}
    keys = _keys(source)
    origins = {
        target: TargetOrigin(key and keys[target], columns, where=sheet.where)
        for target, columns in (predicted or {TARGET: ()}).items()
    }
    if targets and source.task == "segmentation":
        masks = _files(sheet, predicted[TARGET][0], file.parent, "mask")
        return Found({"train": files}, {}, origins, sheet.notes, beside, {"train": masks})
    values = {}
    for target, columns in predicted.items():
        text = {name for name in columns if _is_text(source, sheet, name)}
        for name in columns:
            if name not in text:
                _check_numbers(sheet, name)
        values[target] = {"train": read_target(sheet, columns, text, key=keys[target] if key else ())}
    return Found({"train": files}, values, origins, sheet.notes, beside)


def _keys(source: ImagesSource) -> dict[str, KeyPath]:
    """The config key that names the columns of each target."""
    if source.targets is not None:
        return {target: ("data", "targets", target) for target in source.targets}
    return {TARGET: MASKS_KEY if source.task == "segmentation" else ("data", "target")}


def _beside(source: ImagesSource, sheet: Sheet) -> dict[Use, Beside]:
    """The columns that divide the images."""
    uses = {keys: use for use, keys in KEYS.items()}
    return {
        uses[keys]: read_beside(sheet, uses[keys], find_column(column, sheet.names, ("data", *keys)))
        for keys, column in source.columns_beside.items()
    }


def _columns(
    source: ImagesSource, sheet: Sheet, shown: str, key: KeyPath, targets: bool
) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The column of the images, and those of each target."""
    keys, predicted = _keys(source), source.predicted_columns if targets else {}
    wanted: list[tuple[str, Column, KeyPath]] = [("", source.file_column, FILE_KEY)]
    wanted += [(target, column, keys[target]) for target, columns in predicted.items() for column in columns]
    found: list[str] = []
    problems: list[Problem] = []
    for _, column, named_by in wanted:
        try:
            name = find_column(column, sheet.names, named_by)
        except DataError as error:
            problems += error.problems
            continue
        if name in found:
            twice = "the column of the images" if name == found[0] else "named twice"
            problems.append(Problem(f"'{name}' is {twice}; name another", named_by, id="conflict"))
        found.append(name)
    if problems and not key:
        problems = [replace(problem, key=(), location=Location(shown)) for problem in problems]
    if problems:
        raise DataError(*problems)
    named, *others = found
    of = [target for target, _, _ in wanted[1:]]
    pairs = list(zip(of, others, strict=True))
    return named, {target: tuple(name for own, name in pairs if own == target) for target in predicted}


def _is_text(source: ImagesSource, sheet: Sheet, column: str) -> bool:
    """Whether a column holds names of classes rather than numbers."""
    if source.task in ("regression", "multi_label"):
        return False
    if source.task == "classification" and len(source.target_columns) == 1:
        return any(text is not None and not _is_number(text) for text in sheet.texts(column))
    return sheet.looks_like_text(column)


def _check_numbers(sheet: Sheet, column: str) -> None:
    for row, text in enumerate(sheet.texts(column)):
        if text is not None and not _is_number(text):
            message = f"column '{column}': '{text}' is not a number; mend it, or remove the line"
            raise DataError(Problem(message, location=sheet.where(row, column), id="not_a_number"))


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < 3e38
    except ValueError:
        return False


def _files(sheet: Sheet, column: str, folder: Path, what: str) -> Sequence[ImageFile]:
    """The files that a column names, relative to the list's folder."""
    found = []
    for row, name in enumerate(sheet.texts(column)):
        if name is None or "\0" in name:
            fault = f"this line names no {what}" if name is None else "this can't be the name of a file"
            message = f"column '{column}': {fault}; mend or remove it"
            raise DataError(Problem(message, location=sheet.where(row, column), id="no_file_name"))
        found.append(image_file(folder / name, name))
    return found
