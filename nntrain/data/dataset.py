"""What every source becomes: raw rows first, then three splits that a model can be trained on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import Values
from nntrain.config.data import Task
from nntrain.data.by_twos import by_twos
from nntrain.data.findings.finding import Finding
from nntrain.data.kind import Kind
from nntrain.errors import KeyPath, Location

Array = NDArray[Any]
Index = NDArray[np.int64]
SplitName = Literal["train", "validation", "test"]


def missing_values(values: Array) -> NDArray[np.bool_]:
    """Which values of a column are missing: None among texts, NaN among numbers."""
    if values.dtype == object:
        return np.fromiter((value is None for value in values), np.bool_, len(values))
    return np.isnan(values)


def _taken(columns: Mapping[str, Array], rows: Index) -> dict[str, Array]:
    """Columns at these positions: `take` is three times as fast as an index in brackets."""
    taken = by_twos(lambda values: values.take(rows), columns.values(), len(columns) * len(rows))
    return dict(zip(columns, taken, strict=True))


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
            numeric=_taken(self.numeric, rows),
            categorical={name: values.take(rows) for name, values in self.categorical.items()},
            index=self.index.take(rows),
        )

    def select(self, columns: tuple[str, ...]) -> Table:
        """These columns alone, in this order, without a copy."""
        numeric = {name: self.numeric[name] for name in columns if name in self.numeric}
        categorical = {name: self.categorical[name] for name in columns if name in self.categorical}
        return replace(self, numeric=numeric, categorical=categorical, order=columns)

    def place(self, position: int, column: str) -> tuple[Location | None, str]:
        """Where a cell is: its location in the file, or nothing and the row in words."""
        row = int(self.index[position])
        return (self.where(row, column), "") if self.where else (None, f" in row {row} (from 0)")


Features = Table | Kind | Array
"""A table, rows of a kind of their own, or an array of shape `(rows, ...)`."""


def known_last(inputs: Mapping[str, Features]) -> Array | None:
    """Of a series the value of the target that each row knows last, shape `(rows,)`; None of other rows."""
    return next((rows.last for rows in inputs.values() if isinstance(rows, Kind)), None)


def series_names(inputs: Mapping[str, Features]) -> Array | None:
    """Of several series the name of each row's, shape `(rows,)`; None of other rows."""
    return next((rows.series for rows in inputs.values() if isinstance(rows, Kind)), None)


Use = Literal["group", "time", "weight"]


@dataclass(frozen=True)
class Beside:
    """A column that is not there to be learnt from: it divides rows, or weighs them."""

    column: str
    """What the source calls it."""
    values: Array
    """Texts or numbers, shape `(rows,)`; None or NaN where the value is missing."""


@dataclass(frozen=True)
class Part:
    """Rows as a source delivers them."""

    inputs: Mapping[str, Features]
    """By input of the network."""
    targets: Mapping[str, Array]
    """By output, shape `(rows,)`: texts, whole numbers or numbers; or numbers of shape `(rows, values)`; or
    masks, uint8 `(rows, height, width)`."""
    beside: Mapping[Use, Beside] = field(default_factory=dict)
    """Columns beside features and targets, by what they are for."""
    where: Callable[[int, str], Location] | None = None
    """The place of a cell in the file, as in `Table`."""

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    def take(self, rows: Index) -> Part:
        """The rows at these positions."""
        return replace(
            self,
            inputs={
                n: f[rows] if isinstance(f, np.ndarray) else f.take(rows) for n, f in self.inputs.items()
            },
            targets={name: target[rows] for name, target in self.targets.items()},
            beside={use: replace(b, values=b.values[rows]) for use, b in self.beside.items()},
        )

    @property
    def features(self) -> Features:
        """What the only input reads."""
        (only,) = self.inputs.values()
        return only

    @property
    def target(self) -> Array:
        """The only target."""
        (only,) = self.targets.values()
        return only


@dataclass(frozen=True)
class TargetOrigin:
    """What a source knows of one target."""

    key: KeyPath
    """The config key that names it."""
    columns: tuple[str, ...]
    """What the source calls its column, columns or array."""
    classes: tuple[str, ...] | None = None
    """Names of the labels 0, 1, 2, ..., or of several labels, where the source has them."""
    task: Task | None = None
    """What it is known to be."""
    where: Callable[[int, str], Location] | None = None
    """The place of a cell in the file, as in `Table`."""


@dataclass(frozen=True)
class Raw:
    """What a loader returns: rows to be split, and the splits that the source brings itself."""

    rows: Part
    validation: Part | None = None
    test: Part | None = None
    targets: Mapping[str, TargetOrigin] = field(default_factory=dict)
    """Where each target comes from."""
    description: str = ""
    """One line on where the rows come from."""
    notes: tuple[str, ...] = ()
    """What the user should know, one sentence each."""
    tokens: bool = False
    """The features are word numbers, which stay whole numbers."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """The rows, then the source's own validation and test rows where it has them."""
        return tuple(part for part in (self.rows, self.validation, self.test) if part is not None)


