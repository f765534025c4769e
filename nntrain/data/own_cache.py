"""The user's cache folder: entries of two files, the second of which is `.json`, put in place as wholes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


def folder(kind: str) -> Path:
    """Where entries of a kind are kept."""
    home = os.environ.get("NNTRAIN_CACHE_HOME")
    if home:
        return Path(home).expanduser() / kind
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "nntrain" / kind


@contextmanager
def written(file: Path) -> Iterator[IO[bytes]]:
    """A stream whose content takes the file's place once it is whole; nothing is left of one that isn't.

    Raises:
        OSError: There is no room for it, or the folder may not be written to.
    """
    handle, temporary = tempfile.mkstemp(prefix=".", dir=file.parent)
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield stream
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def make_room(where: Path, suffix: str, needed: int, most: int) -> None:
    """Remove the entries that were not used for longest, until a new one fits.

    Args:
        where: Their folder.
        suffix: Of the file of each that takes the room.
        needed: Bytes of the new one.
        most: Bytes that all together may take.
    """
    entries = sorted(where.glob(f"*{suffix}"), key=lambda file: file.stat().st_mtime)
    held = {file: file.stat().st_size for file in entries}
    total = sum(held.values())
    for file in entries:
        if total + needed <= most:
            break
        file.with_suffix(".json").unlink(missing_ok=True)
        file.unlink(missing_ok=True)
        total -= held[file]
