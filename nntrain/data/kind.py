"""Rows that are neither a table nor an array: texts, sequences, windows. They say how they are prepared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Preprocess

Array = NDArray[Any]
Index = NDArray[np.int64]


@dataclass(frozen=True)
class Blocks:
    """An array that is never in memory as a whole."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    read: Callable[[], Iterator[Array]]
    """Gives its rows, some at a time, in their order."""


class State(ABC):
    """What the training rows of such a kind taught, and the settings that it was learnt with."""

    rows: int
    """Training rows that it was fitted on."""

    @property
    @abstractmethod
    def columns(self) -> tuple[str, ...]:
        """Names of the prepared columns; empty where they have none."""

    @property
    @abstractmethod
    def notes(self) -> tuple[str, ...]:
        """What the user should know about the training rows."""

    @property
    @abstractmethod
    def vocabulary(self) -> int | None:
        """How many numbers the prepared rows can hold, from 0; None where they are no word numbers."""

    @abstractmethod
    def apply(self, features: Any) -> Array:
        """Prepare rows of the kind that was fitted.

        Args:
            features: The rows.

        Returns:
            Shape `(rows, ...)`: int32 for word numbers, else float32.

        Raises:
            DataError: The rows are not what the training rows allow.
        """

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Plain values that give back the same state."""


class Kind(ABC):
    """Rows as a source delivers them."""

    last: Array | None = None
    """Of a series the value of the target that each row knows last, shape `(rows,)`; NaN where missing."""
    series: Array | None = None
    """Of several series the name of each row's, shape `(rows,)`."""

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def take(self, rows: Index) -> Self:
        """The rows at these positions."""

    @abstractmethod
    def arrays(self) -> Iterator[tuple[str, Array | Blocks]]:
        """All values with their names, for the fingerprint; a single array needs no name."""

    @abstractmethod
    def comparable(self) -> Array:
        """An object for each row, shape `(rows,)`: equal for rows that are equal."""

    @abstractmethod
    def check(self, settings: Preprocess) -> None:
        """Refuse, before anything is split or fitted, what no step mends.

        Raises:
            DataError: With the place of the first value of each sort.
        """

    @abstractmethod
    def fit(self, settings: Preprocess) -> State:
        """Learn from these rows, the training rows, and from them alone.

        Raises:
            DataError: They don't hold what is to be learnt.
        """
