"""Batches in an order that is a function of the seed and the epoch.

With a seeded Keras, `fit(shuffle=True)` on arrays replays one order in every epoch, because a random
op in `tf.data.map` starts again with each iterator. Here every epoch draws its own permutation, and
one iterator runs through all epochs: making one costs as much as many small steps.
"""

from __future__ import annotations

import itertools
from typing import Any

import tensorflow as tf

from nntrain.training.rows import DeviceRows


class TrainingBatches:
    """The training rows as an endless `tf.data.Dataset` of epochs, each in an order of its own."""

    def __init__(self, arrays: tuple[Any, ...], batch_size: int, seed: int, shuffle: bool) -> None:
        """Prepare the batches.

        Args:
            arrays: Features, targets and, where rows are weighted, weights: an array of shape `(n, ...)`
                (or `Scaled` rows) each, or a mapping of such arrays by input or output.
            batch_size: Rows a batch; the last one of an epoch may be smaller.
            seed: With the epoch's number, decides the order.
            shuffle: False keeps the order of the arrays.
        """
        with tf.device("CPU"):  # where Keras' pipelines run
            self._device_rows = DeviceRows(arrays)
        self.rows = self._device_rows.count
        self.steps = -(-self.rows // batch_size)
        self.batch_size, self.seed, self.shuffle = batch_size, seed, shuffle

    def dataset(self, first_epoch: int = 0) -> tf.data.Dataset:
        """`steps` batches an epoch, from an epoch (counted from 0) on without an end."""
        options = tf.data.Options()
        # As for Keras' own arrays: the pipeline is too small to be worth rewriting.
        options.experimental_optimization.apply_default_optimizations = False
        return (
            tf.data.Dataset.counter(first_epoch)
            .flat_map(self._order)
            .map(self._device_rows.take)
            .prefetch(tf.data.AUTOTUNE)
            .with_options(options)
        )

    def epoch(self, number: int) -> list[tuple[Any, ...]]:
        """The batches of one epoch, as NumPy arrays."""
        return list(itertools.islice(self.dataset(number).as_numpy_iterator(), self.steps))

    def _order(self, epoch: tf.Tensor) -> tf.data.Dataset:
        indices = tf.range(self.rows, dtype=tf.int64)
        if self.shuffle:
            key = tf.stack([tf.constant(self.seed, tf.int64), epoch])
            indices = tf.random.experimental.stateless_shuffle(indices, key, alg="philox")
        return tf.data.Dataset.from_tensor_slices(indices).batch(self.batch_size)
