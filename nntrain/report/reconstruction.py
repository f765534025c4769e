"""What a model made of its own inputs, as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nntrain.report.figure import INK, TRAINING, VALIDATION, Picture, picture
from nntrain.report.thinning import MOST_IMAGES

SMALLEST_SIDE = 8
"""Pixels along a picture; what is smaller is taken for columns of numbers."""
CHANNELS = (1, 3)
MOST_BARS = 40
"""With more values in a row their errors are drawn as a curve."""
BLOCK = 2**20


def is_picture(shape: Sequence[int]) -> bool:
    """Whether rows of this shape are pictures: height and width, with 1 or 3 channels, or a flat square."""
    sides = _sides(tuple(shape))
    return sides is not None and min(sides) >= SMALLEST_SIDE


def pictures_plot(
    actual: ArrayLike, made: ArrayLike, index: ArrayLike, noisy: ArrayLike | None = None
) -> Picture:
    """The first rows as pictures, above what the model made of them.

    Both are drawn with the same range of brightness, that of the rows shown.

    Args:
        actual: The rows that the model was given, shape `(n, ...)`, of a shape that `is_picture` takes.
        made: What it made of them, the same shape.
        index: Numbers of the rows in the source, shape `(n,)`.
        noisy: The rows with noise where it made `made` of those, as many values; they stand between.
    """
    truth, guess = (np.asarray(rows)[:MOST_IMAGES] for rows in (actual, made))
    if not is_picture(truth.shape[1:]) or truth.shape != guess.shape:
        raise ValueError(f"rows of shape {truth.shape[1:]} and {guess.shape[1:]} are no pairs of pictures")
    lines = {"input": truth, "output": guess}
    if noisy is not None:
        lines = {
            "input": truth,
            "with noise": np.asarray(noisy)[:MOST_IMAGES].reshape(truth.shape),
            "output": guess,
        }
    low, high = float(truth.min()), float(truth.max())
    errors = ((guess.astype(np.float64) - truth) ** 2).reshape(len(truth), -1).mean(axis=1)
    numbers = np.asarray(index)

    def draw(figure: Any) -> None:
        grid = figure.subplots(len(lines), len(truth), squeeze=False)
        for column in range(len(truth)):
            for line, rows in enumerate(lines.values()):
                axes = grid[line][column]
                image = as_image(rows[column])
                shades = {} if image.ndim == 3 else {"cmap": "gray", "vmin": low, "vmax": high}
                axes.imshow(_within(image, low, high) if image.ndim == 3 else image, **shades)
                axes.set(xticks=[], yticks=[])
            grid[0][column].set_title(f"row {int(numbers[column]):,}", fontsize=8, loc="center")
            grid[-1][column].set_xlabel(f"MSE {errors[column]:.3g}", fontsize=8)
        for line, name in enumerate(lines):
            grid[line][0].set_ylabel(name)
        which = "The only row" if len(truth) == 1 else f"The first {len(truth)} rows"
        back = "what the model gave back"
        title = f"{which}, above {back}" if noisy is None else f"{which}, with noise, and {back} of that"
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)

    return picture(draw, max(4.6, 1.15 * len(truth) + 0.4), 0.5 + 1.2 * len(lines))


def errors_plot(actual: ArrayLike, made: ArrayLike) -> Picture:
    """How the errors spread over the rows, and over the values of a row.

    Args:
        actual: The rows that the model was given, shape `(n, ...)`.
        made: What it made of them, the same shape.
    """
    truth, guess = np.asarray(actual), np.asarray(made)
    if truth.shape != guess.shape or not truth.size:
        raise ValueError(f"takes two arrays of one shape, received {truth.shape} and {guess.shape}")
    of_rows, of_values = _errors(truth, guess)

    def draw(figure: Any) -> None:
        from matplotlib.ticker import MaxNLocator

        rows, values = figure.subplots(1, 2, width_ratios=[2, 3])
        rows.hist(of_rows, bins=min(40, max(5, isqrt(len(of_rows)))), color=TRAINING)
        rows.axvline(float(np.median(of_rows)), color=VALIDATION, linewidth=1.0, label="median")
        rows.set(xlabel="RMSE of a row", ylabel="rows")
        rows.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
        rows.xaxis.set_major_locator(MaxNLocator(nbins=5))
        rows.set_title(f"{len(truth):,} row{'s' if len(truth) > 1 else ''}")
        rows.legend(loc="best")
        at = np.arange(len(of_values))
        if len(at) <= MOST_BARS:
            values.bar(at, of_values, color=TRAINING)
        else:
            values.plot(at, of_values, color=INK, linewidth=0.9)
        flat = "" if truth.ndim == 2 else f" (rows of shape {truth.shape[1:]}, laid flat)"
        values.set(xlabel="position in a row, from 0" + flat, ylabel="RMSE at this position")
        values.set_ylim(bottom=0)
        values.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True, min_n_ticks=1))
        values.set_title(f"{len(at):,} value{'s' if len(at) > 1 else ''} in each row")

    return picture(draw, 7.6, 3.4)


def _sides(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Height and width of a picture of this shape; None if it is none."""
    if len(shape) == 1 and isqrt(shape[0]) ** 2 == shape[0]:
        return isqrt(shape[0]), isqrt(shape[0])
    if len(shape) == 2 or (len(shape) == 3 and shape[2] in CHANNELS):
        return shape[0], shape[1]
    return None


def as_image(row: NDArray[Any]) -> NDArray[Any]:
    """A row as height and width, and three channels where it has them."""
    sides = _sides(row.shape)
    coloured = row.ndim == 3 and row.shape[2] == 3
    return row if coloured or sides is None else row.reshape(sides)


def _within(image: NDArray[Any], low: float, high: float) -> NDArray[Any]:
    """Channels as numbers in [0, 1]."""
    return np.clip((image - low) / ((high - low) or 1.0), 0.0, 1.0)


def _errors(truth: NDArray[Any], guess: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Root mean squared error of each row `(n,)`, and of each position in a row, laid flat `(values,)`."""
    of_rows, of_values = np.empty(len(truth)), np.zeros(truth[0].size)
    for rows in _blocks(truth):
        squares = (guess[rows].astype(np.float64) - truth[rows]).reshape(-1, truth[0].size) ** 2
        of_rows[rows] = squares.mean(axis=1)
        of_values += squares.sum(axis=0)
    return np.sqrt(of_rows), np.sqrt(of_values / len(truth))


def _blocks(rows: NDArray[Any]) -> Iterator[slice]:
    """Slices of rows that hold about `BLOCK` values together."""
    size = max(1, BLOCK // rows[0].size)
    return (slice(start, start + size) for start in range(0, len(rows), size))
