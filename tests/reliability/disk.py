"""The calls that change files, counted under one folder: at the n-th the process dies, or the call fails.

What `os` and `open` are is changed while a `Disk` is entered, so it sees what Python asks of the system: each
`write` that leaves a buffer, each `fsync`, `mkdir`, `rename`, `unlink`, `rmdir`, and each file that is opened
to be written. What a `kill -9` leaves behind is what the system was asked for until then.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import signal
from pathlib import Path

FULL = ("ENOSPC", "EDQUOT")
NEEDS_ROOM = ("open", "write", "fsync", "mkdir")
"""Calls that a full disk refuses; it lets things be renamed and removed."""
ERRORS = (*FULL, "EIO", "EROFS")


class Disk:
    """Enter it to count; `calls` has a `(call, path)` each, the path as it is in the folder."""

    def __init__(self, folder, *, at=0, error=None, lasting=False, only="", before=None):
        """Look at a folder.

        Args:
            folder: Calls on what is elsewhere are not counted.
            at: The number of the call at which something happens, from 1; 0 for none.
            error: The name of an error that is raised there; without one the process kills itself.
            lasting: Whether the error comes again at every later call.
            only: What the path of a call must contain to be counted.
            before: Is told of each call before it is done.
        """
        self.folder, self.at, self.error, self.lasting = str(folder), at, error, lasting
        self.only, self.before = only, before
        self.calls = []
        self.failed = 0

    def _told(self, call, path, missing_is_fine=False):
        path = os.fsdecode(path)
        if not path.startswith(self.folder) or self.only not in path[len(self.folder) :]:
            return
        if missing_is_fine and not os.path.lexists(path):
            return
        if self.error in FULL and call not in NEEDS_ROOM:
            return
        self.calls.append((call, path[len(self.folder) :].lstrip("/")))
        if self.before is not None:
            self.before(*self.calls[-1])
        if self.at and (len(self.calls) == self.at or (self.lasting and len(self.calls) > self.at)):
            if self.error is None:
                os.kill(os.getpid(), signal.SIGKILL)
            self.failed += 1
            number = getattr(errno, self.error)
            raise OSError(number, os.strerror(number))

    def __enter__(self):
        self._was = {name: getattr(os, name) for name in (*_BY_PATH, "fsync")}
        self._open = io.open
        for name in _BY_PATH:
            setattr(os, name, self._by_path(name))
        os.fsync = self._fsync
        io.open = builtins.open = self._opened
        return self

    def __exit__(self, *_):
        for name, function in self._was.items():
            setattr(os, name, function)
        io.open = builtins.open = self._open

    def _by_path(self, name):
        real = self._was[name]

        def call(path, *rest, **named):
            place = path
            if named.get("dir_fd") is not None:
                place = Path(_path_of(named["dir_fd"])) / os.fsdecode(path)
            shown = {"replace": "rename", "remove": "unlink"}.get(name, name)
            self._told(shown, place, missing_is_fine=shown == "unlink")
            return real(path, *rest, **named)

        return call

    def _fsync(self, handle):
        self._told("fsync", _path_of(handle))
        return self._was["fsync"](handle)

    def _opened(self, file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, **named):
        if isinstance(file, int) or not set(mode) & set("wax") or not str(file).startswith(self.folder):
            return self._open(file, mode, buffering, encoding, errors, newline, **named)
        self._told("open", file)
        stream = io.BufferedWriter(_Raw(file, mode.replace("b", "").replace("t", ""), self))
        return stream if "b" in mode else io.TextIOWrapper(stream, encoding, errors, newline)


_BY_PATH = ("mkdir", "rename", "replace", "unlink", "remove", "rmdir")


class _Raw(io.FileIO):
    """A file of which every write is told."""

    def __init__(self, file, mode, disk):
        super().__init__(file, mode)
        self._disk, self._place = disk, file

    def write(self, content):
        self._disk._told("write", self._place)
        return super().write(content)


def _path_of(handle):
    return os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115 - Path's own would be counted
