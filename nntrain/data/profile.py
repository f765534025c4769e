"""What a CSV file of rows holds, so that a config can be made for it: `nntrain init --from`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from nntrain.config.data import CsvSource
from nntrain.data import csv_scan
from nntrain.data.csv_open import open_sheet
from nntrain.data.csv_sheet import Sheet
from nntrain.data.dataset import Array, missing_values
from nntrain.data.files import check_file
from nntrain.data.labels import whole_numbers
from nntrain.data.roles import SHOWN_NAMES
from nntrain.data.tables.cells import SHOWN_PROBLEMS
from nntrain.data.tables.disguise import comma
from nntrain.data.tables.files import SourceFile
from nntrain.errors import DataError, Problem, UsageError, did_you_mean, listing

ID_NAME = re.compile(r"(^|[ _.-])(id|uuid|index|key|nr|number|row)$|^unnamed|[a-z]Id$", re.IGNORECASE)
LOOKED_AT = 20
"""Rows by which the delimiter is found."""
FEW_LABELS = 20
"""Whole numbers with no more different values than this are taken for classes."""
MANY_TEXTS = 100
"""A column with more different texts than this is no column of categories: each would become a column."""
FREE_WORDS = 3
"""Many texts that have so many words on average are free texts; with fewer they are names of something."""
FEW_WORDS = 3
"""A column of numbers with no more different words than this has markers for gaps, not texts."""

Kind = Literal["number", "text", "names", "free text", "date"]
"""`text`: some categories; `names`: many of them, which repeat; `free text`: sentences."""


@dataclass(frozen=True)
class Column:
    """One column that is not the target."""

    name: str
    kind: Kind
    gaps: int
    """Cells that are empty, and words among numbers."""
    distinct: int
    words: tuple[str, ...] = ()
    """What stands among the numbers and is none."""
    rising: bool = False
    """Whether the rows are in the order of its dates."""
    useless: str = ""
    """Why no network can learn from the column; empty if one may."""


@dataclass(frozen=True)
class Target:
    """What is to be predicted."""

    name: str
    classes: tuple[tuple[str, int], ...] = ()
    """Each class with its number of rows, the largest first; empty for a number."""
    from_numbers: bool = False
    """Whether the classes are written as whole numbers."""
    mean: float = 0.0
    deviation: float = 0.0
    lowest: float = 0.0
    highest: float = 0.0


@dataclass(frozen=True)
class Profile:
    """A file's rows, as far as a config depends on them."""

    rows: int
    delimiter: str
    header: bool
    target: Target
    columns: tuple[Column, ...]

    @property
    def features(self) -> tuple[Column, ...]:
        """The columns that a network may learn from."""
        return tuple(column for column in self.columns if not column.useless)


def profile(file: Path, target: str | None, *, header: bool = True) -> Profile:
    """Read a file and find out what its columns hold.

    Args:
        file: A CSV file.
        target: The column to predict: its name, or its position from 0 (-1 is the last).
        header: Whether the first line may hold names; if it holds numbers alone, it does not.

    Raises:
        UsageError: No target is named, or there is no such column.
        DataError: The file is missing or no CSV file, its target has gaps or is always the same, or its
            numbers have decimal commas.
        MachineError: The file may not be read.
    """
    shown = str(file)
    check_file(file, shown, ())
    csv_scan.refuse_zip(file, shown)
    delimiter, named = _layout(file, shown)
    header = header and named
    source = CsvSource(type="csv", path=shown, target=0, delimiter=delimiter, header=header)
    sheet = open_sheet(source, (SourceFile(file, shown),))
    name = _chosen(target, sheet.names, shown)
    _check_commas(sheet)
    columns = tuple(_column(sheet, other) for other in sheet.names if other != name)
    return Profile(sheet.rows, delimiter, header, _target(sheet, name), columns)


def _chosen(target: str | None, names: tuple[str, ...], shown: str) -> str:
    """The column that `--target` means."""
    if target is None:
        raise UsageError(
            f"say with --target which column to predict; {shown} has {listing(names, SHOWN_NAMES)}"
        )
    if target in names:
        return target
    if re.fullmatch(r"-?\d+", target) and -len(names) <= int(target) < len(names):
        return names[int(target)]
    hint = did_you_mean(target, names)
    raise UsageError(
        f"--target: {shown} has no column '{target}'{hint}; it has {listing(names, SHOWN_NAMES)}"
    )


