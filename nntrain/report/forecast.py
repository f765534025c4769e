"""A forecast beside what came, as a picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nntrain.report.figure import INK, PLAIN, TRAINING, VALIDATION, Picture, picture

MOST_STEPS = 400
"""Of more rows the last are drawn, so that the two curves can be told apart."""


def forecast_plot(index: ArrayLike, actual: ArrayLike, predicted: ArrayLike, *, what: str = "") -> Picture:
    """The actual numbers and their forecast in the order of time, with the error below.

    Where rows are missing in between, the curves are broken.

    Args:
        index: Numbers of the rows in the source, shape `(n,)`.
        actual: Shape `(n,)`.
        predicted: For the same rows, shape `(n,)`.
        what: Which of several numbers it is; empty for the only one.
    """
    numbers, truth, guess = (np.asarray(values) for values in (index, actual, predicted))
    if truth.ndim != 1 or not numbers.shape == truth.shape == guess.shape or not len(truth):
        raise ValueError(f"takes three arrays of shape (n,), received {truth.shape} and {guess.shape}")
    order = np.argsort(numbers, kind="stable")[-MOST_STEPS:]
    at = numbers[order].astype(np.float64)
    series = [np.asarray(values, np.float64)[order] for values in (truth, guess)]
    steps = np.diff(at)
    breaks = np.flatnonzero(steps > 1.5 * (np.median(steps) if len(steps) else 1)) + 1
    at, true, said = (np.insert(values, breaks, np.nan) for values in (at, *series))
    count = len(order)

    def draw(figure: Any) -> None:
        axes, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        marks = {"marker": "o", "markersize": 3} if count < 40 else {}
        axes.plot(at, true, color=INK, linewidth=1.2, label="actual", **marks)
        axes.plot(at, said, color=VALIDATION, linewidth=1.2, linestyle="--", label="forecast", **marks)
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0.2)
        which = f"the last {count:,} of {len(truth):,} rows" if count < len(truth) else f"{count:,} rows"
        axes.set_title(f"Forecast{f' of {what}' if what else ''}, {which}")
        below.axhline(0, color=VALIDATION, linewidth=1)
        below.plot(at, true - said, color=TRAINING, linewidth=1, **marks)
        below.set(xlabel="row, in the order of time", ylabel="actual -\nforecast")
        below.locator_params(axis="y", nbins=4)
        for panel in (axes, below):
            panel.yaxis.set_major_formatter(PLAIN)
            panel.xaxis.set_major_formatter(PLAIN)
            panel.margins(x=0.01)

    return picture(draw, 7.6, 4.2)
