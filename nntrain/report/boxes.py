"""Boxes as pictures: an image, where its object is, and where it was taken to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nntrain.report.figure import Picture, picture
from nntrain.report.masks import coloured_image
from nntrain.report.thinning import MOST_IMAGES

ACTUAL, PREDICTED = "#009E73", "#D55E00"


def boxes_plot(
    images: ArrayLike,
    actual: ArrayLike,
    predicted: ArrayLike,
    index: ArrayLike,
    scores: ArrayLike,
) -> Picture:
    """The first images with the actual and the predicted box of each.

    Args:
        images: Prepared images, shape `(n, height, width, colours)`.
        actual: Left, top, right and bottom of each box as shares of the image's width and height, shape
            `(n, 4)`; where one is above 1, in pixels.
        predicted: The same.
        index: Numbers of the rows in the source, shape `(n,)`.
        scores: The intersection over union of each pair, shape `(n,)`.
    """
    rows, truth, guess = (np.asarray(values)[:MOST_IMAGES] for values in (images, actual, predicted))
    if truth.shape != (len(rows), 4) or guess.shape != truth.shape or rows.ndim != 4 or not len(rows):
        raise ValueError(f"images of shape {rows.shape} for boxes of {truth.shape} and {guess.shape}")
    numbers, iou = np.asarray(index), np.asarray(scores)
    low, high = float(rows.min()), float(rows.max())
    shades = [((row - low) / ((high - low) or 1.0) * 255).astype(np.uint8) for row in rows]
    height, width = rows.shape[1:3]
    scale = np.ones(4) if np.abs(truth).max() > 1 else np.array([width, height, width, height])

    def draw(figure: Any) -> None:
        grid = figure.subplots(-(-len(rows) // 4), min(4, len(rows)), squeeze=False).ravel()
        for axes in grid[len(rows) :]:
            axes.set_axis_off()
        for i, axes in enumerate(grid[: len(rows)]):
            axes.imshow(coloured_image(shades[i]), interpolation="nearest")
            _outline(axes, truth[i] * scale, ACTUAL, "-")
            _outline(axes, guess[i] * scale, PREDICTED, "--")
            axes.set(xticks=[], yticks=[])
            axes.set_title(f"row {int(numbers[i]):,}", fontsize=8, loc="center")
            axes.set_xlabel(f"IoU {iou[i]:.3f}", fontsize=8)
        which = "The only image" if len(rows) == 1 else f"The first {len(rows)} images"
        figure.suptitle(f"{which}, with actual and predicted boxes", x=0.01, ha="left", fontsize=11)
        _legend(figure)

    lines = -(-len(rows) // 4)
    tall = 1.7 * min(2.0, max(0.5, height / width))
    return picture(draw, max(4.6, 1.7 * min(4, len(rows))), lines * (tall + 0.35) + 0.8)


def _outline(axes: Any, box: Sequence[float], colour: str, line: str) -> None:
    """Draw a box; pixel 0 reaches from -0.5 to 0.5."""
    left, top, right, bottom = (float(value) - 0.5 for value in box)
    across, down = [left, right, right, left, left], [top, top, bottom, bottom, top]
    axes.plot(across, down, color=colour, linestyle=line, linewidth=1.6)


def _legend(figure: Any) -> None:
    from matplotlib.lines import Line2D

    lines = [Line2D([], [], color=ACTUAL), Line2D([], [], color=PREDICTED, linestyle="--")]
    figure.legend(lines, ["actual", "predicted"], loc="outside lower left", ncols=2, fontsize=8)
