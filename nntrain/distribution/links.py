"""What connects workers beside TensorFlow: who has ended is known at once, and by number."""

from __future__ import annotations

import math
import selectors
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from nntrain.distribution.lines import Line

LOOK = 0.5
"""Seconds between two looks at whether this side has hung up."""
BEAT = 2.0
"""Seconds between two signs of life."""
SHORTEST = 15.0
"""Seconds of silence below which nobody is given up: a busy process may be silent for some."""


class Links:
    """At the first worker a line to each of the others; at the others one to the first."""

    def __init__(self, lines: Mapping[int, Line], patience: float = math.inf) -> None:
        """Take lines by the number of the worker at their other end.

        Args:
            lines: The lines.
            patience: Seconds of silence, at least `SHORTEST`, after which a worker counts as lost.
        """
        self._lines = dict(lines)
        self.patience = max(patience, SHORTEST)
        self.silent = False
        """Whether who is lost has fallen silent, and has not hung up."""
        self._lost: set[int] = set()
        self._news, self._done, self._closed = threading.Event(), threading.Event(), threading.Event()

    def watch(self, on_loss: Callable[[], None]) -> None:
        """Look out, in a thread, for others that end; `on_loss` is called there when the first one does."""
        arguments = (dict(self._lines), on_loss)
        threading.Thread(target=self._watch, args=arguments, name="watch-workers", daemon=True).start()

    def lost(self, patience: float = 0.0) -> list[int]:
        """The workers that have ended too early, as far as is known.

        Args:
            patience: Seconds to wait for such news.
        """
        self._news.wait(patience)
        return sorted(self._lost)

    def finish(self) -> None:
        """Tell the others that all is done."""
        self._say({"done": True})
        self.close()

    def wait_until_done(self) -> bool:
        """Wait until the first worker has written the run; False if it ended before."""
        while not self._done.wait(LOOK):
            if self._lost:
                return self._done.is_set()
        return True

    def close(self) -> None:
        """Hang up."""
        self._closed.set()
        for line in self._lines.values():
            line.close()

    def _watch(self, lines: dict[int, Line], on_loss: Callable[[], None]) -> None:
        with selectors.DefaultSelector() as selector:
            try:
                for index, line in lines.items():
                    selector.register(line.socket, selectors.EVENT_READ, index)
                beaten, heard = -math.inf, dict.fromkeys(lines, time.monotonic())
                while selector.get_map() and not self._is_over():
                    ready = selector.select(LOOK)
                    now = time.monotonic()
                    if now - beaten > BEAT:
                        beaten = now
                        self._say({"alive": True})
                    heard |= dict.fromkeys((key.data for key, _ in ready), now)
                    quiet = {index for index, last in heard.items() if now - last > self.patience}
                    if quiet and not self._lost and not self._is_over():
                        self.silent = True
                        self._lose(quiet, on_loss)
                    for key, _ in ready:
                        gone = self._gone(key.data, lines[key.data])
                        if key.data in gone:
                            selector.unregister(key.fileobj)
                        if gone and not self._is_over():
                            self._lose(gone, on_loss)
            except (OSError, ValueError, KeyError):  # this side has hung up
                return

    def _is_over(self) -> bool:
        return self._closed.is_set() or self._done.is_set()

    def _gone(self, index: int, line: Line) -> set[int]:
        """Take what a worker says: who is gone, which is itself if it says nothing any more."""
        try:
            messages = line.received()
        except OSError:
            messages = None
        if messages is None:
            return {index}
        gone: set[int] = set()
        for message in messages:
            if message.get("done"):
                self._done.set()
            self.silent |= message.get("silent") is True
            gone |= {one for one in message.get("lost", ()) if isinstance(one, int)}
        return gone

    def _lose(self, gone: set[int], on_loss: Callable[[], None]) -> None:
        is_first = not self._lost
        self._lost |= gone
        if not is_first:
            return
        for index, line in self._lines.items():
            if index not in gone:
                with suppress(OSError):
                    line.send({"lost": sorted(gone), "silent": self.silent})
        self._news.set()
        on_loss()

    def _say(self, message: Mapping[str, object]) -> None:
        for line in self._lines.values():
            with suppress(OSError):
                line.send(message)
