"""Rows of differing length as rows of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from nntrain.config.text_steps import Side


def padded(
    rows: Iterable[Sequence[int] | NDArray[np.integer]],
    count: int,
    length: int,
    padding: Side,
    truncating: Side,
) -> NDArray[np.int32]:
    """Cut what is longer and fill up with 0 what is shorter.

    Args:
        rows: Numbers, as many as there are.
        count: How many rows these are.
        length: Of each row afterwards.
        padding: The side on which 0 is put.
        truncating: The side on which numbers are taken away.

    Returns:
        Shape `(count, length)`.
    """
    out = np.zeros((count, length), np.int32)
    for target, row in zip(out, rows, strict=True):
        kept = row[:length] if truncating == "post" else row[max(0, len(row) - length) :]
        if len(kept):
            target[slice(0, len(kept)) if padding == "post" else slice(length - len(kept), length)] = kept
    return out
