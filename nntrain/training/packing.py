"""What callbacks remember, as JSON beside named arrays: nothing that could run when it is read."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, MutableMapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

Arrays = MutableMapping[str, NDArray[Any]]
PLAIN = (bool, int, float, str, type(None))
NOT_REMEMBERED = frozenset({"_model", "params", "monitor_op", "validation_data"})
"""What Keras gives a callback anew for every training."""


class NotPlain(Exception):
    """A value is made of more than numbers, text, arrays, lists and mappings."""


def pack(value: Any, name: str, arrays: Arrays) -> Any:
    """A value as JSON; the arrays in it go to `arrays`, under names that begin with `name`.

    Raises:
        NotPlain: It can't be written so.
    """
    if isinstance(value, PLAIN) and type(value) in PLAIN:
        return value
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biuf":
        arrays[name] = np.asarray(value)
        return {"array" if isinstance(value, np.ndarray) else "number": name}
    if isinstance(value, tf.Tensor) and hasattr(value, "numpy"):
        return {"tensor": pack(np.asarray(value.numpy()), name, arrays)["array"]}
    if isinstance(value, (keras.Variable, tf.Variable)):
        return {"variable": pack(np.asarray(value.numpy()), name, arrays)["array"]}
    if isinstance(value, (list, tuple)):
        items = [pack(inner, f"{name}/{i}", arrays) for i, inner in enumerate(value)]
        return items if isinstance(value, list) else {"tuple": items}
    if type(value) is dict:
        pairs = [
            [pack(key, f"{name}/{i}/key", arrays), pack(inner, f"{name}/{i}", arrays)]
            for i, (key, inner) in enumerate(value.items())
        ]
        return {"mapping": pairs}
    raise NotPlain(name)


def unpack(packed: Any, arrays: Mapping[str, NDArray[Any]], now: Any = None) -> Any:
    """The value that was packed.

    Args:
        packed: From `pack`.
        arrays: Which it filled.
        now: What stands in the value's place: a variable is kept, and takes the number.
    """
    if isinstance(packed, list):
        return [unpack(inner, arrays) for inner in packed]
    if not isinstance(packed, dict):
        return packed
    ((kind, content),) = packed.items()
    if kind == "tuple":
        return tuple(unpack(inner, arrays) for inner in content)
    if kind == "mapping":
        return {unpack(key, arrays): unpack(inner, arrays) for key, inner in content}
    array = arrays[content]
    if kind == "tensor":
        return tf.convert_to_tensor(array)
    if kind == "number":
        return array[()]
    if kind == "variable" and now is not None:
        now.assign(array)
        return now
    return array.copy()


@functools.cache
def _settled(kind: type) -> frozenset[str]:
    """Attributes that say how a callback works, and never change: what the classes of Keras are made with."""
    bases = [base for base in kind.__mro__ if base.__module__.partition(".")[0] == "keras"]
    return NOT_REMEMBERED.union(*(inspect.signature(base).parameters for base in bases))


def remembered(callback: Any) -> dict[str, Any]:
    """What a callback has come to know since training began, by the names of its attributes."""
    kind: type = type(callback)
    settled = _settled(kind)
    return {name: value for name, value in vars(callback).items() if name not in settled}


def pack_callback(callback: Any, name: str, arrays: Arrays) -> dict[str, Any]:
    """The class of a callback, what it remembers, and the names of what can't be written."""
    own = type(callback).__module__.partition(".")[0] != "keras"
    state, lost = {}, []
    for key, value in remembered(callback).items():
        found: dict[str, NDArray[Any]] = {}
        try:
            state[key] = pack(value, f"{name}/{key}", found)
        except NotPlain:
            lost.append(key)
            continue
        arrays.update({place: array.copy() if own else array for place, array in found.items()})
    return {"class": type(callback).__name__, "state": state, "lost": lost}


def unpack_callback(callback: Any, packed: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> None:
    """Let a callback remember what it knew."""
    for key, value in packed["state"].items():
        setattr(callback, key, unpack(value, arrays, vars(callback).get(key)))
