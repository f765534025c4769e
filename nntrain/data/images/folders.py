"""Folders of images: one for each class, in one set or in training, validation and test sets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nntrain.config.data import TARGET
from nntrain.data.dataset import TargetOrigin
from nntrain.data.images.files import Found, ImageFile, image_file, is_hidden, named
from nntrain.errors import (
    DataError,
    KeyPath,
    Location,
    MachineError,
    Problem,
    did_you_mean,
    did_you_mean_file,
    readable,
    suggestion,
)

SPLITS = ("train", "validation", "test")
OTHER_WORDS = {"training": "train", "val": "validation", "valid": "validation", "dev": "validation"}
OTHER_WORDS |= {"testing": "test", "tests": "test"}
"""What other tools call the splits, in lower case."""


@dataclass
class _Gathered:
    """Files and names of classes by split, while folders are read."""

    files: dict[str, list[ImageFile]] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Place:
    """Where something is looked for, to say so in messages."""

    shown: str
    key: KeyPath

    def error(self, message: str, id: str) -> DataError:
        location = None if self.key else Location(self.shown)
        return DataError(Problem(message, self.key, location, id))


def find(folder: Path, shown: str, key: KeyPath, *, classes: bool = True, splits: bool = True) -> Found:
    """Look for images.

    Args:
        folder: As resolved.
        shown: As the user wrote it.
        key: The config key that names it; empty for one from the command line.
        classes: Whether the images' folders are their classes; without, images may lie in `folder` itself.
        splits: Whether folders may be called `train`, `validation` and `test`.

    Raises:
        DataError: There is no such folder, or it does not hold folders of images.
        MachineError: It may not be read.
    """
    place = _Place(shown, key)
    folders, _ = _content(folder, shown, place)
    own = [name for name in SPLITS if name in folders]
    found = _Gathered()
    if not own:
        _read_part(folder, "", "train", found, place, classes)
        return _found(found, classes, key)
    if not splits:
        message = f"'{shown}' holds {named(own)}, and one set is scored; name that, such as {shown}/{own[-1]}"
        raise place.error(message, "splits")
    _check_splits(folders, own, place)
    for part in own:
        _read_part(folder / part, f"{part}/", part, found, place, classes)
    if classes:
        _compare_classes(found, own, place)
    return _found(found, classes, key)


def files_in(folder: Path, shown: str, key: KeyPath) -> list[os.DirEntry[str]]:
    """The files of a folder, sorted, hidden ones left out.

    Raises:
        DataError: There is no such folder.
        MachineError: It may not be read.
    """
    return _content(folder, shown, _Place(shown, key))[1]


def _found(found: _Gathered, classes: bool, key: KeyPath) -> Found:
    labels = {part: np.array(labels, object) for part, labels in found.labels.items()}
    origin = TargetOrigin(key, ("class",), task="classification")
    targets = {TARGET: labels} if classes else {}
    return Found(found.files, targets, {TARGET: origin}, tuple(found.notes))


def _content(folder: Path, shown: str, place: _Place) -> tuple[dict[str, Path], list[os.DirEntry[str]]]:
    """Folders by name and files, sorted, hidden ones left out."""
    folders: dict[str, Path] = {}
    files: list[os.DirEntry[str]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if is_hidden(entry.name):
                    continue
                if _is_folder(entry):
                    folders[readable(entry.name)] = folder / entry.name
                else:
                    files.append(entry)
    except FileNotFoundError:
        raise place.error(_absence(folder, shown), "missing_folder") from None
    except NotADirectoryError:
        instead = "; name a folder of images, or give it as data.list" if place.key else ""
        raise place.error(f"'{shown}' is a file{instead}", "no_folder") from None
    except OSError as error:
        message = f"the folder '{shown}' can't be read: {error.strerror}"
        raise MachineError(Problem(message, place.key, id="unreadable_folder")) from None
    return folders, files


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in a circle
        return False


def _absence(folder: Path, shown: str) -> str:
    try:
        siblings = [entry.name for entry in os.scandir(folder.parent) if _is_folder(entry)]
    except OSError:
        return f"there is no folder '{shown}': no folder {folder.parent.absolute()}"
    hint = did_you_mean_file(folder.name, siblings)
    where = "" if shown == str(folder.absolute()) else f": looked for {folder.absolute()}"
    return f"there is no folder '{shown}'{where}{hint}"


def _check_splits(folders: Mapping[str, Path], own: list[str], place: _Place) -> None:
    """Refuse folders beside those of the splits, which somebody means to be used."""
    others = [name for name in folders if name not in SPLITS]
    if others:
        wanted = OTHER_WORDS.get(others[0].lower()) or suggestion(others[0], SPLITS)
        meant = f" (is '{wanted}' meant?)" if wanted and wanted not in folders else ""
        message = (
            f"beside {named(own)} there {'is' if len(others) == 1 else 'are'} {named(others)}{meant}; sets "
            f"are called train, validation and test: rename or move {'it' if len(others) == 1 else 'them'}"
        )
        raise place.error(message, "split_folder")
    if "train" not in own:
        message = (
            f"there is {named(own)} and no 'train'; put the training images' classes into a folder 'train'"
        )
        raise place.error(message, "split_folder")


def _read_part(folder: Path, inside: str, part: str, found: _Gathered, place: _Place, classes: bool) -> None:
    """Add the files of one set, whose name within the folder is `inside`."""
    where = f"{place.shown}/{inside}".rstrip("/")
    folders, loose = _content(folder, where, place)
    files: list[ImageFile] = []
    labels: list[str] = []
    if not classes and not folders:
        files = [image_file(entry, f"{inside}{entry.name}") for entry in loose]
    elif not folders:
        count = f"{len(loose):,} file" + ("" if len(loose) == 1 else "s")
        holds = f"holds {count} and no folders" if loose else "is empty"
        message = f"'{where}' {holds}; put the images of each class into a folder that is called like it"
        raise place.error(message, "no_classes")
    elif loose:
        beside = named(f"{inside}{entry.name}" for entry in loose)
        found.notes.append(f"files beside the folders of classes are left out: {beside}")
    empty = []
    for name, path in folders.items():
        images = _images_of(name, path, inside, place)
        files += images
        labels += [name] * len(images)
        empty += [] if images else [f"{inside}{name}"]
    if empty and part == "train" and classes:
        one = len(empty) == 1
        message = f"the folder{'' if one else 's'} {named(empty)} {'holds' if one else 'hold'} no images; "
        raise place.error(message + f"put some in, or remove {'it' if one else 'them'}", "empty_class")
    if not files:
        raise place.error(f"'{where}' holds no images", "no_images")
    found.files[part] = files
    found.labels[part] = labels
    if classes and part == "train" and len(folders) == 1 and place.key:
        message = (
            f"'{where}' holds the folder '{labels[0]}' alone; a classifier needs at least two classes, each "
            "with a folder"
        )
        raise place.error(message, "one_class")


def _images_of(name: str, path: Path, inside: str, place: _Place) -> list[ImageFile]:
    within, files = _content(path, f"{place.shown}/{inside}{name}", place)
    if within:
        message = (
            f"'{inside}{name}' holds the folder '{next(iter(within))}', and images lie directly in the "
            "folder of their class"
        )
        if not files and place.key:
            message += f"; is {place.shown}/{inside}{name} meant?"
        else:
            message += "; move its images up, or remove it"
        raise place.error(message, "nested_folder")
    return [image_file(entry, f"{inside}{name}/{entry.name}") for entry in files]


def _compare_classes(found: _Gathered, own: list[str], place: _Place) -> None:
    """Classes go by the names of folders; those that one set alone has are refused or told."""
    train = set(found.labels["train"])
    for part in own[1:]:
        present = set(found.labels[part])
        unknown = sorted(present - train)
        if unknown:
            first = next(
                file.shown for file in found.files[part] if file.shown.startswith(f"{part}/{unknown[0]}/")
            )
            near = did_you_mean(unknown[0], train)
            one = len(unknown) == 1
            message = (
                f"'{part}' has {'a class' if one else 'classes'} that 'train' has no folder of, which can't "
                f"be learnt: {named(unknown)}{near}, the first image is '{first}'; add training images, or "
                f"take {'it' if one else 'them'} out"
            )
            raise place.error(message, "untrained_label")
        absent = sorted(train - present)
        if absent:
            found.notes.append(f"classes that no {part} image has: {named(absent)}")
