"""How many rows of each class the splits hold, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nntrain.report.figure import INK, PLAIN, TRAINING, VALIDATION, Picture, picture, shorten

SPLIT_COLOURS = {"train": TRAINING, "validation": VALIDATION, "test": "#009E73"}
SPLIT_NAMES = {"train": "training"}
HATCHES = {"train": "", "validation": "////", "test": "\\\\\\\\"}
"""What tells the splits apart in grey print."""
MOST_BARS = 30
"""Of more classes the 15 with the most rows and the 15 with the fewest are drawn."""
NAME_WIDTH = 26

Counts = Sequence[tuple[str, Mapping[str, int]]]
"""Classes (or labels) with their rows by split."""


def balance_plot(classes: Counts, unit: str = "rows") -> Picture:
    """Rows of each class as bars, the splits one after the other.

    Args:
        classes: At least one.
        unit: What is counted.
    """
    if not classes:
        raise ValueError("there is no class to draw")

    def draw(figure: Any) -> None:
        balance_bars(figure, classes, unit)

    return picture(draw, 6.4, 1.2 + 0.22 * min(len(classes), MOST_BARS + 1))


def balance_bars(part: Any, classes: Counts, unit: str) -> None:
    """Draw the bars and their legend into a figure, or a part of one."""
    kept, title = chosen(classes, unit)
    axes = part.add_subplot()
    at = np.arange(len(kept))
    left = np.zeros(len(kept))
    splits = list(classes[0][1])
    for split in splits:
        counts = np.array([0 if row is None else row[1][split] for row in kept], float)
        name = SPLIT_NAMES.get(split, split)
        look = {
            "color": SPLIT_COLOURS[split],
            "hatch": HATCHES[split],
            "edgecolor": "white",
            "linewidth": 0.0,
        }
        axes.barh(at, counts, left=left, height=0.7, label=f"{name} {unit}", **look)
        left += counts
    for y, (row, total) in enumerate(zip(kept, left, strict=True)):
        if row is not None:
            axes.text(total, y, f" {int(total):,}", va="center", ha="left", fontsize=8, color=INK)
    names = ["…" if row is None else shorten(row[0], NAME_WIDTH) for row in kept]
    axes.set_yticks(at, names)
    axes.tick_params(axis="y", length=0)
    axes.set(ylim=(len(kept) - 0.4, -0.6), xlim=(0, 1.1 * max(1.0, left.max())))
    axes.xaxis.set_major_formatter(PLAIN)
    axes.set_title(title)
    part.legend(loc="outside lower left", ncols=len(splits))


def chosen(classes: Counts, unit: str = "rows") -> tuple[list[tuple[str, Mapping[str, int]] | None], str]:
    """The classes that are drawn, None for a gap between them, and a title that says which."""
    if len(classes) <= MOST_BARS:
        return list(classes), f"{unit.capitalize()} of {len(classes)} classes"
    half = MOST_BARS // 2
    order = sorted(classes, key=lambda row: -sum(row[1].values()))
    title = f"{unit.capitalize()} of the {half} largest and the {half} smallest of {len(classes):,} classes"
    return [*order[:half], None, *order[-half:]], title
