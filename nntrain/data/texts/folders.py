"""Texts in folders: a folder for each class, a `.txt` file for each text."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nntrain.config.data import INPUT, TARGET, Split, TextSource
from nntrain.data.csv_scan import not_utf8
from nntrain.data.dataset import Part, Raw, TargetOrigin
from nntrain.data.files import check_file, check_memory
from nntrain.data.texts.features import Texts
from nntrain.errors import (
    DataError,
    KeyPath,
    Location,
    MachineError,
    Problem,
    did_you_mean,
    listing,
    readable,
)

PATH_KEY: KeyPath = ("data", "path")
SUFFIX = ".txt"
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class _Class:
    """A folder of texts."""

    name: str
    files: tuple[Path, ...]
    others: int
    """Entries that are no texts."""


def load_folder(source: TextSource, folder: Path) -> Raw:
    """Read the texts of all classes, in the order of the folders' and files' names.

    Args:
        source: The `data:` section.
        folder: The folder that it names, as resolved.

    Raises:
        DataError: There are no classes, a class has no texts, or a file is no UTF-8 text.
        MachineError: A file may not be read.
    """
    shown = source.path
    names = {entry.name for entry in _entries(folder, shown) if _is_folder(entry, shown)}
    if "train" not in names:
        part, notes = read_classes(folder, shown, source.classes, PATH_KEY)
        return _raw(source, part, None, None, notes)
    if not names & {"validation", "test"} and len(names) > 1:
        return _raw(source, *_alone(source, folder))
    parts: dict[str, Part] = {}
    notes = ()
    for name in PARTS:
        if name in names:
            _refuse_share(source, name)
            parts[name], told = read_classes(folder / name, f"{shown}/{name}", source.classes, PATH_KEY)
            notes += told
    if others := sorted(names - set(PARTS)):
        notes += (f"folders beside train that are not read: {listing(others)}",)
    return _raw(source, parts["train"], parts.get("validation"), parts.get("test"), notes)


def _refuse_share(source: TextSource, part: str) -> None:
    """Refuse a share of rows for a split that the folder brings itself."""
    share = getattr(source.split, part, None)
    if share and share != getattr(Split(), part):
        message = f"'{source.path}' brings its own {part} texts, which are used; remove this"
        raise DataError(Problem(message, ("data", "split", part), id="conflict"))


def _alone(source: TextSource, folder: Path) -> tuple[Part, None, None, tuple[str, ...]]:
    """The classes of a folder in which one of them is called `train`."""
    part, notes = read_classes(folder, source.path, source.classes, PATH_KEY)
    return part, None, None, notes


def _raw(
    source: TextSource, rows: Part, validation: Part | None, test: Part | None, notes: tuple[str, ...]
) -> Raw:
    counted = [f"{len(rows):,} texts"]
    counted += [
        f"{len(part):,} {name} texts" for name, part in (("validation", validation), ("test", test)) if part
    ]
    return Raw(
        rows,
        validation,
        test,
        targets={TARGET: TargetOrigin(PATH_KEY, (TARGET,), task="classification")},
        description=f"{source.path}: {', '.join(counted)} in {len(set(rows.target))} folders",
        notes=notes,
    )


def read_classes(
    folder: Path, shown: str, wanted: tuple[str, ...] | None, key: KeyPath
) -> tuple[Part, tuple[str, ...]]:
    """The texts of a folder's folders with the folders' names as labels, and notes.

    Args:
        folder: The folder as resolved.
        shown: As the user wrote it.
        wanted: The folders to read; None for all.
        key: The config key that names the folder; empty for one from the command line.

    Raises:
        DataError: There are no such folders, one has no texts, or a file is no UTF-8 text.
        MachineError: A file may not be read.
    """
    names = sorted(entry.name for entry in _entries(folder, shown) if _is_folder(entry, shown))
    if wanted is not None:
        for i, name in enumerate(wanted):
            if name not in names:
                message = f"there is no folder '{name}' in '{shown}'{did_you_mean(name, names)}"
                where: KeyPath = ("data", "classes", i) if key else ()
                raise DataError(Problem(message, where, id="missing_folder"))
        names = [name for name in names if name in wanted]
    classes = [_class(folder / name, f"{shown}/{name}") for name in names]
    if not any(found.files for found in classes):
        message = f"'{shown}' has no folders with {SUFFIX} files; it holds a folder for each class, "
        raise DataError(
            Problem(f"{message}and each of these a {SUFFIX} file for each text", key, id="no_texts")
        )
    for found in classes:
        if not found.files:
            message = f"the folder '{shown}/{found.name}' has no {SUFFIX} file; fill it, or name the "
            message += f"folders to read in data.classes: [{listing(c.name for c in classes if c.files)}]"
            raise DataError(Problem(message, key, id="no_texts"))
    files = [file for found in classes for file in found.files]
    labels = [found.name for found in classes for _ in found.files]
    check_memory(sum(map(_size, files)), "the texts take at least", shown)
    paths = [f"{shown}/{file.relative_to(folder).as_posix()}" for file in files]
    values = np.array([_read(file, path) for file, path in zip(files, paths, strict=True)], object)
    texts = Texts(values, np.arange(len(files)), lambda row: Location(paths[row]))
    others = sum(found.others for found in classes)
    note = (f"'{shown}' holds {others:,} files and folders that are no {SUFFIX} files; they are not read",)
    return Part({INPUT: texts}, {TARGET: np.array(labels, object)}), note if others else ()


def _class(folder: Path, shown: str) -> _Class:
    files, others = [], 0
    for entry in _entries(folder, shown):
        if entry.name.lower().endswith(SUFFIX):
            files.append(folder / entry.name)
        elif not entry.name.startswith("."):
            others += 1
    return _Class(readable(folder.name), tuple(sorted(files)), others)


def _entries(folder: Path, shown: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except PermissionError:
        raise MachineError(
            Problem(f"the folder may not be read: {folder}", location=Location(shown), id="permission")
        ) from None
    except OSError as error:
        message = f"the folder can't be read: {error.strerror}"
        raise DataError(Problem(message, location=Location(shown), id="unreadable_file")) from None


def _is_folder(entry: os.DirEntry[str], shown: str) -> bool:
    try:
        return entry.is_dir() and not entry.name.startswith(".")
    except OSError as error:
        message = f"can't be read: {error.strerror}"
        raise DataError(
            Problem(message, location=Location(f"{shown}/{entry.name}"), id="unreadable_file")
        ) from None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0  # reading it will say why


def _read(file: Path, shown: str) -> str:
    """A file's text.

    Raises:
        DataError: It is no file, or not UTF-8.
        MachineError: It may not be read.
    """
    check_file(file, shown, ())
    content = file.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise not_utf8(file, shown) from None
