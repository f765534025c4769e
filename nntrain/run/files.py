"""Writing files that are whole or absent, whatever happens to the process or the disk."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nntrain.errors import MachineError, Problem

ELSEWHERE = "choose another --runs-dir"


def write_whole(path: Path, content: bytes, instead: str = ELSEWHERE) -> None:
    """Write a file under a temporary name, flush it to the disk, and rename it.

    Args:
        path: The file, which is replaced.
        content: Its bytes.
        instead: What to do where the folder can't be written.

    Raises:
        MachineError: The disk is full, or the folder can't be written; what was there before is intact.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with explained(path, instead):
        try:
            with temporary.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
            synced_folder(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise


def write_json(path: Path, value: Any) -> None:
    """Write JSON for people and programs: indented, without NaN.

    Raises:
        MachineError: As `write_whole`.
    """
    write_whole(path, json_bytes(value))


def json_bytes(value: Any) -> bytes:
    """Indented JSON, each list of plain values on one line; a name that is no UTF-8 is escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    flat = re.sub(r"\[\n[^\[\]{}]*\n *\]", _on_one_line, text)
    return (flat + "\n").encode(errors="backslashreplace")


def _on_one_line(found: re.Match[str]) -> str:
    # A line break is never part of a JSON string, so what surrounds it is layout.
    return re.sub(r"\n *", " ", found[0]).replace("[ ", "[", 1)[:-2] + "]"


@contextlib.contextmanager
def explained(path: Path, instead: str = ELSEWHERE) -> Iterator[None]:
    """Turn an operating-system error into one that says what to do.

    Raises:
        MachineError: For every `OSError` inside.
    """
    try:
        yield
    except OSError as error:
        raise MachineError(Problem(_reason(error, path, instead), id="disk")) from error


def _reason(error: OSError, path: Path, instead: str) -> str:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"the disk is full: {path} could not be written; make room, or {instead}"
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return f"{path} can't be written: {error.strerror}; {instead}"
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return f"{path} can't be made: a file is in the way; {instead}"
    return f"{path} can't be written: {error.strerror}"


def synced_folder(folder: Path) -> None:
    """Bring to the disk which files a folder has."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
