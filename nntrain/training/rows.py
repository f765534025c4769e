"""Rows on the device in their own type, and the order in which an epoch reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from nntrain.arrays import Scaled

Structure = Any
"""Arrays, `Scaled` rows or tensors of shape `(n, ...)`, in tuples and mappings."""
Tensors = Sequence[Any]
"""A tensor for each array; bytes and their scale for `Scaled` rows."""
UNFOLDED = 256
"""Copies of a number that make TensorFlow take it as an input of a graph.

A tensor of a few numbers becomes a constant of the graph, and TensorFlow then multiplies by the inverse of a
constant instead of dividing by it, which gives other last bits.
"""


def row_count(rows: Structure) -> int:
    """Rows of a structure of arrays."""
    return len(tf.nest.flatten(rows)[0])


class Layout:
    """A structure of arrays, of which one that stands in two places is held once."""

    def __init__(self, rows: Structure) -> None:
        """Take rows as an example of those to come."""
        leaves = tf.nest.flatten(rows)
        unique = {id(leaf): leaf for leaf in leaves}
        self.arrays = list(unique.values())
        """The arrays, each once."""
        self._places = [list(unique).index(id(leaf)) for leaf in leaves]
        self._structure = tf.nest.map_structure(lambda _: 0, rows)

    def on_device(self, arrays: Sequence[Any]) -> Tensors:
        """Arrays like `arrays` as tensors."""
        return [_held(array) for array in arrays]

    def specs(self, tensors: Tensors, count: int | None) -> Tensors:
        """What a compiled function is to know of tensors: the shape of a row, and how many there are."""

        def spec(tensor: tf.Tensor) -> tf.TensorSpec:
            return tf.TensorSpec((count, *tensor.shape[1:]), tensor.dtype)

        return [
            (spec(held[0]), tf.TensorSpec.from_tensor(held[1])) if isinstance(held, tuple) else spec(held)
            for held in tensors
        ]

    def chosen(self, tensors: Tensors, choose: Callable[[tf.Tensor], tf.Tensor]) -> Structure:
        """Some rows of tensors in the structure that was given: floats where `Scaled` stood."""
        taken = [
            _unpacked(choose(held[0]), held[1], array) if isinstance(array, Scaled) else choose(held)
            for array, held in zip(self.arrays, tensors, strict=True)
        ]
        return tf.nest.pack_sequence_as(self._structure, [taken[place] for place in self._places])


def _held(array: Any) -> Any:
    if not isinstance(array, Scaled):
        return tf.convert_to_tensor(array)
    scale = tf.constant([[array.shift] * UNFOLDED, [array.divisor] * UNFOLDED], tf.float32)
    return tf.convert_to_tensor(array.values), scale


def _unpacked(values: tf.Tensor, scale: tf.Tensor, array: Scaled) -> tf.Tensor:
    """The numbers that bytes stand for, by the very operations that NumPy does."""
    numbers = tf.cast(values, tf.float32)
    if array.shift:
        numbers -= scale[0, 0]
    return numbers / scale[1, 0] if array.divisor != 1 else numbers


class DeviceRows:
    """Features, targets and weights of rows as tensors on the device.

    Compiled functions take `tensors` as an argument and hand it back to `take` and `part`.
    """

    def __init__(self, rows: Structure) -> None:
        """Bring rows to the device."""
        self.layout = Layout(rows)
        self.tensors = self.layout.on_device(self.layout.arrays)
        self.count = row_count(rows)
        """How many rows there are."""

    def specs(self, count: int | None) -> Tensors:
        """What a compiled function is to know of `tensors`."""
        return self.layout.specs(self.tensors, count)

    def take(self, indices: Any, tensors: Tensors | None = None) -> Structure:
        """The rows at indices `(m,)`, in the structure that was given."""
        return self.layout.chosen(tensors or self.tensors, lambda tensor: tf.gather(tensor, indices))

    def part(self, start: Any, stop: Any, tensors: Tensors | None = None) -> Structure:
        """The rows from one position up to another, in the structure that was given."""
        return self.layout.chosen(tensors or self.tensors, lambda tensor: tensor[start:stop])

    def dataset(self, batch_size: int) -> tf.data.Dataset:
        """The rows in their order, in batches of which the last one may be smaller."""
        count = tf.constant(self.count, tf.int64)
        return (
            tf.data.Dataset.range(0, self.count, batch_size)
            .map(lambda start: self.part(start, tf.minimum(start + batch_size, count)))
            .prefetch(tf.data.AUTOTUNE)
            .with_options(plain_options())
        )


def plain_options() -> tf.data.Options:
    """As for Keras' own arrays: a pipeline too small to be worth rewriting."""
    options = tf.data.Options()
    options.experimental_optimization.apply_default_optimizations = False
    return options


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
