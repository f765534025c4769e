"""Masks as pictures: what an image shows, what its mask says, and what was predicted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nntrain.report.figure import Picture, picture, shorten
from nntrain.report.thinning import MOST_IMAGES

COLOURS = ("#999999", "#E69F00", "#0072B2", "#009E73", "#CC79A7", "#F0E442", "#56B4E9", "#D55E00", "#000000")
# Okabe and Ito's palette after a grey, which mostly is the background.
NAMED = 12
"""Of more classes the first are named."""
OPAQUE = 0.5
"""How much of an image its mask covers."""
WHITE = 255
Colours = NDArray[np.uint8]


def masks_plot(
    images: ArrayLike,
    actual: ArrayLike,
    predicted: ArrayLike,
    class_names: Sequence[str],
    index: ArrayLike,
    scores: ArrayLike,
) -> Picture:
    """The first images, their masks, the predicted ones, and these over the images.

    Pixels that are left out are white.

    Args:
        images: Prepared images, shape `(n, height, width, colours)`.
        actual: Class indices, shape `(n, height, width)`.
        predicted: The same.
        class_names: Name of class 0, 1, 2, ...
        index: Numbers of the rows in the source, shape `(n,)`.
        scores: The mean IoU of each, shape `(n,)`; NaN where there is nothing to score.
    """
    rows, truth, guess = (np.asarray(values)[:MOST_IMAGES] for values in (images, actual, predicted))
    if truth.shape != guess.shape or rows.shape[:3] != truth.shape or not len(rows):
        raise ValueError(f"images of shape {rows.shape} for masks of {truth.shape} and {guess.shape}")
    numbers, iou, classes = np.asarray(index), np.asarray(scores), len(class_names)
    low, high = float(rows.min()), float(rows.max())
    shades = [((row - low) / ((high - low) or 1.0) * WHITE).astype(np.uint8) for row in rows]
    lines = {
        "image": [coloured_image(row) for row in shades],
        "mask": [coloured(mask, classes) for mask in truth],
        "predicted": [coloured(mask, classes) for mask in guess],
        "over the image": [overlaid(row, mask, classes) for row, mask in zip(shades, guess, strict=True)],
    }

    def draw(figure: Any) -> None:
        grid = figure.subplots(len(lines), len(rows), squeeze=False)
        for line, (title, shown) in zip(grid, lines.items(), strict=True):
            for axes, content in zip(line, shown, strict=True):
                axes.imshow(content, interpolation="nearest")
                axes.set(xticks=[], yticks=[])
            line[0].set_ylabel(title, fontsize=8)
        for column in range(len(rows)):
            grid[0][column].set_title(f"row {int(numbers[column]):,}", fontsize=8, loc="center")
            told = "" if np.isnan(iou[column]) else f"IoU {iou[column]:.3f}"
            grid[-1][column].set_xlabel(told, fontsize=8)
        which = "The only image" if len(rows) == 1 else f"The first {len(rows)} images"
        figure.suptitle(f"{which}, with actual and predicted masks", x=0.01, ha="left", fontsize=11)
        legend(figure, class_names)

    height, width = truth.shape[1:]
    tall = 1.15 * min(2.0, max(0.5, height / width))
    return picture(draw, max(4.6, 1.15 * len(rows) + 0.5), len(lines) * tall + 1.1)


def legend(figure: Any, class_names: Sequence[str]) -> None:
    """Name the colours of the classes below a figure, or a part of one."""
    from matplotlib.patches import Patch

    table = _table(len(class_names)) / WHITE
    patches = [Patch(facecolor=table[i], edgecolor="#888888") for i in range(min(NAMED, len(class_names)))]
    names = [shorten(name, 20) for name in class_names[:NAMED]]
    if len(class_names) > NAMED:
        patches.append(Patch(alpha=0.0))
        names.append(f"and {len(class_names) - NAMED:,} more")
    figure.legend(patches, names, loc="outside lower left", ncols=min(6, len(names)), fontsize=8)


def overlaid(image: NDArray[Any], mask: NDArray[Any], classes: int) -> Colours:
    """An image of bytes under the colours of its mask, shape `(height, width, 3)`.

    Args:
        image: Shape `(height, width, colours)`.
        mask: Class indices, shape `(height, width)`.
        classes: How many there are.
    """
    under, over = coloured_image(image).astype(np.float32), coloured(mask, classes).astype(np.float32)
    return np.asarray((1 - OPAQUE) * under + OPAQUE * over, np.uint8)


def coloured(mask: NDArray[Any], classes: int) -> Colours:
    """Class indices `(height, width)` as colours `(height, width, 3)`."""
    return np.asarray(_table(classes)[np.minimum(mask, classes)])


def coloured_image(image: NDArray[Any]) -> Colours:
    """Bytes of any number of channels as red, green and blue."""
    channels = image.shape[-1]
    shown = image[..., :3] if channels >= 3 else np.repeat(image[..., :1], 3, axis=-1)
    return np.asarray(shown, np.uint8)


def _table(classes: int) -> Colours:
    """The colour of each class, then white for what is left out, shape `(classes + 1, 3)`."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb

    if classes <= len(COLOURS):
        found = [to_rgb(colour) for colour in COLOURS[:classes]]
    else:
        found = [colormaps["viridis"](i / (classes - 1))[:3] for i in range(classes)]
    return (np.array([*found, (1.0, 1.0, 1.0)]) * WHITE).round().astype(np.uint8)
