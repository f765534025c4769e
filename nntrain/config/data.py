"""The `data:` section: where the rows come from, how they are split and prepared."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, Strict, model_validator

from nntrain.config.section import Section, fault, faults

Task = Literal["classification", "regression"]
Column = str | int
Names = Annotated[tuple[str, ...], Strict(False)]
Columns = Annotated[tuple[Column, ...], Strict(False)]
Share = Annotated[float, Field(ge=0, lt=1)]


class Split(Section):
    """How rows are divided, before anything is fitted to them."""

    validation: Share = 0.15
    """Share of the rows (without the test rows) held out to watch training; 0 for none."""
    test: Share | None = 0.15
    """Share of the rows held out for the final scores; 0 for none. A set that brings its own test
    rows uses those, and this is null."""
    stratify: bool = True
    """Keep the share of each class the same in every split (classification only)."""

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


class DataSection(Section):
    """What every source has."""

    task: Literal["auto", "classification", "regression"] = "auto"
    """What the target is. `auto`: classes for text labels, for a set that is known to have classes and
    for a loss that is made for classes; numbers otherwise."""
    split: Split = Split()
    """Shares of validation and test rows."""
    preprocess: Preprocess = Preprocess()
    """Steps fitted on the training rows and stored with the run."""


class CsvSource(DataSection):
    """A text file of rows and columns."""

    type: Literal["csv"]
    path: str = Field(min_length=1, examples=["data/pima.csv"])
    """The file; relative to the config file."""
    target: Column = Field(examples=["diabetes"])
    """The column to predict: its name, or its position from 0 (-1 is the last)."""
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
    x: str = "x"
    """Name of the array of features, shape (rows, ...)."""
    y: str = "y"
    """Name of the array of targets, shape (rows,)."""
    x_validation: str | None = None
    """Name of the validation features, where the file has its own."""
    y_validation: str | None = None
    """Name of the validation targets."""
    x_test: str | None = None
    """Name of the test features, where the file has its own."""
    y_test: str | None = None
    """Name of the test targets."""
    class_names: Names | None = None
    """What the labels 0, 1, 2, ... are called."""

    @model_validator(mode="before")
    @classmethod
    def _own_rows_replace_shares(cls, value: Any) -> Any:
        if isinstance(value, dict):
            for part in ("validation", "test"):
                if value.get(f"x_{part}") is not None:
                    value = _without_share(value, part)
        return value

    @model_validator(mode="after")
    def _arrays_come_in_pairs(self) -> Self:
        pairs = [(f"x_{part}", f"y_{part}") for part in ("validation", "test")]
        alone = [
            (f"is given without {absent}; name both arrays or neither", (given,), "conflict")
            for x, y in pairs
            for given, absent in ((x, y), (y, x))
            if getattr(self, given) is not None and getattr(self, absent) is None
        ]
        if alone:
            raise faults(*alone)
        return self


SKLEARN_SETS: dict[str, Task] = {
    "iris": "classification",
    "wine": "classification",
    "digits": "classification",
    "breast_cancer": "classification",
    "diabetes": "regression",
    "make_moons": "classification",
    "make_circles": "classification",
    "make_blobs": "classification",
    "make_classification": "classification",
    "make_regression": "regression",
}
"""scikit-learn's bundled sets and generators that can be named, with what their target is."""

GENERATOR_ARGUMENTS: dict[str, frozenset[str]] = {
    "make_moons": frozenset({"n_samples", "noise"}),
    "make_circles": frozenset({"n_samples", "noise", "factor"}),
    "make_blobs": frozenset({"n_samples", "n_features", "centers", "cluster_std"}),
    "make_classification": frozenset(
        {"n_samples", "n_features", "n_informative", "n_redundant", "n_classes", "class_sep", "flip_y"}
    ),
    "make_regression": frozenset({"n_samples", "n_features", "n_informative", "noise"}),
}
"""The arguments of each generator that a config can set; scikit-learn's names and meaning."""


