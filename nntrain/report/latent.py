"""What an autoencoder makes of rows at its narrowest place, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nntrain.report.figure import QUIET, Picture, picture, shorten
from nntrain.report.predictions import dots
from nntrain.report.thinning import rows_drawn, some_of

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
MARKS = ("o", "s", "^", "D")
NAMED = 20
"""Of more classes those with the most rows have a colour and a mark, and the others are grey."""


def latent_plot(
    points: ArrayLike,
    axes_names: tuple[str, str],
    title: str,
    labels: ArrayLike | None = None,
    class_names: Sequence[str] = (),
) -> Picture:
    """A scatter of rows in two dimensions.

    Args:
        points: Shape `(n, 2)`.
        axes_names: What the two dimensions are.
        title: What is drawn.
        labels: The class of each row, shape `(n,)`; None where it is not known.
        class_names: Name of class 0, 1, 2, ...
    """
    at = np.asarray(points, np.float64)
    if at.ndim != 2 or at.shape[1] != 2 or not len(at):
        raise ValueError(f"takes points of shape (n, 2), received {at.shape}")
    drawn = some_of(len(at))
    classes = None if labels is None else np.asarray(labels)

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        axes.set(xlabel=axes_names[0], ylabel=axes_names[1])
        axes.set_title(f"{title}, {rows_drawn(len(at))}")
        look = {**dots(len(drawn)), "s": 14.0}
        if classes is None:
            axes.scatter(*at[drawn].T, **look)
            return
        _by_class(axes, at[drawn], classes[drawn], class_names, {**look, "alpha": max(0.6, look["alpha"])})
        figure.legend(loc="outside right upper", fontsize=8, handletextpad=0.2)

    return picture(draw, 5.4 if classes is None else 6.6, 4.6)


def _by_class(axes: Any, at: Any, classes: Any, names: Sequence[str], look: dict[str, Any]) -> None:
    """Each class in a colour and a mark of its own; the rarest of many are grey and lie below."""
    rows = np.bincount(classes, minlength=len(names))
    order = sorted(range(len(names)), key=lambda i: (-rows[i], i))
    named = sorted(order[:NAMED])
    for place, i in enumerate(named):
        mark = MARKS[place // len(COLOURS)]
        colour = COLOURS[place % len(COLOURS)]
        style = {**look, "color": colour, "marker": mark}
        axes.scatter(*at[classes == i].T, **style, label=shorten(names[i], 20))
    others = ~np.isin(classes, named)
    if others.any():
        label = f"{len(names) - len(named):,} more classes"
        axes.scatter(*at[others].T, **{**look, "color": QUIET}, label=label, zorder=0.5)
