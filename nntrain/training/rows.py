"""Rows on the device in their own type: bytes stay bytes until a batch of them is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nntrain.arrays import Scaled

UNFOLDED = 256
"""Copies of a number that make TensorFlow take it as an input of a graph.

A tensor of at most 128 numbers becomes a constant of the graph. TensorFlow multiplies by the inverse of a
constant instead of dividing by it, which gives other last bits.
"""

Reader = Callable[[Any], Any]
"""Gives the rows at indices `(m,)`, shape `(m, ...)`."""


class DeviceRows:
    """A structure of arrays as tensors, of which batches are taken inside or outside of a graph."""

    def __init__(self, arrays: Any, *, xla: bool = False) -> None:
        """Bring the arrays to the device; one that occurs twice is held once.

        Args:
            arrays: Tuples and mappings of arrays or `Scaled` rows, shape `(n, ...)` each.
            xla: Whether XLA compiles the graphs that take rows. It gathers bytes anywhere; TensorFlow itself
                can't on a GPU, and then gathers them by eights.
        """
        leaves = tf.nest.flatten(arrays)
        self.count = len(leaves[0])
        """How many rows there are."""
        self._readers = {id(leaf): _reader(leaf, xla) for leaf in leaves}
        self._places = tf.nest.map_structure(id, arrays)

    def take(self, indices: Any) -> Any:
        """The structure of tensors for the rows at `indices`, shape `(m,)`: floats where `Scaled` stood."""
        taken = {place: read(indices) for place, read in self._readers.items()}
        return tf.nest.map_structure(taken.__getitem__, self._places)

    def dataset(self, batch_size: int) -> tf.data.Dataset:
        """The rows in their order, in batches of which the last one may be smaller."""
        options = tf.data.Options()
        options.experimental_optimization.apply_default_optimizations = False
        count = tf.constant(self.count, tf.int64)
        return (
            tf.data.Dataset.range(0, self.count, batch_size)
            .map(lambda start: self.take(tf.range(start, tf.minimum(start + batch_size, count))))
            .prefetch(tf.data.AUTOTUNE)
            .with_options(options)
        )


def _reader(array: Any, xla: bool) -> Reader:
    """What reads rows of one array."""
    if not isinstance(array, Scaled):
        held = tf.convert_to_tensor(array)
        return lambda indices: tf.gather(held, indices)
    gather = _bytes(array.values) if xla else _bytes_by_eights(array.values)
    shift = tf.fill([UNFOLDED], tf.constant(array.shift, tf.float32))
    divisor = tf.fill([UNFOLDED], tf.constant(array.divisor, tf.float32))

    def read(indices: Any) -> Any:
        numbers = tf.cast(gather(indices), tf.float32)
        if array.shift:
            numbers -= shift[0]
        return numbers / divisor[0] if array.divisor != 1 else numbers

    return read


def _bytes(values: NDArray[np.uint8]) -> Reader:
    """What gathers rows of bytes as they are."""
    held = tf.convert_to_tensor(values)
    return lambda indices: tf.gather(held, indices)


def _bytes_by_eights(values: NDArray[np.uint8]) -> Reader:
    """What gathers rows of bytes as rows of int64, for which TensorFlow has kernels on every device."""
    flat = values.reshape(len(values), -1)
    shape, width = values.shape[1:], flat.shape[1]
    filled = np.pad(flat, ((0, 0), (0, -width % 8))) if width % 8 else np.ascontiguousarray(flat)
    held = tf.convert_to_tensor(filled.view(np.int64))

    def gather(indices: Any) -> Any:
        eights = tf.bitcast(tf.gather(held, indices), tf.uint8)
        rows = tf.reshape(eights, (-1, width + -width % 8))
        return tf.reshape(rows[:, :width] if width % 8 else rows, (-1, *shape))

    return gather
