"""Boxes around objects: which numbers are one, and how far two agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from nntrain.evaluation.outputs import FloatArray

NAMES = (
    ("left", "top", "right", "bottom"),
    ("x0", "y0", "x1", "y1"),
    ("x1", "y1", "x2", "y2"),
    ("xmin", "ymin", "xmax", "ymax"),
)
"""What the four numbers of a box are called, in their order."""


def is_box(names: Sequence[str]) -> bool:
    """Whether the columns of a target are those of a box, by their names."""
    return tuple(name.lower() for name in names) in NAMES


def overlaps(actual: ArrayLike, predicted: ArrayLike) -> FloatArray:
    """The intersection over union of each pair of boxes: `|A and B| / |A or B|`, shape `(n,)`.

    Args:
        actual: Left, top, right and bottom of each box, shape `(n, 4)`.
        predicted: The same.

    A box whose right is left of its left, or whose bottom is above its top, has no area; of two boxes without
    an area it is 0.

    Source: Jaccard, "The Distribution of the Flora in the Alpine Zone", 1912; as a score of boxes Everingham,
    Van Gool, Williams, Winn and Zisserman, "The PASCAL Visual Object Classes Challenge", 2010.
    """
    one, other = np.asarray(actual, np.float64), np.asarray(predicted, np.float64)
    common = _area(np.maximum(one[:, :2], other[:, :2]), np.minimum(one[:, 2:], other[:, 2:]))
    either = _area(one[:, :2], one[:, 2:]) + _area(other[:, :2], other[:, 2:]) - common
    return np.divide(common, either, out=np.zeros(len(one)), where=either > 0)


def _area(first: FloatArray, last: FloatArray) -> FloatArray:
    """Of boxes from their first corners to their last ones, shape `(n,)`."""
    sides = np.maximum(last - first, 0.0)
    return np.asarray(sides[:, 0] * sides[:, 1])
