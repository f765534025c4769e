"""A page of pictures of a data set: classes or targets, the most telling columns, some images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, isqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nntrain.report.balance import MOST_BARS, SPLIT_COLOURS, SPLIT_NAMES, Counts, balance_bars
from nntrain.report.figure import INK, QUIET, TRAINING, VALIDATION, picture, shorten
from nntrain.report.masks import legend
from nntrain.report.reconstruction import as_image

PALETTE = (TRAINING, VALIDATION, "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
# The other colours are of Okabe and Ito's palette too.

MOST_GROUPS = len(PALETTE)
"""With more classes, histograms are not divided by class."""
ACROSS = 4
"""Histograms in a line."""
IMAGES_ACROSS = 10
NAME_WIDTH = 26
BINS = 24
TAIL = 0.005
"""Share of the rows that is cut off at each end of a histogram where few values stretch it."""
WIDTH = 9.0

Line = tuple[float, Any]
"""The height of a part of the page in inches, and what draws it into a part of the figure."""


class Histogram(NamedTuple):
    """One column of the training rows."""

    name: str
    note: str
    """How well it tells the target, in words; may be empty."""
    numbers: NDArray[np.float64] | None
    """Shape `(rows,)`, NaN for gaps; None for texts."""
    texts: Sequence[tuple[str, int]] = ()
    """The commonest texts with their rows."""
    groups: NDArray[np.int64] | None = None
    """The class of each row."""


class Page(NamedTuple):
    """What is drawn."""

    title: str
    classes: Counts
    """Classes (or labels) with their rows by split; empty for numbers."""
    targets: Mapping[str, NDArray[np.float64]]
    """The target by split where it is a number; else empty."""
    class_names: Sequence[str]
    """What the groups of the histograms are called."""
    histograms: Sequence[Histogram]
    columns: int
    """How many columns there are in all."""
    images: Sequence[tuple[str, NDArray[Any]]]
    """Sample images with their labels."""
    images_title: str
    unit: str = "rows"
    """What is counted of each class."""
    mask_names: Sequence[str] = ()
    """The classes whose colours lie over the images."""


def data_page(page: Page) -> bytes:
    """Draw the page as PNG; what there is none of is left out."""
    lines: list[Line] = []
    if page.classes:
        tall = 1.3 + 0.2 * min(len(page.classes), MOST_BARS + 1)
        lines.append((tall, lambda part: balance_bars(part, page.classes, page.unit)))
    elif page.targets:
        lines.append((2.6, lambda part: _targets(part, page)))
    if page.histograms:
        count = ceil(len(page.histograms) / ACROSS)
        lines.append((0.7 + 1.75 * count, lambda part: _histograms(part, page, count)))
    if page.images:
        below = ceil(len(page.images) / IMAGES_ACROSS)
        height, width = as_image(page.images[0][1]).shape[:2]
        each = 0.25 + 0.8 * min(2.0, max(0.3, height / width))
        lines.append(
            (0.5 + each * below + (0.35 if page.mask_names else 0.0), lambda part: _images(part, page, below))
        )

    def draw(figure: Any) -> None:
        figure.suptitle(shorten(page.title, 100), x=0.01, ha="left", fontsize=11)
        heights = [height for height, _ in lines]
        parts = figure.subfigures(len(lines), 1, squeeze=False, height_ratios=heights)
        for part, (_, fill) in zip(parts[:, 0], lines, strict=True):
            fill(part)

    return picture(draw, WIDTH, 0.5 + sum(height for height, _ in lines)).png


def _targets(part: Any, page: Page) -> None:
    """A target of numbers as shares of each split."""
    axes = part.add_subplot()
    together = np.concatenate(list(page.targets.values()))
    fewest = min(len(values) for values in page.targets.values())
    edges, cut = _edges(together, bins=min(BINS, max(5, isqrt(fewest) * 2)))
    for split, values in page.targets.items():
        inside = np.clip(values, edges[0], edges[-1])
        share = np.full(len(inside), 100.0 / max(1, len(inside)))
        name = f"{SPLIT_NAMES.get(split, split)} rows"
        axes.hist(inside, edges, weights=share, histtype="step", color=SPLIT_COLOURS[split], label=name)
    axes.set(ylabel="% of the rows", xlabel=f"target{cut}")
    axes.set_title("The target in each split")
    axes.legend(loc="best")


def _histograms(part: Any, page: Page, lines: int) -> None:
    """The most telling columns, by class where there are few."""
    grid = part.subplots(lines, ACROSS, squeeze=False)
    by_class = any(one.groups is not None for one in page.histograms)
    for axes, one in zip(grid.flat, page.histograms, strict=False):
        _bars(axes, one) if one.numbers is None else _bins(axes, one, page)
        axes.set_title(shorten(one.name, NAME_WIDTH), fontsize=9)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="x", labelsize=8)
    for axes in grid.flat[len(page.histograms) :]:
        axes.set_visible(False)
    count = len(page.histograms)
    which = "Columns" if count == page.columns else f"The {count} of {page.columns:,} columns"
    ending = "" if count == page.columns else " that tell the target best"
    part.suptitle(f"{which}{ending} (training rows)", x=0.01, ha="left", fontsize=10)
    if by_class:
        names = [shorten(name, 18) for name in page.class_names]
        handles = [_patch(PALETTE[i]) for i in range(len(names))]
        part.legend(handles, names, loc="outside lower left", ncols=min(6, len(names)))


def _patch(colour: str) -> Any:
    from matplotlib.patches import Patch

    return Patch(facecolor=colour)


def _bins(axes: Any, one: Histogram, page: Page) -> None:
    from matplotlib.ticker import MaxNLocator

    assert one.numbers is not None
    known = ~np.isnan(one.numbers)
    if not known.any():
        axes.text(0.5, 0.5, "empty", ha="center", va="center", transform=axes.transAxes, color=QUIET)
        axes.set_xticks([])
        return
    edges, cut = _edges(one.numbers[known])
    values = np.clip(one.numbers, edges[0], edges[-1])
    if one.groups is None:
        axes.hist(values[known], edges, color=TRAINING)
    else:
        groups = [values[known & (one.groups == i)] for i in range(len(page.class_names))]
        axes.hist(groups, edges, stacked=True, color=PALETTE[: len(groups)])
    axes.set_xlabel(f"{one.note}{cut}", fontsize=8, color=QUIET)
    whole = bool((values[known] == np.round(values[known])).all())
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=whole))


def _edges(values: NDArray[np.float64], bins: int = BINS) -> tuple[NDArray[np.float64], str]:
    """Edges of bins, and what was cut off in words: rare far values, which else would fill the picture."""
    low, high = float(values.min()), float(values.max())
    inner_low, inner_high = (float(np.quantile(values, share)) for share in (TAIL, 1 - TAIL))
    cut = ""
    if high - low > 4 * (inner_high - inner_low) > 0:
        low, high, cut = inner_low, inner_high, " (far values at the ends)"
    if low == high:
        low, high = low - 0.5, high + 0.5
    distinct = np.unique(values[:10_000])
    if not cut and len(distinct) <= BINS and (distinct == np.round(distinct)).all() and high - low < BINS:
        return np.arange(low - 0.5, high + 1.0), cut
    return np.linspace(low, high, bins + 1), cut


def _bars(axes: Any, one: Histogram) -> None:
    """The commonest texts."""
    at = np.arange(len(one.texts))
    counts = [count for _, count in one.texts]
    axes.barh(at, counts, height=0.8, color="#9CC3DE")
    axes.set(ylim=(len(at) - 0.4, -0.6))
    for y, (text, count) in enumerate(one.texts):
        label = f" {shorten(text, 20)} ({count:,})"
        axes.text(0, y, label, va="center", ha="left", fontsize=7, color=INK)
    axes.set_xticks([])
    axes.set_xlabel(one.note, fontsize=8, color=QUIET)


def _images(part: Any, page: Page, lines: int) -> None:
    """Sample images under their labels."""
    grid = part.subplots(lines, IMAGES_ACROSS, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    low = min(float(image.min()) for _, image in page.images)
    high = max(float(image.max()) for _, image in page.images)
    for axes, (label, row) in zip(grid.flat, page.images, strict=False):
        image = as_image(row)
        if image.ndim == 3:
            shown = np.clip((image.astype(np.float64) - low) / ((high - low) or 1.0), 0, 1)
            axes.imshow(shown)
        else:
            axes.imshow(image, cmap="gray", vmin=low, vmax=high)
        axes.set_title(shorten(label, 13), fontsize=8, loc="center")
    part.suptitle(page.images_title, x=0.01, ha="left", fontsize=10)
    if page.mask_names:
        legend(part, page.mask_names)
