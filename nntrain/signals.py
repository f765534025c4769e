"""The signals that ask a program to end, and who takes them for a while."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def taken_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Let `handler` take the signals inside the block; one that the process ignores stays ignored.

    Only the main thread may enter it.
    """
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number, present in before.items():
        if present is not signal.SIG_IGN:
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, present in before.items():
            signal.signal(number, present)
