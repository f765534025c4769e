"""Time series: windows of the rows of a file."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from nntrain.config.data_section import Column, DataSection, Names, SomeColumns
from nntrain.config.data_split import Split
from nntrain.config.section import Fault, faults

Count = Annotated[int, Field(ge=1, le=1_000_000)]


class SeriesSource(DataSection):
    """A forecast from windows over the rows of a CSV file, which follow one another in time.

    The first rows train, the next ones validate, the last ones test; a window that reaches over such a
    border is left out.
    """

    type: Literal["series"]
    path: str = Field(min_length=1, examples=["data/load.csv"])
    """The file; relative to the config file."""
    target: Column = Field(examples=["load"])
    """The column to predict: its name, or its position from 0 (-1 is the last)."""
    window: Count = Field(examples=[24])
    """Rows that the network looks back on."""
    horizon: Count = 1
    """How many rows ahead the first predicted value lies: 1 is the row after the window."""
    steps: Count = 1
    """How many values that follow one another are predicted."""
    stride: Count = 1
    """Rows from the beginning of one window to that of the next."""
    features: SomeColumns | None = None
    """The columns that a window holds; all but `time` and `group` if left out, so the target's past among
    them."""
    time: Column | None = None
    """The column of the time: numbers, or times such as 2024-05-31 or 2024-05-31T12:00. It must ascend."""
    group: Column | None = None
    """The column that tells several series in one file apart; no window holds rows of two."""
    gaps: Literal["error", "split", "ignore"] = "error"
    """Where a step of `time` is longer than one and a half usual ones: an error; `split`: no window reaches
    over it; `ignore`: the rows count as neighbours."""
    header: bool = True
    """Whether the first line holds the columns' names."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """The character between two cells."""
    missing: Names = ("", "NA", "N/A", "NaN", "nan", "null", "NULL", "?")
    """Cells that mean that the value is missing."""

    @property
    def reach(self) -> int:
        """Rows from the first of a window to the last that is predicted."""
        return self.window + self.horizon + self.steps - 1

    @model_validator(mode="after")
    def _what_a_forecast_takes(self) -> Self:
        found: list[Fault] = []
        if self.task not in ("auto", "regression"):
            message = f"a series is a forecast of numbers, not '{self.task}'; remove this"
            found.append((message, ("task",), "conflict"))
        shares = Split(validation=self.split.validation, test=self.split.test)
        for key in type(self.split).model_fields:
            if getattr(self.split, key) != getattr(shares, key):
                message = "the rows of a series are divided by time; remove this"
                if key == "fold":
                    message = (
                        "would train on rows that are newer than those it is scored on, and a series is "
                        "divided by time; use 'validation' and 'test' alone"
                    )
                found.append((message, ("split", key), "conflict"))
        for key, column in (("time", self.time), ("group", self.group)):
            if column is None:
                continue
            if column == self.target:
                found.append((f"'{column}' is to be predicted (data.target)", (key,), "conflict"))
            if column in (self.features or ()):
                at = (self.features or ()).index(column)
                found.append(
                    (f"'{column}' is the {key} (data.{key}); remove it", ("features", at), "conflict")
                )
        if self.time is not None and self.time == self.group:
            found.append((f"'{self.group}' is the time (data.time)", ("group",), "conflict"))
        if self.time is None and self.gaps != "error":
            found.append(("is about the times of data.time; add it, or remove this", ("gaps",), "conflict"))
        for i, column in enumerate(self.features or ()):
            if column in (self.features or ())[:i]:
                found.append((f"'{column}' is named twice; remove one", ("features", i), "conflict"))
        if found:
            raise faults(*found)
        return self
