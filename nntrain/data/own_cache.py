"""The user's cache folder: entries of two files, the second of which is `.json`, put in place as wholes."""

from __future__ import annotations

import errno
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from nntrain.config.text.source import at_home

UNFINISHED = ".tmp-"
"""How the names begin of files that are being written."""
ABANDONED = 24 * 3600
"""Seconds after which nobody goes on writing one: its process was killed."""


def folder(kind: str) -> Path:
    """Where entries of a kind are kept."""
    home = os.environ.get("NNTRAIN_CACHE_HOME")
    return at_home(home) / kind if home else users_cache() / kind


def users_cache() -> Path:
    """The folder of nntrain in the user's cache; it begins with `~` where this user has no home."""
    return at_home(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "nntrain"


def make(where: Path) -> None:
    """Make a folder in which something is kept, unless it is there.

    Raises:
        OSError: It can't be made, or lies in a home that nobody knows.
    """
    if where.parts[0].startswith("~"):  # else a folder of that name would be made here
        raise FileNotFoundError(errno.ENOENT, f"nobody knows where {where.parts[0]} is")
    where.mkdir(parents=True, exist_ok=True)


@contextmanager
def written(file: Path) -> Iterator[IO[bytes]]:
    """A stream whose content takes the file's place once it is whole; nothing is left of one that isn't.

    Raises:
        OSError: There is no room for it, or the folder may not be written to.
    """
    handle, temporary = tempfile.mkstemp(prefix=UNFINISHED, dir=file.parent)
    try:
        with os.fdopen(handle, "w+b") as stream:
            yield stream
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def make_room(where: Path, suffix: str, needed: int, most: int) -> None:
    """Remove the entries that were not used for longest, until a new one fits, and what was never finished.

    Args:
        where: Their folder.
        suffix: Of the file of each that takes the room.
        needed: Bytes of the new one.
        most: Bytes that all together may take.
    """
    for file, (changed, _) in _facts(where, f"{UNFINISHED}*").items():
        if changed < time.time() - ABANDONED:
            file.unlink(missing_ok=True)
    entries = _facts(where, f"*{suffix}")
    total = sum(size for _, size in entries.values())
    for file in sorted(entries, key=lambda file: entries[file]):
        if total + needed <= most:
            break
        file.with_suffix(".json").unlink(missing_ok=True)
        file.unlink(missing_ok=True)
        total -= entries[file][1]


def _facts(where: Path, pattern: str) -> dict[Path, tuple[float, int]]:
    """When files were changed, and their bytes; another process may be removing some of them."""
    found = {}
    for file in where.glob(pattern):
        with suppress(FileNotFoundError):
            facts = file.stat()
            found[file] = (facts.st_mtime, facts.st_size)
    return found
