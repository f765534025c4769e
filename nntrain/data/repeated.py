"""Which rows of a split are identical to training rows, told by a number for each row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import Scaled, Values, in_blocks

Keys = NDArray[np.uint64]
MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose bits look drawn: multiplied by it, a change of any bit reaches all higher ones."""
HALF = np.uint64(32)


def repeated(train: Sequence[Values], held_out: Sequence[Values]) -> int:
    """How many rows of a split are identical to a training row.

    Args:
        train: The training rows of each input.
        held_out: Those of the split, in the same order and of the same shapes.
    """
    pairs = list(zip(train, held_out, strict=True))
    packed = all(isinstance(x, Scaled) for pair in pairs for x in pair)
    sides = zip(*[(_held(x, packed), _held(y, packed)) for x, y in pairs], strict=True)
    ours, theirs = (row_keys(side) for side in sides)
    ours.sort()
    at = np.minimum(np.searchsorted(ours, theirs), len(ours) - 1)
    return int((ours[at] == theirs).sum())


def _held(rows: Values, packed: bool) -> Values:
    """The bytes that stand for rows, where all are scaled alike: then their own bytes tell them apart."""
    return rows.values if packed and isinstance(rows, Scaled) else rows


def row_keys(inputs: Sequence[Values]) -> Keys:
    """A number for each row over all inputs, shape `(rows,)`, the same for identical rows.

    Two different rows share it by chance alone, about once in 2**64 pairs.
    """
    keys: Keys = np.zeros(len(inputs[0]), np.uint64)
    for rows in inputs:
        start = 0
        for block in in_blocks(rows):
            part = keys[start : start + len(block)]
            for lane in _lanes(block).T:
                part ^= lane
                part *= MIX
                part ^= part >> HALF
            start += len(block)
    return keys


def _lanes(block: NDArray[np.generic]) -> Keys:
    """The bytes of each row as 64-bit numbers, shape `(rows, numbers)`; the last is filled up with zeros."""
    content = np.ascontiguousarray(block).reshape(len(block), -1).view(np.uint8)
    missing = -content.shape[1] % 8
    if missing:
        content = np.pad(content, ((0, 0), (0, missing)))
    return content.view(np.uint64)