class SklearnSource(DataSection):
    """A set that scikit-learn bundles or generates: nothing to download."""

    type: Literal["sklearn"]
    name: Literal[
        "iris",
        "wine",
        "digits",
        "breast_cancer",
        "diabetes",
        "make_moons",
        "make_circles",
        "make_blobs",
        "make_classification",
        "make_regression",
    ]
    """The set (`load_iris` is `iris`) or the generator."""
    random_state: int = Field(default=0, ge=0, lt=2**32)
    """Seed of the generator; the same rows whatever the config's `seed`."""
    n_samples: int | None = Field(default=None, ge=2)
    """Rows to generate."""
    n_features: int | None = Field(default=None, ge=1)
    """Columns to generate."""
    n_informative: int | None = Field(default=None, ge=1)
    """Columns that the target depends on."""
    n_redundant: int | None = Field(default=None, ge=0)
    """Columns that are mixtures of the informative ones."""
    n_classes: int | None = Field(default=None, ge=2)
    """Classes to generate."""
    centers: int | None = Field(default=None, ge=2)
    """Blobs to generate; each is a class."""
    noise: float | None = Field(default=None, ge=0)
    """Standard deviation of the noise that is added."""
    factor: float | None = Field(default=None, ge=0, lt=1)
    """Radius of the inner circle over that of the outer one."""
    cluster_std: float | None = Field(default=None, gt=0)
    """Standard deviation of each blob."""
    class_sep: float | None = Field(default=None, gt=0)
    """Distance between the classes."""
    flip_y: float | None = Field(default=None, ge=0, lt=1)
    """Share of labels that are drawn at random."""

    @property
    def generator_arguments(self) -> dict[str, int | float]:
        """The generator's arguments that the config gives."""
        names = GENERATOR_ARGUMENTS.get(self.name, frozenset())
        return {n: v for n in sorted(names) if (v := getattr(self, n)) is not None}

    @model_validator(mode="after")
    def _arguments_fit_the_generator(self) -> Self:
        taken = GENERATOR_ARGUMENTS.get(self.name, frozenset())
        others = sorted(frozenset().union(*GENERATOR_ARGUMENTS.values()) - taken)
        advice = f"it takes {', '.join(sorted(taken))}" if taken else "remove it, or name a generator"
        refused = [
            (f"{self.name} takes no '{argument}'; {advice}", (argument,), "unknown-argument")
            for argument in others
            if getattr(self, argument) is not None
        ]
        if refused:
            raise faults(*refused)
        return self


KERAS_SETS: dict[str, Task] = {
    "mnist": "classification",
    "fashion_mnist": "classification",
    "cifar10": "classification",
    "cifar100": "classification",
    "imdb": "classification",
    "reuters": "classification",
    "california_housing": "regression",
    "boston_housing": "regression",
}
"""The sets of `keras.datasets`, with what their target is. Each brings its own test rows."""


class KerasSource(DataSection):
    """A set of `keras.datasets`, read from disk where it is there and downloaded where it is not."""

    type: Literal["keras"]
    name: Literal[
        "mnist",
        "fashion_mnist",
        "cifar10",
        "cifar100",
        "imdb",
        "reuters",
        "california_housing",
        "boston_housing",
    ]
    """The set. Looked for in `$NNTRAIN_DATA_HOME`, then in Keras' own cache, then downloaded."""
    split: Split = Split(test=None)
    """Share of validation rows, taken from the training rows; the set's own test rows are the test split."""
    label_mode: Literal["fine", "coarse"] = "fine"
    """cifar100: its 100 classes or its 20 groups of classes."""
    num_words: int | None = Field(default=None, ge=4)
    """imdb and reuters: how many of the most frequent words are kept."""
    maxlen: int | None = Field(default=None, ge=1)
    """imdb and reuters: words a text; longer ones lose their beginning, shorter ones are padded in front."""

    @model_validator(mode="before")
    @classmethod
    def _own_test_rows(cls, value: Any) -> Any:
        return _without_share(value, "test") if isinstance(value, dict) else value


DataSource = Annotated[CsvSource | NpzSource | SklearnSource | KerasSource, Field(discriminator="type")]
"""The `data:` section, chosen by its `type`."""


def _without_share(value: dict[str, Any], part: str) -> dict[str, Any]:
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
