"""The error stream, kept apart from what C++ code writes to it."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import IO

from nntrain.errors import NntrainError

NATIVE = 2
"""The number of the stream that C++ code writes to."""


def own_stream() -> None:
    """Let Python write to where the error stream leads now, whatever is done with the stream itself."""
    given = sys.__stderr__
    if given is None or given is not sys.stderr:
        return
    with contextlib.suppress(OSError, ValueError):  # a stream that is no file has no number
        if given.fileno() == NATIVE:
            sys.stderr = os.fdopen(os.dup(NATIVE), "w", 1, given.encoding, given.errors)


class _Held:
    """Where native noise goes while somebody holds it back; threads may do so at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._saved = NATIVE
        self._file: IO[bytes]

    def take(self) -> bool:
        """One more who holds it back; False without an error stream."""
        with self._lock:
            if not self._holders:
                try:
                    self._saved = os.dup(NATIVE)
                except OSError:
                    return False
                self._file = tempfile.TemporaryFile()  # noqa: SIM115
                os.dup2(self._file.fileno(), NATIVE)
            self._holders += 1
            return True

    def tell(self) -> None:
        """Give out what was held back until now."""
        with self._lock:
            self._file.seek(0)
            os.write(self._saved, self._file.read())

    def release(self) -> None:
        """One fewer; the last one gives the stream back."""
        with self._lock:
            self._holders -= 1
            if not self._holders:
                os.dup2(self._saved, NATIVE)
                os.close(self._saved)
                self._file.close()


_HELD = _Held()


@contextlib.contextmanager
def native_noise_held_back() -> Iterator[None]:
    """Hold back what C++ code writes to the error stream; give it out if what it belongs to fails."""
    own_stream()
    if not _HELD.take():
        yield
        return
    try:
        yield
    except BaseException as error:
        if not isinstance(error, (NntrainError, KeyboardInterrupt)):
            _HELD.tell()
        raise
    finally:
        _HELD.release()
