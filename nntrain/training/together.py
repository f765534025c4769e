"""What processes that train one network together agree on; a process alone agrees with itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nntrain.training.shares import Share

Numbers = NDArray[np.float64]


def _own(numbers: Numbers) -> Numbers:
    return numbers[np.newaxis]


@dataclass(frozen=True)
class Together:
    """One of the processes; all ask the same questions in the same order, and get the same answers."""

    worker: int = 0
    """Its number, from 0."""
    workers: int = 1
    """How many there are."""
    number: Callable[[int], int] = int
    """The number that the first process gives."""
    any: Callable[[bool], bool] = bool
    """Whether one of them says so."""
    gather: Callable[[Numbers], Numbers] = _own
    """What each of them gives, shape `(workers, n)`, of the `(n,)` that this one gives."""

    @property
    def several(self) -> bool:
        """Whether there are others."""
        return self.workers > 1

    @property
    def share(self) -> Share:
        """What of every batch this one learns from."""
        return Share(self.worker, self.workers)


ALONE = Together()
