"""The objective over each key by itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nntrain.report.figure import VALIDATION, Picture, picture, shorten
from nntrain.report.search.marks import COLOURS, set_objective, set_ticks, spread
from nntrain.report.search.tried import Found

MOST_KEYS = 12
ACROSS = 3
Line = tuple[Any, Any]
"""Places of a key and what the forest says of each, on the objective's own scale, both `(places,)`."""


def slices_plot(found: Found, lines: Sequence[Line] = ()) -> Picture:
    """A panel for each key: every finished trial at its value, dark for the first and light for the last.

    Args:
        found: With a trial that finished.
        lines: For each key the mean over all others, drawn through the points; none to draw points alone.

    Raises:
        ValueError: No trial finished.
    """
    if not found.finished:
        raise ValueError("no trial finished")
    keys = list(found.axes)[:MOST_KEYS]
    across = min(ACROSS, len(keys))
    down = math.ceil(len(keys) / across)

    def draw(figure: Any) -> None:
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize
        from matplotlib.ticker import MaxNLocator

        grid = figure.subplots(down, across, squeeze=False, sharey=True)
        numbers = [trial.number for trial in found.finished]
        order = Normalize(1, max(max(numbers), 2))
        for i, axes in enumerate(grid.flat):
            if i >= len(keys):
                axes.set_axis_off()
                continue
            places = spread([trial.at[i] for trial in found.finished], numbers, keys[i])
            set_objective(axes.yaxis, axes, found)
            axes.scatter(
                places,
                found.values,
                c=numbers,
                cmap=COLOURS,
                norm=order,
                s=18,
                edgecolors="#333333",
                linewidths=0.4,
            )
            if lines:
                _mean(axes, lines[i], joined=not keys[i].is_choice)
            set_ticks(axes.xaxis, keys[i])
            axes.set_xlim(-0.1, 1.1)
            axes.set_xlabel(keys[i].name)
            if i % across == 0:
                axes.set_ylabel(shorten(found.objective, 28))
        bar = figure.colorbar(ScalarMappable(order, COLOURS), ax=grid, pad=0.02, aspect=30)
        bar.set_label("trial")
        bar.locator = MaxNLocator(nbins=6, integer=True, min_n_ticks=1)
        bar.update_ticks()
        bar.outline.set_visible(False)
        if lines:
            figure.legend(*grid.flat[0].get_legend_handles_labels(), loc="outside lower left")

    return picture(draw, 2.6 * across + 1.2, 2.5 * down + 0.5)


def _mean(axes: Any, line: Line, *, joined: bool) -> None:
    """What the forest says: a line over numbers, a dash over each choice."""
    shape: dict[str, Any] = {"marker": "_", "markersize": 24, "markeredgewidth": 2, "linestyle": ""}
    axes.plot(
        *line, color=VALIDATION, label="mean over all other keys, by the forest", **({} if joined else shape)
    )
