"""Who works on a run: a lock that the operating system frees when its process ends, however that happens."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from nntrain.errors import ConflictError, Problem
from nntrain.run.environment import is_alive
from nntrain.run.files import explained

LOCK = ".lock"


class RunLock:
    """Held from the beginning of a training to its end."""

    def __init__(self, run: Path, shown: Path) -> None:
        """Take the lock of a run.

        Args:
            run: Its directory.
            shown: As the user wrote it.

        Raises:
            ConflictError: Another process has it.
            MachineError: The file of the lock can't be made.
        """
        with explained(run / LOCK):
            self._handle = os.open(run / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(self._handle, 1000, 0)
            self.release()
            raise _owned(owner, shown) from None
        content = json.dumps({"process": os.getpid(), "host": socket.gethostname()}).encode()
        with explained(run / LOCK):
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, content, 0)

    def release(self) -> None:
        """Let others have it."""
        os.close(self._handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _owned(owner: bytes, shown: Path) -> ConflictError:
    """What to say of a run that another process trains."""
    try:
        told = json.loads(owner)
        who = f"process {told['process']} on {told['host']}"
    except (ValueError, TypeError, KeyError):  # it has just begun
        who = "another process"
    return ConflictError(
        Problem(f"{shown} is being trained by {who}; wait until it has ended, or stop it", id="run-locked")
    )


def still_going(path: Path) -> ConflictError:
    """What to say of a run that has no scores because it is being trained.

    Args:
        path: As the user wrote it.
    """
    return ConflictError(
        Problem(f"the run {path} is still going; wait until it has finished", id="run-locked")
    )


def is_going_on(run: Path, record: dict[str, Any]) -> bool:
    """Whether a process trains a run; one that says `running` and has none was killed.

    Args:
        run: Its directory.
        record: Its `run.json`.
    """
    if record.get("status") != "running":
        return False
    try:
        handle = os.open(run / LOCK, os.O_RDONLY)
    except FileNotFoundError:  # a run of folds has none of its own
        return is_alive(record)
    except OSError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
