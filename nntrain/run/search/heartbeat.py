"""Signs of life of a worker, by which others know that its trial is not lost."""

from __future__ import annotations

import threading
from collections.abc import Callable

BEAT, GRACE = 10, 60
"""Seconds between two signs of life, and of silence after which a trial is lost."""


class Heartbeat:
    """Gives signs of life for one trial at a time, from a thread of its own."""

    def __init__(self, give: Callable[[int], None]) -> None:
        """Begin in silence.

        Args:
            give: Gives one sign for a trial, by its id; is to raise nothing, for the next makes up for it.
        """
        self._give = give
        self._stops: dict[int, threading.Event] = {}

    def begin(self, trial: int) -> None:
        """Give signs of life for a trial from now on."""
        stop = self._stops[trial] = threading.Event()
        threading.Thread(target=self._beat, args=(trial, stop), daemon=True).start()

    def end(self, trial: int) -> None:
        """Give no more of them, if any were given."""
        if trial in self._stops:
            self._stops.pop(trial).set()

    def _beat(self, trial: int, stop: threading.Event) -> None:
        while not stop.wait(BEAT):
            self._give(trial)
