"""Rows that stay in their file while a model trains: which sources can do that, and which steps can't."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from nntrain.config.data_section import DataSection, Names, unwanted_targets
from nntrain.config.section import Fault, faults

REMEDY = "where 'streaming: true' never has them: set 'streaming: false'"


class StreamedSection(DataSection):
    """Rows that need not be in memory together."""

    streaming: Literal["auto"] | bool = "auto"
    """Whether rows stay in their file and are read in chunks while the model trains. The order of an epoch is
    then drawn for chunks, and for the rows of three chunks at a time. `auto`: where the rows, read and
    prepared, would take more than half of the memory that is free. Of CSV files the columns, and of images
    the pixels, are kept in `$NNTRAIN_CACHE_HOME` (`~/.cache/nntrain` without it) and read from there."""

    @property
    def streaming_faults(self) -> tuple[Fault, ...]:
        """What is asked for that takes all rows in memory."""
        return tuple(_faults(self))

    @model_validator(mode="after")
    def _steps_by_chunks(self) -> Self:
        if self.streaming is True and self.streaming_faults:
            raise faults(*self.streaming_faults)
        return self


def _faults(section: DataSection) -> Iterator[Fault]:
    steps: list[tuple[tuple[str, ...], Any]] = [(("numeric",), section.preprocess.numeric)]
    steps += [(("columns", name), own) for name, own in section.preprocess.columns.items()]
    for keys, own in steps:
        given = own.model_fields_set
        if getattr(own, "text", None) is not None and own.text.output == "tokens":
            message = f"'tokens' takes all rows in memory, {REMEDY}, or use tf_idf"
            yield message, ("preprocess", *keys, "text"), "conflict"
        if own.impute == "median" or (own.impute == "most_frequent" and keys == ("numeric",)):
            message = f"'{own.impute}' takes all values of a column in memory, {REMEDY}, or impute the mean"
            yield message, ("preprocess", *keys, "impute"), "conflict"
        if "scale" in given and own.scale == "robust":
            message = f"'robust' takes all values of a column in memory, {REMEDY}, or use standard"
            yield message, ("preprocess", *keys, "scale"), "conflict"


class NpySource(StreamedSection):
    """Two NumPy arrays, each in an .npy file of its own."""

    type: Literal["npy"]
    x: str = Field(min_length=1, examples=["data/x.npy"])
    """The file of features, shape (rows, ...); relative to the config file."""
    y: str | None = Field(default=None, min_length=1, validate_default=True, examples=["data/y.npy"])
    """The file of targets, shape (rows,), or (rows, values) for several values a row. Required, unless the
    task is `reconstruction`."""
    class_names: Names | None = None
    """What the labels 0, 1, 2, ... are called, or the columns of a target of several labels."""

    @property
    def undivided(self) -> str:
        """Why rows can't be divided by a group or a time."""
        return (
            "names an array beside the features, and .npy files hold one each: write all into one file with "
            "np.savez(file, x=..., y=..., group=...) and read it with 'type: npz'"
        )

    @property
    def files(self) -> dict[str, str]:
        """The files by their keys."""
        return {"x": self.x} if self.y is None else {"x": self.x, "y": self.y}

    @model_validator(mode="after")
    def _something_to_predict(self) -> Self:
        if self.task == "reconstruction":
            found = [*unwanted_targets(self.task, {"y": self.y})]
        elif self.y is None:
            message = "is missing; name the file of targets, or set 'task: reconstruction'"
            found = [(message, ("y",), "missing-key")]
        else:
            found = []
        if found:
            raise faults(*found)
        return self
