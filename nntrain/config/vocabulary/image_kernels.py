"""Image kernels by name, as they are laid upon a pixel and its neighbours to be multiplied and added up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nntrain.config.vocabulary.rules import Rule

Matrix = tuple[tuple[float, ...], ...]

KERNELS: Mapping[str, Matrix] = {
    "blur": ((1 / 16, 1 / 8, 1 / 16), (1 / 8, 1 / 4, 1 / 8), (1 / 16, 1 / 8, 1 / 16)),
    "emboss": ((-2, -1, 0), (-1, 1, 1), (0, 1, 2)),
    "identity": ((0, 0, 0), (0, 1, 0), (0, 0, 0)),
    "outline": ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
    "sharpen": ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    "sobel_x": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "sobel_y": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
}
"""`sobel_x` is positive where an image gets brighter to the right, `sobel_y` where it does downwards.

Sources: Sobel and Feldman, "A 3x3 Isotropic Gradient Operator for Image Processing", 1968; the others as in
Powell, "Image Kernels", setosa.io/ev/image-kernels.
"""


def is_matrix(value: object) -> bool:
    """Whether a value is a list of rows of numbers, all as long."""
    if not isinstance(value, (list, tuple)) or not value:
        return False
    rows = [row for row in value if isinstance(row, (list, tuple)) and row]
    numbers = all(
        isinstance(cell, (int, float)) and not isinstance(cell, bool) for row in rows for cell in row
    )
    return len(rows) == len(value) and numbers and len({len(row) for row in rows}) == 1


def matrix(kernel: Any) -> Matrix:
    """A kernel's numbers, of one that has a name or of one that is written out."""
    return KERNELS[kernel] if isinstance(kernel, str) else tuple(tuple(map(float, row)) for row in kernel)


def _are_kernels(value: object) -> bool:
    if not isinstance(value, (list, tuple)) or not value:
        return False
    return all(item in KERNELS if isinstance(item, str) else is_matrix(item) for item in value)


_ROWS = {"type": "array", "minItems": 1, "items": {"type": "number"}}
RULE = Rule(
    f"a list of {', '.join(KERNELS)}, or of lists of rows of numbers",
    _are_kernels,
    {
        "type": "array",
        "minItems": 1,
        "items": {"anyOf": [{"enum": list(KERNELS)}, {"type": "array", "minItems": 1, "items": _ROWS}]},
    },
)
"""What an `ImageKernel` takes."""
