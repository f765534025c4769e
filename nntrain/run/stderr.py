"""The error stream, kept apart from what C++ code writes to it."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

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


@contextlib.contextmanager
def native_noise_held_back() -> Iterator[None]:
    """Hold back what C++ code writes to the error stream; give it out if what it belongs to fails."""
    own_stream()
    try:
        saved = os.dup(NATIVE)
    except OSError:
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), NATIVE)
        try:
            yield
        except BaseException as error:
            os.dup2(saved, NATIVE)
            if not isinstance(error, (NntrainError, KeyboardInterrupt)):
                held.seek(0)
                os.write(NATIVE, held.read())
            raise
        finally:
            os.dup2(saved, NATIVE)
            os.close(saved)
