"""A step whose batch is divided: among the cores of a CPU, or among the devices of a machine.

The loss of a batch is the mean over its rows, so its gradient is the mean of the gradients of its parts, each
weighted by its share of the rows. That holds up to rounding, and not at all for what looks at a whole batch
(batch statistics, how many steps are not masked); what draws random numbers (dropout) draws others for each
part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf

from nntrain.training.recipe import Recipe

Rows = Callable[[tf.Tensor], Any]
"""Gives the rows at some positions."""
Step = Callable[[keras.Model, Rows, tf.Tensor], tf.Tensor]
"""Learns from the rows at some positions; gives the mean loss of the epoch so far, of several devices that of
each one of this process."""
MEAN = "sum_over_batch_size"
WHOLE = (keras.losses.Dice, keras.losses.Tversky)
"""Losses that, unless they are told otherwise, sum over all rows before they divide."""


def whole_step(model: keras.Model, rows: Rows, indices: tf.Tensor) -> tf.Tensor:
    """Keras' own step."""
    return model.train_step(rows(indices))["loss"]


def divided_step(parts: int) -> Step:
    """A step that computes the gradients of `parts` parts of a batch side by side."""

    def step(model: keras.Model, rows: Rows, indices: tf.Tensor) -> tf.Tensor:
        found = [
            _gradients(model, rows(_part(indices, i, parts)), tf.shape(indices)[0]) for i in range(parts)
        ]
        summed = [_sum(gradients) for gradients in zip(*found, strict=True)]
        model.optimizer.apply_gradients(zip(summed, model.trainable_weights, strict=True))
        return model._loss_tracker.result()

    return step


