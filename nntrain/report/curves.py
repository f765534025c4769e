"""How well a classifier ranks rows and how much its probabilities are worth, as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from nntrain.report.figure import INK, LINES, QUIET, TRAINING, VALIDATION, Picture, picture, shorten

NAMED = len(LINES)
"""Of more curves those with the smallest areas are named, and the others are grey."""
NAME_WIDTH = 24
GREY = "#CCCCCC"


class Line(NamedTuple):
    """The curve of one class or label."""

    name: str
    x: ArrayLike
    """Shape `(points,)`, ascending, in [0, 1]."""
    y: ArrayLike
    """Shape `(points,)`, in [0, 1]."""
    area: float
    share: float
    """Share of the rows that are positive."""


def roc_plot(lines: Sequence[Line], rows: int) -> Picture:
    """The ROC curve of each class or label, with its area and the diagonal of chance.

    Args:
        lines: At least one; a single one needs no legend.
        rows: How many there were.
    """

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=":")
        axes.text(0.68, 0.6, "chance", rotation=45, ha="center", va="center", color=QUIET, fontsize=8)
        axes.set(xlabel="false positive rate", ylabel="true positive rate")

    return _square(lines, "ROC", "area", rows, "default", draw)


def precision_recall_plot(lines: Sequence[Line], rows: int) -> Picture:
    """Precision over recall of each class or label, as steps, with its average precision.

    Of a single one the share of positive rows, which is what chance would give, is drawn too.

    Args:
        lines: At least one.
        rows: How many there were.
    """

    def draw(axes: Any) -> None:
        if len(lines) == 1:
            share = lines[0].share
            axes.axhline(share, color=QUIET, linewidth=1, linestyle=":")
            at = share + 0.02 if share < 0.9 else share - 0.02
            axes.text(0.02, at, "chance", va="bottom" if share < 0.9 else "top", color=QUIET, fontsize=8)
        axes.set(xlabel="recall", ylabel="precision")

    return _square(lines, "Precision and recall", "average precision", rows, "steps-pre", draw)


def _square(lines: Sequence[Line], title: str, measure: str, rows: int, steps: str, also: Any) -> Picture:
    """Curves in the unit square, with their names and areas at the right."""
    if not lines:
        raise ValueError("there is no curve to draw")
    named = sorted(range(len(lines)), key=lambda i: (lines[i].area, i))[:NAMED]
    mean = float(np.mean([line.area for line in lines]))
    head = f"{title}: {measure} {mean:.3f}" if len(lines) == 1 else f"{title}: mean {measure} {mean:.3f}"
    one = f" of '{shorten(lines[0].name, NAME_WIDTH)}', "
    of = f"\n{len(lines)} curves, " if len(lines) > 1 else one  # the names need the room at the right

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        also(axes)
        for i, line in enumerate(lines):
            if i not in named:
                axes.plot(line.x, line.y, color=GREY, linewidth=0.8, drawstyle=steps)
        for look, i in zip(LINES, sorted(named), strict=False):
            line, (colour, dashes) = lines[i], look
            label = f"{shorten(line.name, NAME_WIDTH)}  {line.area:.3f}"
            axes.plot(line.x, line.y, color=colour, linestyle=dashes, label=label, drawstyle=steps)
        axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
        title = f"{head}{of}{rows:,} row{'' if rows == 1 else 's'}"
        figure.suptitle(title, x=0.01, ha="left", fontsize=10)
        if len(lines) > 1:
            _legend(figure, axes, len(lines) - len(named), measure)

    return picture(draw, 4.9 if len(lines) == 1 else 6.1, 4.5)


def _legend(figure: Any, axes: Any, others: int, measure: str) -> None:
    """The named curves beside the square, and how many are not named."""
    from matplotlib.lines import Line2D

    handles, labels = axes.get_legend_handles_labels()
    if others:
        handles.append(Line2D([], [], color=GREY, linewidth=0.8))
        labels.append(f"{others:,} with larger areas")
    legend = figure.legend(
        handles, labels, loc="outside right upper", fontsize=8, title=f"class, {measure}", handlelength=3.2
    )
    legend.set_alignment("left")
    legend.get_title().set_fontsize(8)


def reliability_plot(
    confidence: ArrayLike, frequency: ArrayLike, counts: ArrayLike, *, error: float, what: str
) -> Picture:
    """How often predictions came true over their probability, above how many had it.

    Args:
        confidence: Mean probability of each bin, shape `(bins,)`, in [0, 1].
        frequency: Share that came true, shape `(bins,)`.
        counts: Predictions in each bin, shape `(bins,)`.
        error: The calibration error, in [0, 1].
        what: What the probability is of, such as `the predicted class`.
    """
    at, so, many = (np.asarray(values, np.float64) for values in (confidence, frequency, counts))
    if not len(at) or not at.shape == so.shape == many.shape:
        raise ValueError(f"takes three arrays of one shape, received {at.shape}, {so.shape}, {many.shape}")

    def draw(figure: Any) -> None:
        axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=":", label="perfectly calibrated")
        axes.vlines(at, at, so, color=VALIDATION, linewidth=1, label="gap")
        axes.plot(at, so, color=TRAINING, marker="o", markersize=5, label="the model")
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), ylabel="share that came true")
        axes.set_title(f"Reliability: calibration error {error:.3f}")
        figure.legend(loc="outside lower left", ncols=3, fontsize=8)
        below.bar(at, many, width=0.03, color=TRAINING)
        below.set(xlabel=f"probability of {what}", ylabel="predictions")
        for x, count in zip(at, many, strict=True):
            if len(at) <= 8 or count == many.max():
                below.annotate(
                    f"{int(count):,}", (x, count), (0, 2), textcoords="offset points", ha="center",
                    fontsize=7, color=INK, annotation_clip=False,
                )  # fmt: skip
        below.set_ylim(0, 1.25 * float(many.max()))
        below.yaxis.set_major_formatter("{x:,.0f}")
        below.locator_params(axis="y", nbins=3, integer=True)

    return picture(draw, 4.9, 5.0)
