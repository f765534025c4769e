"""The batches of `epoch_order` for Keras' own loop.

One iterator runs through all epochs: making one costs as much as many small steps.
"""

from __future__ import annotations

import itertools
from typing import Any

import tensorflow as tf

from nntrain.training.rows import DeviceRows, Structure, epoch_order, plain_options


class TrainingBatches:
    """The training rows as an endless `tf.data.Dataset` of epochs, each in an order of its own."""

    def __init__(self, arrays: Structure, batch_size: int, seed: int, shuffle: bool) -> None:
        """Prepare the batches.

        Args:
            arrays: Features, targets and, where rows are weighted, weights: an array of shape `(n, ...)`
                each, or a mapping of such arrays by input or output.
            batch_size: Rows a batch; the last one of an epoch may be smaller.
            seed: With the epoch's number, decides the order.
            shuffle: False keeps the order of the arrays.
        """
        with tf.device("CPU"):  # where Keras' pipelines run
            self._device_rows = DeviceRows(arrays)
        self.rows = self._device_rows.count
        self.steps = -(-self.rows // batch_size)
        self.batch_size, self.seed, self.shuffle = batch_size, seed, shuffle

    def dataset(self, first_epoch: int = 0, done: int = 0) -> tf.data.Dataset:
        """`steps` batches an epoch, from an epoch (counted from 0) on without an end.

        Args:
            first_epoch: Which one.
            done: Batches of it that are left out.
        """
        return (
            tf.data.Dataset.counter(first_epoch)
            .flat_map(self._order)
            .skip(done)
            .map(self._device_rows.take)
            .prefetch(tf.data.AUTOTUNE)
            .with_options(plain_options())
        )

    def first(self) -> Structure:
        """The rows of a batch, for what looks at their shapes."""
        return self._device_rows.part(0, min(self.batch_size, self.rows))

    def epoch(self, number: int) -> list[tuple[Any, ...]]:
        """The batches of one epoch, as NumPy arrays."""
        return list(itertools.islice(self.dataset(number).as_numpy_iterator(), self.steps))

    def _order(self, epoch: tf.Tensor) -> tf.data.Dataset:
        order = epoch_order(self.rows, self.seed, epoch, self.shuffle)
        return tf.data.Dataset.from_tensor_slices(order).batch(self.batch_size)
