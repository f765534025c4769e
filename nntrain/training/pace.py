"""How much is done in one call, so that a bar moves and Ctrl-C is answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

SLICE = 0.3
"""Seconds that one call should take."""
GROWTH = 8
"""A call has at most this many times the steps of the largest one before it."""


class Pace:
    """Cuts steps into calls of about `SLICE` seconds each, from what the calls before took."""

    def __init__(self, agreed: Callable[[int], int] = int) -> None:
        """`agreed` makes the number of steps of a call that of all processes that train together."""
        self._agreed = agreed
        self._compiled = False
        self._largest = 1
        self._seconds: float | None = None
        """What a step took in the last call; unknown until there was one that did not compile as well."""

    def calls(self, steps: int, done: int = 0) -> Iterator[tuple[int, int]]:
        """First step of each call and the one after its last; asked for the next one, a call is over.

        Args:
            steps: How many there are.
            done: Steps at the beginning that are left out.
        """
        while done < steps:
            count = self._agreed(min(steps - done, self._next()))
            began = time.perf_counter()
            yield done, done + count
            self._took(count, time.perf_counter() - began)
            done += count

    def _next(self) -> int:
        if self._seconds is None:
            return 1
        return max(1, min(self._largest * GROWTH, int(SLICE / max(self._seconds, 1e-9))))

    def _took(self, count: int, seconds: float) -> None:
        if self._compiled:
            self._seconds = seconds / count
            self._largest = max(self._largest, count)
        self._compiled = True
