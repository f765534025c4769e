"""Copying all that training changes between two epochs, and putting it back."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR, global_seed_generator
from numpy.typing import NDArray

from nntrain.errors import ArtefactError
from nntrain.training.packing import pack_callback, unpack_callback
from nntrain.training.state import Row, Snapshot


def _variables(model: keras.Model) -> dict[str, list[Any]]:
    """Everything that a step changes."""
    weights = list(model.weights)
    known = {id(variable) for variable in weights}
    seeds = [variable for variable in model.variables if id(variable) not in known]
    shared = global_state.get_global_attribute(GLOBAL_SEED_GENERATOR)
    return {
        "weights": weights,
        "seeds": seeds,
        "optimizer": list(model.optimizer.variables),
        "global_seed": [] if shared is None else [shared.state],
    }


def take(
    model: keras.Model,
    callbacks: Iterable[Any],
    epoch: int,
    rows: Sequence[Row],
    times: Sequence[float],
    engine: Mapping[str, Any],
) -> Snapshot:
    """Copy the state.

    Args:
        model: Compiled.
        callbacks: In their order.
        epoch: Epochs that are done.
        rows: The history, which may grow afterwards.
        times: Seconds of each epoch, likewise.
        engine: What runs the steps.
    """
    arrays: dict[str, NDArray[Any]] = {}
    described: dict[str, Any] = {}
    for kind, variables in _variables(model).items():
        described[kind] = []
        for i, variable in enumerate(variables):
            array = np.asarray(variable.numpy())
            described[kind].append([variable.path, str(array.dtype), list(array.shape)])
            # NumPy's files know no 16-bit floats of other kinds than its own: their bits are kept.
            bits = array if array.dtype.kind in "biuf" else array.view(f"u{array.dtype.itemsize}")
            arrays[f"{kind}/{i:04}"] = bits
    described["callbacks"] = [
        pack_callback(callback, f"callbacks/{i}", arrays) for i, callback in enumerate(callbacks)
    ]
    arrays["numpy"], arrays["python"], described["draws"] = _draws()
    return Snapshot(epoch, bool(model.stop_training), arrays, described, engine, rows, times)


def put_back(snapshot: Snapshot, model: keras.Model, callbacks: Sequence[Any]) -> None:
    """Make model, optimizer, random generators and callbacks what they were.

    Raises:
        ArtefactError: The snapshot is of another network, optimizer or list of callbacks.
    """
    if snapshot.described["global_seed"]:
        global_seed_generator()
    rate = learning_rate(model.optimizer) if snapshot.new_rate else None
    for kind, variables in _variables(model).items():
        _check(kind, snapshot.described[kind], variables)
        for i, variable in enumerate(variables):
            array, dtype = snapshot.arrays[f"{kind}/{i:04}"], variable.numpy().dtype
            if variable is not rate:
                variable.assign(array if array.dtype == dtype else array.view(dtype))
    packed = snapshot.described["callbacks"]
    names, found = [one["class"] for one in packed], [type(callback).__name__ for callback in callbacks]
    if names != found:
        raise _unfit(f"callbacks {names}", f"{found}")
    for callback, one in zip(callbacks, packed, strict=True):
        unpack_callback(callback, one, snapshot.arrays)
    _draw_on(snapshot)
    model.stop_training = snapshot.stopped


def learning_rate(optimizer: Any) -> Any:
    """What an optimizer's learning rate is made of: a variable, or a schedule."""
    return getattr(optimizer, "inner_optimizer", optimizer)._learning_rate


def weights_of(snapshot: Snapshot, model: keras.Model) -> list[NDArray[Any]]:
    """The weights alone, as `model.set_weights` takes them."""
    pairs = enumerate(model.weights)
    kept = ((snapshot.arrays[f"weights/{i:04}"], variable.numpy().dtype) for i, variable in pairs)
    return [array if array.dtype == dtype else array.view(dtype) for array, dtype in kept]


def _check(kind: str, described: Sequence[Any], variables: Sequence[Any]) -> None:
    if len(described) != len(variables) and kind != "global_seed":
        raise _unfit(f"{len(described)} arrays of {kind}", str(len(variables)))
    for (path, dtype, shape), variable in zip(described, variables, strict=False):
        now = variable.numpy()
        if [str(now.dtype), list(now.shape)] != [dtype, list(shape)]:
            raise _unfit(f"{path} of {dtype} {tuple(shape)}", f"{now.dtype} {now.shape}")


def _unfit(kept: str, now: str) -> ArtefactError:
    return ArtefactError(f"the checkpoint does not fit the config: it has {kept}, and the config makes {now}")


def _draws() -> tuple[NDArray[Any], NDArray[Any], list[Any]]:
    """Python's and NumPy's own generators, which the user's code may draw from."""
    _, key, position, has_gauss, gauss = np.random.get_state()  # noqa: NPY002 - the state that others draw from
    version, numbers, gauss_next = random.getstate()
    described = [int(position), int(has_gauss), float(gauss), version, gauss_next]
    return np.asarray(key), np.asarray(numbers, np.uint64), described


def _draw_on(snapshot: Snapshot) -> None:
    position, has_gauss, gauss, version, gauss_next = snapshot.described["draws"]
    np.random.set_state(("MT19937", snapshot.arrays["numpy"], position, has_gauss, gauss))  # noqa: NPY002
    random.setstate((version, tuple(snapshot.arrays["python"].tolist()), gauss_next))
