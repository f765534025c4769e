"""Which rows of an epoch a process learns from, of several that train one network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


@dataclass(frozen=True)
class Share:
    """The part of one process in every batch: neighbouring rows of it."""

    worker: int = 0
    """The number of the process, from 0."""
    of: int = 1
    """How many processes there are."""

    @property
    def is_whole(self) -> bool:
        """Whether the process learns from all rows."""
        return self.of == 1

    def part(self, count: int) -> tuple[int, int]:
        """First row of its part of a batch of `count` rows, and the one after its last."""
        return self.worker * count // self.of, (self.worker + 1) * count // self.of

    def rows(self, count: int, batch: int) -> int:
        """How many of `count` rows are its own, laid out in batches of which the last may be smaller."""
        full, rest = divmod(count, batch)
        (first, last), (begin, end) = self.part(batch), self.part(rest)
        return full * (last - first) + end - begin

    def stretch(self, count: int, batch: int) -> tuple[int, int]:
        """First row and the one after the last, where each process has as many rows one after another.

        So every process has a stretch of a file that no other one learns from.
        """
        first = sum(Share(worker, self.of).rows(count, batch) for worker in range(self.worker))
        return first, first + self.rows(count, batch)

    def places(self, count: int, batch: int) -> Index:
        """Positions of its own rows among `count` rows, laid out in batches; ascending."""
        place = np.arange(count)
        within = place % batch
        size = np.minimum(batch, count - (place - within))
        first, last = self.worker * size // self.of, (self.worker + 1) * size // self.of
        return np.flatnonzero((first <= within) & (within < last))

    def order(self, count: int, batch: int) -> Index:
        """For each of `count` rows its position among its own ones, and -1 for those of others."""
        if self.is_whole:
            return np.arange(count)
        order = np.full(count, -1)
        places = self.places(count, batch)
        order[places] = np.arange(len(places))
        return order


WHOLE = Share()
