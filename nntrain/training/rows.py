"""Rows where they are computed with, and the order in which an epoch reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

Structure = Any
"""Arrays or tensors of shape `(n, ...)`, in tuples and mappings."""
Tensors = Sequence[tf.Tensor]


def row_count(rows: Structure) -> int:
    """Rows of a structure of arrays."""
    return len(tf.nest.flatten(rows)[0])


class DeviceRows:
    """Features, targets and weights of rows as tensors on the device; an array in two places is held once.

    Compiled functions take the tensors as arguments, so that one function serves rows of one kind.
    """

    def __init__(self, rows: Structure) -> None:
        """Put rows on the device: arrays of shape `(n, ...)`, in tuples and mappings."""
        arrays = tf.nest.flatten(rows)
        unique = {id(array): array for array in arrays}
        self._structure = tf.nest.map_structure(lambda _: 0, rows)
        self._places = [list(unique).index(id(array)) for array in arrays]
        self.tensors: Tensors = [tf.convert_to_tensor(array) for array in unique.values()]
        self.count = len(self.tensors[0])

    def specs(self, count: int | None) -> Tensors:
        """What a compiled function is to know of the tensors: the shape of a row, and how many there are."""
        return [tf.TensorSpec((count, *tensor.shape[1:]), tensor.dtype) for tensor in self.tensors]

    def take(self, tensors: Tensors, indices: tf.Tensor) -> Structure:
        """The rows at some positions, in the structure that was given."""
        return self._chosen(tensors, lambda tensor: tf.gather(tensor, indices))

    def part(self, tensors: Tensors, start: Any, stop: Any) -> Structure:
        """The rows from one position up to another, in the structure that was given."""
        return self._chosen(tensors, lambda tensor: tensor[start:stop])

    def _chosen(self, tensors: Tensors, choose: Callable[[tf.Tensor], tf.Tensor]) -> Structure:
        chosen = [choose(tensor) for tensor in tensors]
        return tf.nest.pack_sequence_as(self._structure, [chosen[place] for place in self._places])


def epoch_order(count: int, seed: int, epoch: tf.Tensor, shuffle: bool) -> tf.Tensor:
    """Row numbers in the order in which an epoch reads them: a function of the seed and the epoch.

    With a seeded Keras, `fit(shuffle=True)` on arrays replays one order in every epoch, because a random
    op in `tf.data.map` starts again with each iterator.

    Args:
        count: How many rows there are.
        seed: Of the config.
        epoch: Its number, from 0; int64, shape `()`.
        shuffle: False keeps the rows' own order.

    Returns:
        int64, shape `(count,)`.
    """
    indices = tf.range(count, dtype=tf.int64)
    if not shuffle:
        return indices
    key = tf.stack([tf.constant(seed, tf.int64), epoch])
    return tf.random.experimental.stateless_shuffle(indices, key, alg="philox")
