"""How much of the objective each key explains."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nntrain.report.figure import QUIET, TRAINING, Picture, picture
from nntrain.report.search.tried import Found

TOGETHER = "several keys together"


def importances_plot(found: Found, shares: Sequence[float]) -> Picture:
    """A bar for each key, the longest first, and one for what only several keys explain together.

    Args:
        found: The search.
        shares: Of each key by itself, from 0 to 1; the rest to 1 is what several explain together.
    """
    order = sorted(range(len(shares)), key=lambda i: shares[i])
    names = [TOGETHER, *(found.axes[i].name for i in order)]
    parts = [max(1.0 - sum(shares), 0.0), *(shares[i] for i in order)]

    def draw(figure: Any) -> None:
        axes = figure.subplots()
        colours = [QUIET, *[TRAINING] * len(order)]
        bars = axes.barh(range(len(names)), parts, color=colours, height=0.66)
        axes.bar_label(bars, [f"{100 * part:.0f} %" for part in parts], padding=4, fontsize=8)
        axes.set_yticks(range(len(names)), names)
        axes.set_xlim(0, min(1.0, 1.18 * max(parts)) if max(parts) < 0.85 else 1.12)
        axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f} %")
        axes.set_xlabel(f"share of the variance of {found.objective} over the space of the search")
        axes.tick_params(axis="y", length=0)

    return picture(draw, 6.4, 0.34 * len(names) + 1.0)
