"""Rows that are no plain arrays: bytes that stand for float32 numbers, and rows that stay in their file.

A leaf below data, model, training and evaluation, which all pass such rows on.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

BLOCK = 1 << 20
"""Values that are made floats at a time: 4 MiB."""
LARGEST = 1 << 16
"""The largest shift and divisor: with these, float32 rounds a quotient once, as float64 would."""


@dataclass(frozen=True, eq=False)
class Scaled:
    """Bytes of shape `(n, ...)` that stand for the float32 array `(values - shift) / divisor`.

    A slice or an array of row numbers gives `Scaled` rows, one row number that row as float32.
    `np.asarray` makes the whole float32 array, which takes four times the memory.
    """

    values: NDArray[np.uint8]
    shift: int
    divisor: int

    def __post_init__(self) -> None:
        if self.values.dtype != np.uint8 or not self.values.ndim:
            raise ValueError(f"takes rows of uint8, received {self.values.dtype} {self.values.shape}")
        if not (abs(self.shift) <= LARGEST and 1 <= self.divisor <= LARGEST):
            raise ValueError(f"shift {self.shift} or divisor {self.divisor} is out of range")

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the numbers, and of the bytes."""
        return self.values.shape

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return self.values.ndim

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.values.size

    @property
    def dtype(self) -> np.dtype[np.float32]:
        """What the numbers are to whoever reads them: float32."""
        return np.dtype(np.float32)

    @property
    def nbytes(self) -> int:
        """Bytes that are held."""
        return self.values.nbytes

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, rows: Any) -> Any:
        chosen = self.values[rows]
        if isinstance(rows, (int, np.integer)):
            return np.asarray(Scaled(chosen[np.newaxis], self.shift, self.divisor))[0]
        return Scaled(chosen, self.shift, self.divisor)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("the numbers of Scaled rows are made anew: a copy can't be avoided")
        numbers = np.subtract(self.values, np.float32(self.shift), dtype=np.float32)
        numbers /= np.float32(self.divisor)
        return numbers if dtype is None else numbers.astype(dtype, copy=False)

    def min(self) -> np.float32:
        """The least number."""
        return np.float32((int(self.values.min()) - self.shift) / self.divisor)

    def max(self) -> np.float32:
        """The greatest number."""
        return np.float32((int(self.values.max()) - self.shift) / self.divisor)


class Stored(ABC):
    """Rows of shape `(n, ...)` that stay in a file, and are read and prepared when they are asked for.

    A slice without a step gives an array or `Scaled` rows. `np.asarray` reads all rows.
    """

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Of all rows together."""

    @property
    @abstractmethod
    def dtype(self) -> np.dtype[Any]:
        """Of the numbers as whoever reads them gets them."""

    @property
    @abstractmethod
    def bounds(self) -> NDArray[np.int64]:
        """Where reading may begin and end without reading anything twice: 0, ..., n."""

    @abstractmethod
    def read(self, start: int, stop: int) -> NDArray[Any] | Scaled:
        """The rows from one position up to another.

        Raises:
            DataError: The file was altered since it was looked at, or holds what can't be prepared.
        """

    @abstractmethod
    def take(self, rows: NDArray[np.int64]) -> Stored:
        """The rows at these positions, which ascend and may be repeated; nothing is read for it."""

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that the rows take once they are read."""
        return self.size * self.dtype.itemsize

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> Any:
        if not isinstance(rows, slice):
            raise TypeError(f"stored rows are read by a slice, not by {type(rows).__name__}")
        start, stop, step = rows.indices(len(self))
        if step != 1:
            raise ValueError(f"stored rows are read one after another, not by steps of {step}")
        return self.read(start, max(start, stop))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("stored rows are read anew: a copy can't be avoided")
        return np.concatenate([np.asarray(part) for part in self.parts()]).astype(
            dtype or self.dtype, copy=False
        )

    def parts(self) -> Iterator[NDArray[Any] | Scaled]:
        """All rows, as much at a time as is read at once."""
        for start, stop in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            yield self.read(int(start), int(stop))

    def min(self) -> Any:
        """The least number; reads all rows."""
        return min(part.min() for part in self.parts())

    def max(self) -> Any:
        """The greatest number; reads all rows."""
        return max(part.max() for part in self.parts())


Values: TypeAlias = NDArray[Any] | Scaled | Stored
"""Rows as a model reads them: an array, bytes that stand for one, or rows that stay in their file."""


def in_blocks(rows: Values) -> Iterator[NDArray[Any]]:
    """The rows as plain arrays, some at a time: views of an array, new floats of other rows.

    Args:
        rows: Shape `(n, ...)`.
    """
    if isinstance(rows, Stored):
        for part in rows.parts():
            yield from in_blocks(part)
        return
    step = max(1, BLOCK // max(1, rows.size // max(1, len(rows))))
    for start in range(0, len(rows), step):
        yield np.asarray(rows[start : start + step])


def joined(parts: list[Any]) -> Any:
    """Arrays or `Scaled` rows of one scale, laid end to end."""
    first = parts[0]
    if len(parts) == 1:
        return first
    if isinstance(first, Scaled):
        return Scaled(np.concatenate([part.values for part in parts]), first.shift, first.divisor)
    return np.concatenate(parts)
