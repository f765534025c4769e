"""Reading a run's files with a look at them first: what is larger than nntrain writes it stays unread."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

from nntrain.data.files import size
from nntrain.errors import ArtefactError, Location, MachineError, Problem

KIB, MIB = 1 << 10, 1 << 20
MOST = {
    "run.json": 16 * MIB,
    "manifest.json": 16 * MIB,
    "config.yaml": 256 * KIB,
    "resolved.yaml": 256 * KIB,
    "code.py": MIB,
    "history.csv": 64 * MIB,
    "metrics.json": 32 * MIB,
    "preprocess.json": 512 * MIB,
}
"""Bytes that a file of a run may have, by its name."""


def read_bounded(path: Path, most: int) -> bytes:
    """The content of a file.

    Args:
        path: The file.
        most: Bytes that it may have.

    Raises:
        FileNotFoundError: It is not there.
        ArtefactError: It has more, or is no file.
        MachineError: It may not be read.
    """
    with open_regular(path) as stream:
        held = os.fstat(stream.fileno()).st_size
        if held > most:
            message = (
                f"has {size(held)}, and at most {size(most)} of such a file are read; put it back as the run "
                "wrote it"
            )
            raise ArtefactError(Problem(message, location=Location(str(path)), id="damaged"))
        return stream.read(held)


def open_regular(path: Path) -> IO[bytes]:
    """Open a file, and nothing else that may have its name: a pipe would keep us waiting.

    Raises:
        FileNotFoundError: It is not there.
        ArtefactError: It is something else.
        MachineError: It may not be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(path) from None
    except OSError as error:
        raise MachineError(Problem(f"{path} can't be read: {error.strerror}", id="permission")) from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise ArtefactError(Problem("is no regular file", location=Location(str(path)), id="damaged"))
    return os.fdopen(handle, "rb")