def _layout(file: Path, shown: str) -> tuple[str, bool]:
    """The delimiter, and whether the first line holds names."""
    delimiter = max(csv_scan.DELIMITERS, key=lambda candidate: _fit(file, shown, candidate))
    first = next(csv_scan.records(file, delimiter, shown), None)
    return delimiter, first is None or not all(map(_is_number, first.fields))


def _fit(file: Path, shown: str, delimiter: str) -> tuple[bool, bool, int]:
    """How well a delimiter divides the first rows: alike, by a sign that words don't hold, and finely."""
    counts = [len(record.fields) for record in islice(csv_scan.records(file, delimiter, shown), LOOKED_AT)]
    alike = len(set(counts)) == 1 and counts[0] > 1
    return alike, delimiter != " ", max(counts, default=0)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_commas(sheet: Sheet) -> None:
    """Refuse columns of numbers with decimal commas, which would be taken for texts."""
    problems = [problem for name in sheet.names for problem in comma(sheet, name)]
    if problems:
        raise DataError(*problems[:SHOWN_PROBLEMS])


def _column(sheet: Sheet, name: str) -> Column:
    texts = sheet.texts(name)
    present = [text for text in texts if text is not None]
    gaps, distinct = len(texts) - len(present), len(set(present))
    words: tuple[str, ...] = ()
    kind: Kind = "text"
    if sheet.looks_like_text(name):
        truth, date = sheet.is_truth(name), sheet.date_in(name) is not None
        kind = "number" if truth else "date" if date else _kind_of_texts(present, distinct)
    else:
        words = tuple(sorted({text for text in present if not _is_number(text)}))
        kind = "number" if len(words) <= FEW_WORDS else "text"
        gaps += sum(text in words for text in present) if kind == "number" else 0
    rising = kind == "date" and not gaps and distinct > 2 and all(a <= b for a, b in pairwise(present))
    return Column(name, kind, gaps, distinct, words, rising, _useless(name, kind, present, distinct))


def _kind_of_texts(present: Sequence[str], distinct: int) -> Kind:
    if distinct <= MANY_TEXTS:
        return "text"
    words = sum(len(text.split()) for text in present) / len(present)
    return "free text" if words >= FREE_WORDS else "names"


def _useless(name: str, kind: Kind, present: Sequence[str], distinct: int) -> str:
    if not present:
        return "every cell is empty"
    if distinct == 1:
        return "all rows hold the same"
    every_other = distinct == len(present) and len(present) > FEW_LABELS
    if kind in ("text", "names") and every_other:
        return "every row holds another text"
    if kind != "number" or not every_other:
        return ""
    numbers = np.array([float(text) for text in present if _is_number(text)])
    counted = whole_numbers(numbers) and np.ptp(numbers) == len(present) - 1
    return "it numbers the rows" if counted or (ID_NAME.search(name) and whole_numbers(numbers)) else ""


def _target(sheet: Sheet, name: str) -> Target:
    as_text = sheet.looks_like_text(name)
    values: Array = sheet.texts(name) if as_text else sheet.numbers(name)
    gaps = missing_values(values)
    if gaps.any():
        count = f"{int(gaps.sum())} of {sheet.rows} rows"
        message = f"the target '{name}' is missing here ({count}); remove the rows without it from the file"
        place = sheet.where(int(gaps.argmax()), name)
        raise DataError(Problem(message, location=place, id="missing_target"))
    labels, counts = np.unique(values, return_counts=True)
    if len(labels) < 2:
        raise DataError(f"all rows of '{name}' hold the same, so there is nothing to predict")
    few = len(labels) <= FEW_LABELS and (len(labels) == 2 or 5 * len(labels) <= len(values))
    if as_text or (few and whole_numbers(values)):
        spelled = labels if as_text else labels.astype(np.int64)
        classes = sorted(zip(map(str, spelled), map(int, counts), strict=True), key=lambda pair: -pair[1])
        return Target(name, tuple(classes), not as_text)
    return Target(
        name,
        mean=float(values.mean()),
        deviation=float(values.std()),
        lowest=float(values.min()),
        highest=float(values.max()),
    )
