"""The scores of several labels as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nntrain.report.figure import INK, QUIET, TRAINING, VALIDATION, Picture, picture, shorten

MOST_LABELS = 30
"""Of more labels those with the most rows are drawn."""
NAME_WIDTH = 26
BAR = 0.26
"""Height of a bar, where labels stand 1 apart."""

LabelRow = tuple[str, float, float, float, int]
"""Name, precision, recall, F1 in [0, 1], and the number of rows that have the label."""


def labels_plot(rows: Sequence[LabelRow]) -> Picture:
    """F1, precision and recall of each label as bars, with the number of its rows.

    Args:
        rows: The labels, at least one; the first stands on top.
    """
    if not rows:
        raise ValueError("there is no label to draw")
    most = sorted(range(len(rows)), key=lambda i: (-rows[i][4], i))[:MOST_LABELS]
    kept = [rows[i] for i in sorted(most)]
    at = np.arange(len(kept))

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        bars = [("F1", 3, INK), ("precision", 1, TRAINING), ("recall", 2, VALIDATION)]
        for place, (name, column, colour) in enumerate(bars):
            values = [row[column] for row in kept]
            axes.barh(at + (place - 1) * BAR, values, height=0.9 * BAR, color=colour, label=name)
        counts = [f"{row[4]:,}" for row in kept]
        edge = 1.03 + 0.014 * max(4, *map(len, counts))
        for y, count in zip(at, counts, strict=True):
            axes.text(edge, y, count, va="center", ha="right", color=INK)
        axes.text(edge, -0.75, "rows", va="center", ha="right", color=QUIET)
        axes.set_yticks(at, [shorten(row[0], NAME_WIDTH) for row in kept])
        axes.tick_params(axis="y", length=0)
        axes.set(xlim=(0, 1), ylim=(len(kept) - 0.4, -0.6), xlabel="score on these rows")
        axes.grid(axis="x", color="#E5E5E5", linewidth=0.8)
        axes.set_axisbelow(True)
        axes.set_title(_title(len(kept), len(rows)), pad=22)
        figure.legend(loc="outside lower left", ncols=3)

    return picture(draw, 6.4, 1.5 + 0.42 * len(kept))


def _title(drawn: int, all_of_them: int) -> str:
    if drawn < all_of_them:
        return f"Scores of the {drawn:,} of {all_of_them:,} labels with the most rows"
    return f"Scores of {drawn:,} label{'s' if drawn > 1 else ''}"
