"""Evaluation and prediction as calls of one compiled function, each of many batches."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nntrain.training.pace import Pace
from nntrain.training.recipe import EVALUATION_BATCH, Arrays
from nntrain.training.rows import DeviceRows, Tensors
from nntrain.training.stored import StoredRows, evaluation_rows
from nntrain.training.sums import Sums
from nntrain.training.together import ALONE, Together

Array = NDArray[Any]
_NUMBER = tf.TensorSpec((), tf.int32)


class CompiledEvaluation:
    """Loss and metrics of held-out rows, by Keras' own `test_step`."""

    def __init__(self, model: keras.Model, rows: DeviceRows | StoredRows, together: Together = ALONE) -> None:
        """Prepare the function for features and targets, and a model that is built and compiled."""
        self.model, self.rows, self._together = model, rows, together
        self.traces = 0
        """How often the batches were traced."""
        self._sums = Sums(model, together)
        self._pace = Pace(together.number)
        self._run = tf.function(self._batches, [rows.specs(), _NUMBER, _NUMBER, _NUMBER], autograph=False)

    def __call__(self, between: Callable[[], None]) -> dict[str, Any]:
        """Loss and metrics by name.

        Args:
            between: Called after every fraction of a second; what it raises ends the evaluation.
        """
        self._sums.begin()
        for tensors, count, most in self.rows.blocks():
            rows = tf.constant(count)
            for start, stop in self._pace.calls(-(-most // EVALUATION_BATCH)):
                float(self._run(tensors, rows, tf.constant(start), tf.constant(stop)))  # waits for the device
                between()
        return self._sums.results()

    def _batches(self, tensors: Tensors, count: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> Any:
        self.traces += 1
        strategy = self.model.distribute_strategy
        means = strategy.run(self._on_replica, args=(tensors, count, start, stop))
        return strategy.experimental_local_results(means)[0]

    def _on_replica(self, tensors: Tensors, count: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> tf.Tensor:
        """Every batch on one device, and every other one on each of two; gives the loss of this one's."""
        context = tf.distribute.get_replica_context()
        devices = context.num_replicas_in_sync // self._together.workers
        own = context.replica_id_in_sync_group % devices
        end = tf.minimum(stop, -(-count // EVALUATION_BATCH))

        def batch(i: tf.Tensor) -> tuple[tf.Tensor]:
            first = i * EVALUATION_BATCH
            last = tf.minimum(first + EVALUATION_BATCH, count)
            self.model.test_step(self.rows.layout.chosen(tensors, lambda tensor: tensor[first:last]))
            return (i + devices,)

        tf.while_loop(lambda i: i < end, batch, (start + (own - start) % devices,))
        return self.model._loss_tracker.result()


def predict(
    model: keras.Model,
    features: Arrays,
    keep: Callable[[Array], Any] | None = None,
    batch: int = EVALUATION_BATCH,
) -> Array | Mapping[str, Array]:
    """The model's outputs for every row, shape `(n, ...)`; with several outputs, by their names.

    Args:
        model: Built.
        features: Its inputs.
        keep: Makes of the outputs of some rows what is kept of them: an array or a mapping of arrays with as
            many rows. So memory does not hold what the model gives for all rows.
        batch: Rows that are computed at once.
    """
    rows = evaluation_rows(features, batch)
    run = _PREDICTING.get(model)
    if run is None:
        run = _PREDICTING[model] = _predicting(weakref.ref(model))
    found = []
    for tensors, count, _ in rows.blocks():
        for start in range(0, count, batch):
            part = slice(start, start + batch)
            outputs = run(rows.layout.chosen(tensors, lambda tensor: tensor[part]))  # noqa: B023
            given = tf.nest.map_structure(np.asarray, outputs)
            found.append(given if keep is None else keep(given))
    joined: Array | Mapping[str, Array] = tf.nest.map_structure(lambda *parts: np.concatenate(parts), *found)
    return joined


_PREDICTING: weakref.WeakKeyDictionary[Any, Callable[[Any], Any]] = weakref.WeakKeyDictionary()
"""The function of each model that has predicted, so that it is traced once."""


def _predicting(model: Callable[[], Any]) -> Callable[[Any], Any]:
    function = tf.function(lambda batch: model().predict_step((batch,)), autograph=False)

    def run(batch: Any) -> Any:
        """Traced for any number of rows."""
        return function.get_concrete_function(tf.nest.map_structure(_of_any_length, batch))(batch)

    return run


def _of_any_length(tensor: tf.Tensor) -> tf.TensorSpec:
    return tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype)
