"""The sets that can be named: scikit-learn's and those of Keras."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from nntrain.config.data_section import (
    Column,
    DataSection,
    SomeColumns,
    Task,
    as_columns,
    column_faults,
    port_faults,
    unwanted_targets,
)
from nntrain.config.data_split import Split, without_share
from nntrain.config.section import fault, faults

SKLEARN_SETS: dict[str, Task] = {
    "iris": "classification",
    "wine": "classification",
    "digits": "classification",
    "breast_cancer": "classification",
    "diabetes": "regression",
    "linnerud": "regression",
    "make_moons": "classification",
    "make_circles": "classification",
    "make_blobs": "classification",
    "make_classification": "classification",
    "make_multilabel_classification": "multi_label",
    "make_regression": "regression",
}
"""scikit-learn's bundled sets and generators that can be named, with what their target is."""

SKLEARN_TABLES = frozenset({"iris", "wine", "breast_cancer", "diabetes", "linnerud"})
"""Those whose columns have names."""

GENERATOR_ARGUMENTS: dict[str, frozenset[str]] = {
    "make_moons": frozenset({"n_samples", "noise"}),
    "make_circles": frozenset({"n_samples", "noise", "factor"}),
    "make_blobs": frozenset({"n_samples", "n_features", "centers", "cluster_std"}),
    "make_classification": frozenset(
        {"n_samples", "n_features", "n_informative", "n_redundant", "n_classes", "class_sep", "flip_y"}
    ),
    "make_multilabel_classification": frozenset({"n_samples", "n_features", "n_classes", "n_labels"}),
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
        "linnerud",
        "make_moons",
        "make_circles",
        "make_blobs",
        "make_classification",
        "make_multilabel_classification",
        "make_regression",
    ]
    """The set (`load_iris` is `iris`) or the generator."""
    inputs: dict[str, SomeColumns] | None = None
    """Columns by the input of the network that reads them, `{name: [columns]}`, for a set whose columns
    have names (iris, wine, breast_cancer, diabetes, linnerud); the others are left out."""
    targets: dict[str, Column | SomeColumns] | None = None
    """What each output of the network predicts, by the output layer's name: a column, or `target` for
    what the set is made to predict."""
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
    """Classes, or labels of make_multilabel_classification, to generate."""
    n_labels: int | None = Field(default=None, ge=1)
    """Labels that a row has on average."""
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
    def undivided(self) -> str:
        """Why rows can't be divided by a group or a time."""
        return "the rows of a scikit-learn set belong to no groups and have no times; remove this"

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

    @model_validator(mode="after")
    def _parts_to_play(self) -> Self:
        targets = {name: as_columns(columns) for name, columns in (self.targets or {}).items()}
        found = list(unwanted_targets(self.task, {"targets": self.targets}))
        found += port_faults(self.task, self.inputs, None if self.targets is None else targets)
        for key in ("inputs", "targets") if self.name not in SKLEARN_TABLES else ():
            if getattr(self, key) is not None:
                message = f"needs columns with names, and {self.name} is an array without; remove this"
                found.append((message, (key,), "conflict"))
        if found:
            raise faults(*found)
        claimed: dict[tuple[str, ...], tuple[Column, ...]] = {
            ("targets", name): columns for name, columns in targets.items()
        }
        if found := list(column_faults(self.inputs or {}, claimed)):
            raise faults(*found)
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


KERAS_TEXTS = ("imdb", "reuters")
"""Those whose rows are word numbers."""


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

    @property
    def undivided(self) -> str:
        """Why rows can't be divided by a group or a time."""
        return "the rows of a Keras set belong to no groups and have no times; remove this"

    @model_validator(mode="before")
    @classmethod
    def _own_test_rows(cls, value: Any) -> Any:
        return without_share(value, "test") if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _words_are_not_rebuilt(self) -> Self:
        if self.task == "reconstruction" and self.name in KERAS_TEXTS:
            message = f"'reconstruction' needs numbers to give back; the rows of {self.name} are word numbers"
            raise fault(f"{message}, which are names, not quantities: remove this", "task")
        return self
