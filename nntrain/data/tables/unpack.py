"""Files as streams of bytes, those packed by gzip unpacked while they are read and never beyond memory."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import IO, Any

from nntrain.data.files import check_memory
from nntrain.errors import DataError, Location, Problem

MAGIC = b"\x1f\x8b"
"""How files packed by gzip begin."""
STEP = 1 << 26
"""Unpacked bytes after which memory is asked for again."""


def is_packed(file: Path, shown: str) -> bool:
    """Whether a file is packed by gzip.

    Raises:
        DataError: It is called .gz and is not.
    """
    with file.open("rb") as stream:
        start = stream.read(len(MAGIC))
    if start and start != MAGIC and file.suffix.lower() == ".gz":
        message = (
            "the file is called .gz and does not begin as gzip's files do; if it is not packed, rename it"
        )
        raise DataError(Problem(message, location=Location(shown), id="gzip"))
    return start == MAGIC


def open_bytes(file: Path, shown: str, *, whole: bool = True) -> IO[bytes]:
    """A file's content, unpacked.

    Args:
        file: The path as resolved.
        shown: The path as the user wrote it.
        whole: Whether all of it is to be in memory together.

    Raises:
        DataError: Reading it finds that it is damaged, or that it holds more than the machine's memory.
    """
    if not is_packed(file, shown):
        return file.open("rb")
    return io.BufferedReader(_Unpacked(file, shown, whole), 1 << 20)


def unpacked_size(file: Path, shown: str) -> int:
    """Bytes of a file's content; of a packed one what its end says of it, which counts up to 4 GiB.

    Raises:
        DataError: It is called .gz and is not packed.
    """
    size = file.stat().st_size
    if not is_packed(file, shown):
        return size
    with file.open("rb") as stream:
        stream.seek(max(0, size - 4))
        return max(size, int.from_bytes(stream.read(4), "little"))


class _Unpacked(io.RawIOBase):
    """What a packed file holds; memory is checked against what has come out so far."""

    def __init__(self, file: Path, shown: str, whole: bool) -> None:
        self._packed = gzip.GzipFile(file)
        self._shown, self._whole = shown, whole
        self._count = self._checked = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Unpack the next bytes.

        Raises:
            DataError: The file is damaged or cut short, or larger than memory once unpacked.
        """
        try:
            count = self._packed.readinto(buffer)
        except (gzip.BadGzipFile, zlib.error, EOFError) as error:
            reason = "it ends too early" if isinstance(error, EOFError) else str(error)
            message = f"the packed file is damaged: {reason}"
            raise DataError(Problem(message, location=Location(self._shown), id="gzip")) from None
        self._count += count
        if self._whole and (self._count - self._checked >= STEP or (not count and self._count)):
            self._checked = self._count
            check_memory(self._count, "unpacked, the file takes at least", self._shown)
        return count

    def close(self) -> None:
        """Close the file."""
        self._packed.close()
        super().close()
