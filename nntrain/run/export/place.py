"""Where an exported network goes: a file or a folder that is whole or absent."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from nntrain.errors import ConflictError, Problem, UsageError
from nntrain.run.export.ask import ENDINGS, Ask
from nntrain.run.files import explained, synced_folder

ELSEWHERE = "choose another --out"


def place_for(ask: Ask, name: str) -> Path:
    """The path to write.

    Args:
        ask: What the user asks for.
        name: Of the run.

    Raises:
        UsageError: The name of a file does not end as its format's do.
        ConflictError: Something is there already.
        MachineError: A folder may not be looked into.
    """
    ending = ENDINGS[ask.format]
    path = Path(ask.out or f"{name}{ending}")
    folder = ask.format == "saved_model"
    if not folder and path.suffix.lower() != ending:
        raise UsageError(f"--out {path}: end the file's name with {ending}")
    if folder and path.suffix.lower() in ENDINGS.values():
        raise UsageError(f"--out {path}: a SavedModel is a folder; name one without {path.suffix}")
    if not folder and path.is_dir():
        raise _there(f"{path} is a folder; name a file")
    with explained(path, ELSEWHERE):
        filled = path.is_dir() and any(path.iterdir())
    if filled:
        raise _there(
            f"{path} is a folder that holds files, which nntrain does not remove; name another with --out"
        )
    if path.exists() and not path.is_dir() and not ask.force:
        raise _there(f"{path} is there already; name another with --out, or replace it with --force")
    return path


def _there(message: str) -> ConflictError:
    return ConflictError(Problem(message, id="file-there"))


@contextlib.contextmanager
def written(path: Path) -> Iterator[Path]:
    """A path to write to, which gets the right name once all went well, and is removed otherwise.

    Raises:
        MachineError: The disk is full, or the place can't be written to.
    """
    temporary = path.with_name(f".{path.stem}.{os.getpid()}.tmp{path.suffix}")
    with explained(path, ELSEWHERE):
        try:
            yield temporary
            for file in [temporary, *temporary.rglob("*")]:
                _flush(file)
            if temporary.is_dir() and path.is_file():
                path.unlink()
            temporary.replace(path)
            synced_folder(path.parent)
        except BaseException:
            with contextlib.suppress(OSError):
                shutil.rmtree(temporary) if temporary.is_dir() else temporary.unlink()
            raise


def _flush(file: Path) -> None:
    """Bring a file or folder to the disk."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def bytes_of(path: Path) -> int:
    """Of a file, or of all files of a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())
