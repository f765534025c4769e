"""Tables of what data hold: classes by split, columns, arrays; plain values in, rich tables out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nntrain.report.figure import shorten
from nntrain.report.tables import ABSENT, name_text, ruled_table, shape_text

if TYPE_CHECKING:
    from rich.table import Table

MOST_CLASSES = 30
"""Of more classes those with the most rows are printed."""
MOST_COLUMNS = 60
"""Of more columns the first ones are printed."""
NAME_WIDTH = 24
TEXT_WIDTH = 16
SPLITS = {"train": "training"}


class Measures(NamedTuple):
    """Of numbers; None where there are none."""

    mean: float | None
    deviation: float | None
    low: float | None
    high: float | None


class NumberRow(NamedTuple):
    """One column of numbers."""

    name: str
    missing: int
    distinct: int
    measures: Measures
    more: bool = False
    """Whether there are more different values than were counted."""


class TextRow(NamedTuple):
    """One column of texts."""

    name: str
    missing: int
    distinct: int
    commonest: Sequence[tuple[str, int]]
    more: bool = False
    """Whether there are more different values than were counted."""


class ArrayRow(NamedTuple):
    """One array."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    missing: int
    measures: Measures


def classes_table(
    classes: Sequence[tuple[str, Mapping[str, int]]],
    rows: Mapping[str, int],
    what: str = "Class",
    *,
    most: int = MOST_CLASSES,
    elsewhere: str = "--json",
    unit: str = "rows",
) -> tuple[Table, str]:
    """Classes (or labels) with their rows and share in each split, and a line on those left out.

    Args:
        classes: Name and rows by split.
        rows: All rows (or pixels) by split.
        what: What one is called.
        most: Classes that are shown.
        elsewhere: What shows the others.
        unit: What is counted.
    """
    titles = [title for split in rows for title in (SPLITS.get(split, split), "")]
    table = ruled_table(what, *titles)
    shown, said = _commonest(classes, what, most, unit)
    said = f"{said}: {elsewhere} shows all" if said else ""
    for name, counts in shown:
        cells = [c for s in rows for c in (f"{counts[s]:,}", _share(counts[s], rows[s]))]
        table.add_row(name_text(shorten(name, NAME_WIDTH)), *cells)
    table.add_section()
    table.add_row(
        f"all {unit}", *[cell for count in rows.values() for cell in (f"{count:,}", "")], style="bold"
    )
    for column in table.columns[2::2]:
        column.style = "dim"
    return table, said


def _commonest(
    classes: Sequence[tuple[str, Mapping[str, int]]], what: str, most: int, unit: str
) -> tuple[Sequence[tuple[str, Mapping[str, int]]], str]:
    if len(classes) <= most:
        return classes, ""
    sizes = [sum(counts.values()) for _, counts in classes]
    order = sorted(range(len(classes)), key=lambda i: (-sizes[i], i))
    kept, left = sorted(order[:most]), order[most:]
    few, many = sizes[left[-1]], sizes[left[0]]
    plural = "classes" if what.startswith("Class") else "labels"
    word = plural if len(left) > 1 else what.split()[0].lower()
    said = f"and {len(left):,} {word} more, of {few:,} to {many:,} {unit}"
    return [classes[i] for i in kept], said


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f} %" if total else ABSENT


def numbers_table(rows: Sequence[NumberRow], title: str = "Number") -> tuple[Table, str]:
    """Columns of numbers, and a line on those left out."""
    table = ruled_table(title, "missing", "distinct", "mean", "deviation", "min", "max")
    for row in rows[:MOST_COLUMNS]:
        name = name_text(shorten(row.name, NAME_WIDTH))
        table.add_row(name, f"{row.missing:,}", _distinct(row), *map(short, row.measures))
    return table, _left_out(len(rows))


def texts_table(rows: Sequence[TextRow]) -> tuple[Table, str]:
    """Columns of texts with the commonest ones, and a line on columns left out."""
    table = ruled_table("Text", "missing", "distinct")
    table.add_column("commonest", overflow="fold")
    for row in rows[:MOST_COLUMNS]:
        once = len(row.commonest) > 1 and row.commonest[0][1] == 1
        words = (
            "each text once"
            if once
            else ", ".join(f"{shorten(text, TEXT_WIDTH)} ({count:,})" for text, count in row.commonest)
        )
        name = name_text(shorten(row.name, NAME_WIDTH))
        table.add_row(name, f"{row.missing:,}", _distinct(row), words)
    return table, _left_out(len(rows))


def _distinct(row: NumberRow | TextRow) -> str:
    return f"{'> ' if row.more else ''}{row.distinct:,}"


def _left_out(count: int) -> str:
    rest = count - MOST_COLUMNS
    return f"and {rest:,} column{'s' if rest > 1 else ''} more: --json shows all" if rest > 0 else ""


def arrays_table(rows: Sequence[ArrayRow]) -> Table:
    """Arrays with the shape of a row, their dtype and range."""
    table = ruled_table("Array", "shape of a row", "dtype", "missing", "mean", "deviation", "min", "max")
    for row in rows:
        name = name_text(shorten(row.name, NAME_WIDTH))
        table.add_row(name, shape_text(row.shape), row.dtype, f"{row.missing:,}", *map(short, row.measures))
    return table


def measures_table(name: str, by_split: Mapping[str, Measures]) -> Table:
    """A target of numbers, split by split."""
    table = ruled_table(name, "mean", "deviation", "min", "max")
    for split, measures in by_split.items():
        table.add_row(SPLITS.get(split, split), *map(short, measures))
    return table


def short(value: float | None) -> str:
    """A number with four digits that matter."""
    if value is None or not math.isfinite(value):
        return ABSENT
    if value == int(value) and abs(value) < 1e6:
        return f"{int(value):,}"
    return f"{value:,.1f}" if 1000 <= abs(value) < 1e6 else f"{value:.4g}"
