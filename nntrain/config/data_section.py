"""What every `data:` section has: task, split, preprocessing, and the names of inputs and outputs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, Strict, model_validator

from nntrain.config.section import Section, fault
from nntrain.config.text_steps import TextSteps

Task = Literal["classification", "regression", "multi_label", "reconstruction"]
Column = str | int
Names = Annotated[tuple[str, ...], Strict(False)]
Columns = Annotated[tuple[Column, ...], Strict(False)]
# A list becomes a tuple before pydantic looks: older versions are strict inside a union, whatever is said.
SomeColumns = Annotated[
    tuple[Column, ...],
    Field(min_length=1),
    BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value),
]
Share = Annotated[float, Field(ge=0, lt=1)]
Fault = tuple[str, tuple[str | int, ...], str]
"""A mistake in a section: message, keys from the section, id."""

INPUT, TARGET = "features", "target"
"""What the only input and the only target are called where the config gives no names."""
PORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
"""What the name of an input or output looks like: it names a layer too."""


class Split(Section):
    """How rows are divided, before anything is fitted to them."""

    validation: Share = 0.15
    """Share of the rows (without the test rows) held out to watch training; 0 for none."""
    test: Share | None = 0.15
    """Share of the rows held out for the final scores; 0 for none. A set that brings its own test
    rows uses those, and this is null."""
    stratify: bool = True
    """Keep the share of each class the same in every split, for the first target that has classes."""

    @model_validator(mode="after")
    def _leave_rows_to_train_on(self) -> Self:
        if self.validation + (self.test or 0) >= 1:
            total = self.validation + (self.test or 0)
            raise fault(f"validation and test together take {total:g} of the rows; leave some to train on")
        return self


class Numeric(Section):
    """What is done to numbers; statistics come from the training rows alone."""

    impute: Literal["mean", "median", "most_frequent"] | float | None = None
    """What replaces a missing number: a statistic of the column, or a number. Without it a missing
    number is an error."""
    scale: Literal["standard", "min_max", "rescale"] | None = None
    """`standard`: mean 0 and deviation 1; `min_max`: the training rows' range becomes 0 to 1;
    `rescale`: the known `range` becomes 0 to 1."""
    range: Annotated[tuple[float, float], Strict(False)] | None = None
    """Lowest and highest value that the numbers can have, for `scale: rescale`: [0, 255]."""

    @model_validator(mode="after")
    def _range_belongs_to_rescale(self) -> Self:
        if self.scale == "rescale" and self.range is None:
            raise fault("'rescale' needs the numbers' range; add 'range: [0, 255]'", "scale")
        if self.range is not None and self.scale != "rescale":
            raise fault("is used by 'scale: rescale' alone; remove it or set that scale", "range")
        if self.range is not None and self.range[0] >= self.range[1]:
            low, high = self.range
            raise fault(f"must go from a lower to a higher number, got {low:g} to {high:g}", "range")
        return self


class Categorical(Section):
    """What is done to text columns; categories come from the training rows alone."""

    impute: str | None = None
    """What replaces a missing text: `most_frequent`, or the text itself. Without it a missing text is
    an error."""
    encode: Literal["one_hot"] = "one_hot"
    """`one_hot`: one column of 0 and 1 for each category."""
    unknown: Literal["error", "zeros"] = "error"
    """A category that the training rows did not have: an error, or zeros in every column."""


class Preprocess(Section):
    """What happens to the features between the file and the model."""

    numeric: Numeric = Numeric()
    """Columns of numbers, and arrays."""
    categorical: Categorical = Categorical()
    """Columns of text."""
    text: TextSteps = TextSteps()
    """The texts of `type: text`."""


class DataSection(Section):
    """What every source has."""

    task: Literal["auto", "classification", "regression", "multi_label", "reconstruction"] = "auto"
    """What the target is. `classification`: one of several classes; `multi_label`: several labels, each 0
    or 1; `regression`: numbers; `reconstruction`: the prepared features themselves, and no target is named.
    `auto`: classes for text labels, for a set that is known to have classes and for a loss that is made
    for classes; labels for several values of 0 and 1 with a loss that is made for those; numbers
    otherwise."""
    split: Split = Field(default=Split(), examples=[{"validation": 0.15, "test": 0.15}])
    """Shares of validation and test rows."""
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

    @model_validator(mode="after")
    def _texts_are_elsewhere(self) -> Self:
        if self.preprocess.text != TextSteps() and getattr(self, "type", None) != "text":
            raise fault("prepares the texts of 'type: text'; remove this", "preprocess", "text")
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


def without_share(value: dict[str, Any], part: str) -> dict[str, Any]:
    """Set the share of a split to none, because the set brings that split itself.

    Raises:
        ValidationError: The config asks for such a share all the same.
    """
    split = value.get("split") or {}
    if not isinstance(split, dict):
        return value
    given = split.get(part)
    if given is not None and (isinstance(given, bool) or given != 0):
        raise fault(f"the set brings its own {part} rows, which are used; remove this", "split", part)
    own: dict[str, Any] = {**split, part: None if part == "test" else 0}
    return {**value, "split": own}
