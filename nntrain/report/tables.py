"""Tables for the terminal, as rich renderables that fit 80 columns and bend to 60."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from nntrain.report.figure import shorten

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

MOST_CLASSES = 20
"""A confusion matrix of more classes is a picture, not a table."""
NAME_WIDTH = 24
ABSENT = "n/a"
GAP = 2
"""Blanks between two columns."""

Shape = tuple[int | None, ...]
Headline = Sequence[tuple[str, float | None, float | None]]
"""Name, the model's value and the baseline's, in the order in which they are printed."""


class LayerRow(Protocol):
    """What a layer must tell for its line of the summary."""

    @property
    def name(self) -> str:
        """The layer's own name."""

    @property
    def type(self) -> str:
        """The layer's class."""

    @property
    def output_shape(self) -> Shape | Sequence[Shape] | None:
        """One shape, or several for a layer with several outputs; None where it is not known."""

    @property
    def parameters(self) -> int:
        """The number of its weights."""

    @property
    def memory(self) -> int:
        """Bytes that it takes."""


def scores_table(headlines: Mapping[str, Headline], *, width: int = 80, reference: str = "baseline") -> Table:
    """Scores by row; for each split a column with the model's value and one with the baseline's.

    Where that is wider than the terminal, the splits stand one below the other.

    Args:
        headlines: For each split its scores: name, the model's value, the baseline's value.
        width: Columns of the terminal.
        reference: What the second value of each score is.
    """
    names = list(dict.fromkeys(name for rows in headlines.values() for name, _, _ in rows))
    titles = ["Score", *(title for split in headlines for title in (split, reference))]
    lines = [[name, *_values(name, headlines)] for name in names]
    columns = zip(titles, *lines, strict=True)
    if sum(_widest(*column) + GAP for column in columns) - GAP > width:
        return _stacked_scores(headlines, reference)
    table = ruled_table(*titles)
    for name, *values in lines:
        table.add_row(name_text(name), *values)
    for column in table.columns[2::2]:
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


def _values(name: str, headlines: Mapping[str, Headline]) -> list[str]:
    """One score of the model and the baseline on each split."""
    known = [{row[0]: row[1:] for row in rows}.get(name, (None, None)) for rows in headlines.values()]
    return [number(value) for pair in known for value in pair]


def _stacked_scores(headlines: Mapping[str, Headline], title: str) -> Table:
    table = ruled_table("Score", "model" if title == "baseline" else "mean", title)
    for split, rows in headlines.items():
        table.add_section()
        table.add_row(name_text(split, "bold"))
        for name, value, reference in rows:
            table.add_row(name_text(f"  {name}"), number(value), number(reference))
    return table


def per_class_table(rows: Iterable[tuple[str, float, float, float, int]], what: str = "Class") -> Table:
    """Scores of each class (or label): name, precision, recall, F1 and its number of rows."""
    table = ruled_table(what, "Precision", "Recall", "F1", "Rows")
    for name, precision, recall, f1, support in rows:
        table.add_row(name_text(name), number(precision), number(recall), number(f1), f"{support:,}")
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
    digits = _widest(*(count for row in counts for count in row))
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
        columns = sum(max(_widest(name), digits) + GAP for name in above)
        if len(names) <= MOST_CLASSES and _widest(title, *beside) + columns <= width:
            break
    else:
        return None
    table = ruled_table(title, *above)
    for label, (name, row) in enumerate(zip(beside, counts, strict=True)):
        cells = [name_text(count, "bold" if column == label else "") for column, count in enumerate(row)]
        table.add_row(name_text(name), *cells)
    return table


def model_table(
    rows: Iterable[LayerRow], *, trainable: int, non_trainable: int, memory: bool = False
) -> Table:
    """Layers with output shape and parameters, and below them the model's totals.

    Args:
        rows: The layers in order.
        trainable: Parameters that training changes.
        non_trainable: Parameters that it leaves, such as those of frozen layers and BatchNormalization.
        memory: Whether to show what each layer takes.
    """
    table = ruled_table("Layer", "Output shape", "Parameters", *(["Memory"] if memory else []))
    taken = 0
    for row in rows:
        name = name_text(row.name).append(f" ({row.type})", style="dim")
        size = [size_text(row.memory)] if memory else []
        table.add_row(name, shape_text(row.output_shape), f"{row.parameters:,}", *size)
        taken += row.memory
    table.add_section()
    total = trainable + non_trainable
    if memory:
        table.add_row("Total", "", f"{total:,}", size_text(taken), style="bold")
        table.add_row("Trainable", "", f"{trainable:,}", "")
        table.add_row("Non-trainable", "", f"{non_trainable:,}", "")
        return table
    table.add_row("Total parameters", "", f"{total:,}", style="bold")
    table.add_row("Trainable", "", f"{trainable:,}")
    table.add_row("Non-trainable", "", f"{non_trainable:,}")
    table.add_row("Memory (float32)", "", size_text(4 * total))
    return table


