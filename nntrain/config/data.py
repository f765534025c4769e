"""The `data:` section: where the rows come from, how they are split and prepared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from nntrain.config.data_images import ImagesSource
from nntrain.config.data_openml import OpenmlSource
from nntrain.config.data_preprocess import Categorical, Numeric, Preprocess
from nntrain.config.data_records import RecordFeature, TfrecordSource
from nntrain.config.data_section import (
    INPUT,
    TARGET,
    Column,
    Columns,
    DataSection,
    Names,
    Task,
    port_faults,
    unwanted_targets,
)
from nntrain.config.data_series import SeriesSource
from nntrain.config.data_sets import (
    GENERATOR_ARGUMENTS,
    KERAS_SETS,
    SKLEARN_SETS,
    SKLEARN_TABLES,
    KerasSource,
    SklearnSource,
)
from nntrain.config.data_split import Split, without_share
from nntrain.config.data_streaming import NpySource, StreamedSection
from nntrain.config.data_tables import CsvSource, ParquetSource, TableSource
from nntrain.config.data_text import SequenceSource, TextSource
from nntrain.config.section import Fault, faults

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
    "NpySource",
    "NpzSource",
    "Numeric",
    "OpenmlSource",
    "ParquetSource",
    "Preprocess",
    "RecordFeature",
    "SequenceSource",
    "SeriesSource",
    "SklearnSource",
    "Split",
    "StreamedSection",
    "TableSource",
    "Task",
    "TextSource",
    "TfrecordSource",
]


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
    sample_weight: str | None = None
    """Name of an array of numbers, 0 or more, shape (rows,): what each row counts in the loss of training.
    They have no part in validation and in scores."""
    class_names: Names | None = None
    """What the labels 0, 1, 2, ... are called, or the columns of a target of several labels."""

    @property
    def undivided(self) -> str:
        """Why rows can't be divided by a group or a time; empty, as another array can say it."""
        return ""

    @property
    def arrays_beside(self) -> dict[tuple[str, ...], str]:
        """Arrays that divide or weigh rows, by the keys under `data` that name them."""
        given = {
            ("split", "by_group"): self.split.by_group,
            ("split", "by_time"): self.split.by_time,
            ("sample_weight",): self.sample_weight,
        }
        return {keys: array for keys, array in given.items() if isinstance(array, str)}

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

    @property
    def has_validation(self) -> bool:
        """Whether rows are held out to watch training."""
        return self.x_validation is not None or super().has_validation

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
        parts = {**dict.fromkeys(self.input_arrays.values(), "read by an input")}
        parts |= dict.fromkeys(self.target_arrays.values(), "to be predicted")
        if self.sample_weight in parts:
            message = (
                f"'{self.sample_weight}' is {parts[self.sample_weight]}; weights need an array of their own"
            )
            found.append((message, ("sample_weight",), "conflict"))
        found += self._division_faults()
        for name, array in (self.inputs or {}).items():
            if array in self.target_arrays.values():
                message = f"'{array}' is to be predicted; an input can't hold the answer"
                found.append((message, ("inputs", name), "conflict"))
        if found:
            raise faults(*found)
        return self

    def _division_faults(self) -> Iterator[Fault]:
        """What is wrong with the arrays that divide rows."""
        own = [key for key in ("x_validation", "x_test") if getattr(self, key) is not None]
        for key in ("by_group", "by_time"):
            array = getattr(self.split, key)
            if isinstance(array, int):
                message = f"arrays have names and no numbers; name the array, got {array}"
                yield message, ("split", key), "bad-value"
            elif array in self.target_arrays.values():
                yield f"'{array}' is to be predicted; name another array", ("split", key), "conflict"
            elif array is not None and own:
                message = f"tells the rows of 'x' apart, and not those of '{own[0]}', which may be of any "
                message += f"{key.removeprefix('by_')}; remove this, or let shares of 'x' be held out"
                yield message, ("split", key), "conflict"


DataSource = Annotated[
    CsvSource
    | ParquetSource
    | TfrecordSource
    | NpzSource
    | NpySource
    | ImagesSource
    | SklearnSource
    | OpenmlSource
    | KerasSource
    | TextSource
    | SequenceSource
    | SeriesSource,
    Field(discriminator="type"),
]
"""The `data:` section, chosen by its `type`."""
