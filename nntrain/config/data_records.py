"""TFRecord files: what their records hold is not written in them, so the config says it."""

from __future__ import annotations

from math import prod
from typing import Annotated, Any, Literal, Self

from pydantic import Field, Strict, model_validator

from nntrain.config.data_section import PORT_NAME, DataSection
from nntrain.config.section import Fault, Section, faults
from nntrain.errors import did_you_mean, listing


class RecordFeature(Section):
    """What a record holds under one name."""

    shape: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Strict(False)] = ()
    """Of one row's values; a single value without it."""
    dtype: Literal["float32", "int64", "uint8", "text"] = "float32"
    """`float32` (a float list), `int64` (an int64 list), `uint8` (the bytes of an array, as `tobytes` gives
    them) or `text` (UTF-8; for labels alone)."""

    @property
    def size(self) -> int:
        """How many values a row has."""
        return prod(self.shape)


class TfrecordSource(DataSection):
    """Records of `tf.train.Example` in a TFRecord file, or several. Reading them takes TensorFlow."""

    type: Literal["tfrecord"]
    path: str = Field(min_length=1, examples=["data/digits.tfrecord"])
    """The file; relative to the config file. With `*`, `?` or `[...]` in its name it is every file that
    fits, in the order of their names: `data/part-*.tfrecord`."""
    features: dict[str, RecordFeature] = Field(
        examples=[{"image": {"shape": [8, 8], "dtype": "uint8"}, "digit": {"dtype": "int64"}}],
    )
    """What each record holds, by name. All but the label are inputs: a single one is the only input of the
    network, several are each the input of that name. What is not named is not read."""
    label: str | None = None
    """The feature to predict. Required, unless the task is `reconstruction`."""

    @property
    def input_features(self) -> tuple[str, ...]:
        """The features that are inputs."""
        return tuple(name for name in self.features if name != self.label)

    @property
    def input_names(self) -> tuple[str, ...]:
        """What a network calls its inputs."""
        names = self.input_features
        return names if len(names) > 1 else super().input_names

    @model_validator(mode="after")
    def _parts_to_play(self) -> Self:
        if found := [*self._label_faults(), *self._input_faults()]:
            raise faults(*found)
        return self

    def _label_faults(self) -> list[Fault]:
        if self.task == "reconstruction":
            message = "'task: reconstruction' predicts the features themselves; remove this"
            return [] if self.label is None else [(message, ("label",), "conflict")]
        if self.label is None:
            message = "is missing; name the feature to predict, or set 'task: reconstruction'"
            return [(message, ("label",), "missing-key")]
        if self.features and self.label not in self.features:
            hint = did_you_mean(self.label, self.features)
            message = f"there is no feature '{self.label}'{hint}; data.features has {listing(self.features)}"
            return [(message, ("label",), "unknown-name")]
        label = self.features.get(self.label, RecordFeature())
        if label.dtype == "uint8":
            message = "a label is float32, int64 or text; bytes are for arrays such as images"
            return [(message, ("features", self.label, "dtype"), "conflict")]
        if len(label.shape) > 1 or (label.shape and label.dtype == "text"):
            message = "a label is one value, or numbers of shape [values]"
            return [(message, ("features", self.label, "shape"), "conflict")]
        return []

    def _input_faults(self) -> list[Fault]:
        found: list[Fault] = []
        names: tuple[Any, ...] = self.input_features
        if not names:
            found.append(("needs at least one feature besides the label", ("features",), "conflict"))
        if self.task == "reconstruction" and len(names) > 1:
            message = f"'task: reconstruction' gives back one input, and these are {len(names)}; name one"
            found.append((message, ("features",), "conflict"))
        for name in names:
            if self.features[name].dtype == "text":
                message = "'text' is for labels; no network reads texts as they are"
                found.append((message, ("features", name, "dtype"), "conflict"))
            if len(names) > 1 and (not PORT_NAME.fullmatch(name) or name == "input"):
                message = (
                    f"'{name}' can't name a layer, and each of several features is an input by its name; "
                    "write the records with other names"
                )
                found.append((message, ("features", name), "port-name"))
        return found