class BenchRow(NamedTuple):
    """How fast one engine trains."""

    title: str
    seconds: float
    """Of a warm epoch."""
    samples: float
    """Rows a second."""
    speed: tuple[float, float, float]
    """How many times as fast as the first engine: median, lowest, highest."""
    first_epoch: float
    """Seconds."""
    memory: int | None
    """Bytes."""
    loss: float


def bench_tables(rows: Sequence[BenchRow], *, width: int = 80) -> list[Table]:
    """Engines with their speed, memory and loss: one table, or two where that is wider than the terminal.

    Args:
        rows: The first one is what the others are compared with.
        width: Columns of the terminal.
    """
    titles = ["Engine", "s/epoch", "samples/s", f"times {rows[0].title}", "first", "memory", "loss"]
    lines = [
        [
            row.title,
            seconds_text(row.seconds),
            f"{row.samples:,.0f}",
            "{:.2f} ({:.2f}..{:.2f})".format(*row.speed),
            f"{seconds_text(row.first_epoch)} s",
            ABSENT if row.memory is None else size_text(row.memory),
            number(row.loss),
        ]
        for row in rows
    ]
    columns = zip(titles, *lines, strict=True)
    fits = sum(_widest(*column) + GAP for column in columns) - GAP <= width
    tables = []
    for chosen in [slice(1, 7)] if fits else [slice(1, 4), slice(4, 7)]:
        table = ruled_table(titles[0], *titles[chosen])
        for line in lines:
            table.add_row(name_text(line[0]), *line[chosen])
        tables.append(table)
    return tables


def seconds_text(seconds: float) -> str:
    """Three digits that matter: `0.00123`, `0.123`, `12.3`, `123`."""
    digits = 2 - math.floor(math.log10(seconds)) if seconds > 0 else 0
    return f"{seconds:,.{min(6, max(0, digits))}f}"


def number(value: float | None) -> str:
    """A score with four decimals; tiny and huge ones in powers of ten, `n/a` where there is none."""
    if value is None or not math.isfinite(value):
        return ABSENT
    if value and (abs(value) < 1e-3 or abs(value) >= 1e9):
        return f"{value:.3e}"
    return f"{value:,.4f}" if abs(value) < 1000 else f"{value:,.1f}"


def shape_text(shape: Shape | Sequence[Shape] | None) -> str:
    """`(None, 26, 26, 32)`; several shapes stand one below the other."""
    if shape is None:
        return "?"
    if any(isinstance(part, Sequence) for part in shape):
        return "\n".join(shape_text(part) for part in shape if isinstance(part, Sequence))
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def size_text(size: int) -> str:
    """Bytes with a binary unit: `4.71 MiB`."""
    if size < 1024:
        return f"{size} B"
    power = min(3, int(math.log2(size) // 10))
    return f"{size / 1024**power:,.2f} {('B', 'KiB', 'MiB', 'GiB')[power]}"


def _widest(*texts: str) -> int:
    """Columns that the widest of the texts takes in a terminal, where some characters take two."""
    from rich.cells import cell_len

    return max(map(cell_len, texts))


def ruled_table(first: str, *others: str) -> Table:
    """Headers and a rule below them; the first column is text, the others stand right-aligned."""
    from rich import box
    from rich.table import Table

    table = Table(
        box=box.SIMPLE_HEAD, header_style="bold", show_edge=False, pad_edge=False, padding=(0, 1, 0, 0)
    )
    table.add_column(name_text(first), overflow="fold")
    for title in others:
        table.add_column(name_text(title), justify="right", no_wrap=True)
    return table


def name_text(name: str, style: str = "") -> Text:
    """A name as it is: brackets are no markup, and what could steer the terminal is replaced."""
    from rich.text import Text

    return Text(shorten(name, 60), style=style)
