"""Tables for the terminal, as rich renderables that fit 80 columns and bend to 60."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from nntrain.report.figure import shorten

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

ABSENT = "-"
ROUNDING = 1e-12
"""Below it a score is what is left of numbers that cancel."""
GAP = 2
"""Blanks between two columns."""

Shape = tuple[int | None, ...]


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


def model_table(
    rows: Iterable[LayerRow],
    *,
    trainable: int,
    non_trainable: int,
    memory: bool = False,
    reads: Mapping[str, Sequence[str]] | None = None,
) -> Table:
    """Layers with output shape and parameters, and below them the model's totals.

    Args:
        rows: The layers in order.
        trainable: Parameters that training changes.
        non_trainable: Parameters that it leaves, such as those of frozen layers and BatchNormalization.
        memory: Whether to show what each layer takes.
        reads: What each layer reads, by name: shown where one does not read the layer above it alone.
    """
    layers = list(rows)
    read = dict(zip([row.name for row in layers], _read(layers, reads or {}), strict=True))
    wide = any(read.values())
    table = ruled_table(
        "Layer",
        *(["Reads"] if wide else []),
        "Output shape",
        "Parameters",
        *(["Memory"] if memory else []),
    )
    if wide:
        table.columns[1].justify, table.columns[1].no_wrap, table.columns[1].overflow = "left", False, "fold"
    blank = [""] * (2 if wide else 1)
    for row in layers:
        name = name_text(row.name).append(f" ({row.type})", style="dim")
        told = [name_text(read[row.name])] if wide else []
        size = [size_text(row.memory)] if memory else []
        table.add_row(name, *told, shape_text(row.output_shape), f"{row.parameters:,}", *size)
    table.add_section()
    total = trainable + non_trainable
    if memory:
        taken = size_text(sum(row.memory for row in layers))
        table.add_row("Total", *blank, f"{total:,}", taken, style="bold")
        table.add_row("Trainable", *blank, f"{trainable:,}", "")
        table.add_row("Non-trainable", *blank, f"{non_trainable:,}", "")
        return table
    table.add_row("Total parameters", *blank, f"{total:,}", style="bold")
    table.add_row("Trainable", *blank, f"{trainable:,}")
    table.add_row("Non-trainable", *blank, f"{non_trainable:,}")
    table.add_row("Memory (float32)", *blank, size_text(4 * total))
    return table


def _read(layers: Sequence[LayerRow], reads: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What each layer reads; empty where that is the layer above it, or for the first one the only input."""
    inputs = [name for name, before in reads.items() if not before]
    above = inputs[:1] if len(inputs) == 1 else []
    for layer in layers:
        before = [*reads.get(layer.name, above)]
        yield "" if before == above else ", ".join(before)
        above = [layer.name]


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
    fits = sum(widest(*column) + GAP for column in columns) - GAP <= width
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
    """A score with four decimals; tiny and huge ones in powers of ten, `-` where there is none.

    What is nothing but rounding counts as 0.
    """
    if value is None or not math.isfinite(value):
        return ABSENT
    if abs(value) < ROUNDING:
        return f"{0:.4f}"
    if abs(value) < 1e-3 or abs(value) >= 1e9:
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


def widest(*texts: str) -> int:
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
