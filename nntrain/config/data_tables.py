"""Tables in files: what their sources have in common, CSV and Parquet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from nntrain.config.data_beside import OwnFilesSection, beside_faults
from nntrain.config.data_section import (
    TARGET,
    Column,
    Columns,
    Names,
    SomeColumns,
    as_columns,
    column_faults,
    port_faults,
    unwanted_targets,
)
from nntrain.config.data_streaming import StreamedSection
from nntrain.config.section import Fault, fault, faults


class TableSource(OwnFilesSection):
    """A table of named columns in one file or several."""

    type: str
    path: str = Field(min_length=1, examples=["data/pima.csv"])
    """The file; relative to the config file. With `*`, `?` or `[...]` in its name it is every file that
    fits, in the order of their names: `data/part-*.csv`. They must have the same columns."""
    inputs: dict[str, SomeColumns] | None = None
    """Columns by the input of the network that reads them, `{name: [columns]}`; columns that no input
    names are left out. Without it there is one input, `features`, of all columns but the targets."""
    targets: dict[str, Column | SomeColumns] | None = None
    """What each output of the network predicts, by the output layer's name: a column or a list of them."""
    target: Column | SomeColumns | None = Field(default=None, validate_default=True)
    """The column to predict: its name, or its position from 0 (-1 is the last). A list of columns is one
    target of several values. Either `target` or `targets` is required, unless the task is
    `reconstruction`."""
    drop: Columns = ()
    """Columns that are not features: names or positions."""
    categorical: Columns = ()
    """Columns to be read as text although they hold numbers, truth values or dates."""
    dates: Columns = ()
    """Columns of dates or times (2026-01-31, 2026-01-31T12:00, with or without a zone) that become days
    since 1970-01-01, hours and minutes as fractions of a day, in UTC where a zone is given."""

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
        return target_columns(self.target, self.targets)

    @model_validator(mode="after")
    def _parts_to_play(self) -> Self:
        found = table_faults(self.task, self.inputs, self.target, self.targets, self.columns_beside)
        if found:
            raise faults(*found)
        return self

    @model_validator(mode="after")
    def _one_way_to_read(self) -> Self:
        found: list[Fault] = []
        for i, column in enumerate(self.dates):
            if column in self.dates[:i]:
                found.append((f"'{column}' is named twice; remove one", ("dates", i), "conflict"))
            for key in ("categorical", "drop"):
                if column in getattr(self, key):
                    message = f"'{column}' is named in data.{key} too; keep one of the two"
                    found.append((message, ("dates", i), "conflict"))
        if found:
            raise faults(*found)
        return self


class CsvSource(TableSource, StreamedSection):
    """A text file of rows and columns, or several; packed by gzip or not (.csv, .csv.gz, .tsv, .tsv.gz)."""

    type: Literal["csv"]
    header: bool = True
    """Whether the first line holds the columns' names."""
    columns: Names | None = None
    """The columns' names, in order, where the file has no header; without it they are c0, c1, ..."""
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """The character between two cells; without it a comma, or a tab where the file is called .tsv."""
    missing: Names = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "?")
    """Cells that mean that the value is missing."""

    @model_validator(mode="after")
    def _one_source_of_names(self) -> Self:
        if self.header and self.columns is not None:
            raise fault(
                "names the columns of a file without a header; add 'header: false' or remove it", "columns"
            )
        return self


class ParquetSource(TableSource, StreamedSection):
    """A Parquet file of named columns, or several."""

    type: Literal["parquet"]


def target_columns(
    target: Column | SomeColumns | None, targets: dict[str, Column | SomeColumns] | None
) -> dict[str, tuple[Column, ...]]:
    """The columns of each target, by output; the only target is called `target`."""
    if targets is not None:
        return {name: as_columns(columns) for name, columns in targets.items()}
    return {} if target is None else {TARGET: as_columns(target)}


def table_faults(
    task: str,
    inputs: dict[str, SomeColumns] | None,
    target: Column | SomeColumns | None,
    targets: dict[str, Column | SomeColumns] | None,
    beside: Mapping[tuple[str, ...], Column],
) -> list[Fault]:
    """What is wrong with the parts that a config gives to columns: ports first, then the columns."""
    predicted = target_columns(target, targets)
    found = [
        *unwanted_targets(task, {"target": target, "targets": targets}),
        *port_faults(task, inputs, predicted if targets is not None else None),
    ]
    if target is not None and targets is not None:
        found.append(("is given besides 'targets'; keep one of the two", ("target",), "conflict"))
    claimed: dict[tuple[str, ...], tuple[Column, ...]] = {
        ("targets", name) if targets is not None else ("target",): columns
        for name, columns in predicted.items()
    }
    return found or [*column_faults(inputs or {}, claimed), *beside_faults(inputs or {}, claimed, beside)]
