"""The courses of several trainings in one picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from nntrain.report.figure import INK, PLAIN, picture, shorten
from nntrain.report.history import ERRORS, LARGE, LOG_DECADES, decades

LOOKS = (
    ("#0072B2", "-", "o"),
    ("#D55E00", "--", "s"),
    ("#009E73", "-.", "^"),
    ("#000000", ":", "D"),
    ("#CC79A7", (0, (7, 2)), "v"),
    ("#56B4E9", (0, (3, 1, 1, 1, 1, 1)), "P"),
)
"""Colour (of Okabe and Ito's palette), line and marker of each run: told apart in grey print too."""
MOST_PANELS = 3
"""Quantities: the loss and the first metrics."""
MARKS = 9
"""Markers on a curve, so that they do not become the curve."""


def overlaid_plot(histories: Mapping[str, Mapping[str, Sequence[float]]]) -> bytes:
    """The loss and the first metrics of each run: above on training rows, below on validation rows, as PNG.

    Args:
        histories: By what each run is called, its values by quantity, one an epoch; at most six runs.
    """
    names = list(dict.fromkeys(n for history in histories.values() for n in history if n != "learning_rate"))
    training = [name for name in names if not name.startswith("val_")][:MOST_PANELS]
    lines = [training, [f"val_{name}" for name in training if f"val_{name}" in names]]
    lines = [line for line in lines if line]
    if not lines:
        raise ValueError("the histories hold no quantity to draw")
    across = len(training)

    def draw(figure: Any) -> None:
        grid = figure.subplots(len(lines), across, squeeze=False)
        for panels, line in zip(grid, lines, strict=True):
            for axes, name in zip(panels, line, strict=False):
                _panel(axes, name, histories)
            for axes in panels[len(line) :]:
                axes.set_axis_off()
        handles = {
            label: h for a in figure.axes for h, label in zip(*a.get_legend_handles_labels(), strict=True)
        }
        figure.legend(handles.values(), handles.keys(), loc="outside lower left", ncols=1, handlelength=4.5)

    return picture(draw, max(5.6, 3.6 * across), 2.7 * len(lines) + 0.25 * len(histories) + 0.3).png


def _panel(axes: Any, name: str, histories: Mapping[str, Mapping[str, Sequence[float]]]) -> None:
    """Draw one quantity of every run that has it."""
    from matplotlib.ticker import MaxNLocator

    drawn: list[float] = []
    for place, ((label, history), (colour, line, marker)) in enumerate(
        zip(histories.items(), LOOKS, strict=False)
    ):
        values = history.get(name, ())
        at = [epoch for epoch, value in enumerate(values, start=1) if math.isfinite(value)]
        heights = [float(values[epoch - 1]) for epoch in at]
        drawn += heights
        every = max(1, math.ceil(len(at) / MARKS))
        marks = {"marker": marker, "markersize": 4.5, "markevery": (min(place, every - 1), every)}
        axes.plot(at, heights, color=colour, linestyle=line, label=shorten(label, 90), **marks)
    if name.endswith(ERRORS) and decades(drawn) > LOG_DECADES:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
    elif max(drawn, default=0) >= LARGE:
        axes.yaxis.set_major_formatter(PLAIN)
    kind, quantity = (
        ("validation", name.removeprefix("val_")) if name.startswith("val_") else ("training", name)
    )
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axes.set_title(f"{shorten(quantity, 34)}, {kind} rows", color=INK)
    axes.set_xlabel("epoch")
