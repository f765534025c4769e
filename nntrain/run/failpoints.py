"""Places where a test makes the process die or an operation fail: `NNTRAIN_FAILPOINT=name[:n][:ERROR]`.

At the n-th time (the first by default) that the place is reached, the process kills itself as `kill -9` does;
with the name of an operating system's error, such as ENOSPC, that error is raised there instead, and at every
later time too. Without the variable a place costs the look at one name.
"""

from __future__ import annotations

import errno
import os
import signal

VARIABLE = "NNTRAIN_FAILPOINT"


class _Armed:
    """The one place that was chosen."""

    def __init__(self, text: str) -> None:
        self.name, *rest = text.split(":")
        self.error = next((word for word in rest if not word.isdecimal()), None)
        self.left = next((int(word) for word in rest if word.isdecimal()), 1)

    def reached(self, name: str) -> None:
        if name != self.name:
            return
        self.left -= 1
        if self.left > 0:
            return
        if self.error is not None:
            number = int(getattr(errno, self.error))
            raise OSError(number, os.strerror(number))
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


_ARMED = _Armed(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None


def reached(name: str) -> None:
    """Say that a place is reached.

    Raises:
        OSError: A test asked for one here.
    """
    if _ARMED is not None:
        _ARMED.reached(name)
