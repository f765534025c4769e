"""The `data:` section: where the rows come from, how they are split and prepared."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from nntrain.config.data_images import ImagesSource
from nntrain.config.data_section import (
    INPUT,
    TARGET,
    Categorical,
    Column,
    Columns,
    DataSection,
    Fault,
    Names,
    Numeric,
    Preprocess,
    SomeColumns,
    Split,
    Task,
    as_columns,
    column_faults,
    port_faults,
    unwanted_targets,
    without_share,
)
from nntrain.config.data_sets import (
    GENERATOR_ARGUMENTS,
    KERAS_SETS,
    SKLEARN_SETS,
    SKLEARN_TABLES,
    KerasSource,
    SklearnSource,
)
from nntrain.config.section import fault, faults

__all__ = [
    "GENERATOR_ARGUMENTS",
    "INPUT",
    "KERAS_SETS",
    "SKLEARN_SETS",
    "SKLEARN_TABLES",
    "TARGET",
    "Categorical",
    "Column",
    "Columns",
    "CsvSource",
    "DataSection",
    "DataSource",
    "ImagesSource",
    "KerasSource",
    "Names",
    "NpzSource",
    "Numeric",
    "Preprocess",
    "SklearnSource",
    "Split",
    "Task",
]


class CsvSource(DataSection):
    """A text file of rows and columns."""

    type: Literal["csv"]
    path: str = Field(min_length=1, examples=["data/pima.csv"])
    """The file; relative to the config file."""
    inputs: dict[str, SomeColumns] | None = None
    """Columns by the input of the network that reads them, `{name: [columns]}`; columns that no input
    names are left out. Without it there is one input, `features`, of all columns but the targets."""
    targets: dict[str, Column | SomeColumns] | None = None
    """What each output of the network predicts, by the output layer's name: a column or a list of them."""
    target: Column | SomeColumns | None = Field(default=None, validate_default=True)
    """The column to predict: its name, or its position from 0 (-1 is the last). A list of columns is one
    target of several values. Either `target` or `targets` is required, unless the task is
    `reconstruction`."""
    header: bool = True
    """Whether the first line holds the columns' names."""
    columns: Names | None = None
    """The columns' names, in order, where the file has no header; without it they are c0, c1, ..."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """The character between two cells."""
    drop: Columns = ()
    """Columns that are not features: names or positions."""
    categorical: Columns = ()
    """Columns to be read as text although they hold numbers."""
    missing: Names = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "?")
    """Cells that mean that the value is missing."""

    @field_validator("target")
    @classmethod
    def _something_to_predict(cls, target: Any, info: ValidationInfo) -> Any:
        # A field's validator is heard even where another field is wrong.
        known = {"task", "targets"} <= info.data.keys()
        wanted = known and info.data["targets"] is None and info.data["task"] != "reconstruction"
        if wanted and target is None:
            raise fault(
                "is missing; name the column to predict, for example 'target: diabetes', or several by "
                "output with 'targets', or set 'task: reconstruction'",
                id="missing-key",
            )
        return target

    @property
    def target_columns(self) -> dict[str, tuple[Column, ...]]:
        """The columns of each target, by output; the only target is called `target`."""
        if self.targets is not None:
            return {name: as_columns(columns) for name, columns in self.targets.items()}
        return {} if self.target is None else {TARGET: as_columns(self.target)}

    @model_validator(mode="after")
    def _parts_to_play(self) -> Self:
        found = [
            *unwanted_targets(self.task, {"target": self.target, "targets": self.targets}),
            *port_faults(self.task, self.inputs, self.target_columns if self.targets is not None else None),
        ]
        if self.target is not None and self.targets is not None:
            found.append(("is given besides 'targets'; keep one of the two", ("target",), "conflict"))
        if found:
            raise faults(*found)
        claimed: dict[tuple[str, ...], tuple[Column, ...]] = {
            ("targets", name) if self.targets is not None else ("target",): columns
            for name, columns in self.target_columns.items()
        }
        if found := list(column_faults(self.inputs or {}, claimed)):
            raise faults(*found)
        return self

    @model_validator(mode="after")
    def _one_source_of_names(self) -> Self:
        if self.header and self.columns is not None:
            raise fault(
                "names the columns of a file without a header; add 'header: false' or remove it", "columns"
            )
        return self


class NpzSource(DataSection):
    """NumPy arrays in one .npz file."""

    type: Literal["npz"]
    path: str = Field(min_length=1, examples=["data/digits.npz"])
    """The file; relative to the config file."""
    inputs: dict[str, str] | None = None
    """Arrays by the input of the network that reads them, `{name: array}`, instead of `x`."""
    targets: dict[str, str] | None = None
    """Arrays by the output layer that predicts them, `{name: array}`, instead of `y`."""
    x: str | None = "x"
    """Name of the array of features, shape (rows, ...)."""
    y: str | None = "y"
    """Name of the array of targets, shape (rows,), or (rows, values) for several values a row."""
    x_validation: str | None = None
    """Name of the validation features, where the file has its own."""
    y_validation: str | None = None
    """Name of the validation targets."""
    x_test: str | None = None
    """Name of the test features, where the file has its own."""
    y_test: str | None = None
    """Name of the test targets."""
    class_names: Names | None = None
    """What the labels 0, 1, 2, ... are called, or the columns of a target of several labels."""

    @property
    def input_arrays(self) -> dict[str, str]:
        """The array of each input; the only one is called `features`."""
        return dict(self.inputs) if self.inputs is not None else {INPUT: self.x or "x"}

    @property
    def target_arrays(self) -> dict[str, str]:
        """The array of each target; the only one is called `target`."""
        if self.targets is not None:
            return dict(self.targets)
        return {} if self.y is None else {TARGET: self.y}

    @model_validator(mode="before")
    @classmethod
    def _names_replace_x_and_y(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        found: list[Fault] = []
        for key, names in (("x", "inputs"), ("y", "targets")):
            if value.get(names) is None:
                continue
            if value.get(key) is not None:
                found.append((f"is given besides '{names}'; keep one of the two", (key,), "conflict"))
            value = {**value, key: None}
        if value.get("task") == "reconstruction":
            own = {key: value.get(key) for key in ("y", "y_validation", "y_test", "targets")}
            found += unwanted_targets("reconstruction", own)
            value = {**value, "y": None}
        if found:
            raise faults(*found)
        return value

    @model_validator(mode="before")
    @classmethod
    def _own_rows_replace_shares(cls, value: Any) -> Any:
        if isinstance(value, dict):
            for part in ("validation", "test"):
                if value.get(f"x_{part}") is not None:
                    value = without_share(value, part)
        return value

    @model_validator(mode="after")
    def _arrays_come_in_pairs(self) -> Self:
        pairs = [(f"x_{part}", f"y_{part}") for part in ("validation", "test")]
        if self.task == "reconstruction":
            return self
        alone = [
            (f"is given without {absent}; name both arrays or neither", (given,), "conflict")
            for x, y in pairs
            for given, absent in ((x, y), (y, x))
            if getattr(self, given) is not None and getattr(self, absent) is None
        ]
        if alone:
            raise faults(*alone)
        return self

    @model_validator(mode="after")
    def _parts_to_play(self) -> Self:
        inputs = None if self.inputs is None else {name: (array,) for name, array in self.inputs.items()}
        targets = None if self.targets is None else {name: (array,) for name, array in self.targets.items()}
        found = list(port_faults(self.task, inputs, targets))
        if self.y is None and targets is None and self.task != "reconstruction":
            message = "is missing; name the array to predict, or set 'task: reconstruction'"
            found.append((message, ("y",), "missing-key"))
        named = " and ".join(key for key in ("inputs", "targets") if getattr(self, key) is not None)
        for key in ("x_validation", "y_validation", "x_test", "y_test") if named else ():
            if getattr(self, key) is not None:
                message = f"goes with 'x' and 'y'; rows of {named} are divided by data.split: remove this"
                found.append((message, (key,), "conflict"))
        if targets is not None and self.class_names is not None:
            message = "names the classes of 'y'; labels of 'targets' keep the names that the arrays hold"
            found.append((f"{message}: remove this", ("class_names",), "conflict"))
        for name, array in (self.inputs or {}).items():
            if array in self.target_arrays.values():
                message = f"'{array}' is to be predicted; an input can't hold the answer"
                found.append((message, ("inputs", name), "conflict"))
        if found:
            raise faults(*found)
        return self


DataSource = Annotated[
    CsvSource | NpzSource | ImagesSource | SklearnSource | KerasSource, Field(discriminator="type")
]
"""The `data:` section, chosen by its `type`."""
