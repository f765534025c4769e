"""Which of very many rows a picture shows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 5_000
"""Of more rows a scatter draws some."""
MOST_IMAGES = 8
"""Of more rows the first are drawn as images, beside what the network made of them."""


def some_of(rows: int, most: int = MOST_POINTS) -> NDArray[np.int64]:
    """Which rows are drawn, ascending: all, or of more than `most` some by chance, always the same ones."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def rows_drawn(rows: int, most: int = MOST_POINTS) -> str:
    """How many rows a picture shows: `1 row`, `20 rows`, `100,000 rows (5,000 drawn, by chance)`."""
    drawn = f" ({most:,} drawn, by chance)" if rows > most else ""
    return f"{rows:,} row{'' if rows == 1 else 's'}{drawn}"
