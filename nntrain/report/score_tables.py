"""Tables of scores for the terminal, as rich renderables that fit 80 columns and bend to 60."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from nntrain.report.figure import shorten
from nntrain.report.tables import ABSENT, GAP, name_text, number, ruled_table, widest

if TYPE_CHECKING:
    from rich.table import Table

MOST_CLASSES = 20
"""A confusion matrix of more classes is a picture, not a table."""
NAME_WIDTH = 24
INTERVAL = "95 % interval"


class Bounds(Protocol):
    """Where a score lies on other rows of the same kind."""

    @property
    def low(self) -> float:
        """The lower end."""

    @property
    def high(self) -> float:
        """The upper end."""


class Row(Protocol):
    """One score of a split."""

    @property
    def title(self) -> str:
        """What it is called."""

    @property
    def value(self) -> float | None:
        """The model's."""

    @property
    def interval(self) -> Bounds | None:
        """None where there is none."""

    @property
    def references(self) -> Sequence[float | None]:
        """What each baseline has, the chief one first."""


def scores_table(
    splits: Mapping[str, Sequence[Row]], *, width: int = 80, baselines: int = 1, reference: str = "baseline"
) -> Table:
    """Scores by row: a column for each split, then the interval and the baselines of the last one.

    Where that is wider than the terminal, the splits stand one below the other.

    Args:
        splits: For each split its scores; the last one is that which counts.
        width: Columns of the terminal.
        baselines: How many baselines to show; with more than one they are numbered.
        reference: What a baseline is called.
    """
    *others, main = splits
    rows = splits[main]
    some = any(row.interval is not None for row in rows)
    known = {split: {row.title: row.value for row in splits[split]} for split in others}
    titles = ["Score", *others, main, *([INTERVAL] if some else []), *_numbered(baselines, reference)]
    lines = [
        [row.title, *(number(known[split].get(row.title)) for split in others), *_cells(row, some, baselines)]
        for row in rows
    ]
    columns = list(zip(titles, *lines, strict=True))
    if others and sum(widest(*column) + GAP for column in columns) - GAP > width:
        return _stacked_scores(splits, baselines, reference)
    return _dimmed(titles, lines, len(others) + 2)


def _cells(row: Row, some: bool, baselines: int) -> list[str]:
    """A score's value, its interval where `some` have one, and those of the baselines."""
    return [
        number(row.value),
        *([_interval(row.interval)] if some else []),
        *(number(value) for value in row.references[:baselines]),
    ]


def _interval(found: Bounds | None) -> str:
    return ABSENT if found is None else f"{number(found.low)}..{number(found.high)}"


def _numbered(baselines: int, reference: str) -> list[str]:
    return [reference] if baselines == 1 else [f"{reference} {i + 1}" for i in range(baselines)]


def _dimmed(titles: Sequence[str], lines: Sequence[Sequence[str]], quiet: int) -> Table:
    """A table whose columns from `quiet` on stand back."""
    table = ruled_table(*titles)
    for name, *values in lines:
        table.add_row(name_text(name), *values)
    for column in table.columns[quiet:]:
        column.style = "dim"
    return table


def _stacked_scores(splits: Mapping[str, Sequence[Row]], baselines: int, reference: str) -> Table:
    some = any(row.interval is not None for rows in splits.values() for row in rows)
    value = "model" if reference == "baseline" else "mean"
    table = ruled_table("Score", value, *([INTERVAL] if some else []), *_numbered(baselines, reference))
    for split, rows in splits.items():
        table.add_section()
        table.add_row(name_text(split, "bold"))
        for row in rows:
            table.add_row(name_text(f"  {row.title}"), *_cells(row, some, baselines))
    for column in table.columns[2:]:
        column.style = "dim"
    return table


def folds_table(
    title: str,
    folds: int,
    rows: Iterable[tuple[str, float | None, float | None, float | None]],
    what: str = "folds",
) -> Table:
    """Scores of one split over the folds.

    Args:
        title: The split.
        folds: How many there are.
        rows: Name, mean, standard deviation and the mean of the baseline.
        what: What they are.
    """
    table = ruled_table(f"{title}, {folds} {what}", "mean", "std", "baseline")
    for name, *values in rows:
        table.add_row(name_text(name), *map(number, values))
    table.columns[3].style = "dim"
    return table


def per_class_table(
    rows: Iterable[tuple[str, float, float, float, int, float | None, float | None]], what: str = "Class"
) -> Table:
    """Scores of each class (or label).

    Args:
        rows: Name, precision, recall, F1, number of rows, ROC AUC and average precision, which is not shown.
        what: What a row is called.
    """
    table = ruled_table(what, "Precision", "Recall", "F1", "ROC AUC", "Rows")
    for name, precision, recall, f1, support, roc_auc, _ in rows:
        values = (number(value) for value in (precision, recall, f1, roc_auc))
        table.add_row(name_text(name), *values, f"{support:,}")
    return table


def pixels_table(
    rows: Iterable[tuple[str, float | None, float | None, float | None, float | None, int]],
) -> Table:
    """Scores of the pixels of each class: name, IoU, Dice, precision, recall and its number of pixels."""
    table = ruled_table("Class", "IoU", "Dice", "Precision", "Recall", "Pixels")
    for name, *values, pixels in rows:
        table.add_row(name_text(name), *map(number, values), f"{pixels:,}")
    return table


def per_column_table(rows: Iterable[tuple[str, float, float, float | None]]) -> Table:
    """Scores of each of several numbers: name, MAE, RMSE and R2."""
    table = ruled_table("Number", "MAE", "RMSE", "R2")
    for name, *values in rows:
        table.add_row(name_text(name), *map(number, values))
    return table


def confusion_table(
    matrix: Sequence[Sequence[int]], class_names: Sequence[str], *, width: int = 80
) -> Table | None:
    """Actual classes as rows, predicted ones as columns; None for too many classes or too little room.

    Where the names do not fit above the columns, the columns are numbered and the rows carry both.

    Args:
        matrix: Rows of actual class `i` predicted as class `j` at `[i][j]`.
        class_names: Name of class 0, 1, 2, ...
        width: Columns of the terminal.
    """
    counts = [[f"{count:,}" for count in row] for row in matrix]
    digits = widest(*(count for row in counts for count in row))
    names = [shorten(name, NAME_WIDTH) for name in class_names]
    numbers = [str(label) for label in range(len(names))]
    numbered = [f"{label} {name}" for label, name in zip(numbers, names, strict=True)]
    forms = [
        ("Actual \\ predicted", names, names),
        ("Actual", names, names),
        ("Actual \\ predicted", numbers, numbered),
        ("Actual", numbers, numbered),
        ("Actual", numbers, numbers),
    ]
    for title, above, beside in forms:
        columns = sum(max(widest(name), digits) + GAP for name in above)
        if len(names) <= MOST_CLASSES and widest(title, *beside) + columns <= width:
            break
    else:
        return None
    table = ruled_table(title, *above)
    for label, (name, row) in enumerate(zip(beside, counts, strict=True)):
        cells = [name_text(count, "bold" if column == label else "") for column, count in enumerate(row)]
        table.add_row(name_text(name), *cells)
    return table
