"""Many small images in one: weights, filters, feature maps, and images that were mistaken."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nntrain.report.figure import INK, QUIET, Picture, picture, shorten
from nntrain.report.reconstruction import as_image

Colours = NDArray[np.uint8]
MOST_MISTAKES = 24
SHORT = 5
"""Characters of names with which six images stand side by side, and else four."""
MOST_UNITS = 44
"""Units and filters that are drawn."""
MOST_MAPS = 10
"""Feature maps of a layer that are drawn."""
MOST_PIXELS = 96
"""Along an image, of which an inch is drawn."""
WIDTH = 7.2
"""Of a picture, in inches."""
TILE = 0.62
"""Width of the image of a weight, in inches."""


class Maps(NamedTuple):
    """What one layer makes of an image."""

    name: str
    maps: NDArray[Any]
    """The first of them, shape `(maps, height, width)`."""
    of: int
    """How many there are."""
    names: Sequence[str] = ()
    """What each of those that are drawn is called; empty where they have no names."""


def mistakes_plot(
    images: ArrayLike,
    actual: Sequence[str],
    predicted: Sequence[str],
    confidence: ArrayLike,
    index: ArrayLike,
    *,
    wrong: int,
    rows: int,
) -> Picture:
    """Images that were predicted wrongly, the most confident first, with their classes.

    Args:
        images: Prepared rows of a shape that `is_picture` takes, shape `(n, ...)`, n at most `MOST_MISTAKES`.
        actual: Their classes.
        predicted: What the model took them for.
        confidence: Probability of the predicted class, shape `(n,)`.
        index: Numbers of the rows in the source, shape `(n,)`.
        wrong: How many rows were predicted wrongly.
        rows: How many there were.
    """
    shown = shades([as_image(row) for row in np.asarray(images)])
    sure, numbers = np.asarray(confidence), np.asarray(index)
    short = max(map(len, [*actual, *predicted])) <= SHORT
    across = min(6 if short else 4, max(4, len(shown)))
    wide = SHORT if short else 13
    down = ceil(len(shown) / across)
    each = WIDTH / across
    tall = 0.78 * each * _shape(shown[0]) + 0.62

    def draw(figure: Any) -> None:
        grid = figure.subplots(down, across, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for i, axes in enumerate(list(grid.flat)[: len(shown)]):
            axes.imshow(shown[i], interpolation="nearest", aspect="auto" if _far(shown[i]) else "equal")
            said = f"said {shorten(predicted[i], wide)} ({sure[i]:.0%})"
            axes.set_title(f"actual {shorten(actual[i], wide)}\n{said}", fontsize=8, loc="center")
            axes.text(
                0.5, -0.04, f"row {int(numbers[i]):,}", fontsize=7, ha="center", va="top",
                color=QUIET, transform=axes.transAxes,
            )  # fmt: skip
        which = "the most confident" if wrong > len(shown) else "the most confident first"
        count = f"{len(shown):,} of {wrong:,} mistakes" if wrong > len(shown) else _mistakes(wrong)
        figure.suptitle(f"{count} on {rows:,} rows, {which}", x=0.01, ha="left", fontsize=11)
        figure.get_layout_engine().set(h_pad=0.08)  # the title stands clear of the captions

    return picture(draw, WIDTH, tall * down + 0.35 + 0.08 * down)


def _mistakes(count: int) -> str:
    return f"{count:,} mistake{'' if count == 1 else 's'}"


def weights_plot(weights: ArrayLike, title: str, of: int) -> Picture:
    """Weights as images, blue where they are negative and brown where they are positive.

    Args:
        weights: Shape `(n, height, width)`, or `(n, height, width, 3)` whose channels are colours.
        title: What they are the weights of.
        of: How many there are, of which n are drawn.
    """
    values = np.asarray(weights, np.float64)
    limit = float(np.abs(values).max()) or 1.0
    coloured = values.ndim == 4
    shown = shades(list(values)) if coloured else signed(values, limit)
    across = min(len(shown), int(WIDTH / TILE))
    down = ceil(len(shown) / across)
    whole = together(shown, across)
    wide = max(3.6, TILE * across)

    def draw(figure: Any) -> None:
        axes = figure.add_subplot()
        axes.imshow(whole, interpolation="nearest")
        axes.set_axis_off()
        which = f"{of:,}" if of == len(shown) else f"{len(shown):,} of {of:,}"
        axes.set_title(f"{title}: {which}")
        if not coloured:
            _bar(figure, axes, limit)

    return picture(draw, wide + 0.2, TILE * down * _shape(shown[0]) + (0.5 if coloured else 1.0))


def _bar(figure: Any, axes: Any, limit: float) -> None:
    """What the colours of weights mean."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    scale = ScalarMappable(Normalize(-limit, limit), MAP)
    bar = figure.colorbar(scale, ax=axes, orientation="horizontal", shrink=0.5, aspect=30, pad=0.02)
    bar.set_ticks([-limit, 0, limit], labels=[f"{-limit:.2g}", "0", f"{limit:.2g}"], fontsize=8)
    bar.outline.set_visible(False)


