"""Ctrl-C and its kin: a first signal stops training after the step at hand, a third one at once.

After a second one training has two seconds left: a process may crash by what a signal raises in TensorFlow
while it traces a step, which takes about that long.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from nntrain.signals import SIGNALS, taken_by

GRACE = 2.0
"""Seconds from a second signal to the end of training, if it does not end by itself."""


class Interrupted(KeyboardInterrupt):
    """A signal ended the command; what was written until then is kept."""

    def __init__(self, message: str, signum: int) -> None:
        super().__init__(message)
        self.message = message
        self.signum = signum


class StopSwitch:
    """Set by a signal; asked by training after every step."""

    def __init__(self) -> None:
        self.signum: int | None = None
        self.patient = False
        """Whether signals only set the switch at first, because somebody asks it."""
        self.ending = False
        """Whether the record of the run is being closed, which takes a moment and is not to be broken off."""
        self.insisted = False
        """Whether a signal raised KeyboardInterrupt, of which a library may have made another error."""
        self.asked = False
        """Whether the program itself asks training to stop, as a search asks a trial that leads nowhere."""
        self._count = 0
        self._reminder: threading.Timer | None = None

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.signum is not None or self.asked

    def receive(self, signum: int, frame: FrameType | None) -> None:
        """Take a signal."""
        if self.ending:
            return
        self.signum = signum
        self._count += 1
        if not self.patient or self._count > 2:
            self.insisted = True
            raise KeyboardInterrupt
        if self._count == 2:
            arguments = (threading.main_thread().ident, signum)
            self._reminder = threading.Timer(GRACE, signal.pthread_kill, arguments)
            self._reminder.daemon = True
            self._reminder.start()

    def close(self) -> None:
        """Have no signal come again: there is no training that it should end."""
        if self._reminder is not None:
            self._reminder.cancel()

    def give_way(self) -> None:
        """End training that a signal broke off, whatever TensorFlow made of it while it traced a step.

        Raises:
            KeyboardInterrupt: One did.
        """
        self.patient = False
        self.close()
        if self.insisted and not self.ending:
            raise KeyboardInterrupt

    def heed(self) -> None:
        """Break off if a signal came that nobody else asks for, and what it raised was lost on its way.

        Raises:
            KeyboardInterrupt: So it is.
        """
        if self.signum is not None and not self.patient and not self.ending:
            raise KeyboardInterrupt

    @property
    def cause(self) -> int:
        """The signal that came; SIGINT where Python raised by itself."""
        return self.signum or signal.SIGINT


def listen_again() -> None:
    """Take signals back from a library that put its own handler beneath Python's, as TensorFlow does."""
    if threading.current_thread() is threading.main_thread():
        for number in SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                signal.signal(number, handler)


_LISTENING: list[StopSwitch] = []
"""The switches that take signals; the last one does so first."""


def heed() -> None:
    """Break off if a signal came, though a library's bare `except:` may have swallowed what it raised.

    It is called where a phase ends, and again and again by whoever waits.

    Raises:
        KeyboardInterrupt: A signal came, and this is the thread that takes them.
    """
    if _LISTENING and threading.current_thread() is threading.main_thread():
        _LISTENING[-1].heed()


@contextmanager
def heeded() -> Iterator[None]:
    """A signal that comes inside the block ends it as such, whatever a library made of it on the way."""
    try:
        yield
    finally:
        heed()


@contextmanager
def stop_switch() -> Iterator[StopSwitch]:
    """Listen to signals inside the block; threads other than the main one can't, and don't."""
    switch = StopSwitch()
    if threading.current_thread() is not threading.main_thread():
        yield switch
        return
    with taken_by(switch.receive):
        _LISTENING.append(switch)
        try:
            yield switch
        finally:
            switch.close()
            _LISTENING.remove(switch)
