"""A number for each row, by which identical rows are found without comparing every pair."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import in_blocks
from nntrain.data.dataset import Array

MIX = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose bits look drawn: multiplied by it, a change of any bit reaches all higher ones."""
HALF = np.uint64(32)


def keys_of(rows: Array, kind: np.dtype[Any] | None = None) -> NDArray[np.int64]:
    """A number for each row, the same for identical rows; -0.0 is 0.0, and every gap is alike.

    Two different rows share it by chance alone, about once in 2**64 pairs.

    Args:
        rows: Numbers, shape `(n, ...)`.
        kind: Compare them as numbers of this type; without it as they are.
    """
    keys = np.zeros(len(rows), np.uint64)
    start = 0
    for given in in_blocks(rows):
        part = keys[start : start + len(given)]
        for lane in _lanes(_plain(given if kind is None else given.astype(kind))).T:
            part ^= lane
            part *= MIX
            part ^= part >> HALF
        start += len(given)
    return keys.view(np.int64)


def _plain(block: Array) -> Array:
    """The same numbers, of which equal ones have equal bytes."""
    if block.dtype.kind != "f":
        return block
    numbers = block + 0.0
    numbers[np.isnan(numbers)] = np.nan
    return numbers


def _lanes(block: Array) -> NDArray[np.uint64]:
    """The bytes of each row as 64-bit numbers, shape `(rows, numbers)`; the last is filled up with zeros."""
    content = np.ascontiguousarray(block).reshape(len(block), -1).view(np.uint8)
    missing = -content.shape[1] % 8
    if missing:
        content = np.pad(content, ((0, 0), (0, missing)))
    return content.view(np.uint64)
