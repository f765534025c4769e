"""Copying all that training changes, and putting it back."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from keras.src.random.seed_generator import GLOBAL_SEED_GENERATOR, global_seed_generator
from numpy.typing import NDArray

from nntrain.errors import ArtefactError
from nntrain.training.packing import pack_callback, unpack_callback
from nntrain.training.state import Row, Snapshot
from nntrain.training.together import ALONE, Together

APART, LARGEST = 2_654_435_761, 2**31
"""How far the seeds of two workers lie apart, and what they stay below."""
METRICS = "metrics"
"""What the metrics have summed up since the epoch began."""


class Taker:
    """Copies the state of one training, again and again.

    Tensors are kept as they are: TensorFlow writes what comes next beside a value that somebody holds. A
    program of XLA may write in its place, so there they are copied.
    """

    def __init__(self, model: keras.Model, callbacks: Sequence[Any]) -> None:
        """Look at a model.

        Args:
            model: Compiled; its optimizer is built.
            callbacks: In their order.
        """
        self._model, self._callbacks = model, callbacks
        self._variables = _variables(model)
        self._described = {kind: _described(found) for kind, found in self._variables.items()}

    def take(
        self,
        epoch: int,
        rows: Sequence[Row],
        times: Sequence[float],
        engine: Mapping[str, Any],
        step: int = 0,
        elapsed: float = 0.0,
        sums: Sequence[Any] = (),
    ) -> Snapshot:
        """The state at this moment.

        Args:
            epoch: Epochs that are done.
            rows: The history, which may grow afterwards.
            times: Seconds of each epoch, likewise.
            engine: What runs the steps.
            step: Steps of the next epoch that are done too.
            elapsed: Seconds that they took.
            sums: What the metrics have summed up in them, from `sums_of`.
        """
        if not self._variables["global_seed"]:  # it comes to be when somebody draws from it
            self._variables["global_seed"] = _global_seed()
            self._described["global_seed"] = _described(self._variables["global_seed"])
        by_xla = engine["xla"] or (engine["name"] == "keras" and self._model.jit_compile)
        value = _copied if by_xla else _value
        within = {METRICS: sums} if step else {}
        arrays: dict[str, Any] = {
            f"{kind}/{i:04}": value(_held(variable))
            for kind, variables in {**self._variables, **within}.items()
            for i, variable in enumerate(variables)
        }
        packed = [
            pack_callback(callback, f"callbacks/{i}", arrays) for i, callback in enumerate(self._callbacks)
        ]
        arrays["numpy"], arrays["python"], draws = _draws()
        summed = {kind: _described(variables) for kind, variables in within.items()}
        described = {**self._described, **summed, "callbacks": packed, "draws": draws}
        stopped = bool(self._model.stop_training)
        return Snapshot(epoch, stopped, arrays, described, engine, rows, times, step, elapsed)


def _variables(model: keras.Model) -> dict[str, list[Any]]:
    """Everything that a step changes."""
    return {
        "weights": list(model.weights),
        "seeds": _seeds(model),
        "optimizer": list(model.optimizer.variables),
        "global_seed": _global_seed(),
    }


def _seeds(model: keras.Model) -> list[Any]:
    """The states of the layers' random generators."""
    known = {id(variable) for variable in model.weights}
    return [variable for variable in model.variables if id(variable) not in known]


@dataclass(frozen=True)
class _Sum:
    """What a process has summed up, in the place of the variable that holds it there."""

    name: str
    array: NDArray[Any]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    def numpy(self) -> NDArray[Any]:
        return self.array

    def read_value(self) -> NDArray[Any]:
        return self.array


def sums_of(model: keras.Model, together: Together) -> list[Any]:
    """What metrics have summed up since the epoch began: the first process' parts, the next one's, ..."""
    own = [_held(part) for part in _sums(model)]
    if not together.several:
        return own
    arrays = [part.numpy() for part in own]
    ends = np.cumsum([array.size for array in arrays])
    given = together.gather(np.concatenate([array.ravel().astype(np.float64) for array in arrays]))
    return [
        _Sum(part.name, values.astype(array.dtype).reshape(array.shape))
        for row in given
        for part, array, values in zip(own, arrays, np.split(row, ends[:-1]), strict=True)
    ]


def _sums(model: keras.Model) -> list[Any]:
    """What metrics sum up: where several devices do so, each for itself, what each of them has."""
    held = [_held(variable) for variable in model.metrics_variables]
    return [part for one in held for part in (one.values if _is_divided(one) else [one])]