def maps_plot(image: ArrayLike, layers: Sequence[Maps], row: int) -> Picture:
    """An image, and below it a line of maps for each layer, all from the least to the greatest value.

    Args:
        image: A prepared row, of a shape that `is_picture` takes.
        layers: In the order of the network; at least one.
        row: The row's number in the source.
    """
    (example,) = shades([as_image(np.asarray(image))])

    def draw(figure: Any) -> None:
        grid = figure.subplots(len(layers) + 1, 1, squeeze=False)[:, 0]
        first = np.full((example.shape[0], MOST_MAPS * example.shape[1], 3), 255, np.uint8)
        first[:, : example.shape[1]] = example
        lines = [("the image", first), *((_told(layer), _line(layer)) for layer in layers)]
        for axes, (title, content) in zip(grid, lines, strict=True):
            axes.imshow(content, interpolation="nearest")
            axes.set_anchor("W")
            axes.set_axis_off()
            axes.set_title(title, fontsize=9, color=INK)
        for axes, layer, (_, content) in zip(grid[1:], layers, lines[1:], strict=True):
            _write_names(axes, layer.names, content)
        figure.suptitle(f"What the convolutions make of row {row:,}", x=0.01, ha="left", fontsize=11)

    tall = WIDTH / MOST_MAPS * _shape(example)
    named = sum(bool(layer.names) for layer in layers)
    return picture(draw, WIDTH, (tall + 0.32) * (len(layers) + 1) + 0.3 + 0.15 * named)


def _write_names(axes: Any, names: Sequence[str], line: Colours) -> None:
    """Write below each map of a line what it is called."""
    height, width, _ = line.shape
    for i, name in enumerate(names):
        below = ((i + 0.5) * width / MOST_MAPS, height)
        axes.annotate(
            shorten(name, 12),
            below,
            (0, -2),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=7,
            annotation_clip=False,
        )


def _told(layer: Maps) -> str:
    height, width = layer.maps.shape[1:]
    which = f"{layer.of:,}" if layer.of == len(layer.maps) else f"{len(layer.maps):,} of {layer.of:,}"
    return f"{shorten(layer.name, 30)}: {which} maps of {height} x {width}"


def _line(layer: Maps) -> Colours:
    """The maps of a layer side by side, each from its least to its greatest value."""
    from matplotlib import colormaps

    maps = layer.maps.astype(np.float64)
    low = maps.min(axis=(1, 2), keepdims=True)
    reach = maps.max(axis=(1, 2), keepdims=True) - low
    scaled = (maps - low) / np.where(reach > 0, reach, 1.0)
    tiles = (colormaps["viridis"](scaled)[..., :3] * 255).astype(np.uint8)
    blank = np.full((MOST_MAPS - len(tiles), *tiles.shape[1:]), 255, np.uint8)
    return together(np.concatenate([tiles, blank]), MOST_MAPS)


def shrunk(image: ArrayLike, most: int = MOST_PIXELS) -> NDArray[Any]:
    """An image of at most `most` pixels along a side: of a larger one every second, third, ... pixel.

    Args:
        image: Shape `(height, width)` or `(height, width, channels)`; a flat row is given back as it is.
        most: Pixels along a side.
    """
    values = np.asarray(image)
    step = ceil(max(values.shape[:2]) / most) if values.ndim > 1 else 1
    return values[::step, ::step] if step > 1 else values


MAP = "PuOr_r"
"""Blue-violet, white and brown, which colour-blind readers can tell apart."""


def signed(values: NDArray[np.float64], limit: float) -> Colours:
    """Numbers as colours, white where they are 0, shape `(..., 3)`."""
    from matplotlib import colormaps

    return (colormaps[MAP](values / (2 * limit) + 0.5)[..., :3] * 255).round().astype(np.uint8)


def shades(images: Sequence[NDArray[Any]]) -> Colours:
    """Images `(height, width)` or with three channels as bytes `(n, height, width, 3)`, in one range."""
    values = np.stack([np.asarray(image, np.float64) for image in images])
    low, high = float(values.min()), float(values.max())
    scaled = ((values - low) / ((high - low) or 1.0) * 255).round().astype(np.uint8)
    return scaled if scaled.ndim == 4 else np.repeat(scaled[..., np.newaxis], 3, axis=-1)


def together(tiles: Colours, across: int) -> Colours:
    """Images of one size in lines, with white between them, shape `(height, width, 3)`."""
    count, height, width, _ = tiles.shape
    scale = max(1, ceil(24 / max(height, width)))  # so that a white line is thin beside small images
    big = tiles.repeat(scale, axis=1).repeat(scale, axis=2)
    gap = max(2, width * scale // 12)
    down = ceil(count / across)
    high, wide = height * scale + gap, width * scale + gap
    whole = np.full((down * high - gap, across * wide - gap, 3), 255, np.uint8)
    for i, tile in enumerate(big):
        top, left = i // across * high, i % across * wide
        whole[top : top + height * scale, left : left + width * scale] = tile
    return whole


def _shape(tile: Colours) -> float:
    """Height of a tile as a multiple of its width, neither flat nor tall without end."""
    return float(np.clip(tile.shape[0] / tile.shape[1], 0.4, 2.0))


def _far(tile: Colours) -> bool:
    return bool(tile.shape[0] / tile.shape[1] != _shape(tile))
