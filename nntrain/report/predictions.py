"""Predicted against actual, classes and numbers, as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nntrain.report.figure import INK, PLAIN, TRAINING, VALIDATION, Picture, picture, shorten
from nntrain.report.thinning import rows_drawn, some_of

MOST_ANNOTATED = 20
"""With more classes the counts are not written into the cells."""
MOST_RATED = 12
"""With more classes the shares are not written below the counts."""
MOST_NAMED = 60
"""With more classes only some of them are named along the axes."""
MOST_PANELS = 6
"""Of more numbers a row only the first are drawn."""
NAME_WIDTH = 22
MOST_VECTORS = 1_000
"""More dots are pixels in an SVG too, which else no reader could scroll."""


def confusion_plot(
    matrix: Sequence[Sequence[int]], class_names: Sequence[str], *, unit: str = "rows"
) -> Picture:
    """Counts, and their shares of the actual class's rows as colours and in words.

    Args:
        matrix: Rows of actual class `i` predicted as class `j` at `[i][j]`, shape `(classes, classes)`.
        class_names: Name of class 0, 1, 2, ...
        unit: What is counted.
    """
    counts = np.asarray(matrix, dtype=np.int64)
    classes = len(class_names)
    if counts.shape != (classes, classes):
        raise ValueError(f"{classes} class names for a confusion matrix of shape {counts.shape}")
    rows, right = int(counts.sum()), int(np.trace(counts))
    annotated = classes <= MOST_ANNOTATED
    cell = 0.48 if classes <= MOST_RATED else 0.42 if annotated else 0.15
    side = float(np.clip(classes * cell, 2.8, 8.0))

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        rates = _row_rates(counts)
        image = axes.imshow(rates, cmap=_colours(), vmin=0, vmax=1)
        if annotated:
            _write_counts(axes, counts, rates, side / classes)
        _name_classes(axes, class_names, side / classes)
        axes.spines[:].set_visible(False)
        axes.set_xlabel("predicted class")
        axes.set_ylabel("actual class")
        share = f" ({right / rows:.1%})" if rows else ""
        axes.set_title(f"{right:,} of {rows:,} {unit} classified correctly{share}", fontsize=11, pad=10)
        bar = figure.colorbar(image, ax=axes, shrink=0.8)
        bar.set_label(
            f"share of the actual class's {unit}" + (f" (grey: no {unit})" if rates.mask.any() else "")
        )
        bar.ax.yaxis.set_major_formatter("{x:.0%}")
        bar.outline.set_visible(False)

    labels = 0.07 * min(NAME_WIDTH, max(len(name) for name in class_names))
    return picture(draw, side + labels + 1.7, side + labels + 0.9)


def predicted_actual_plot(actual: ArrayLike, predicted: ArrayLike) -> Picture:
    """Scatter of predicted over actual numbers with the line where they are equal.

    Args:
        actual: Finite numbers, shape `(n,)`.
        predicted: Finite numbers for the same rows, shape `(n,)`.
    """
    truth, guess = _numbers(actual, predicted)

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        _against(axes, truth, guess, ticks=6)
        axes.set_title(f"Predicted against actual, {rows_drawn(len(truth))}")
        axes.legend(loc="upper left")

    return picture(draw, 5.0, 4.8)


def numbers_plot(actual: ArrayLike, predicted: ArrayLike, names: Sequence[str]) -> Picture:
    """Predicted over actual numbers for each of several, the first `MOST_PANELS` of them.

    Args:
        actual: Finite numbers, shape `(n, k)`.
        predicted: Finite numbers for the same rows, shape `(n, k)`.
        names: What the k numbers are called.
    """
    truth, guess = (np.asarray(values, dtype=np.float64) for values in (actual, predicted))
    if truth.shape != guess.shape or truth.shape[1:] != (len(names),) or not len(truth):
        raise ValueError(f"{len(names)} names for numbers of shape {truth.shape} and {guess.shape}")
    shown = names[:MOST_PANELS]
    across = len(shown) if len(shown) < 4 else 2 if len(shown) == 4 else 3
    down = -(-len(shown) // across)

    def draw(figure: Any) -> None:
        panels = figure.subplots(down, across, squeeze=False).flat
        for j, (axes, name) in enumerate(zip(panels, shown, strict=False)):
            _against(axes, truth[:, j], guess[:, j], ticks=3)
            axes.set_title(shorten(name, 32))
        for axes in panels[len(shown) :]:
            axes.set_axis_off()
        first = f", the first {len(shown)} of {len(names)} numbers" if len(names) > len(shown) else ""
        title = f"Predicted against actual, {rows_drawn(len(truth))}{first}"
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)

    return picture(draw, max(5.0, 3.1 * across), 2.95 * down + 0.4)


def _against(axes: Any, truth: NDArray[np.float64], guess: NDArray[np.float64], *, ticks: int) -> None:
    """Predicted over actual, shape `(n,)` each, with about so many ticks along equal axes."""
    from matplotlib.ticker import MaxNLocator

    low, high = _limits(np.concatenate([truth, guess]))
    axes.plot([low, high], [low, high], color=VALIDATION, linewidth=1.0, label="predicted = actual")
    drawn = some_of(len(truth))
    axes.scatter(truth[drawn], guess[drawn], **dots(len(drawn)))
    axes.set(xlim=(low, high), ylim=(low, high), xlabel="actual", ylabel="predicted", aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PLAIN)
        axis.set_major_locator(MaxNLocator(nbins=ticks, steps=[1, 2, 2.5, 5, 10]))


def residuals_plot(actual: ArrayLike, predicted: ArrayLike) -> Picture:
    """Residuals, actual minus predicted, over the predicted numbers, with their distribution.

    Args:
        actual: Finite numbers, shape `(n,)`.
        predicted: Finite numbers for the same rows, shape `(n,)`.
    """
    truth, guess = _numbers(actual, predicted)
    residuals = truth - guess

    def draw(figure: Any) -> None:
        from matplotlib.ticker import MaxNLocator

        axes, side = figure.subplots(1, 2, sharey=True, width_ratios=[4, 1])
        drawn = some_of(len(truth))
        axes.scatter(guess[drawn], residuals[drawn], **dots(len(drawn)))
        axes.set(xlabel="predicted", ylabel="residual (actual - predicted)")
        bins = np.linspace(*_limits(residuals), min(40, max(5, int(len(truth) ** 0.5))) + 1)
        side.hist(residuals, bins=bins, orientation="horizontal", color=TRAINING)
        side.xaxis.set_major_locator(MaxNLocator(nbins=2, integer=True, min_n_ticks=1))
        side.set_xlabel("rows")
        side.tick_params(left=False)
        for panel in (axes, side):
            panel.axhline(0, color=VALIDATION, linewidth=1.0)
            panel.yaxis.set_major_formatter(PLAIN)
        axes.xaxis.set_major_formatter(PLAIN)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
        side.xaxis.set_major_formatter(PLAIN)
        axes.set_xlim(*_limits(guess))
        axes.set_title(f"Residuals, {rows_drawn(len(truth))}: mean {residuals.mean():.4g}")

    return picture(draw, 6.4, 3.8)


def _row_rates(counts: NDArray[np.int64]) -> Any:
    """Shares of each row, in [0, 1]; masked where a class has no rows."""
    support = counts.sum(axis=1, keepdims=True)
    rates = counts / np.maximum(support, 1)
    return np.ma.masked_array(rates, mask=np.broadcast_to(support == 0, counts.shape))


def _colours() -> Any:
    """White to dark blue, in order of lightness, so that a grey print keeps it; pale grey for no rows."""
    from matplotlib import colormaps

    return colormaps["Blues"].with_extremes(bad="#EEEEEE")


def _write_counts(axes: Any, counts: NDArray[np.int64], rates: Any, cell: float) -> None:
    """Write each count, and of few classes its share, into its cell of `cell` inches: white on dark."""
    digits = len(f"{counts.max():,}")
    rated = len(counts) <= MOST_RATED
    size = float(np.clip(cell * 72 / (0.68 * max(digits, 4 if rated else 1)), 4.0, 9.5 if rated else 10.0))
    for (row, column), count in np.ndenumerate(counts):
        rate = rates[row, column]
        dark = rate is not np.ma.masked and rate > 0.55
        colour = "white" if dark else INK if count else "#BBBBBB"
        share = f"\n{rate:.0%}" if rated and count else ""
        axes.text(column, row, f"{count:,}{share}", ha="center", va="center", fontsize=size, color=colour)


def _name_classes(axes: Any, class_names: Sequence[str], cell: float) -> None:
    """Name the classes along both axes; long names stand upright below."""
    step = -(-len(class_names) // MOST_NAMED)
    places = list(range(0, len(class_names), step))
    names = [shorten(class_names[place], NAME_WIDTH) for place in places]
    size = float(np.clip(cell * step * 72 * 0.85, 5.0, 9.0))
    upright = max(map(len, names)) * size * 0.62 > cell * step * 72
    axes.set_xticks(places, names, fontsize=size, rotation=90 if upright else 0)
    axes.set_yticks(places, names, fontsize=size)
    axes.tick_params(length=0)


def dots(rows: int) -> dict[str, Any]:
    """Marks that let many rows be seen through one another."""
    return {
        "s": float(np.clip(6000 / rows, 4, 22)),
        "alpha": float(np.clip(300 / rows, 0.12, 0.8)),
        "color": TRAINING,
        "linewidths": 0,
        "rasterized": rows > MOST_VECTORS,
    }


def _numbers(actual: ArrayLike, predicted: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    truth, guess = (np.asarray(values, dtype=np.float64) for values in (actual, predicted))
    if truth.ndim != 1 or truth.shape != guess.shape or not len(truth):
        raise ValueError(f"takes two arrays of shape (n,), received {truth.shape} and {guess.shape}")
    return truth, guess


def _limits(values: NDArray[np.float64]) -> tuple[float, float]:
    """A range with a margin around the values; also where they are all (nearly) equal."""
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    margin = 0.04 * (high - low) if high - low > 1e-6 * size else 0.05 * size or 1.0
    return low - margin, high + margin
