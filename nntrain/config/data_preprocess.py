"""The `data.preprocess` section: what is done to each kind of column, and to single columns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    Strict,
    ValidationError,
    model_serializer,
    model_validator,
)

from nntrain.config.section import Fault, Section, faults
from nntrain.config.text_steps import TextSteps
from nntrain.errors import KeyPath

Kind = Literal["numeric", "categorical"]
Clip = Annotated[tuple[float | None, float | None], Strict(False)]
Range = Annotated[tuple[float, float], Strict(False)]
Scale = Literal["standard", "min_max", "robust", "rescale"]
Encode = Literal["one_hot", "ordinal", "hashing"]
Unknown = Literal["error", "zeros", "own"]
Bins = Annotated[int, Field(ge=2, le=1_000_000)]
TREATMENTS: dict[Encode, tuple[Unknown, ...]] = {
    "one_hot": ("error", "zeros"),
    "ordinal": ("error", "own"),
    "hashing": ("error",),
}
"""What can be done with unknown texts, by how texts are encoded; nothing is unknown to a hash."""


class Numeric(Section):
    """What is done to numbers: impute, clip, log and scale, in this order.

    Statistics come from the training rows alone, those of `scale` from the numbers as the steps before it
    leave them.
    """

    impute: Literal["mean", "median", "most_frequent"] | float | None = None
    """What replaces a missing number: a statistic of the column, or a number. Without it a missing
    number is an error."""
    flag_missing: bool = False
    """Whether each column that has gaps in the training rows gets another of 0 and 1 behind it, `age
    missing`, with 1 where the number was missing; in arrays the flags come after all features. A gap
    elsewhere is filled without a flag."""
    clip: Clip | None = None
    """Lowest and highest number, `[0, 100]`: what lies outside becomes the nearer one. An end that is null
    is open: [0, null]."""
    log: bool = False
    """Whether a number x becomes log(1 + x), which brings large ones closer together. Numbers below 0
    are an error, which `clip: [0, null]` avoids by making them 0."""
    scale: Scale | None = None
    """`standard`: mean 0 and deviation 1; `min_max`: the training rows' range becomes 0 to 1;
    `robust`: median 0, and the distance between the quartiles becomes 1, so that outliers count little;
    `rescale`: the known `range` becomes 0 to 1."""
    range: Range | None = None
    """Lowest and highest value that the numbers can have (after clip and log), for `scale: rescale`:
    [0, 255]."""

    @model_validator(mode="after")
    def _steps_fit(self) -> Self:
        if found := list(_numeric_faults(self)):
            raise faults(*found)
        return self


def _numeric_faults(steps: Numeric) -> Iterator[Fault]:
    if steps.scale == "rescale" and steps.range is None:
        yield "'rescale' needs the numbers' range; add 'range: [0, 255]'", ("scale",), "conflict"
    if steps.range is not None and steps.scale != "rescale":
        message = "is used by 'scale: rescale' alone; remove it or set that scale"
        yield message, ("range",), "conflict"
    yield from _ends_faults("range", steps.range)
    yield from _flag_faults(steps)
    if steps.clip == (None, None):
        yield "has two open ends and changes nothing; name one, such as [0, null]", ("clip",), "conflict"
    yield from _ends_faults("clip", steps.clip)
    low, high = steps.clip or (None, None)
    if steps.log and high is not None and high < 0:
        yield f"makes every number at most {high:g}, and 'log' takes none below 0", ("clip",), "conflict"
    elif steps.log and isinstance(steps.impute, float) and steps.impute < 0 and (low is None or low < 0):
        message = f"fills in {steps.impute:g}, and 'log' takes no number below 0; fill in one from 0 on"
        yield message, ("impute",), "conflict"


def _ends_faults(key: str, ends: tuple[float | None, float | None] | None) -> Iterator[Fault]:
    low, high = ends or (None, None)
    if low is not None and high is not None and low >= high:
        yield f"must go from a lower to a higher number, got {low:g} to {high:g}", (key,), "conflict"


def _flag_faults(steps: Numeric | Categorical) -> Iterator[Fault]:
    if steps.flag_missing and steps.impute is None:
        message = "marks what was filled in, and nothing is; add 'impute', or remove this"
        yield message, ("flag_missing",), "conflict"


class Categorical(Section):
    """What is done to text columns; categories come from the training rows alone."""

    impute: str | None = None
    """What replaces a missing text: `most_frequent`, or the text itself. Without it a missing text is
    an error."""
    flag_missing: bool = False
    """Whether each column that has gaps in the training rows gets another of 0 and 1 behind it, `city
    missing`, with 1 where the text was missing. A gap elsewhere is filled without a flag."""
    encode: Encode = "one_hot"
    """`one_hot`: one column of 0 and 1 for each category; `ordinal`: one column with the number of the
    category, from 0 in alphabetical order (for an Embedding layer, or where the order means something);
    `hashing`: `bins` columns of 0 and 1, where a hash of the text says which is 1, for thousands of
    categories."""
    bins: Bins | None = None
    """How many columns `encode: hashing` makes; texts that share one can't be told apart."""
    unknown: Unknown = "error"
    """A category that the training rows did not have: `error`; `zeros` in every column of `one_hot`; or
    `own`, for `ordinal`: the number after the last category's. With `hashing` none is unknown."""

    @model_validator(mode="after")
    def _steps_fit(self) -> Self:
        if found := list(_categorical_faults(self)):
            raise faults(*found)
        return self


