"""Before a file is read: is it there, may it be read, does it fit in memory."""

from __future__ import annotations

import math
import os
from pathlib import Path

from nntrain.config.text.source import located
from nntrain.data.memory import available_memory
from nntrain.errors import DataError, KeyPath, Location, MachineError, Problem, did_you_mean_file

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")


def resolve(path: str, base: Path) -> Path:
    """The file that `path` means in a config which lies in the folder `base`."""
    return located(path, base)


def check_file(file: Path, shown: str, key: KeyPath) -> None:
    """Make sure that `file` can be opened.

    Args:
        file: The path as resolved.
        shown: The path as the user wrote it.
        key: The config key that names it; empty for one from the command line.

    Raises:
        DataError: There is no such file, or it is a folder.
        MachineError: It may not be read.
    """
    try:
        file.open("rb").close()
    except IsADirectoryError:
        raise DataError(Problem(f"'{shown}' is a folder; name a file in it", key, id="folder")) from None
    except PermissionError:
        raise MachineError(Problem(f"'{shown}' may not be read: {file}", key, id="permission")) from None
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(Problem(_absence(file, shown), key, id="missing_file")) from None
    except OSError as error:
        message = f"'{shown}' can't be opened: {error.strerror}"
        raise DataError(Problem(message, key, id="unreadable_file")) from None


def _absence(file: Path, shown: str) -> str:
    folder = file.parent
    if not folder.is_dir():
        return f"there is no file '{shown}': no folder {folder.absolute()}"
    try:
        siblings = [entry.name for entry in os.scandir(folder)]
    except OSError:
        siblings = []
    where = "" if shown == str(file.absolute()) else f": looked for {file.absolute()}"
    return f"there is no file '{shown}'{where}{did_you_mean_file(file.name, siblings)}"


def check_memory(needed: int, what: str, shown: str = "") -> None:
    """Refuse what can't fit, before anything is allocated.

    Args:
        needed: Bytes.
        what: What takes them, as the subject of the message.
        shown: The file that it comes from.

    Raises:
        DataError: More bytes are needed than the machine has.
    """
    available = available_memory()
    if available is not None and needed > available:
        message = f"{what} {size(needed)} of memory; this machine has {size(available)} available"
        raise DataError(Problem(message, location=Location(shown) if shown else None, id="too_large"))


def size(count: float) -> str:
    """Bytes in words: `1.5 GiB`."""
    if count < 1024:
        return f"{count:.0f} bytes"
    power = min(5, int(math.log(count, 1024)))
    return f"{count / 1024**power:,.1f} {UNITS[power]}"
