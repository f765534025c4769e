"""Where the boxes of a graph stand so that arrows lead down and seldom cross."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

SWEEPS = 4
"""How often the order within the ranks is bettered, down and up."""


class Place(NamedTuple):
    """Where a box, or a bend of an arrow, stands."""

    rank: int
    """From 0 at the top."""
    across: float
    """From 0 at the left, in boxes."""


def layered(count: int, edges: Sequence[tuple[int, int]]) -> tuple[dict[int, Place], list[list[int]]]:
    """Give each node a place below everything that leads to it.

    Args:
        count: Nodes 0, 1, 2, ..., in an order in which each comes after those that lead to it.
        edges: Pairs of nodes.

    Returns:
        The place of each node, and of each bend of an arrow over more than one rank (`count`, `count` + 1,
        ...); and for each edge its node, its bends and its other node.

    Source: Sugiyama, Tagawa and Toda, "Methods for visual understanding of hierarchical system structures",
    1981: ranks by the longest path, bends in the ranks between, and barycentres for the order.
    """
    ranks = [0] * count
    for before, after in sorted(edges, key=lambda edge: edge[1]):
        ranks[after] = max(ranks[after], ranks[before] + 1)
    for i in range(count):  # an input stands right above its first reader
        readers = [ranks[after] for before, after in edges if before == i]
        if readers and not any(after == i for _, after in edges):
            ranks[i] = min(readers) - 1
    paths = []
    for before, after in edges:
        bends = []
        for rank in range(ranks[before] + 1, ranks[after]):
            bends.append(len(ranks))
            ranks.append(rank)
        paths.append([before, *bends, after])
    rows: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
    for i, rank in enumerate(ranks):
        rows[rank].append(i)
    above: dict[int, list[int]] = {i: [] for i in range(len(ranks))}
    below: dict[int, list[int]] = {i: [] for i in range(len(ranks))}
    for path in paths:
        for before, after in pairwise(path):
            above[after].append(before)
            below[before].append(after)
    for _ in range(SWEEPS):
        for order, near in ((rows, above), (rows[::-1], below)):
            for row in order:
                _order(row, rows, near)
    return _placed(rows, count), paths


def _order(row: list[int], rows: list[list[int]], near: dict[int, list[int]]) -> None:
    """Sort a rank by the mean position of what its members are joined to."""
    at = {i: position - (len(other) - 1) / 2 for other in rows for position, i in enumerate(other)}
    means = {i: sum(at[j] for j in near[i]) / len(near[i]) if near[i] else at[i] for i in row}
    row.sort(key=lambda i: means[i])


def _placed(rows: list[list[int]], count: int) -> dict[int, Place]:
    """Ranks centred above one another; a bend takes less room than a box."""
    width = {i: 1.0 if i < count else 0.14 for row in rows for i in row}
    widest = max(sum(width[i] for i in row) for row in rows)
    found = {}
    for rank, row in enumerate(rows):
        left = (widest - sum(width[i] for i in row)) / 2
        for i in row:
            found[i] = Place(rank, left + width[i] / 2 - 0.5)
            left += width[i]
    return found
