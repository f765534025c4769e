"""Texts, and sequences of whole numbers."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from nntrain.config.data_beside import beside_faults
from nntrain.config.data_preprocess import Preprocess
from nntrain.config.data_section import (
    TARGET,
    Column,
    DataSection,
    Names,
    SomeColumns,
    as_columns,
)
from nntrain.config.section import Fault, faults
from nntrain.config.text_steps import Length, Side


class TextSource(DataSection):
    """Texts with labels: two columns of a CSV file, or a folder of text files for each class."""

    type: Literal["text"]
    path: str = Field(min_length=1, examples=["data/reviews.csv"])
    """A CSV or TSV file, or a folder; relative to the config file. A folder holds a folder for each class,
    with a text in each `.txt` file, or the folders `train`, `test` and `validation`, as far as it
    has them, which hold those."""
    text: Column | None = Field(default=None, examples=["review"])
    """The column of the texts: its name, or its position from 0; nothing for a folder."""
    target: Column | SomeColumns | None = Field(default=None, examples=["label"])
    """The column to predict, or a list of columns that are one target of several values; nothing for a
    folder."""
    header: bool = True
    """Whether the first line of the file holds the columns' names."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """The character between two cells; write a tab as "\\t"."""
    classes: Names | None = Field(default=None, min_length=2)
    """The folders of classes to read, where not all are wanted."""

    @property
    def undivided(self) -> str:
        """Why texts can't be divided by a group or a time; empty for those of a file."""
        if self.text is not None:
            return ""
        return (
            "names a column, and a folder of texts has none; write texts, targets and this column into a CSV "
            "file, or remove this"
        )

    @property
    def columns_beside(self) -> dict[tuple[str, ...], Column]:
        """Columns that divide rows, by the keys under `data` that name them."""
        given = {("split", key): getattr(self.split, key) for key in ("by_group", "by_time")}
        return {keys: column for keys, column in given.items() if column is not None}

    @property
    def target_columns(self) -> tuple[Column, ...]:
        """The columns to predict; nothing for a folder."""
        return () if self.target is None else as_columns(self.target)

    @model_validator(mode="after")
    def _a_file_or_a_folder(self) -> Self:
        found = list(_words_are_not_rebuilt(self.task))
        if self.text is not None and self.target is None:
            found.append(("is missing; name the column to predict", (TARGET,), "missing-key"))
        if self.target is not None and self.text is None:
            found.append(("is missing; name the column of the texts", ("text",), "missing-key"))
        if self.text is not None and self.text in self.target_columns:
            found.append(
                (
                    f"'{self.text}' is to be predicted (data.target); an input can't hold the answer",
                    ("text",),
                    "conflict",
                )
            )
        found += beside_faults({}, {(TARGET,): self.target_columns}, self.columns_beside)
        if self.text is not None and self.classes is not None:
            found.append(
                ("names folders, and 'text' a column of a file; remove one", ("classes",), "conflict")
            )
        found += _unused_steps(
            self.preprocess, {"text"}, "the rows are texts, which data.preprocess.text prepares"
        )
        if found:
            raise faults(*found)
        return self


class SequenceSource(DataSection):
    """Rows of whole numbers, each of its own length, for an Embedding layer."""

    type: Literal["sequences"]
    path: str = Field(min_length=1, examples=["data/visits.jsonl"])
    """The file; relative to the config file. `.npz`: arrays; `.jsonl`: an object a line, such as
    `{"x": [4, 7], "y": 0}`; otherwise CSV with a column of numbers with spaces between them."""
    x: str = Field(default="x", min_length=1)
    """The array of all sequences, one after another; or the key; or the column."""
    y: str = Field(default="y", min_length=1)
    """The array, the key or the column to predict."""
    lengths: str | None = None
    """`.npz`: the array of the sequences' lengths; `lengths` if left out."""
    offsets: str | None = None
    """`.npz`: the array of the positions in `x` at which the sequences begin, instead of `lengths`."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """CSV: the character between two cells."""
    length: Length | None = None
    """Numbers of a row; that of the longest training row if left out. Longer rows are cut, shorter ones are
    padded with 0."""
    padding: Side = "post"
    """Where a short row is padded: before its first number or after its last."""
    truncating: Side = "post"
    """Where a long row is cut: at its beginning or at its end."""
    num_words: int | None = Field(default=None, ge=2, le=2**31 - 1)
    """How many numbers there are: 0 to this without 1. Without it, up to the highest of the training rows."""
    unknown: int | None = Field(default=None, ge=0)
    """What stands for numbers from `num_words` on; without it they are an error."""

    @model_validator(mode="after")
    def _numbers_are_names(self) -> Self:
        found = list(_words_are_not_rebuilt(self.task))
        found += _unused_steps(
            self.preprocess, set(), "the rows are numbers that an Embedding layer looks up"
        )
        if self.lengths is not None and self.offsets is not None:
            found.append(("is given besides 'lengths'; keep one of the two", ("offsets",), "conflict"))
        if self.x == self.y:
            found.append(
                (
                    f"'{self.x}' is to be predicted (data.y); an input can't hold the answer",
                    ("x",),
                    "conflict",
                )
            )
        if self.unknown is not None and self.num_words is None:
            found.append(
                ("goes with 'num_words', from which on numbers are unknown; add it", ("unknown",), "conflict")
            )
        if self.unknown is not None and self.num_words is not None and self.unknown >= self.num_words:
            found.append(
                (f"must be below num_words ({self.num_words}), got {self.unknown}", ("unknown",), "conflict")
            )
        if found:
            raise faults(*found)
        return self


def _words_are_not_rebuilt(task: str) -> list[Fault]:
    if task != "reconstruction":
        return []
    message = "'reconstruction' needs numbers to give back; these rows are word numbers"
    return [(f"{message}, which are names, not quantities: remove this", ("task",), "conflict")]


def _unused_steps(steps: Preprocess, used: set[str], reason: str) -> list[Fault]:
    """Steps that are asked for and would do nothing."""
    defaults = Preprocess()
    return [
        (f"{reason}; remove this", ("preprocess", key), "conflict")
        for key in type(steps).model_fields
        if key not in used and getattr(steps, key) != getattr(defaults, key)
    ]
