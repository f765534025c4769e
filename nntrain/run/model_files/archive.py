"""A look into a stranger's .keras file before anything in it is believed: a zip of exactly three members."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from nntrain.errors import ArtefactError, Location, MachineError, Problem, listing

CONFIG, METADATA, NUMBERS = "config.json", "metadata.json", "model.weights.h5"
LIMITS = {CONFIG: 8 << 20, METADATA: 1 << 16}
"""Bytes of a member once unpacked; that of the numbers is judged by the network."""
ASSETS = "assets/"
"""Vocabularies of layers, which the config has too: they are never read."""
MAX_MEMBERS = 1_000
MAX_TABLE = 1 << 20
MAX_RATIO = 20
"""A packed member unpacks to this many times its bytes at most, beyond `SMALL`."""
SMALL = 1 << 20
END, END_64, LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, struct.error)
"""What is raised on a zip that is cut short, altered or unknown to `zipfile`."""
CUT = "is not a .keras file, or was cut off"


class Archive:
    """An open .keras file whose members are what they should be; leaving the block closes it."""

    def __init__(self, path: Path, shown: str) -> None:
        """Open and check a file; nothing in it is unpacked.

        Args:
            path: The file.
            shown: As the user wrote it.

        Raises:
            ArtefactError: There is no such file, it is something else, or its table of contents is not
                that of a .keras file.
            MachineError: It may not be read.
        """
        self._shown = shown
        self._stream = _opened(path, shown)
        try:
            self._check()
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> Archive:
        """Take it into a block."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close the file."""
        self._zip.close()
        self._stream.close()

    def refused(self, message: str) -> ArtefactError:
        """The error for what is wrong with this file."""
        return refused(message, self._shown)

    def size(self, name: str) -> int:
        """Bytes of a member once unpacked, as declared."""
        return self._zip.getinfo(name).file_size

    def read(self, name: str) -> bytes:
        """One of the two small members.

        Raises:
            ArtefactError: It is damaged, or larger than declared.
        """
        try:
            with self._zip.open(name) as stream:
                return stream.read(LIMITS[name])  # never more, whatever the packed bytes unpack to
        except DAMAGED:
            raise self.refused(f"is damaged: {name} can't be unpacked") from None

    def unpack(self, name: str, target: Path) -> None:
        """Write a member into a file of our own choice.

        Raises:
            ArtefactError: It is damaged.
            MachineError: The disk is full.
        """
        try:
            out = target.open("wb")
            with out, self._zip.open(name) as stream:
                while block := stream.read(1 << 20):
                    _write(out, block, target)
        except DAMAGED:
            raise self.refused(f"is damaged: {name} can't be unpacked") from None

    def _check(self) -> None:
        try:
            self._check_start_and_end()
            self._zip = zipfile.ZipFile(self._stream)
            wrong = next(_strange_members(self._zip), None) or next(self._misplaced(), None)
        except DAMAGED:
            raise self.refused(CUT) from None
        if wrong:
            raise self.refused(wrong)

    def _check_start_and_end(self) -> None:
        """Judge the table of contents by its length, before `zipfile` reads it.

        Raises:
            ArtefactError: It is no zip, or has too many members.
        """
        start = self._stream.read(4)
        other = _other_format(start)
        if other:
            raise self.refused(other)
        held = self._stream.seek(0, os.SEEK_END)
        self._stream.seek(max(0, held - 98))
        tail = self._stream.read(98)
        if start != b"PK\x03\x04" or tail[-22:-18] != END or tail[-2:] != b"\0\0":
            raise self.refused(CUT)
        members, table = struct.unpack("<HI", tail[-12:-6])
        if tail[-42:-38] == LOCATOR_64:
            if tail[-98:-94] != END_64:
                raise self.refused(CUT)
            members, table = struct.unpack("<QQ", tail[-66:-50])
        if members > MAX_MEMBERS or table > MAX_TABLE:
            raise self.refused(f"claims {members:,} members; a .keras file has three")

    def _misplaced(self) -> Iterator[str]:
        """What is wrong with where the members lie: they follow one another, and nothing is used twice."""
        end = 0
        for info in sorted(self._zip.infolist(), key=lambda info: info.header_offset):
            if info.header_offset < end:
                yield f"has members that overlap: '{info.filename}' begins inside the one before it"
                return
            self._stream.seek(info.header_offset)
            head = self._stream.read(30)
            name, extra = struct.unpack("<HH", head[26:30])
            if self._stream.read(name) != info.orig_filename.encode():
                yield f"calls '{info.filename}' something else in its table of contents"
                return
            end = info.header_offset + 30 + name + extra + info.compress_size
        if end > self._zip.start_dir:
            yield "is damaged: its last member reaches into the table of contents"


def refused(message: str, shown: str) -> ArtefactError:
    """The error for what is wrong with a model file."""
    return ArtefactError(Problem(message, location=Location(shown), id="model-file"))


def _opened(path: Path, shown: str) -> IO[bytes]:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe must not make us wait
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise ArtefactError(f"{shown} is no regular file; name a .keras file")
        return os.fdopen(handle, "rb")
    except (FileNotFoundError, NotADirectoryError):
        raise ArtefactError(f"there is no file {shown}") from None
    except OSError as error:
        raise MachineError(f"{shown} can't be read: {error.strerror}") from None


def _write(out: IO[bytes], block: bytes, target: Path) -> None:
    try:
        out.write(block)
    except OSError as error:
        reason = error.strerror
        raise MachineError(f"{target.parent} has no room to unpack the model: {reason}") from None


def _other_format(start: bytes) -> str | None:
    """What a file is that only has the name of a .keras file."""
    if start == b"\x89HDF":
        return (
            "is an HDF5 file called .keras; open it with Keras where you trust it, and save it again "
            "with model.save('model.keras')"
        )
    if start[:1] == b"\x80" and start[1:2] in {b"\x02", b"\x03", b"\x04", b"\x05"}:
        return "is a Python pickle called .keras: reading it would run what it says, so it is refused"
    return None


def _strange_members(archive: zipfile.ZipFile) -> Iterator[str]:
    """What is wrong with the names, kinds and sizes of the members."""
    infos = archive.infolist()
    names = [info.orig_filename for info in infos]
    for info in infos:
        name = info.orig_filename
        kind = stat.S_IFMT(info.external_attr >> 16)
        if name.startswith("/") or "\\" in name or ".." in name.split("/") or "\0" in name:
            yield f"has a member whose name leads out of it: {name!r}"
        elif kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            yield f"has a member that is a link or no file: '{name}'"
        elif names.count(name) > 1:
            yield f"has two members called '{name}'"
        elif name not in {CONFIG, METADATA, NUMBERS} and not name.startswith(ASSETS):
            yield f"has a member '{name[:100]}'; a .keras file has {CONFIG}, {METADATA} and {NUMBERS}"
        elif info.flag_bits & 1:
            yield f"has an encrypted member '{name}'"
        elif info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            yield f"has a member '{name}' that is packed in an unusual way"
        elif info.file_size > LIMITS.get(name, info.file_size):
            yield f"has {info.file_size:,} bytes of {name}; at most {LIMITS[name]:,} are read"
        elif info.file_size > MAX_RATIO * info.compress_size + SMALL:
            yield (
                f"is a bomb: '{name}' has {info.compress_size:,} bytes and would unpack to {info.file_size:,}"
            )
    missing = [name for name in (CONFIG, METADATA, NUMBERS) if name not in names]
    if missing:
        yield f"has no {listing(missing)}, so it is not a .keras file"
