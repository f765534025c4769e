"""A look at one batch on its way through a compiled model: outputs by layer, loss, gradients."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nntrain.arrays import in_blocks

Batch = tuple[Any, ...]
"""Inputs, targets and, where rows are weighted, weights: arrays, or structures of them, `(n, ...)` each."""
Fate = Literal["fine", "none", "zero", "not finite"]
"""What becomes of a weight: it gets a gradient, it is not connected to the loss, and so on."""


@dataclass(frozen=True)
class LayerOutput:
    """What one layer gave for a batch."""

    layer: str
    arrays: list[NDArray[Any]]

    @property
    def is_finite(self) -> bool:
        """Whether every number is one."""
        return all(bool(np.all(np.isfinite(array))) for array in self.arrays)

    @property
    def is_zero(self) -> bool:
        """Whether nothing but zeros came out."""
        return not any(bool(np.any(array)) for array in self.arrays)

    def equals(self, other: LayerOutput) -> bool:
        """Whether another model's layer gave the very same."""
        return all(map(np.array_equal, self.arrays, other.arrays))


def part(rows: Batch, which: Any) -> Batch:
    """Some rows of every array in a structure, as plain arrays."""
    chosen: Batch = tf.nest.map_structure(lambda array: np.asarray(array[which]), rows)
    return chosen


def few_rows(rows: Batch, limit: int) -> Batch:
    """A few rows that spread over the values of the first target; an even number if there are two.

    Args:
        rows: Inputs, targets and, where rows are weighted, weights.
        limit: How many at most.

    Returns:
        The same structure; each half of the rows spreads over the targets.
    """
    target = tf.nest.flatten(rows[1])[0]
    flat = (block.reshape(len(block), -1) for block in in_blocks(target))
    order = np.argsort(
        np.concatenate([block.argmax(axis=1) if block.shape[1] > 1 else block[:, 0] for block in flat]),
        kind="stable",
    )
    count = min(limit, len(order))
    count -= count % 2 if count > 1 else 0
    chosen = order[np.linspace(0, len(order) - 1, count).round().astype(int)]
    return part(rows, np.concatenate([chosen[::2], chosen[1::2]]))


def tensors(batch: Batch) -> Batch:
    """The batch as TensorFlow takes it."""
    converted: Batch = tf.nest.map_structure(tf.convert_to_tensor, batch)
    return converted


def layer_outputs(model: keras.Model, inputs: Any) -> list[LayerOutput]:
    """What every layer gives while the model evaluates a batch, in the order of the calls."""
    found: list[LayerOutput] = []

    def recording(layer: Any, call: Any) -> Any:
        @functools.wraps(call)
        def recorded(*arguments: Any, **options: Any) -> Any:
            outputs = call(*arguments, **options)
            arrays = [np.asarray(output) for output in tf.nest.flatten(outputs)]
            found.append(LayerOutput(layer.name, arrays))
            return outputs

        return recorded

    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    try:
        for layer in layers:
            layer.call = recording(layer, layer.call)
        model(inputs, training=False)
    finally:
        for layer in layers:
            vars(layer).pop("call", None)
    return found


class FixedLoss:
    """The loss of one batch in training, the same for the same weights: noise is drawn alike each time.

    The loss in evaluation would not do: a normalization's view of the rows comes late to it, and changes it
    where no weight does.
    """

    def __init__(self, model: keras.Model, batch: Batch) -> None:
        self.model = model
        self.batch = tensors(batch)
        self.state = [np.asarray(variable) for variable in self._drawn()]
        self._computed = tf.function(functools.partial(batch_loss, model))

    def _drawn(self) -> list[Any]:
        """Where the generators of dropout and noise stand."""
        kept = {id(weight) for weight in self.model.weights}
        return [v for v in self.model.non_trainable_variables if id(v) not in kept]

    def __call__(self) -> float:
        """The loss; leaves the model's state as it was."""
        with unchanged(self.model):
            for variable, value in zip(self._drawn(), self.state, strict=True):
                variable.assign(value)
            return float(self._computed(self.batch, training=True))


def batch_loss(model: keras.Model, batch: Batch, training: bool) -> Any:
    """The loss of a batch, penalties included."""
    inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(batch)
    outputs = model(inputs, training=training)
    return model.compute_loss(x=inputs, y=targets, y_pred=outputs, sample_weight=weights, training=training)


@contextmanager
def unchanged(model: keras.Model) -> Iterator[None]:
    """Put back whatever the block changes in the model's variables."""
    before = [np.asarray(variable) for variable in model.variables]
    try:
        yield
    finally:
        for variable, value in zip(model.variables, before, strict=True):
            variable.assign(value)


def fates(model: keras.Model, batch: Batch) -> dict[str, Fate]:
    """What becomes of each trainable weight on a batch, by its path; penalties on weights do not count."""
    found = _fates(model, tensors(batch), training=True)
    if "zero" in found.values():
        # A bias before a normalization, or a unit that dropout hides, has a gradient when evaluating.
        others = _fates(model, tensors(batch), training=False)
        found = {path: others[path] if fate == "zero" else fate for path, fate in found.items()}
    return found


def _fates(model: keras.Model, batch: Batch, training: bool) -> dict[str, Fate]:
    variables = model.trainable_variables

    def gradients() -> list[Any]:
        with tf.GradientTape() as tape:
            penalties = [v.regularizer(v) for v in variables if v.regularizer is not None]
            loss = batch_loss(model, batch, training) - sum(penalties, tf.constant(0.0))
        return [
            None if gradient is None else tf.convert_to_tensor(gradient)
            for gradient in tape.gradient(loss, [variable.value for variable in variables])
        ]

    with unchanged(model):
        found = tf.function(gradients)()
        return {v.path: _fate(g) for v, g in zip(variables, found, strict=True)}


def _fate(gradient: Any) -> Fate:
    if gradient is None:
        return "none"
    values = np.asarray(gradient)
    if not np.all(np.isfinite(values)):
        return "not finite"
    return "fine" if np.any(values) else "zero"


def repeat(
    model: keras.Model, batch: Batch, steps: int, loss: Callable[[], float], every: int, clear: float
) -> list[float]:
    """Train on one batch again and again.

    Args:
        model: Compiled; it is trained in place.
        batch: Which batch.
        steps: How many steps.
        loss: Of the same batch.
        every: Steps between two looks at the loss.
        clear: Share of the first loss; two looks running that lie this far below it are enough.

    Returns:
        The loss at the beginning and after every few steps; ends early at one that is no finite number,
        and once it has fallen clearly.
    """
    losses = [loss()]
    inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(tensors(batch))
    for step in range(1, steps + 1):
        model.train_on_batch(inputs, targets, sample_weight=weights)
        if step % every == 0:
            losses.append(loss())
            fallen = all(losses[0] - late > clear * abs(losses[0]) for late in losses[-2:])
            if fallen or not math.isfinite(losses[-1]):
                break
    return losses
