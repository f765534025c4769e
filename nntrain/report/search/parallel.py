"""Every trial as a line through the values that it tried."""

from __future__ import annotations

from typing import Any

from nntrain.report.figure import INK, QUIET, Picture, picture, shorten
from nntrain.report.search.marks import colour_bar, colours, norm, spread
from nntrain.report.search.tried import Found

MOST = 500
"""Lines: of more trials the best."""
WIDE = 1.35
"""Inches from one axis to the next."""


def parallel_plot(found: Found) -> Picture:
    """Parallel coordinates: an axis for each key, a line for each finished trial in the colour of its value.

    Lines are drawn from the worst to the best, so that the best lie on top.

    Args:
        found: With a trial that finished.

    Raises:
        ValueError: None did.
    """
    if not found.finished:
        raise ValueError("no trial finished")
    sign = 1.0 if found.maximize else -1.0
    lines = sorted(found.finished, key=lambda trial: sign * (trial.value or 0.0))[-MOST:]

    def draw(figure: Any) -> None:
        from matplotlib import colormaps

        axes = figure.subplots()
        shade, scale, count = colormaps[colours(found)], norm(found), len(found.axes)
        numbers = [trial.number for trial in lines]
        places = [spread([t.at[i] for t in lines], numbers, axis) for i, axis in enumerate(found.axes)]
        xs = range(count) if count > 1 else (-0.25, 0.25)
        for i, trial in enumerate(lines):
            ys = [column[i] for column in places] * (1 if count > 1 else 2)
            colour = shade(scale(trial.value))
            top = trial is lines[-1]
            if top:
                axes.plot(xs, ys, color=INK, linewidth=4.2, zorder=3)
            width = {"linewidth": 2.6, "zorder": 4} if top else {"linewidth": 1.0, "alpha": 0.8, "zorder": 2}
            axes.plot(xs, ys, color=colour, **width)
        for i, axis in enumerate(found.axes):
            axes.axvline(i, color=QUIET, linewidth=1, zorder=1)
            for place, label in axis.ticks:
                axes.annotate(
                    label,
                    (i, place),
                    (3, 2),
                    textcoords="offset points",
                    fontsize=7.5,
                    color=INK,
                    zorder=5,
                    bbox={"facecolor": "white", "alpha": 0.75, "edgecolor": "none", "pad": 0.6},
                )
        axes.set_xticks(
            range(count), [shorten(axis.name, 18) for axis in found.axes], rotation=20, ha="right"
        )
        axes.set_yticks([])
        axes.set_ylim(-0.1, 1.1)
        axes.set_xlim(-0.3, count - 0.6)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        axes.tick_params(length=0)
        which = (
            f"the best {MOST:,} of {len(found.finished):,}"
            if len(found.finished) > MOST
            else f"{len(lines):,}"
        )
        axes.set_title(f"{which} finished trials, the best framed")
        colour_bar(figure, axes, found, pad=0.02)

    return picture(draw, max(6.4, WIDE * len(found.axes) + 1.8), 4.4)
