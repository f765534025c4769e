"""The files that a path means: one, or all that fit a pattern."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nntrain.config.text.source import at_home
from nntrain.data.files import check_file, check_memory, resolve
from nntrain.errors import NO_TEXT, DataError, KeyPath, Location, Problem, listing, readable

PATTERN = frozenset("*?[")
"""What stands in a path that means several files."""


@dataclass(frozen=True)
class SourceFile:
    """A file to read."""

    path: Path
    """As resolved."""
    shown: str
    """As the user wrote it, or would have."""


def find_files(path: str, base: Path, key: KeyPath, *, whole: bool = True) -> tuple[SourceFile, ...]:
    """The file that a config in the folder `base` names, or all that fit its pattern, sorted by name.

    Args:
        path: As the user wrote it; a pattern where it holds `*`, `?` or `[` and no file is called so.
        base: The config's folder.
        key: The config key that names it.
        whole: Whether they are to be in memory as a whole.

    Raises:
        DataError: There is none, one is a folder or can't be opened, or they are larger than memory.
        MachineError: One may not be read.
    """
    named = resolve(path, base)
    found: tuple[SourceFile, ...] = (SourceFile(named, path),)
    if PATTERN & set(path) and not named.exists():
        found = _fitting(path, named, key)
    for file in found:
        check_file(file.path, file.shown, key)
    if not whole:
        return found
    several = f"the {len(found)} files of '{path}' take at least"
    total = sum(file.path.stat().st_size for file in found)
    check_memory(total, *(("the file takes at least", path) if len(found) == 1 else (several,)))
    return found


def refuse_name(file: SourceFile) -> None:
    """Refuse a path that is no UTF-8: Arrow and TensorFlow open no such file.

    Raises:
        DataError: It is one.
    """
    path = str(file.path)
    if NO_TEXT.search(path):
        message = f"the path is no UTF-8: {readable(path)}; rename what is called so"
        raise DataError(Problem(message, location=Location(readable(file.shown)), id="unreadable_file"))


def _fitting(path: str, whole: Path, key: KeyPath) -> tuple[SourceFile, ...]:
    """All files that fit a pattern; folders do not count."""
    files = sorted(Path(name) for name in glob.glob(str(whole)))  # noqa: PTH207  (takes the whole pattern)
    depth = len(at_home(path).parts)
    found = tuple(SourceFile(file, str(Path(*file.parts[-depth:]))) for file in files if not file.is_dir())
    if not found:
        folder = whole.parent
        where = f"looked in {folder.absolute()}"
        if not PATTERN & set(str(folder)) and not folder.is_dir():
            where = f"no folder {folder.absolute()}"
        raise DataError(Problem(f"no file fits '{path}': {where}", key, id="missing_file"))
    return found


def check_same_columns(
    first: SourceFile, expected: Sequence[str], other: SourceFile, found: Sequence[str]
) -> None:
    """Refuse a file whose columns are not those of the first file; their order is free.

    Raises:
        DataError: Naming the file, and the columns that it lacks or has besides.
    """
    lacking = [f"'{name}'" for name in expected if name not in found]
    extra = [f"'{name}'" for name in found if name not in expected]
    if lacking or extra:
        lacks = f"lacks {listing(lacking)}" if lacking else ""
        has = f"has {listing(extra)} besides" if extra else ""
        message = (
            f"the columns are not those of {first.shown}: "
            f"this file {' and '.join(filter(None, (lacks, has)))}; "
            "all files of data.path need the same columns"
        )
        raise DataError(Problem(message, location=Location(other.shown), id="columns"))
