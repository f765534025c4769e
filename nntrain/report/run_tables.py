"""Runs as lines of text: a thousand of them in a few hundredths of a second."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nntrain.report.tables import GAP, name_text, number, ruled_table, seconds_text

if TYPE_CHECKING:
    from rich.table import Table

NONE = "-"


class RunLine(NamedTuple):
    """What is told of one run."""

    run: str
    status: str
    epochs: str
    score: str
    seconds: float | None
    parameters: int | None


def run_lines(rows: Sequence[RunLine], score: str = "Score", *, width: int = 80) -> list[str]:
    """A header, a rule and a line for each run; parameters and then seconds are left out where room is short.

    Args:
        rows: The runs.
        score: What stands above their scores.
        width: Columns of the terminal.
    """
    titles = ("Run", "Status", "Epochs", score, "Train s", "Parameters")
    cells = [
        (
            row.run,
            row.status,
            row.epochs,
            row.score,
            NONE if row.seconds is None else seconds_text(row.seconds),
            NONE if row.parameters is None else f"{row.parameters:,}",
        )
        for row in rows
    ]
    for kept in (6, 5, 4):
        widths = [max(map(_cells, column)) for column in zip(titles, *cells, strict=True)][:kept]
        total = sum(widths) + GAP * (kept - 1)
        if total <= width:
            break
    lines = [_line(line[:kept], widths) for line in (titles, *cells)]
    return [lines[0], "─" * total, *lines[1:]]


def score_text(value: float, std: float | None) -> str:
    """`0.9867`; of several runs `0.9867 ± 0.0183`."""
    return number(value) + ("" if std is None else f" ± {number(std)}")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """The first columns are text, and the others numbers, which stand right-aligned."""
    padded = []
    for place, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
        gap = " " * (wide - _cells(cell))
        padded.append(gap + cell if place in (2, 4, 5) else cell + gap)
    return (" " * GAP).join(padded).rstrip()


def _cells(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def compared_table(runs: Sequence[str], scores: Mapping[str, Sequence[str]], *, width: int = 80) -> Table:
    """A score a row and a run a column; where that is wider than the terminal, a line for each run and score.

    Args:
        runs: What the columns are called.
        scores: The cells by score.
        width: Columns of the terminal.
    """
    columns = zip(("Score", *runs), *((title, *cells) for title, cells in scores.items()), strict=True)
    if sum(max(map(_cells, column)) + GAP for column in columns) - GAP <= width:
        table = ruled_table("Score", *runs)
        for title, cells in scores.items():
            table.add_row(name_text(title), *cells)
        return table
    table = ruled_table("Score", "")
    for title, cells in scores.items():
        table.add_row(name_text(title, "bold"))
        for run, cell in zip(runs, cells, strict=True):
            table.add_row(name_text(f"  {run}"), cell)
    return table
