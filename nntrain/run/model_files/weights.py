"""The weights of a model as numbers in a file, and back into a model that a config built."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import IO, Any

import keras
import numpy as np

from nntrain.errors import ArtefactError, Location, Problem
from nntrain.run.model_files.tensors import TYPES, Array, Entry, entries, read, to_bytes, type_of

COUNTER = re.compile(r"_\d+(?=/|$)")
"""What Keras appends to a name that it gave before in the same process."""


def weights_bytes(model: keras.Model) -> bytes:
    """All weights of a model, in its own order, as the content of a file.

    A weight has its path as name; the second one of the same path has `:1` behind it.
    """
    arrays: dict[str, Array] = {}
    for weight in model.weights:
        name, number = weight.path, 0
        while name in arrays:
            number += 1
            name = f"{weight.path}:{number}"
        arrays[name] = np.asarray(weight)
    return to_bytes(arrays)


def load_numbers(model: keras.Model, content: bytes, shown: str) -> None:
    """Put a file's numbers into a model built from the config.

    Args:
        model: Built, with the same layers.
        content: Of the file.
        shown: The file's path, for messages.

    Raises:
        ArtefactError: It is no such file, or its names, shapes or types are not this model's.
    """
    stream = io.BytesIO(content)
    check_numbers(model, stream, shown)
    for weight, array in zip(model.weights, read(stream, shown).values(), strict=True):
        weight.assign(array)


def check_numbers(model: keras.Model, stream: IO[bytes], shown: str) -> None:
    """Compare what a file says that it holds with a model, without reading any of its numbers.

    Raises:
        ArtefactError: It is no such file, or its names, shapes or types are not this model's.
    """
    found, _ = entries(stream, shown)
    wrong = mismatch(found, model.weights)
    if wrong:
        raise ArtefactError(Problem(wrong, location=Location(shown), id="weights"))


def mismatch(found: Sequence[Entry], weights: Sequence[Any]) -> str | None:
    """What is wrong with a file's arrays as the weights of a model, or None."""
    for number, (entry, weight) in enumerate(zip(found, weights, strict=False), start=1):
        dtype = keras.backend.standardize_dtype(weight.dtype)
        same_name = _stem(entry.name) == _stem(weight.path)
        if not same_name or entry.shape != tuple(weight.shape) or entry.type != _type(dtype):
            held = f"'{entry.name}' {entry.shape} {_word(entry.type)}"
            wanted = f"'{weight.path}' {tuple(weight.shape)} {dtype}"
            return (
                "holds other weights than the config's layers have: "
                f"weight {number} is {held}, and the config's is {wanted}"
            )
    if len(found) != len(weights):
        counts = f"{len(found)} weights, and the config's layers have {len(weights)}"
        return f"holds other weights than the config's layers have: {counts}"
    return None


def same_weights(one: keras.Model, other: keras.Model) -> bool:
    """Whether two models have the same weights, bit for bit."""
    pairs = zip(one.weights, other.weights, strict=True)
    return all(np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in pairs)


def _stem(name: str) -> str:
    return COUNTER.sub("", name.split(":")[0])


def _type(dtype: str) -> str:
    return "BF16" if dtype == "bfloat16" else type_of(np.dtype(dtype))


def _word(kind: str) -> str:
    return "bfloat16" if kind == "BF16" else np.dtype(TYPES[kind]).name
