"""Rows that stay in their file, as the findings look at them: one pass over all, and some of them kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array, Index, Table, missing_values
from nntrain.data.findings.finding import SHOWN_ROWS
from nntrain.data.streaming.features import StoredFeatures, joined

MOST_ROWS = 100_000
"""Rows of a split that are kept, evenly spread."""
MOST_BYTES = 128 << 20
"""Bytes that they may take."""


@dataclass(frozen=True)
class Told:
    """What all rows of a column say."""

    gaps: int
    """Values that are missing."""
    first: tuple[int, ...]
    """The positions of the first of them."""
    constant: bool
    """Whether there is one value, a gap being one."""


def told(values: Array) -> Told:
    """Of a column, shape `(rows,)`."""
    missing = gaps_of(values)
    return Told(int(missing.sum()), tuple(np.flatnonzero(missing)[:SHOWN_ROWS].tolist()), is_constant(values))


def gaps_of(values: Array) -> NDArray[np.bool_]:
    """Which values are missing, also of kinds of number that have no NaN."""
    return missing_values(values) if values.dtype.kind in "fO" else np.zeros(len(values), bool)


def is_constant(values: Array) -> bool:
    """Whether there is one value, a gap being one."""
    first = values[0]
    if values.dtype == object:
        return bool((values == first).all())
    same: NDArray[np.bool_] = np.isnan(values) if first != first else values == first
    return bool(same.all())


@dataclass(frozen=True)
class Scanned:
    """Rows of a split that were looked at one after another."""

    rows: Table | Array
    """Those that are kept."""
    told: Mapping[str | int, Told]
    """By column, or by the number of a feature."""


def spread(features: Mapping[str, StoredFeatures]) -> Index:
    """The positions of the rows that are kept: all, or as many as there is room for, evenly spread."""
    count = len(next(iter(features.values())))
    width = 0
    for stored in features.values():
        (example,) = stored.read(0, 1)
        width += 8 * len(example.order) if isinstance(example, Table) else example.nbytes
    most = max(1, min(count, MOST_ROWS, MOST_BYTES // max(1, width)))
    return np.linspace(0, count - 1, most).astype(np.int64)


def scan(features: StoredFeatures, kept: Index, most_columns: int) -> Scanned:
    """Go through all rows of a split once.

    Args:
        features: The rows.
        kept: Positions of those to be kept, ascending.
        most_columns: Of arrays with more features than this, no feature is told of.
    """
    parts: list[Any] = []
    found: dict[str | int, Told] = {}
    firsts: dict[str | int, Any] = {}
    start = 0
    for piece in features.pieces():
        begin, end = np.searchsorted(kept, (start, start + len(piece))).tolist()
        chosen = kept[begin:end] - start
        if len(chosen):
            parts.append(piece.take(chosen) if isinstance(piece, Table) else piece[chosen])
        for key, values in _columns(piece, most_columns):
            same = _same(firsts.setdefault(key, values[0]), values[0])
            found[key] = _after(found.get(key), told(values), start, same)
        start += len(piece)
    return Scanned(joined(parts), found)


def _columns(piece: Table | Array, most: int) -> Iterator[tuple[str | int, Array]]:
    if isinstance(piece, Table):
        yield from piece.numeric.items()
        yield from piece.categorical.items()
    elif piece.ndim == 2 and piece.shape[1] <= most:
        yield from enumerate(piece.T)


def _after(before: Told | None, more: Told, start: int, same: bool) -> Told:
    """What two neighbouring pieces of a column tell together; `same` if they begin with the same value."""
    if before is None:
        return more
    positions = (*before.first, *(start + at for at in more.first))[:SHOWN_ROWS]
    return Told(before.gaps + more.gaps, positions, before.constant and more.constant and same)


def _same(one: Any, other: Any) -> bool:
    """Whether two values, or gaps, are equal."""
    return bool(one == other or (one != one and other != other))
