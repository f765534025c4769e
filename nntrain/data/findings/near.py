"""Held-out rows that are nearly a training row: images with other noise or brightness, rounded tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array, Table
from nntrain.data.findings.chance import expected_pairs, spread
from nntrain.data.findings.finding import Finding
from nntrain.data.findings.rows import Keys, nearly_in_two_splits, repeated
from nntrain.data.findings.view import View

Pairs = NDArray[np.int64]

THUMB = 8
"""Side of the small grey pictures that are compared first."""
ALIKE_SMALL = 0.985
"""Correlation of small pictures from which the large ones are compared."""
NEAR = 0.005
"""Two pictures are nearly the same where their values' correlation is at least 1 less this, and ..."""
SHARE = 0.1
"""... less this share of how far a training picture's is from 1 with the nearest other one, by the median."""
NEAREST = 0.0005
"""What is nearer than this is nearly the same in any case, such as among the frames of a film."""
COMPARED = 300
"""Training pictures from which the median is taken."""
MOST_PAIRS = 1_500_000_000
"""Pairs of images that are compared; beyond them, held-out rows are taken evenly spread."""
STEP = 0.005
"""Rows of a table are nearly equal where no number differs by more than this share of a column's spread."""
GRIDS = 3
GRID_COLUMNS = 4
MOST_CANDIDATES = 64
FEWEST_COLUMNS = 3
BLOCK = 512


def near_rows(view: View, keys: Mapping[str, Keys]) -> Iterator[Finding]:
    """Held-out rows that are nearly, and not wholly, the same as a training row."""
    if len(view.train.inputs) != 1 or view.tokens or not all_held(view):
        return
    (name,) = view.train.inputs
    for split in view.held_out:
        train, rows = (view.parts[part].inputs[name] for part in ("train", split))
        if not isinstance(train, Table) and not isinstance(rows, Table) and (is_image(train)):
            found, how = _near_images(train, rows), "nearly the same picture as"
        elif view.has_columns(train):
            found, how = _near_tables(view, split), "the same, but for rounding, as"
        else:
            continue
        same = repeated(keys["train"], keys[split])[:, 0]
        found = found[~np.isin(found[:, 0], same)]
        if len(found):
            yield nearly_in_two_splits(view, split, found, how)


def all_held(view: View) -> bool:
    """Whether all rows are in memory."""
    return all(part.whole for part in view.parts.values())


def is_image(rows: Array) -> bool:
    """Whether rows are pictures of at least 8 x 8 pixels: height, width, channels if any; or square bytes."""
    if rows.ndim == 2:
        side = round(rows.shape[1] ** 0.5)
        return rows.dtype == np.uint8 and side >= THUMB and side * side == rows.shape[1]
    return rows.ndim in (3, 4) and min(rows.shape[1:3]) >= THUMB and (rows.ndim == 3 or rows.shape[3] <= 4)


def _near_images(train: Array, rows: Array) -> Pairs:
    """Positions in `rows` and `train` of pictures whose grey values go together."""
    most = max(1, MOST_PAIRS // len(train))
    looked_at = np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64)
    small = _thumbs(train)
    shown = _thumbs(rows[looked_at])
    best, at = np.empty(len(shown), np.float32), np.empty(len(shown), np.int64)
    for start in range(0, len(shown), BLOCK):
        alike = shown[start : start + BLOCK] @ small.T
        at[start : start + BLOCK] = alike.argmax(axis=1)
        best[start : start + BLOCK] = alike.max(axis=1)
    (candidates,) = np.nonzero(best >= ALIKE_SMALL)
    apart = _apart(train, small) if len(candidates) else 0.0
    found = [
        (looked_at[i], at[i]) for i in candidates if _distance(rows[looked_at[i]], train[at[i]]) <= apart
    ]
    return np.array(found, np.int64).reshape(-1, 2)


def _thumbs(rows: Array) -> NDArray[np.float32]:
    """Small grey pictures, `(rows, THUMB * THUMB)`, each with mean 0 and length 1; flat ones are 0."""
    found = np.empty((len(rows), THUMB * THUMB), np.float32)
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK].astype(np.float32)
        if block.ndim == 2:
            side = round(block.shape[1] ** 0.5)
            block = block.reshape(-1, side, side)
        grey = block.mean(axis=3) if block.ndim == 4 else block
        for axis in (1, 2):
            edges = np.arange(THUMB) * grey.shape[axis] // THUMB
            sizes = np.diff(np.r_[edges, grey.shape[axis]]).astype(np.float32)
            shape = (1, THUMB, 1) if axis == 1 else (1, 1, THUMB)
            grey = np.add.reduceat(grey, edges, axis=axis) / sizes.reshape(shape)
        found[start : start + BLOCK] = _centred(grey.reshape(len(grey), -1))
    return found


