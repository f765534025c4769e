"""Rows on the device in their own type, and the order in which an epoch reads them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from nntrain.arrays import Scaled

Structure = Any
"""Arrays, `Scaled` rows or tensors of shape `(n, ...)`, in tuples and mappings."""
Tensors = Sequence[Any]
"""A tensor for each array; for `Scaled` rows their bytes and the scale."""
UNFOLDED = 256
"""Copies of a number that make TensorFlow take it as an input of a graph.

A tensor of at most 128 numbers becomes a constant of the graph. TensorFlow multiplies by the inverse of a
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
        self._packings = [_Packing(leaf) if isinstance(leaf, Scaled) else None for leaf in self.arrays]
        self._places = [list(unique).index(id(leaf)) for leaf in leaves]
        self._structure = tf.nest.map_structure(lambda _: 0, rows)

    def on_device(self, arrays: Sequence[Any]) -> Tensors:
        """Arrays like `arrays` as tensors."""
        return [
            packing.held(array) if packing else tf.convert_to_tensor(array)
            for packing, array in zip(self._packings, arrays, strict=True)
        ]

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
            packing.numbers(choose(held[0]), held[1]) if packing else choose(held)
            for packing, held in zip(self._packings, tensors, strict=True)
        ]
        return tf.nest.pack_sequence_as(self._structure, [taken[place] for place in self._places])


class _Packing:
    """How `Scaled` rows lie on the device, and become the numbers that they stand for.

    TensorFlow can't gather single bytes on a GPU, so they are gathered by eights, as int64.
    """

    def __init__(self, rows: Scaled) -> None:
        self._shift, self._divisor = rows.shift, rows.divisor
        self._shape = rows.shape[1:]
        self._width = math.prod(self._shape)

    def held(self, rows: Scaled) -> tuple[tf.Tensor, tf.Tensor]:
        """Rows of int64, eight bytes each; and the scale."""
        scale = tf.constant([[self._shift] * UNFOLDED, [self._divisor] * UNFOLDED], tf.float32)
        flat = rows.values.reshape(len(rows), self._width)
        rest = -self._width % 8
        filled = np.pad(flat, ((0, 0), (0, rest))) if rest else np.ascontiguousarray(flat)
        return tf.convert_to_tensor(filled.view(np.int64)), scale

    def numbers(self, held: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        """The numbers of some rows, by the very operations that NumPy does."""
        rest = -self._width % 8
        values = tf.reshape(tf.bitcast(held, tf.uint8), (-1, self._width + rest))
        values = tf.reshape(values[:, : self._width] if rest else values, (-1, *self._shape))
        numbers = tf.cast(values, tf.float32)
        if self._shift:
            numbers -= scale[0, 0]
        return numbers / scale[1, 0] if self._divisor != 1 else numbers


class DeviceRows:
    """Features, targets and weights of rows as tensors on the device.

    Compiled functions take `tensors` as an argument and hand it back to `take` and `part`.
    """

    def __init__(self, rows: Structure, most: int | None = None) -> None:
        """Bring rows to the device; of several processes that do so, one has `most` of them."""
        self.layout = Layout(rows)
        self.tensors = self.layout.on_device(self.layout.arrays)
        self.count = row_count(rows)
        """How many rows there are."""
        self._most = self.count if most is None else most

    def specs(self) -> Tensors:
        """What a compiled function is to know of `tensors`."""
        return self.layout.specs(self.tensors, self.count)

    def blocks(self) -> Iterator[tuple[Tensors, int, int]]:
        """All rows at once, how many they are, and how many the process has that has the most."""
        yield self.tensors, self.count, self._most

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
