"""The signals that ask a program to end, and who takes them for a while."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def taken_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Let `handler` take the signals inside the block.

    One that the process ignores stays ignored, and one that a program around Python takes is left to it: its
    handler could not be put back. Only the main thread may enter the block.
    """
    present = {number: signal.getsignal(number) for number in SIGNALS}
    before = {number: taker for number, taker in present.items() if taker not in (signal.SIG_IGN, None)}
    for number in before:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number, taker in before.items():
            signal.signal(number, taker)