def _categorical_faults(steps: Categorical) -> Iterator[Fault]:
    yield from _flag_faults(steps)
    if steps.impute in ("mean", "median"):
        message = f"texts have no {steps.impute}; use most_frequent, or a text such as 'unknown'"
        yield message, ("impute",), "conflict"
    if steps.encode == "hashing" and steps.bins is None:
        yield "'hashing' needs the number of columns to make; add 'bins: 64'", ("encode",), "conflict"
    if steps.bins is not None and steps.encode != "hashing":
        message = "is used by 'encode: hashing' alone; remove it or set that encoding"
        yield message, ("bins",), "conflict"
    if steps.unknown not in TREATMENTS[steps.encode]:
        if steps.encode == "hashing":
            message = "'hashing' has a column for every text, so none is unknown; remove this"
        else:
            other = TREATMENTS[steps.encode][-1]
            message = f"'{steps.unknown}' does not go with 'encode: {steps.encode}'; use error or {other}"
        yield message, ("unknown",), "conflict"


NUMERIC_KEYS = frozenset({"clip", "log", "scale", "range"})
CATEGORICAL_KEYS = frozenset({"encode", "bins", "unknown"})


class ColumnSteps(Section):
    """What is done to one column instead of what its kind says; what is left out stays as for its kind."""

    impute: str | float | None = None
    """As for its kind; null fills nothing in."""
    flag_missing: bool = False
    """As for its kind."""
    clip: Clip | None = None
    """As in `numeric`; null clips nothing."""
    log: bool = False
    """As in `numeric`."""
    scale: Scale | None = None
    """As in `numeric`; null leaves the numbers as they are."""
    range: Range | None = None
    """As in `numeric`."""
    encode: Encode = "one_hot"
    """As in `categorical`."""
    bins: Bins | None = None
    """As in `categorical`."""
    unknown: Unknown = "error"
    """As in `categorical`."""
    text: TextSteps | None = None
    """Steps of a column of free texts, `{output: tf_idf}`: the keys of `data.preprocess.text`. `tf_idf` and
    `multi_hot` make columns among the others; `tokens` needs an input that names this column alone. A missing
    text counts as an empty one, and a word that no training text had as none."""

    @model_serializer(mode="wrap")
    def _as_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The keys that were given: what is left out has no default, it stays as for the column's kind."""
        return {key: value for key, value in handler(self).items() if key in self.model_fields_set}

    @property
    def telling(self) -> dict[Kind, str]:
        """By kind, the first key (if any) that suits no other."""
        found: dict[Kind, str] = {}
        for key in type(self).model_fields:
            if key in self.model_fields_set and (kind := self._kind_of(key)):
                found.setdefault(kind, key)
        return found

    def _kind_of(self, key: str) -> Kind | None:
        if key == "impute" and self.impute not in (None, "most_frequent"):
            text = isinstance(self.impute, str) and self.impute not in ("mean", "median")
            return "categorical" if text else "numeric"
        return "numeric" if key in NUMERIC_KEYS else "categorical" if key in CATEGORICAL_KEYS else None

    def on_numbers(self, kind: Numeric) -> Numeric:
        """The steps of a column of numbers.

        Args:
            kind: Those of other columns.
        """
        given = self._given()
        steps = {**_values(kind), **given}
        if "range" not in given and steps["scale"] != "rescale":
            steps["range"] = None
        return Numeric.model_validate(_flagged(steps, given))

    def on_texts(self, kind: Categorical) -> Categorical:
        """The steps of a column of texts, likewise."""
        given = self._given()
        steps = {**_values(kind), **given}
        if "bins" not in given and steps["encode"] != "hashing":
            steps["bins"] = None
        if "unknown" not in given and steps["unknown"] not in TREATMENTS[steps["encode"]]:
            steps["unknown"] = "error"
        return Categorical.model_validate(_flagged(steps, given))

    def _given(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in self.model_fields_set - {"text"}}


