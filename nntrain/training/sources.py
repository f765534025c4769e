"""Where an epoch's rows come from: they stay on the device, or come there in blocks, one after another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nntrain.training.recipe import Recipe
from nntrain.training.rows import Layout, Structure, Tensors, epoch_order, row_count
from nntrain.training.shares import WHOLE, Share
from nntrain.training.together import ALONE, Together

BLOCK_ROWS = 65_536
"""Rows of a block: enough that bringing it costs little beside learning from it."""
SHARE = 0.5
"""Part of the device's free memory that rows may take; weights, gradients and outputs want the rest."""


@dataclass(frozen=True)
class Block:
    """Rows on the device, and the steps that are made of them."""

    tensors: Tensors
    order: tf.Tensor
    """Positions of rows, int64: the first step takes the first `batch_size` of them, and so on. -1 stands for
    rows that another process learns from."""
    first: int
    """The first step's number in its epoch, from 0."""
    steps: int


class Source(Protocol):
    """Delivers the rows of each epoch in its order."""

    layout: Layout
    count: int
    """Rows of an epoch."""

    def epoch(self, number: int, done: int = 0) -> Iterator[Block]:
        """The blocks of an epoch: whole batches, but for the last step of the last block.

        Args:
            number: Of the epoch, from 0.
            done: Steps that are done: blocks that have no other ones are left out.
        """


class Resident:
    """All rows stay on the device: an epoch is one block."""

    def __init__(self, rows: Structure, batch_size: int, seed: int, shuffle: bool) -> None:
        """Bring the rows to the device."""
        self.layout = Layout(rows)
        self.count = row_count(rows)
        self._tensors = self.layout.on_device(self.layout.arrays)
        self._steps = -(-self.count // batch_size)
        self._order = tf.function(
            lambda epoch: epoch_order(self.count, seed, epoch, shuffle),
            input_signature=[tf.TensorSpec((), tf.int64)],
            autograph=False,
        )

    def epoch(self, number: int, done: int = 0) -> Iterator[Block]:
        """The one block of an epoch, whatever is done of it."""
        yield Block(self._tensors, self._order(tf.constant(number, tf.int64)), 0, self._steps)


class Streamed:
    """The rows stay in the machine's memory; a thread brings a block while the one before is learnt from."""

    def __init__(
        self,
        rows: Structure,
        batch_size: int,
        seed: int,
        shuffle: bool,
        block_rows: int = BLOCK_ROWS,
        share: Share = WHOLE,
    ) -> None:
        """Take rows that are too many for the device, about `block_rows` of them at a time.

        Of each batch, only what belongs to this process' `share` of it goes to the device.
        """
        self.layout = Layout(rows)
        self.count = row_count(rows)
        self._share = share
        self._batch_size, self._seed, self._shuffle = batch_size, seed, shuffle
        self._block = max(1, block_rows // batch_size) * batch_size

    def epoch(self, number: int, done: int = 0) -> Iterator[Block]:
        """The blocks of an epoch that are not done."""
        with tf.device("CPU"):
            epoch = tf.constant(number, tf.int64)
            whole = np.asarray(epoch_order(self.count, self._seed, epoch, self._shuffle))
        begin = done * self._batch_size // self._block * self._block
        parts = [whole[start : start + self._block] for start in range(begin, self.count, self._block)]
        first = begin // self._batch_size
        if not parts:
            return
        with ThreadPoolExecutor(1) as worker:
            coming = worker.submit(self._bring, parts[0])
            for part, after in zip(parts, [*parts[1:], None], strict=True):
                tensors = coming.result()
                if after is not None:
                    coming = worker.submit(self._bring, after)
                steps = -(-len(part) // self._batch_size)
                order = tf.constant(self._share.order(len(part), self._batch_size), tf.int64)
                yield Block(tensors, order, first, steps)
                first += steps

    def _bring(self, rows: NDArray[np.int64]) -> Tensors:
        own = rows[self._share.places(len(rows), self._batch_size)]
        return self.layout.on_device([array[own] for array in self.layout.arrays])


def source_of(
    rows: Structure, recipe: Recipe, note: Callable[[str], None], together: Together = ALONE
) -> Source:
    """Rows that stay on the device, if they leave enough of its memory to what learns from them.

    Args:
        rows: Features, targets and, where rows are weighted, weights.
        recipe: Batch size, order, and the memory that is free.
        note: Is told why the rows come in blocks, if they do.
        together: The processes that train. Of several, each is brought its own rows of every block alone: the
            order is that of one process, so in another epoch they are others.
    """
    if together.several:
        share = together.share
        return Streamed(rows, recipe.batch_size, recipe.seed, recipe.shuffle, share=share)
    needed = sum(array.nbytes for array in Layout(rows).arrays)
    free = recipe.memory
    if free is None or needed <= SHARE * free:
        return Resident(rows, recipe.batch_size, recipe.seed, recipe.shuffle)
    note(
        f"the training rows take {needed / 2**30:.1f} GiB and the device has {free / 2**30:.1f} GiB free, so "
        f"they go there in blocks of {BLOCK_ROWS:,} rows"
    )
    return Streamed(rows, recipe.batch_size, recipe.seed, recipe.shuffle)