def _is_divided(variable: Any) -> bool:
    apart = isinstance(variable, tf.distribute.DistributedValues)
    return apart and variable.synchronization == tf.VariableSynchronization.ON_READ


def _held(variable: Any) -> Any:
    """TensorFlow's variable in one of Keras'."""
    return variable.value if isinstance(variable, keras.Variable) else variable


def _copied(variable: Any) -> NDArray[Any]:
    """What a variable holds now, in memory of its own."""
    return np.array(variable.numpy())


def _value(variable: Any) -> tf.Tensor:
    """What a variable holds now, by the bare operation: Python's way to it takes longer than it."""
    if isinstance(variable, tf.Variable):
        return tf.raw_ops.ReadVariableOp(resource=variable.handle, dtype=variable.dtype)
    return variable.read_value()


def _global_seed() -> list[Any]:
    """The state of Keras' own generator, if something has drawn from it."""
    shared = global_state.get_global_attribute(GLOBAL_SEED_GENERATOR)
    return [] if shared is None else [shared.state]


def _described(variables: Sequence[Any]) -> list[list[Any]]:
    """Name, type and shape of each."""
    return [[_name(variable), str(variable.numpy().dtype), list(variable.shape)] for variable in variables]


def _name(variable: Any) -> str:
    return str(variable.path if isinstance(variable, keras.Variable) else variable.name)


def put_back(snapshot: Snapshot, model: keras.Model, callbacks: Sequence[Any]) -> None:
    """Make model, optimizer, random generators and callbacks what they were.

    Raises:
        ArtefactError: The snapshot is of another network, optimizer or list of callbacks.
    """
    if snapshot.described["global_seed"]:
        global_seed_generator()
    rate = learning_rate(model.optimizer) if snapshot.new_rate else None
    for kind, variables in _variables(model).items():
        _assign(snapshot, kind, variables, but=rate)
    packed = snapshot.described["callbacks"]
    names, found = [one["class"] for one in packed], [type(callback).__name__ for callback in callbacks]
    if names != found:
        raise _unfit(f"callbacks {names}", f"{found}")
    for callback, one in zip(callbacks, packed, strict=True):
        unpack_callback(callback, one, snapshot.numbers)
    _draw_on(snapshot)
    model.stop_training = snapshot.stopped


def draw_apart(model: keras.Model, worker: int) -> None:
    """Give the layers of a worker random numbers of their own: all of them start with those of the first one.

    So what the first one keeps of its generators is enough to put back those of all.
    """
    for state in _seeds(model) if worker else ():
        seed, drawn = state.numpy().tolist()
        state.assign(np.asarray([(seed + worker * APART) % LARGEST, drawn], state.numpy().dtype))


def put_sums_back(snapshot: Snapshot, model: keras.Model, together: Together = ALONE) -> None:
    """Make the metrics what they were within an epoch, in this process.

    Raises:
        ArtefactError: The snapshot is of other metrics, or of another number of processes.
    """
    sums, described = _sums(model), snapshot.described[METRICS]
    if len(described) != len(sums) * together.workers:
        raise _unfit(f"{len(described)} sums of metrics", str(len(sums) * together.workers))
    _assign(snapshot, METRICS, sums, first=together.worker * len(sums))


def learning_rate(optimizer: Any) -> Any:
    """What an optimizer's learning rate is made of: a variable, or a schedule."""
    return getattr(optimizer, "inner_optimizer", optimizer)._learning_rate


def weights_of(snapshot: Snapshot, model: keras.Model) -> list[NDArray[Any]]:
    """The weights alone, as `model.set_weights` takes them."""
    pairs = enumerate(model.weights)
    kept = ((snapshot.numbers[f"weights/{i:04}"], variable.numpy().dtype) for i, variable in pairs)
    return [array if array.dtype == dtype else array.view(dtype) for array, dtype in kept]


def _assign(snapshot: Snapshot, kind: str, variables: Sequence[Any], but: Any = None, first: int = 0) -> None:
    """Give variables of a kind what they held, all but one of them; of those kept the first is `first`."""
    described = snapshot.described[kind]
    if kind == METRICS:
        described = described[first : first + len(variables)]
    _check(kind, described, variables)
    for i, variable in enumerate(variables, first):
        array, dtype = snapshot.numbers[f"{kind}/{i:04}"], variable.numpy().dtype
        if variable is not but:
            variable.assign(array if array.dtype == dtype else array.view(dtype))


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
    np.random.set_state(("MT19937", snapshot.numbers["numpy"], position, has_gauss, gauss))  # noqa: NPY002
    random.setstate((version, tuple(snapshot.numbers["python"].tolist()), gauss_next))
