"""What the pictures of a search share: colours by objective, ticks of an axis, the objective's scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nntrain.report.figure import shorten
from nntrain.report.search.axis import Axis
from nntrain.report.search.tried import Found

# From dark blue to yellow in even steps of lightness, which colour-blind readers see alike:
# Nunez, Anderton and Renslow, "Optimizing colormaps with consideration for color vision deficiency", 2018
COLOURS = "cividis"
CROWDED = 26
"""Characters of all labels of a horizontal axis together above which they are turned."""

MOST_ASIDE = 12
"""Levels of a key up to which points that share one are drawn beside one another."""


def norm(found: Found) -> Any:
    """From the objective to a place among the colours; outliers of an error take no room on their scale."""
    from matplotlib.colors import LogNorm, Normalize

    low, high = min(found.values), max(found.values)
    if low == high:
        low, high = low - 0.5, high + 0.5
    return LogNorm(low, high) if found.is_logarithmic else Normalize(low, high)


def colours(found: Found) -> str:
    """The colours of the objective: yellow is best."""
    return COLOURS if found.maximize else f"{COLOURS}_r"


def colour_bar(figure: Any, axes: Any, found: Found, **how: Any) -> None:
    """What the colours stand for."""
    from matplotlib.cm import ScalarMappable

    bar = figure.colorbar(ScalarMappable(norm(found), colours(found)), ax=axes, **how)
    bar.set_label(shorten(found.objective, 40))
    bar.outline.set_visible(False)
    if found.is_logarithmic:
        bar.ax.yaxis.set_major_formatter("{x:g}")


def set_objective(axis: Any, axes: Any, found: Found) -> None:
    """Give the vertical axis of a panel the objective's scale."""
    if found.is_logarithmic:
        axes.set_yscale("log")
        axis.set_major_formatter("{x:g}")


def set_ticks(axis: Any, given: Axis) -> None:
    """Give an axis from 0 to 1 the values of a key."""
    ticks = given.ticks
    turned = axis.axis_name == "x" and sum(len(label) for _, label in ticks) > CROWDED
    how = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if turned else {}
    axis.set_ticks([place for place, _ in ticks], [label for _, label in ticks], **how)


def spread(places: Sequence[float], numbers: Sequence[int], given: Axis) -> list[float]:
    """Places moved aside a little where many share one, always alike for one trial; a number stays."""
    if given.levels is None or len(given.levels) > MOST_ASIDE:
        return list(places)
    gap = 0.3 / max(len(given.levels) - 1, 2)
    return [
        place + gap * ((number * 0.618034) % 1.0 - 0.5) for place, number in zip(places, numbers, strict=True)
    ]
