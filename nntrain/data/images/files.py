"""Image files and what is wrong with them before one is opened."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from nntrain.data.dataset import Array, Beside, TargetOrigin, Use
from nntrain.errors import DataError, KeyPath, Location, Problem, listing, readable

IGNORED = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db"})
"""Files that Windows leaves in folders of images, in lower case; names that begin with a dot are hidden."""
SHOWN_FILES = 8


class ImageFile(NamedTuple):
    """One file that should be an image."""

    path: str
    shown: str
    """As messages name it: relative to the folder or as the list writes it."""
    size: int = 0
    """Bytes."""
    modified: int = 0
    """Nanoseconds."""
    fault: str = ""
    """Why it can't be one; empty where nothing speaks against it."""


@dataclass(frozen=True)
class Found:
    """Image files and targets by split; what is still to be divided is `train` alone."""

    files: Mapping[str, Sequence[ImageFile]]
    targets: Mapping[str, Mapping[str, Array]]
    """By target and split one value or row of values for each file; nothing where no target is asked for."""
    origins: Mapping[str, TargetOrigin]
    """What is known of each target."""
    notes: tuple[str, ...] = ()
    beside: Mapping[Use, Beside] = field(default_factory=dict)
    """What divides the files of `train`."""
    masks: Mapping[str, Sequence[ImageFile]] = field(default_factory=dict)
    """The mask of each file by split; empty where there are none."""


def is_hidden(name: str) -> bool:
    """Whether a file is none of the user's."""
    return name.startswith(".") or name.lower() in IGNORED


def image_file(entry: Path | os.DirEntry[str], shown: str) -> ImageFile:
    """What the file system says of a file, links followed."""
    path, shown = os.fspath(entry), readable(shown)
    try:
        found = entry.stat()
    except OSError as error:
        return ImageFile(path, shown, fault=_reason(error, entry.is_symlink()))
    if not stat.S_ISREG(found.st_mode):
        return ImageFile(
            path, shown, fault="is no file" if not stat.S_ISDIR(found.st_mode) else "is a folder"
        )
    fault = "" if found.st_size else "is empty"
    return ImageFile(path, shown, found.st_size, found.st_mtime_ns, fault)


def _reason(error: OSError, link: bool) -> str:
    if error.errno == errno.ELOOP:
        return "is a link that leads in a circle"
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return "is a link that leads nowhere" if link else "is not there"
    return f"can't be opened ({error.strerror})"


def refusal(
    faults: Mapping[str, str],
    count: int,
    shown: str,
    key: KeyPath,
    id: str = "bad_image",
    what: str = "image",
) -> DataError:
    """The error for files that are no readable images.

    Args:
        faults: What is wrong with each, by the file as shown.
        count: How many files there are.
        shown: The folder or list.
        key: The config key that names it; empty for one from the command line.
        id: A stable word for programs.
        what: What the files are to be: images, or masks.
    """
    one = len(faults) == 1
    message = (
        f"{len(faults):,} of {count:,} files {'is' if one else 'are'} no readable "
        f"{what}{'' if one else 's'}: {listing(told(faults), SHOWN_FILES)}; "
        f"mend or remove {'it' if one else 'them'}"
    )
    if key:
        message += f", or set data.skip_bad: true to leave {'it' if one else 'them'} out"
    return DataError(Problem(message, key, None if key else Location(shown), id=id))


def told(faults: Mapping[str, str]) -> Iterator[str]:
    """Each file with what is wrong with it."""
    return (f"'{shown}' {fault}" for shown, fault in faults.items())


def named(files: Iterable[str], limit: int = SHOWN_FILES) -> str:
    """Files or folders in quotes."""
    return listing((f"'{file}'" for file in files), limit)
