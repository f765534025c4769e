"""The network as boxes and arrows, laid out without graphviz."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import ceil
from typing import Any, NamedTuple

from nntrain.report.figure import INK, QUIET, TRAINING, Picture, picture, shorten
from nntrain.report.layers import Place, layered

BOX = (2.3, 0.46)
"""Width and height of a layer, in inches."""
GAPS = (0.22, 0.26)
"""Between layers side by side, and one above the other."""
MOST_DOWN = 14
"""Of deeper networks the rest stands in columns at the right."""
SLACK = 4
"""Ranks by which a column may be shorter."""
MOST_LAYERS = 80
"""Of more the first and the last are drawn, and one box stands for those between."""
FILLS = {"input": "#F2F2F2", "weights": "#D6E8F5", "plain": "#FFFFFF"}
COLUMN_GAP = 0.5
LANE, LANES = 0.06, 4
"""Inches between arrows into the next column, and how many lie side by side."""


class Node(NamedTuple):
    """One layer, or an input."""

    name: str
    type: str
    """Its class; `Input` of an input."""
    shape: Sequence[int | None]
    """Of what it gives, without the rows; empty where that is not known."""
    parameters: int = 0


def structure_plot(nodes: Sequence[Node], edges: Sequence[tuple[int, int]], trainable: int) -> Picture:
    """The layers from the input down to the output, each with its shape and its parameters.

    Args:
        nodes: In an order in which each comes after what it reads.
        edges: Who is read by whom, by their positions in `nodes`.
        trainable: Parameters that training changes.
    """
    if not nodes:
        raise ValueError("there is no layer to draw")
    total, layers = sum(node.parameters for node in nodes), sum(node.type != "Input" for node in nodes)
    shown, links = _gathered(nodes, edges)
    places, paths = layered(len(shown), links)
    at, width = _inches(places, len(shown))
    height = max(spot.y for spot in at.values()) + BOX[1] / 2 + 0.3
    head = 0.5

    def draw(figure: Any) -> None:
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, max(width, 4.4)), ylim=(height, -head))
        axes.set_axis_off()
        lanes: Counter[float] = Counter()
        for path in paths:
            _arrow(axes, [at[place] for place in path], lanes)
        for i, node in enumerate(shown):
            _box(axes, node, at[i].x, at[i].y)
        frozen = f", {total - trainable:,} of them not trained" if total > trainable else ""
        count = f"{layers:,} layer{'' if layers == 1 else 's'}, {total:,} parameters{frozen}"
        axes.text(0.12, -head + 0.19, count, fontsize=10, va="center")

    return picture(draw, max(width, 4.4), height + head, fixed=True)


def _gathered(
    nodes: Sequence[Node], edges: Sequence[tuple[int, int]]
) -> tuple[list[Node], list[tuple[int, int]]]:
    """At most `MOST_LAYERS` nodes, one of which stands for those left out, and what is left of the edges."""
    if len(nodes) <= MOST_LAYERS:
        return list(nodes), list(edges)
    first, last = MOST_LAYERS // 2, MOST_LAYERS - MOST_LAYERS // 2 - 1
    left_out = nodes[first : len(nodes) - last]
    among = Node("", f"{len(left_out):,} more layers", (), sum(node.parameters for node in left_out))

    def moved(i: int) -> int:
        return i if i < first else max(first, i - len(left_out) + 1)

    kept = sorted({(moved(a), moved(b)) for a, b in edges} - {(first, first)})
    return [*nodes[:first], among, *nodes[len(nodes) - last :]], kept


class _Spot(NamedTuple):
    """Where the middle of a layer, or the bend of an arrow, lies: inches from the top left corner."""

    x: float
    y: float
    gutter: float
    """Left of its column, where arrows from the column before come up."""


def _inches(places: dict[int, Place], boxes: int) -> tuple[dict[int, _Spot], float]:
    """The spot of each place, of which the first `boxes` are layers; and the width of all.

    Of networks that are deeper than `MOST_DOWN` the ranks stand in several columns.
    """
    left, found = 0.15, {}
    for first, last in _columns(places):
        right = left
        for i, place in places.items():
            if first <= place.rank < last:
                x = left + BOX[0] / 2 + place.across * (BOX[0] + GAPS[0])
                y = BOX[1] / 2 + (place.rank - first) * (BOX[1] + GAPS[1]) + 0.05
                found[i] = _Spot(x, y, left - COLUMN_GAP / 2)
                right = max(right, x + (BOX[0] / 2 if i < boxes else 0.0))
        left = right + COLUMN_GAP
    return found, left - COLUMN_GAP + 0.15


def _columns(places: dict[int, Place]) -> list[tuple[int, int]]:
    """The first rank of each column and that after its last: cut where the fewest arrows pass."""
    sizes = Counter(place.rank for place in places.values())
    ranks = len(sizes)
    down = ceil(ranks / ceil(ranks / MOST_DOWN))
    found, first = [], 0
    while ranks - first > MOST_DOWN:
        last = min(range(first + down, first + down - SLACK, -1), key=lambda rank: sizes[rank])
        found.append((first, last))
        first = last
    return [*found, (first, ranks)]


def _box(axes: Any, node: Node, x: float, y: float) -> None:
    """A layer around a point: its kind and name above, what it gives and its parameters below."""
    from matplotlib.patches import FancyBboxPatch

    kind = "input" if node.type == "Input" else "weights" if node.parameters else "plain"
    axes.add_patch(
        FancyBboxPatch(
            (x - BOX[0] / 2, y - BOX[1] / 2), *BOX, boxstyle="round,pad=0,rounding_size=0.06",
            facecolor=FILLS[kind], edgecolor=TRAINING if kind == "weights" else QUIET, linewidth=0.9,
        )
    )  # fmt: skip
    type_ = shorten(node.type, 22)
    name = shorten(node.name, max(3, int((BOX[0] - 0.3 - 0.072 * len(type_)) / 0.06)))
    edge = BOX[0] / 2 - 0.09
    axes.text(x - edge, y - 0.1, type_, fontsize=8, fontweight="bold", va="center")
    axes.text(x + edge, y - 0.1, name, fontsize=7, va="center", ha="right", color="#555555")
    shape = " x ".join("?" if size is None else f"{size:,}" for size in node.shape)
    axes.text(x - edge, y + 0.11, shorten(shape, 24), fontsize=7.5, va="center", color=INK)
    if node.parameters:
        axes.text(x + edge, y + 0.11, f"{node.parameters:,} params", fontsize=7.5, va="center", ha="right")


def _arrow(axes: Any, points: list[_Spot], lanes: Counter[float]) -> None:
    """A line through these points, from the bottom of a box to the top of another.

    Lines into the next column have lanes of their own, which are counted by gutter.
    """
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path

    half = BOX[1] / 2
    start, end = points[0], points[-1]
    corners = [(start.x, start.y + half)]
    for before, point in pairwise(points):
        if point.y <= before.y:  # into the next column
            aside = LANE * (lanes[point.gutter] % LANES)
            lanes[point.gutter] += 1
            low, high = before.y + half + 0.08 + aside, point.y - half - 0.1 - aside
            middle = point.gutter + COLUMN_GAP / 4 - aside
            corners += [(before.x, low), (middle, low), (middle, high), (point.x, high)]
        if point is not end:
            corners += [(point.x, point.y - half), (point.x, point.y + half)]
    corners.append((end.x, end.y - half))
    axes.add_patch(
        FancyArrowPatch(
            path=Path(corners), arrowstyle="-|>", mutation_scale=8, color=QUIET, linewidth=0.9, zorder=0,
            shrinkA=0, shrinkB=0,
        )
    )  # fmt: skip
