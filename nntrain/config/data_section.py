"""What every `data:` section has: task, split, preprocessing, and the names of inputs and outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, Strict, model_validator

from nntrain.config.data_preprocess import Preprocess
from nntrain.config.data_split import Column as Column
from nntrain.config.data_split import Split
from nntrain.config.section import Fault, Section, fault, faults
from nntrain.config.text_steps import TextSteps

Task = Literal["classification", "regression", "multi_label", "reconstruction", "segmentation"]
Names = Annotated[tuple[str, ...], Strict(False)]
Columns = Annotated[tuple[Column, ...], Strict(False)]
FROM_LIST = BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
"""A list becomes a tuple before pydantic looks: 2.10 is strict inside a union, whatever is said."""
SomeColumns = Annotated[tuple[Column, ...], Field(min_length=1), FROM_LIST]

INPUT, TARGET = "features", "target"
"""What the only input and the only target are called where the config gives no names."""
PORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""What the name of an input or output looks like: it names a layer too."""


class DataSection(Section):
    """What every source has."""

    has_columns: ClassVar[bool] = False
    """Whether rows are those of a table, whose columns have names."""

    task: Literal["auto", "classification", "regression", "multi_label", "reconstruction"] = "auto"
    """What the target is. `classification`: one of several classes; `multi_label`: several labels, each 0
    or 1; `regression`: numbers; `reconstruction`: the prepared features themselves, and no target is named.
    `auto`: classes for text labels, for a set that is known to have classes and for a loss that is made
    for classes; labels for several values of 0 and 1 with a loss that is made for those; numbers
    otherwise."""
    split: Split = Field(default=Split(), examples=[{"validation": 0.15, "test": 0.15}])
    """Which rows are held out: shares of validation and test rows, by group or by time, or a fold."""
    preprocess: Preprocess = Preprocess()
    """Steps fitted on the training rows of each input and stored with the run."""

    @property
    def input_names(self) -> tuple[str, ...]:
        """What a network calls its inputs."""
        return tuple(getattr(self, "inputs", None) or (INPUT,))

    @property
    def target_names(self) -> tuple[str, ...]:
        """The targets, by the outputs that predict them."""
        return tuple(getattr(self, "targets", None) or (TARGET,))

    @property
    def has_validation(self) -> bool:
        """Whether rows are held out to watch training."""
        return self.split.has_validation

    @property
    def undivided(self) -> str:
        """Why rows can't be divided by a group or a time; empty if they can."""
        if self.has_columns:
            return ""
        return f"names a column, and '{getattr(self, 'type', '')}' data have none to divide by; remove this"

    @model_validator(mode="after")
    def _columns_to_divide_by(self) -> Self:
        given = [key for key in ("by_group", "by_time") if getattr(self.split, key) is not None]
        if given and self.undivided:
            raise faults(*((self.undivided, ("split", key), "conflict") for key in given))
        return self

    @model_validator(mode="after")
    def _texts_are_elsewhere(self) -> Self:
        if self.preprocess.text != TextSteps() and getattr(self, "type", None) != "text":
            message = "prepares the texts of 'type: text'; remove this"
            if self.has_columns:
                message += ", or name the column of texts: 'columns: {review: {text: {output: tf_idf}}}'"
            raise fault(message, "preprocess", "text")
        if self.preprocess.texts and not self.has_columns:
            message = f"prepares texts, and '{getattr(self, 'type', '')}' data are numbers; remove this"
            raise faults(
                *((message, ("preprocess", "columns", n, "text"), "conflict") for n in self.preprocess.texts)
            )
        return self


def port_faults(
    task: str,
    inputs: Mapping[str, Sequence[Column]] | None,
    targets: Mapping[str, Sequence[Column]] | None,
) -> Iterator[Fault]:
    """What is wrong with the names of inputs and outputs, and with asking for them at all.

    Args:
        task: The section's task.
        inputs: Columns or arrays by input; None where the config names no inputs.
        targets: Columns or arrays by output; None where it names no outputs.
    """
    for key, ports in (("inputs", inputs), ("targets", targets)):
        if ports is not None and not ports:
            yield "must name at least one; otherwise remove it", (key,), "conflict"
        for name in ports or ():
            if not PORT_NAME.fullmatch(name):
                message = (
                    f"'{name}' can't name a layer; use letters, digits, '_', '-' and '.', "
                    "first a letter or digit"
                )
                yield message, (key, name), "port-name"
    if inputs and "input" in inputs:
        message = "'input' stands for what a block of layers is fed; choose another name"
        yield message, ("inputs", "input"), "port-name"
    for name in targets or ():
        if name in (inputs or ()):
            yield f"there is an input '{name}' too; give each its own name", ("targets", name), "port-name"
    if task == "reconstruction" and inputs and len(inputs) > 1:
        message = f"'task: reconstruction' gives back one input, and these are {len(inputs)}; name one"
        yield message, ("inputs",), "conflict"
    if task not in ("auto", "reconstruction") and targets is not None:
        message = (
            f"'{task}' is for a single target; what each of data.targets is, its values and its loss "
            "decide: remove this"
        )
        yield message, ("task",), "conflict"


def unwanted_targets(task: str, given: Mapping[str, Any]) -> Iterator[Fault]:
    """The keys that name a target although the features themselves are the target."""
    for key, value in given.items():
        if task == "reconstruction" and value is not None:
            message = "'task: reconstruction' predicts the features themselves; remove this"
            yield message, (key,), "conflict"


def column_faults(
    inputs: Mapping[str, Sequence[Column]], targets: Mapping[tuple[str, ...], Sequence[Column]]
) -> Iterator[Fault]:
    """Columns that are given two parts to play.

    Args:
        inputs: Columns by input.
        targets: Columns by the keys that name them: `("target",)` or `("targets", name)`.
    """
    for keys, columns in targets.items():
        for i, column in enumerate(columns):
            if column in columns[:i]:
                yield f"'{column}' is named twice; remove one", (*keys, i), "conflict"
    predicted = {column: keys for keys, columns in targets.items() for column in columns}
    for name, columns in inputs.items():
        for i, column in enumerate(columns):
            if column in predicted:
                key = ".".join(("data", *predicted[column]))
                message = f"'{column}' is to be predicted ({key}); an input can't hold the answer"
                yield message, ("inputs", name, i), "conflict"
            elif column in columns[:i]:
                yield f"'{column}' is named twice; remove one", ("inputs", name, i), "conflict"


def as_columns(columns: Column | tuple[Column, ...]) -> tuple[Column, ...]:
    """One column as a list of one."""
    return columns if isinstance(columns, tuple) else (columns,)
