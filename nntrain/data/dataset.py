"""What every source becomes: raw rows first, then three splits that a model can be trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nntrain.errors import Location

Array = NDArray[Any]
Index = NDArray[np.int64]
Task = Literal["classification", "regression"]
SPLITS = ("train", "validation", "test")
SplitName = Literal["train", "validation", "test"]


def missing_values(values: Array) -> NDArray[np.bool_]:
    """Which values of a column are missing: None among texts, NaN among numbers."""
    if values.dtype == object:
        return np.fromiter((value is None for value in values), np.bool_, len(values))
    return np.isnan(values)


@dataclass(frozen=True)
class Table:
    """Columns of a file, before anything is fitted to them."""

    numeric: Mapping[str, NDArray[np.float64]]
    """Numbers by column, shape `(rows,)` each; NaN where the value is missing."""
    categorical: Mapping[str, NDArray[np.object_]]
    """Texts by column, shape `(rows,)` each; None where the value is missing."""
    order: tuple[str, ...]
    """The feature columns in the file's order."""
    index: Index
    """Row number in the source, from 0, shape `(rows,)`."""
    where: Callable[[int, str], Location] | None = None
    """The place of a cell in the file, from its row number in the source and its column; None where
    there is no file. It reads the file again, so it is for errors alone."""

    def __len__(self) -> int:
        return len(self.index)

    def take(self, rows: Index) -> Table:
        """The same columns at these positions."""
        return replace(
            self,
            numeric={name: values[rows] for name, values in self.numeric.items()},
            categorical={name: values[rows] for name, values in self.categorical.items()},
            index=self.index[rows],
        )

    def place(self, position: int, column: str) -> tuple[Location | None, str]:
        """Where a cell is: its location in the file, or nothing and the row in words."""
        row = int(self.index[position])
        return (self.where(row, column), "") if self.where else (None, f" in row {row} (from 0)")


Features = Table | Array
"""A table, or an array of shape `(rows, ...)`."""


@dataclass(frozen=True)
class Part:
    """Rows as a source delivers them."""

    features: Features
    target: Array
    """Shape `(rows,)`: texts, whole numbers or numbers."""

    def __len__(self) -> int:
        return len(self.target)

    def take(self, rows: Index) -> Part:
        """The rows at these positions."""
        if isinstance(self.features, Table):
            return Part(self.features.take(rows), self.target[rows])
        return Part(self.features[rows], self.target[rows])


@dataclass(frozen=True)
class Raw:
    """What a loader returns: rows to be split, and the splits that the source brings itself."""

    rows: Part
    validation: Part | None = None
    test: Part | None = None
    class_names: tuple[str, ...] | None = None
    """Names of the labels 0, 1, 2, ..., where the source has them."""
    description: str = ""
    """One line on where the rows come from."""
    notes: tuple[str, ...] = ()
    """What the user should know, one sentence each."""
    target_name: str = "target"
    """What the source calls the target."""
    tokens: bool = False
    """The features are word numbers, which stay whole numbers."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The rows, then the source's own validation and test rows where it has them."""
        return tuple(part for part in (self.rows, self.validation, self.test) if part is not None)


@dataclass(frozen=True)
class Rows:
    """One split, ready for the model."""

    x: Array
    """Prepared features, shape `(n, ...)`: float32, or int32 for token sequences."""
    y: Array
    """Classification: class indices, int64, shape `(n,)`. Regression: float32, shape `(n,)`."""
    index: Index
    """Row number in the source, from 0, shape `(n,)`. Rows of a split that the source brings itself are
    counted within that split."""
    notes: tuple[str, ...] = ()
    """What the user should know about these rows, one sentence each."""

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Dataset:
    """Everything that a run needs to know about its data."""

    train: Rows
    validation: Rows | None
    test: Rows | None
    task: Task
    classes: tuple[str, ...]
    """Class names; index `i` is label `i`. Empty for regression."""
    features: tuple[str, ...]
    """Names of the prepared columns; empty for arrays."""
    preprocess: Mapping[str, Any]
    """What was fitted, as it is written to `preprocess.json`."""
    fingerprint: str
    """SHA-256 of the raw rows and targets."""
    description: str
    notes: tuple[str, ...] = field(default=())

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one prepared row."""
        return tuple(int(size) for size in self.train.x.shape[1:])

    @property
    def splits(self) -> dict[SplitName, Rows]:
        """The splits that hold rows, by name."""
        found: dict[SplitName, Rows | None] = {
            "train": self.train,
            "validation": self.validation,
            "test": self.test,
        }
        return {name: rows for name, rows in found.items() if rows is not None}
