"""Rows that stay in their file: brought to the device in pools of neighbouring chunks, one after another.

The order of an epoch is a function of the seed and the epoch's number. Chunks are permuted, some of them make
a pool, and the rows of a pool are permuted: so every file is read in large pieces, once an epoch.

Where several processes train, each reads a stretch of the file of its own, as long as its part of all
batches: its chunks are permuted and pooled, and a batch has rows of all stretches. So the order is a function
of the number of processes too. Rows that are not to be permuted keep the batches that one process makes of
them; then every process reads all of them, and learns from its part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nntrain.arrays import Stored, joined
from nntrain.training.recipe import Recipe
from nntrain.training.rows import DeviceRows, Layout, Structure, Tensors, epoch_order, row_count
from nntrain.training.shares import WHOLE, Share
from nntrain.training.sources import BLOCK_ROWS, Block
from nntrain.training.together import ALONE, Together

POOLED = 3
"""Chunks whose rows are mixed with one another."""
BLOCK_BYTES = 32 << 20
"""Rows that take more than this go to the device in several blocks."""
Index = NDArray[np.int64]
Item = TypeVar("Item")


def is_stored(rows: Structure) -> bool:
    """Whether some of the rows stay in their file."""
    return any(isinstance(leaf, Stored) for leaf in tf.nest.flatten(rows))


def bounds_of(rows: Structure) -> Index:
    """Where the chunks of rows begin, and where the last one ends, shape `(chunks + 1,)`."""
    bounds: Index = next(leaf.bounds for leaf in tf.nest.flatten(rows) if isinstance(leaf, Stored))
    return bounds


def some(rows: Structure, first: int, last: int) -> Structure:
    """The rows from one position up to another, read. What stands in two places is one array again."""
    read = {id(leaf): leaf[first:last] for leaf in _leaves(rows)}
    return tf.nest.map_structure(lambda leaf: read[id(leaf)], rows)


def _leaves(rows: Structure) -> list[Any]:
    """The arrays, each once."""
    return list({id(leaf): leaf for leaf in tf.nest.flatten(rows)}.values())


def block_rows(example: Layout, batch_size: int, most: int = BLOCK_ROWS) -> int:
    """Rows of a block: whole batches, at least one, of rows that together take no more than `BLOCK_BYTES`."""
    width = sum(-(-int(array.nbytes) // len(array)) for array in example.arrays)
    return max(1, min(most, BLOCK_BYTES // max(1, width)) // batch_size) * batch_size


def pools(
    bounds: Index, seed: int, epoch: int, shuffle: bool, share: Share = WHOLE
) -> list[tuple[list[int], Index]]:
    """The order in which an epoch reads rows.

    Args:
        bounds: Of the chunks.
        seed: Of the config.
        epoch: Its number, from 0.
        shuffle: False keeps the rows' own order.
        share: Whose rows they are.

    Returns:
        For each pool its chunks, and the order of its rows: positions among the chunks' rows laid end to end.
    """
    with tf.device("CPU"):
        number = tf.constant(epoch, tf.int64)
        chunks = np.asarray(epoch_order(len(bounds) - 1, seed, number, shuffle)).tolist()
    sizes = np.diff(bounds)
    apart = () if share.is_whole else (share.worker,)
    draw = np.random.default_rng([seed % 2**64, epoch, *apart])
    found = []
    for first in range(0, len(chunks), POOLED):
        pool = chunks[first : first + POOLED]
        count = int(sizes[pool].sum())
        found.append((pool, draw.permutation(count) if shuffle else np.arange(count)))
    return found


class FromFile:
    """A thread reads and prepares rows while those before them are learnt from."""

    def __init__(
        self,
        rows: Structure,
        batch_size: int,
        seed: int,
        shuffle: bool,
        most: int = BLOCK_ROWS,
        share: Share = WHOLE,
    ) -> None:
        """Take rows of which some are `Stored`; at most about `most` of them go to the device at once.

        Of each batch, only what belongs to this process' `share` of it goes there.
        """
        self.count = row_count(rows)
        self._share, self._apart = share, shuffle and not share.is_whole
        first, last = share.stretch(self.count, batch_size) if self._apart else (0, self.count)
        self.layout = Layout(some(rows, first, first + batch_size))
        self._leaves = _leaves(rows)
        self._bounds = np.unique(np.clip(bounds_of(rows), first, last))
        self._batch_size, self._seed, self._shuffle = batch_size, seed, shuffle
        self._block = block_rows(self.layout, batch_size, most)

    def epoch(self, number: int, done: int = 0) -> Iterator[Block]:
        """The blocks of an epoch that are not done; what is read for them alone is not read."""
        begin = done * self._batch_size // self._block * self._block
        first = begin // self._batch_size
        for tensors, count in ahead(lambda: self._brought(number, begin)):
            steps = -(-count // self._batch_size)
            order = tf.constant(self._share.order(count, self._batch_size), tf.int64)
            yield Block(tensors, order, first, steps)
            first += steps

    def _brought(self, number: int, begin: int) -> Iterator[tuple[Tensors, int]]:
        """The own rows of each block, and how many it has for all processes."""
        share, size, batch = self._share, self._block, self._batch_size
        if self._apart:
            own = _cut(self._pools(number, share.rows(begin, batch)), share.rows(size, batch))
            for start, rows in zip(range(begin, self.count, size), own, strict=True):
                yield self.layout.on_device(rows), min(size, self.count - start)
            return
        for rows in _cut(self._pools(number, begin), size):
            count = len(rows[0])
            if not share.is_whole:
                rows = [array[share.places(count, batch)] for array in rows]
            yield self.layout.on_device(rows), count

    def _pools(self, number: int, begin: int) -> Iterator[tuple[list[Any], Index]]:
        """The rows of each pool, chunk after chunk, and their order; not the first `begin` of them."""
        share = self._share if self._apart else WHOLE
        for chunks, whole in pools(self._bounds, self._seed, number, self._shuffle, share):
            order, begin = whole[begin:], max(0, begin - len(whole))
            if not len(order):
                continue
            spans = [(int(self._bounds[chunk]), int(self._bounds[chunk + 1])) for chunk in chunks]
            yield [joined([leaf[slice(*span)] for span in spans]) for leaf in self._leaves], order


def from_file(rows: Structure, recipe: Recipe, together: Together = ALONE) -> FromFile:
    """Rows of which some are `Stored`, in the order that a recipe asks for."""
    return FromFile(rows, recipe.batch_size, recipe.seed, recipe.shuffle, share=together.share)


class StoredRows:
    """Rows in their own order, in blocks: for what learns nothing from them."""

    def __init__(self, rows: Structure, batch_size: int, share: Share = WHOLE) -> None:
        """Take rows of which some are `Stored`; every block but the last has whole batches.

        Of several processes each has a stretch of neighbouring batches.
        """
        count = row_count(rows)
        batches = -(-count // batch_size)
        begin, end = (batch_size * place for place in share.part(batches))
        self._first, self._last = begin, min(end, count)
        self.count = self._last - self._first
        self._most = self.count if share.is_whole else batch_size * -(-batches // share.of)
        self.layout = Layout(some(rows, 0, batch_size))
        self._rows = rows
        self._block = block_rows(self.layout, batch_size)

    def specs(self) -> Tensors:
        """What a compiled function is to know of a block."""
        return self.layout.specs(self.layout.on_device(self.layout.arrays), None)

    def blocks(self) -> Iterator[tuple[Tensors, int, int]]:
        """Each block, how many rows it has, and how many that of the process that has the most of them."""
        return ahead(self._read)

    def _read(self) -> Iterator[tuple[Tensors, int, int]]:
        for done in range(0, self._most, self._block):
            first = min(self._first + done, self._last)
            last = min(first + self._block, self._last)
            arrays = [leaf[first : max(last, first + 1)] for leaf in _leaves(self._rows)]
            yield self.layout.on_device(arrays), last - first, min(self._block, self._most - done)


def evaluation_rows(rows: Structure, batch_size: int, together: Together = ALONE) -> DeviceRows | StoredRows:
    """Rows to be evaluated, of several processes each its stretch: on the device, or out of their file.

    Args:
        rows: All of them.
        batch_size: Of the batches that they are evaluated in.
        together: The processes.
    """
    share = together.share
    if together.any(is_stored(rows)):  # what one can't hold in memory, all take in blocks
        return StoredRows(rows, batch_size, share)
    if share.is_whole:
        return DeviceRows(rows)
    batches = -(-row_count(rows) // batch_size)
    first, last = share.part(batches)
    return DeviceRows(some(rows, first * batch_size, last * batch_size), batch_size * -(-batches // share.of))


def _cut(given: Iterator[tuple[list[Any], Index]], size: int) -> Iterator[list[Any]]:
    """Rows of pools, in their order, as blocks of one size; the last one may be smaller."""
    rest: list[Any] | None = None
    for arrays, order in given:
        start = 0
        if rest is not None:
            start = size - len(rest[0])
            rest = [joined([old, new[order[:start]]]) for old, new in zip(rest, arrays, strict=True)]
            if len(rest[0]) < size:
                continue
            yield rest
            rest = None
        while start + size <= len(order):
            yield [array[order[start : start + size]] for array in arrays]
            start += size
        if start < len(order):
            rest = [array[order[start:]] for array in arrays]
    if rest is not None:
        yield rest


def ahead(make: Callable[[], Iterator[Item]]) -> Iterator[Item]:
    """The items of an iterator, each made in a thread while the one before it is used."""
    items = make()
    with ThreadPoolExecutor(1) as worker:
        coming = worker.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = worker.submit(next, items, None)
            yield item