def _values(steps: Section) -> dict[str, Any]:
    return {key: getattr(steps, key) for key in type(steps).model_fields}


def _flagged(steps: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What a column inherits marks no gaps where the column itself fills none."""
    inherited = "flag_missing" not in given and steps["impute"] is None
    return {**steps, "flag_missing": False} if inherited else steps


def _beside_text(name: str, steps: ColumnSteps) -> Iterator[Fault]:
    """Steps of numbers or categories, in a column whose words are taken apart."""
    for key in type(steps).model_fields:
        if key in steps.model_fields_set and key != "text":
            message = "is for a column of numbers or categories, and 'text' takes this one apart; remove it"
            if key in ("impute", "flag_missing"):
                message = "does nothing to a missing text, which is an empty one; use 'text: {empty: keep}'"
            yield message, ("columns", name, key), "conflict"


def _faults_of(steps: ColumnSteps, every: Preprocess, kind: Kind) -> Iterator[Fault]:
    """What is wrong with a column's steps once those of its kind stand for what is left out."""
    try:
        if kind == "numeric":
            steps.on_numbers(every.numeric)
        else:
            steps.on_texts(every.categorical)
    except ValidationError as error:
        for found in error.errors():
            yield found["ctx"]["message"], found["loc"], found["ctx"]["id"]


class Preprocess(Section):
    """What happens to the features between the file and the model."""

    numeric: Numeric = Numeric()
    """Columns of numbers, and arrays: impute, clip, log and scale, always in this order."""
    categorical: Categorical = Categorical()
    """Columns of text: impute, then encode."""
    text: TextSteps = TextSteps()
    """The texts of `type: text`; `columns` has those of a column of texts in a table."""
    columns: dict[str, ColumnSteps] = Field(default_factory=dict, examples=[{"age": {"scale": "robust"}}])
    """Steps of single columns, `{age: {scale: robust}}`: keys of `numeric` for a column of numbers, of
    `categorical` for one of texts. They replace those of its kind; keys that are left out stay."""

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        if found := [fault for name in self.columns for fault in self._column_faults(name)]:
            raise faults(*found)
        return self

    def _column_faults(self, name: str) -> Iterator[Fault]:
        steps = self.columns[name]
        telling = steps.telling
        if steps.text is not None:
            yield from _beside_text(name, steps)
            return
        if len(telling) == 2:
            numbers, texts = telling["numeric"], telling["categorical"]
            message = (
                f"is for texts, and '{numbers}' for numbers; a column holds one or the other: remove one"
            )
            yield message, ("columns", name, texts), "conflict"
            return
        kinds: tuple[Kind, ...] = tuple(telling) or ("numeric", "categorical")
        found = [fault for kind in kinds for fault in _faults_of(steps, self, kind)]
        for message, keys, id_ in dict.fromkeys(found):
            yield message, ("columns", name, *keys), id_

    def key_of(self, column: str, kind: Kind, key: str) -> KeyPath:
        """Where a step of a column is set: for it alone, or for its kind."""
        own = column in self.columns and key in self.columns[column].model_fields_set
        return ("data", "preprocess", *(("columns", column) if own else (kind,)), key)

    @property
    def texts(self) -> dict[str, TextSteps]:
        """The steps of the columns of free texts."""
        return {name: steps.text for name, steps in self.columns.items() if steps.text is not None}

    def text_of(self, column: str | None) -> TextSteps:
        """The steps of a column of free texts; of no column, those of `type: text`."""
        return self.text if column is None else self.texts[column]

    def numeric_of(self, column: str) -> Numeric:
        """The steps of a column of numbers."""
        steps = self.columns.get(column)
        return steps.on_numbers(self.numeric) if steps else self.numeric

    def categorical_of(self, column: str) -> Categorical:
        """The steps of a column of texts."""
        steps = self.columns.get(column)
        return steps.on_texts(self.categorical) if steps else self.categorical
