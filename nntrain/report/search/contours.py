"""The objective over pairs of keys."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from nntrain.report.figure import Picture, picture
from nntrain.report.search.marks import colour_bar, colours, norm, set_ticks, spread
from nntrain.report.search.tried import Found

ACROSS = 3
LEVELS = 12
Surface = tuple[Any, Any, Any]
"""Places of the first key `(a,)`, of the second `(b,)`, and heights `(a, b)` on the objective's own scale."""


def contours_plot(found: Found, surfaces: Mapping[tuple[int, int], Surface]) -> Picture:
    """A panel for each pair of keys: what the forest expects, with the finished trials as points.

    Args:
        found: The search.
        surfaces: By the numbers of two keys, at least one.

    Raises:
        ValueError: There is none.
    """
    if not surfaces:
        raise ValueError("there is no pair of keys")
    across = min(ACROSS, len(surfaces))
    down = math.ceil(len(surfaces) / across)

    def draw(figure: Any) -> None:
        grid = figure.subplots(down, across, squeeze=False)
        for axes in grid.flat[len(surfaces) :]:
            axes.set_axis_off()
        for axes, ((one, other), surface) in zip(grid.flat, surfaces.items(), strict=False):
            _panel(axes, found, (one, other), surface)
        colour_bar(figure, grid, found, pad=0.02, aspect=30)

    return picture(draw, 3.0 * across + 1.2, 2.7 * down + 0.4)


def _panel(axes: Any, found: Found, pair: tuple[int, int], surface: Surface) -> None:
    """One pair: filled contours between numbers, cells where a key has few values."""
    (xs, ys, heights), looks = surface, {"cmap": colours(found), "norm": norm(found)}
    one, other = (found.axes[i] for i in pair)
    if one.is_choice or other.is_choice:
        axes.pcolormesh(xs, ys, heights.T, **looks, shading="nearest")
    else:
        axes.contourf(xs, ys, heights.T, LEVELS, **looks)
    numbers = [trial.number for trial in found.finished]
    across = spread([trial.at[pair[0]] for trial in found.finished], numbers, one)
    up = spread([trial.at[pair[1]] for trial in found.finished], numbers, other)
    whole: dict[str, Any] = {"clip_on": False, "zorder": 4}  # those on the frame too
    axes.scatter(across, up, c=found.values, **looks, **whole, s=16, edgecolors="white", linewidths=0.8)
    best = found.best
    if best is not None:
        i = numbers.index(best.number)
        star: dict[str, Any] = {"color": "#D55E00", "markeredgecolor": "white", "markersize": 13}
        axes.plot([across[i]], [up[i]], "*", **star, **whole)
    set_ticks(axes.xaxis, one)
    set_ticks(axes.yaxis, other)
    axes.set_xlabel(one.name)
    axes.set_ylabel(other.name)
    axes.spines[["top", "right"]].set_visible(True)