@dataclass(frozen=True)
class Rows:
    """One split, ready for the model."""

    inputs: Mapping[str, Values]
    """Prepared features by input, shape `(n, ...)`: float32, bytes that stand for it, or int32 for token
    sequences."""
    targets: Mapping[str, Values]
    """By output. Classification: class indices, int64, shape `(n,)`. Regression: float32, shape `(n,)` or
    `(n, values)`. Several labels: float32 of 0 and 1, shape `(n, labels)`. Reconstruction: the very array
    of the only input. Segmentation: uint8 class indices `(n, height, width)`; from the number of classes
    upwards they are left out."""
    index: Index
    """Row number in the source, from 0, shape `(n,)`. Rows of a split that the source brings itself are
    counted within that split."""
    notes: tuple[str, ...] = ()
    """What the user should know about these rows, one sentence each."""
    last: Array | None = None
    """Of a series the value of the target that each row knows last, shape `(n,)`; NaN where missing."""
    series: Array | None = None
    """Of several series in one source the name of each row's, shape `(n,)`."""

    def __len__(self) -> int:
        return len(self.index)

    @property
    def x(self) -> Values:
        """What the only input reads."""
        (only,) = self.inputs.values()
        return only

    @property
    def y(self) -> Values:
        """The only target."""
        (only,) = self.targets.values()
        return only


@dataclass(frozen=True)
class TargetInfo:
    """What one output of the network is to predict."""

    name: str
    """`target`, or the key of `data.targets`."""
    task: Task
    names: tuple[str, ...]
    """Classification and segmentation: the classes, where index `i` is label `i`; several labels: the labels;
    several numbers: what they are called; else empty."""
    shape: tuple[int, ...]
    """Of one row's target: `()`, `(labels,)`, `(values,)`, `(height, width)` of a mask, or that of a prepared
    row for reconstruction."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, or of the labels; empty for numbers."""
        return self.names if self.task in ("classification", "multi_label", "segmentation") else ()


@dataclass(frozen=True)
class Dataset:
    """Everything that a run needs to know about its data."""

    train: Rows
    validation: Rows | None
    test: Rows | None
    targets: tuple[TargetInfo, ...]
    """What the network predicts, in the config's order."""
    inputs: Mapping[str, tuple[str, ...]]
    """Names of each input's prepared columns; empty for arrays."""
    preprocess: Mapping[str, Any]
    """What was fitted, as it is written to `preprocess.json`."""
    fingerprint: str
    """SHA-256 of the raw rows and targets."""
    description: str
    notes: tuple[str, ...] = field(default=())
    weights: NDArray[np.float32] | None = None
    """What each training row counts in the loss, shape `(n,)`; None where all count the same."""
    vocabulary: int | None = None
    """How many word numbers there are, 0 among them; None where the input holds no such numbers."""
    findings: tuple[Finding, ...] = ()
    """What was found in the rows before they were prepared, the gravest first."""

    @property
    def target(self) -> TargetInfo:
        """The only target."""
        (only,) = self.targets
        return only

    @property
    def task(self) -> Task:
        """What the only target is."""
        return self.target.task

    @property
    def classes(self) -> tuple[str, ...]:
        """The class or label names of the only target; empty for numbers."""
        return self.target.classes

    @property
    def input_shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of one prepared row, by input."""
        return {name: tuple(int(n) for n in x.shape[1:]) for name, x in self.train.inputs.items()}

    @property
    def facts(self) -> dict[str, int]:
        """The numbers that a config can refer to before data are read, such as `data.classes`.

        `data.features` is the count of numbers in a prepared row of the only input, and
        `data.features.<input>` that of one of several. `data.vocabulary` is the count of word numbers, 0
        among them, where the only input holds such. `data.classes` is the count of classes (or labels)
        of the only target that has any; with several targets, `data.classes.<output>` is that of each.
        """
        sizes = {name: prod(shape) for name, shape in self.input_shapes.items()}
        counts = {target.name: len(target.classes) for target in self.targets if target.classes}
        found = {f"data.features.{name}": size for name, size in sizes.items()}
        if len(sizes) == 1:
            found = {"data.features": next(iter(sizes.values()))}
        if self.vocabulary is not None:
            found["data.vocabulary"] = self.vocabulary
        if len(counts) == 1:
            found["data.classes"] = next(iter(counts.values()))
        if len(self.targets) > 1:
            found |= {f"data.classes.{name}": count for name, count in counts.items()}
        return found

    @property
    def splits(self) -> dict[SplitName, Rows]:
        """The splits that hold rows, by name."""
        found: dict[SplitName, Rows | None] = {
            "train": self.train,
            "validation": self.validation,
            "test": self.test,
        }
        return {name: rows for name, rows in found.items() if rows is not None}