def _centred(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    centred: NDArray[np.float32] = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    found: NDArray[np.float32] = np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-6)
    return found


def _apart(train: Array, small: NDArray[np.float32]) -> float:
    """How far two pictures' correlation may be from 1 if they are to be nearly the same."""
    chosen = np.linspace(0, len(train) - 1, min(COMPARED, len(train))).astype(np.int64)
    alike = small[chosen] @ small.T
    alike[np.arange(len(chosen)), chosen] = -1
    nearest = alike.argmax(axis=1)
    usual = np.median([_distance(train[i], train[j]) for i, j in zip(chosen, nearest, strict=True)])
    return max(NEAREST, min(NEAR, SHARE * float(usual)))


def _distance(one: Array, other: Array) -> float:
    """1 less the correlation of all values of two pictures; 1 where one is of one shade."""
    both = _centred(np.stack([one.ravel(), other.ravel()]).astype(np.float32))
    return 1.0 - float(both[0] @ both[1])


def _near_tables(view: View, split: str) -> Pairs:
    """Positions in a split and in the training rows of rows that differ by rounding alone."""
    numeric = [column for column in view.columns if not column.is_text]
    texts = [column for column in view.columns if column.is_text]
    if len(numeric) < FEWEST_COLUMNS:
        return np.empty((0, 2), np.int64)
    if expected_pairs(view, len(view.train) * len(view.parts[split]), 2 * STEP) >= 0.01:
        return np.empty((0, 2), np.int64)
    train, rows = (_matrix([c.part(part) for c in numeric]) for part in ("train", split))
    widths = np.array([spread(train[:, i]) or 1.0 for i in range(train.shape[1])])
    train, rows = train / widths, rows / widths
    labels = [_codes(column.parts["train"], column.parts[split]) for column in texts]
    telling = _telling_columns(train)
    if len(telling) < FEWEST_COLUMNS:
        return np.empty((0, 2), np.int64)
    found: dict[int, int] = {}
    for grid in range(GRIDS):
        chosen = telling[grid::GRIDS][:GRID_COLUMNS] if len(telling) >= GRIDS * 3 else telling[:GRID_COLUMNS]
        known, keys = (_cells(part[:, chosen], grid / GRIDS) for part in (train, rows))
        for mine, theirs in _candidates(known, keys):
            close = (np.abs(rows[mine] - train[theirs]) <= STEP) | (
                np.isnan(rows[mine]) & np.isnan(train[theirs])
            )
            same = close.all(axis=1)
            for before, after in labels:
                same &= before[theirs] == after[mine]
            found.update(zip(mine[same].tolist(), theirs[same].tolist(), strict=True))
    return np.array(sorted(found.items()), np.int64).reshape(-1, 2)


def _matrix(columns: list[Array]) -> NDArray[np.float64]:
    return np.column_stack(columns).astype(np.float64)


def _codes(before: Array, after: Array) -> tuple[Array, Array]:
    """Texts of training rows and others as numbers, equal for equal texts."""
    return tuple(np.fromiter((hash(text) for text in part), np.int64, len(part)) for part in (before, after))  # type: ignore[return-value]


def _telling_columns(train: NDArray[np.float64]) -> NDArray[np.int64]:
    """The columns with the most different values first, at least 10 each, of a sample."""
    sample = train[np.linspace(0, len(train) - 1, min(len(train), 2000)).astype(np.int64)]
    distinct = np.array([len(np.unique(sample[:, i])) for i in range(sample.shape[1])])
    order = np.argsort(-distinct, kind="stable")
    return order[distinct[order] >= 10]


def _cells(values: NDArray[np.float64], offset: float) -> Keys:
    """Equal numbers for rows in the same cell of a grid 16 times as wide as what counts as near."""
    cells = np.floor(np.nan_to_num(values, nan=-1e6) / (16 * STEP) + offset).astype(np.int64)
    weights = np.random.default_rng(0).integers(1, 2**62, cells.shape[1]) | 1
    keys: Keys = (cells * weights).sum(axis=1)
    return keys


def _candidates(known: Keys, keys: Keys) -> Iterator[tuple[Pairs, Pairs]]:
    """Positions of equal keys, in `keys` and `known`, the first of each, then the second, and so on."""
    order = np.argsort(known, kind="stable")
    ordered = known[order]
    start, end = (np.searchsorted(ordered, keys, side) for side in ("left", "right"))
    for step in range(MOST_CANDIDATES):
        (mine,) = np.nonzero(start + step < end)
        if not len(mine):
            return
        yield mine, order[start[mine] + step]