def replicated_step(batch_size: int) -> Step:
    """A step in which each device of the model's strategy learns from its part of a batch.

    They wait for one another once, for the sum of the gradients. Keras would clip the gradients of each part
    before it adds them up; here the sum is clipped, as one device clips it.

    Args:
        batch_size: Rows of a batch in all; the last of an epoch may have fewer.
    """

    def step(model: keras.Model, rows: Rows, indices: tf.Tensor) -> tf.Tensor:
        def on_replica(indices: tf.Tensor) -> tf.Tensor:
            context = tf.distribute.get_replica_context()
            replicas = context.num_replicas_in_sync
            own = _part(indices, context.replica_id_in_sync_group, replicas)
            found = _gradients(model, rows(own), tf.shape(indices)[0], replicas)
            found = [
                _of_one_size(gradient, tf.shape(own)[0], -(-batch_size // replicas)) for gradient in found
            ]
            summed = iter(context.all_reduce(tf.distribute.ReduceOp.SUM, [g for g in found if g is not None]))
            gradients = [None if gradient is None else next(summed) for gradient in found]
            model.optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
            return model._loss_tracker.result()

        strategy = model.distribute_strategy
        with _summed_already(model.optimizer):
            losses = strategy.run(on_replica, args=(indices,))
        return tf.stack(strategy.experimental_local_results(losses))

    return step


def _of_one_size(gradient: Any, count: tf.Tensor, most: int) -> Any:
    """An embedding's gradient with as many slices in every part and every step, as TensorFlow gathers them.

    Args:
        gradient: One slice for each number that was looked up, the same many for each row; others stay.
        count: Rows of the part.
        most: Rows that a part has at most; slices of zeros stand for those that are missing.
    """
    if not isinstance(gradient, tf.IndexedSlices):
        return gradient
    missing = tf.shape(gradient.indices)[0] // count * (most - count)
    flat = tf.zeros([tf.rank(gradient.values) - 1, 2], tf.int32)
    values = tf.pad(gradient.values, tf.concat([[[0, missing]], flat], 0))
    indices = tf.pad(gradient.indices, [[0, missing]])
    return tf.IndexedSlices(values, indices, gradient.dense_shape)


@contextmanager
def _summed_already(optimizer: Any) -> Iterator[None]:
    """Let an optimizer take gradients as they are."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    inner._all_reduce_sum_gradients = list
    try:
        yield
    finally:
        del inner._all_reduce_sum_gradients


def verdict(model: keras.Model, bad: tf.Tensor, losses: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """What some steps have come to on all devices.

    Args:
        model: With the devices.
        bad: The first step, int32, after which one of this process' devices had a loss that is no finite
            number; a large number if there is none.
        losses: Of each of these devices after that step.

    Returns:
        The first such step of all devices; and the mean loss of the epoch, or what it was after that step.
    """
    strategy = model.distribute_strategy

    def on_replica(bad: tf.Tensor, losses: tf.Tensor) -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        number = context.replica_id_in_sync_group
        tracker = model._loss_tracker
        row = tf.stack(
            [
                tf.cast(bad, tf.float32),
                losses[number % losses.shape[0]],
                tf.cast(tf.convert_to_tensor(tracker.total), tf.float32),
                tf.cast(tf.convert_to_tensor(tracker.count), tf.float32),
            ]
        )
        own = tf.range(context.num_replicas_in_sync)[:, tf.newaxis] == number
        return context.all_reduce(tf.distribute.ReduceOp.SUM, tf.where(own, row[tf.newaxis], 0.0))

    table = strategy.experimental_local_results(strategy.run(on_replica, args=(bad, losses)))[0]
    steps, found, totals, counts = tf.unstack(table, axis=1)
    first = tf.reduce_min(steps)
    mean = tf.math.divide_no_nan(tf.reduce_sum(totals), tf.reduce_sum(counts))
    after = tf.reduce_sum(tf.where(steps == first, found, 0.0))
    return tf.cast(first, tf.int32), tf.where(tf.math.is_finite(after), mean, after)


def _part(indices: tf.Tensor, i: int, parts: int) -> tf.Tensor:
    count = tf.shape(indices)[0]
    return indices[i * count // parts : (i + 1) * count // parts]


def _gradients(model: keras.Model, batch: Any, count: tf.Tensor, replicas: int = 1) -> list[Any]:
    """Gradients of a part's share in the loss of `count` rows, computed as Keras' `train_step` does.

    Among replicas Keras divides each loss by their number, for the optimizer to sum the gradients.
    """
    inputs, targets, weights = keras.utils.unpack_x_y_sample_weight(batch)
    rows = tf.shape(tf.nest.flatten(inputs)[0])[0]
    share = rows / count * replicas
    with tf.GradientTape() as tape:
        outputs = model(inputs, training=True)
        loss = model._compute_loss(x=inputs, y=targets, y_pred=outputs, sample_weight=weights, training=True)
        model._loss_tracker.update_state(loss * replicas, sample_weight=rows)
        loss = model.optimizer.scale_loss(loss * tf.cast(share, loss.dtype))
    model.compute_metrics(inputs, targets, outputs, sample_weight=weights)
    gradients: list[Any] = tape.gradient(loss, model.trainable_weights)
    return gradients


def _sum(gradients: tuple[Any, ...]) -> Any:
    """The sum of one weight's gradients; None if it has none.

    Slices of an embedding stay apart, as in the gradient of a whole batch: Keras' optimizers square each.
    """
    if any(gradient is None for gradient in gradients):
        return None
    if all(isinstance(gradient, tf.IndexedSlices) for gradient in gradients):
        values, indices = zip(*((gradient.values, gradient.indices) for gradient in gradients), strict=True)
        return tf.IndexedSlices(tf.concat(values, 0), tf.concat(indices, 0), gradients[0].dense_shape)
    return tf.add_n([tf.convert_to_tensor(gradient) for gradient in gradients])


def obstacle(model: keras.Model, recipe: Recipe, count: int, parts: int, *, apart: bool) -> str | None:
    """Why batches can't be divided without another meaning; None if they can.

    Args:
        model: Built.
        recipe: What it is to be trained with.
        count: Rows of an epoch.
        parts: How many parts of a batch there would be.
        apart: Whether each part has a device of its own, so that layers can synchronize.
    """
    if not model.trainable_weights:
        return "nothing in the network learns"
    statistics = _of_statistics(model, apart)
    if statistics is not None:
        return statistics
    if any(getattr(output, "_keras_mask", None) is not None for output in model.outputs):
        return "steps are masked, and the loss is the mean over those of a whole batch that are not"
    for loss in tf.nest.flatten(recipe.loss):
        if isinstance(loss, keras.losses.Loss) and loss.reduction != MEAN:
            name = type(loss).__name__
            return f"the loss {name} has the reduction {loss.reduction}, which is no mean over rows"
        if isinstance(loss, WHOLE) and (loss.axis is None or 0 in tf.nest.flatten(loss.axis)):
            told = f"the loss {type(loss).__name__} is one number for a whole batch"
            return f"{told}; give it the axes of a row, such as axis: [1]"
    least = min(recipe.batch_size, count, count % recipe.batch_size or count)
    if least < parts:
        few = f"the smallest batch of an epoch has {least} row{'s' if least != 1 else ''}"
        return f"{few}; use another batch_size"
    return None


def _of_statistics(model: keras.Model, apart: bool) -> str | None:
    """What layer takes the statistics of a batch and can't get them from its parts; None if none does."""
    layers = model._flatten_layers()
    masked = any(
        isinstance(layer, keras.layers.Masking) or getattr(layer, "mask_zero", False) for layer in layers
    )
    for layer in layers:
        if not (isinstance(layer, keras.layers.BatchNormalization) and layer.trainable):
            continue
        told = f"layer '{layer.name}' takes the statistics of whole batches"
        if not apart:
            return told
        if not layer.synchronized:
            return f"{told}; add synchronized: true to it"
        if masked:
            return f"{told}, which Keras does not synchronize where steps are masked; use LayerNormalization"
    return None
