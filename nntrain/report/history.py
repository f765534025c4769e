"""The course of training as a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from nntrain.report.figure import INK, PLAIN, QUIET, TRAINING, VALIDATION, Picture, picture, shorten

FEW = 12
"""Up to so many epochs, each is marked with a point."""
LOG_DECADES = 2
"""A quantity that is an error is drawn on a logarithmic scale if it spans more decades."""
ERRORS = ("loss", "error", "mse", "mae", "learning_rate")
"""Endings of the names that a logarithmic scale suits."""
LARGE = 10_000
"""From here on thousands stand apart."""


def history_plot(
    history: Mapping[str, Sequence[float]],
    *,
    outputs: Sequence[str] = (),
    best_epoch: int | None = None,
    stopped_epoch: int | None = None,
) -> Picture:
    """One panel a quantity, with training and validation in the same two colours throughout.

    Args:
        history: Values by quantity, one an epoch; `val_x` is drawn beside `x`. NaN where an epoch has none.
        outputs: Names of several outputs; the quantities of each stand in lines of their own.
        best_epoch: Epoch whose weights were kept, from 1.
        stopped_epoch: Epoch after which training stopped early, from 1; None if it ran to its end.
    """
    names = list(dict.fromkeys(name.removeprefix("val_") for name in history))
    if not names:
        raise ValueError("the history holds no quantity to draw")
    lines = _lines(names, outputs)
    across, down = max(map(len, lines)), len(lines)
    epochs = max(len(values) for values in history.values())

    def draw(figure: Any) -> None:
        grid = figure.subplots(down, across, squeeze=False)
        for panels, line in zip(grid, lines, strict=True):
            for axes, name in zip(panels, line, strict=False):
                _panel(axes, name, history, epochs, (best_epoch, stopped_epoch))
            for axes in panels[len(line) :]:
                axes.set_axis_off()
        figure.suptitle(_title(epochs, best_epoch, stopped_epoch), x=0.01, ha="left", fontsize=11)
        _legend(figure)

    return picture(draw, max(5.6, 3.6 * across), (3.0 if down < 4 else 2.4) * down + 0.7)


def _lines(names: Sequence[str], outputs: Sequence[str]) -> list[list[str]]:
    """The panels line by line: first what belongs to no output, then each output's."""
    groups: dict[str, list[str]] = {"": [], **{output: [] for output in outputs}}
    for name in names:
        owners = [output for output in outputs if name.startswith(f"{output}_")]
        groups[max(owners, key=len, default="")].append(name)
    lines = []
    for group in groups.values():
        across = len(group) if len(group) <= 3 else 2 if len(group) == 4 else 3
        lines += [group[at : at + across] for at in range(0, len(group), across or 1)]
    return lines


def _panel(
    axes: Any,
    name: str,
    history: Mapping[str, Sequence[float]],
    epochs: int,
    marked: tuple[int | None, int | None],
) -> None:
    """Draw one quantity; epochs without a number are left out and the rest is joined.

    The epochs that are marked are the best one, and the one after which training stopped early.
    """
    from matplotlib.ticker import MaxNLocator

    best_epoch, stopped_epoch = marked
    marker = "o" if epochs <= FEW else ""
    first = "learning rate" if name == "learning_rate" else "training"
    curves = [
        (history.get(name), first, INK if name == "learning_rate" else TRAINING, "-"),
        (history.get(f"val_{name}"), "validation", VALIDATION, "--"),
    ]
    drawn: list[float] = []
    for values, label, colour, line in curves:
        if values is None:
            continue
        at = [epoch for epoch, value in enumerate(values, start=1) if math.isfinite(value)]
        if not at:
            continue
        heights = [float(values[epoch - 1]) for epoch in at]
        drawn += heights
        shape = {"linestyle": line, "marker": marker} if len(at) > 1 else {"linestyle": "", "marker": "o"}
        axes.plot(at, heights, color=colour, markersize=4, label=label, **shape)
        if best_epoch in at:
            axes.plot([best_epoch], [heights[at.index(best_epoch)]], "o", color=colour, markersize=6)
    if best_epoch is not None:
        axes.axvline(best_epoch, color=QUIET, linewidth=1, linestyle=":", zorder=0, label="best epoch")
    if stopped_epoch is not None:
        axes.axvline(stopped_epoch, color=QUIET, linewidth=1, linestyle="-", zorder=0, label="stopped early")
    if name.endswith(ERRORS) and decades(drawn) > LOG_DECADES:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
    elif max(drawn, default=0) >= LARGE:
        axes.yaxis.set_major_formatter(PLAIN)
    axes.set_xlim(0.5, epochs + max(0.5, 0.02 * epochs))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axes.set_title(shorten(name, 40))
    axes.set_xlabel("epoch")


def decades(values: Sequence[float]) -> float:
    """Powers of ten between the least and the largest; 0 where one is not positive."""
    if not values or min(values) <= 0:
        return 0.0
    return math.log10(max(values)) - math.log10(min(values))


def _title(epochs: int, best_epoch: int | None, stopped_epoch: int | None) -> str:
    facts = [f"{epochs:,} epoch{'s' if epochs > 1 else ''} of training"]
    if best_epoch is not None:
        facts.append(f"best after epoch {best_epoch:,}")
    if stopped_epoch is not None:
        facts.append(f"stopped early after epoch {stopped_epoch:,}")
    return ", ".join(facts)


def _legend(figure: Any) -> None:
    """One legend for all panels, below them."""
    known: dict[str, Any] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            if label != "learning rate":
                known.setdefault(label, handle)
    figure.legend(known.values(), known.keys(), loc="outside lower left", ncols=4)
