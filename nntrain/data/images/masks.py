"""Masks: for each image a file of the same height and width whose numbers are the classes of its pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import DataSection, ImagesSource
from nntrain.data.dataset import Array, TargetInfo
from nntrain.data.images.files import Found, ImageFile, image_file, named
from nntrain.data.images.folders import files_in
from nntrain.errors import DataError, KeyPath, Location, Problem, did_you_mean, listing

MASKS_KEY = ("data", "masks")
NAMES_KEY, IGNORE_KEY = ("data", "class_names"), ("data", "ignore_label")
WHITE = 255
"""What drawing programs write where a mask of two classes says yes; others mark what is to be left out."""
BLOCK = 1 << 24
"""Pixels that are counted at a time."""
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Place:
    """Where masks are looked for, to say so in messages."""

    shown: str
    """The folder or list."""
    key: KeyPath = ()
    """The config key that names it; empty for one from the command line."""

    def error(self, message: str, id: str, key: KeyPath | None = None) -> DataError:
        """The error, at the key or (from the command line) at the file."""
        location = None if self.key else Location(self.shown)
        return DataError(Problem(message, (key or self.key) if self.key else (), location, id))


def pair(
    found: Found, folder: Path, place: Place
) -> tuple[Mapping[str, Sequence[ImageFile]], tuple[str, ...]]:
    """The mask of each image: the file in the same folder within `folder` that is called like it.

    Args:
        found: The images, by split.
        folder: Of the masks, as resolved.
        place: The same for messages.

    Returns:
        The masks by split, and notes.

    Raises:
        DataError: The folder is missing, an image has no mask or two, or two images share one.
        MachineError: It may not be read.
    """
    if folder.is_file():
        raise place.error(f"'{place.shown}' is a file; name the folder that holds the masks", "no_folder")
    files_in(folder, place.shown, place.key)
    images = [file for files in found.files.values() for file in files]
    folders = dict.fromkeys(_inside(file) for file in images)
    by_name: dict[str, list[ImageFile]] = {}
    for inside in folders:
        shown = f"{place.shown}/{inside}".rstrip("/.")
        for entry in files_in(folder / inside, shown, place.key):
            mask = image_file(entry, f"{shown}/{entry.name}")
            by_name.setdefault(_stem(f"{inside}/{entry.name}"), []).append(mask)
    _check_pairs(images, by_name, place)
    used = {_stem(image.shown) for image in images}
    loose = [mask.shown for name, masks in by_name.items() if name not in used for mask in masks]
    one = len(loose) == 1
    note = f"{len(loose):,} mask{'' if one else 's'} without an image {'is' if one else 'are'} left out: "
    notes = (note + named(loose),) if loose else ()
    return {part: [by_name[_stem(f.shown)][0] for f in files] for part, files in found.files.items()}, notes


def _inside(file: ImageFile) -> str:
    return str(PurePosixPath(file.shown).parent)


def _stem(shown: str) -> str:
    return str(PurePosixPath(shown).with_suffix(""))


def _check_pairs(images: Sequence[ImageFile], masks: Mapping[str, Sequence[ImageFile]], place: Place) -> None:
    """Refuse images without a mask, and names that two files share."""
    first: dict[str, ImageFile] = {}
    bare = []
    for image in images:
        name = _stem(image.shown)
        if name in first:
            message = (
                f"the images '{first[name].shown}' and '{image.shown}' are called like one mask; rename one"
            )
            raise place.error(message, "shared_mask")
        first[name] = image
        own = masks.get(name, ())
        if len(own) > 1:
            message = f"'{own[0].shown}' and '{own[1].shown}' are both called like the image '{image.shown}'"
            raise place.error(f"{message}; keep one of the two", "two_masks")
        if not own:
            bare.append(image.shown)
    if bare:
        one = len(bare) == 1
        near = did_you_mean(_stem(bare[0]), masks) if one else ""
        message = (
            f"{len(bare):,} of {len(images):,} images {'has' if one else 'have'} no mask in '{place.shown}': "
            f"{named(bare)}{near}; a mask is called like its image, whatever its ending: add "
            f"{'it' if one else 'them'}, or name both files of each pair in a 'list'"
        )
        raise place.error(message, "no_mask")


def check_sizes(
    images: Sequence[ImageFile],
    masks: Sequence[ImageFile],
    sizes: Mapping[int, tuple[tuple[int, int], tuple[int, int]]],
    place: Place,
) -> None:
    """Refuse masks that are not as large as their images.

    Args:
        images: The files.
        masks: The mask of each.
        sizes: Heights and widths of an image and its mask where they differ, by position.
        place: For messages.
    """
    if not sizes:
        return
    at, (image, mask) = next(iter(sizes.items()))
    one = len(sizes) == 1
    message = (
        f"{len(sizes):,} of {len(images):,} masks {'is' if one else 'are'} not as large as the image: "
        f"{'' if one else 'the first '}'{masks[at].shown}' of {mask[0]} x {mask[1]} (height x width) for "
        f"'{images[at].shown}' of {image[0]} x {image[1]}; a mask needs the size of its image"
    )
    raise place.error(message, "mask_size")


def classes_of(
    pixels: Pixels,
    names: Sequence[str] | None,
    ignored: int | None,
    place: Place,
    files: Sequence[ImageFile] = (),
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What the numbers of masks mean; 255 becomes 1 in place where there are 0 and 255 alone.

    Args:
        pixels: Of all masks, shape `(n, height, width)`.
        names: Of the classes 0, 1, 2, ...; without them each number is its own name.
        ignored: The number of pixels that are left out.
        place: For messages.
        files: The masks' files; without them rows are numbered.

    Returns:
        The classes' names, and notes.

    Raises:
        DataError: There are numbers that no class has, or one class alone.
    """
    counts = _counts(pixels)
    notes: tuple[str, ...] = ()
    present = [value for value in np.flatnonzero(counts).tolist() if value != ignored]
    if set(present) <= {0, WHITE} and WHITE in present and (names is None or len(names) == 2):
        pixels[pixels == WHITE] = 1
        present = [min(value, 1) for value in present]
        told = ("0", "1") if names is None else tuple(f"'{name}'" for name in names)
        notes = (f"the masks hold 0 and 255, which are read as the classes 0 and 1: {told[0]} and {told[1]}",)
        names = names or ("0", "1")
    if names is not None:
        unknown = [value for value in present if value >= len(names)]
        if unknown:
            raise _unknown(pixels, counts, unknown, names, place, files)
        return tuple(names), notes
    highest = max(present, default=0)
    if highest == WHITE:
        message = (
            "the masks hold 255 beside other numbers, which mostly marks pixels to be left out; set "
            "data.ignore_label: 255, or say in data.class_names what the numbers mean"
        )
        raise place.error(message, "mask_number")
    if ignored is not None and ignored < highest:
        message = (
            f"{ignored} stands among the classes of the masks, which go up to {highest}; number classes "
        )
        raise place.error(f"{message}from 0, and what is left out above them", "mask_number", IGNORE_KEY)
    if not highest:
        message = "every pixel of the masks is 0; a segmentation needs at least two classes"
        raise place.error(message, "one_class")
    return tuple(map(str, range(highest + 1))), notes


def known_masks(source: DataSection, info: TargetInfo, masks: Array, shown: str) -> Pixels:
    """New masks as a finished run reads them.

    Args:
        source: The run's `data:` section.
        info: What the run predicts.
        masks: Numbers, of shape `(n, height, width)` or, with a last axis, `(n, height, width, 1)`.
        shown: The file, as the user wrote it.

    Raises:
        DataError: They are of another shape, or hold numbers that no class of the run has.
    """
    place = Place(shown)
    flat = masks[..., 0] if masks.ndim == 4 and masks.shape[-1] == 1 else masks
    if flat.shape[1:] != info.shape:
        message = f"masks of shape {flat.shape[1:]} where the run was trained on {info.shape}"
        raise place.error(message, "row_shape")
    if flat.dtype.kind not in "biuf" or not ((flat == np.floor(flat)) & (flat >= 0) & (flat <= 255)).all():
        raise place.error("the numbers of masks are whole and go from 0 to 255", "mask_number")
    pixels = flat.astype(np.uint8)
    ignored = source.ignore_label if isinstance(source, ImagesSource) else None
    classes_of(pixels, info.names, ignored, place)
    return pixels


def _unknown(
    pixels: Pixels,
    counts: NDArray[np.int64],
    unknown: Sequence[int],
    names: Sequence[str],
    place: Place,
    files: Sequence[ImageFile],
) -> DataError:
    """The error for numbers that no class has."""
    told = listing((f"{value} ({counts[value]:,} pixels)" for value in unknown), 6)
    rows = [i for i in range(len(pixels)) if np.isin(pixels[i], unknown).any()]
    first = f"'{files[rows[0]].shown}'" if files else f"row {rows[0]} (from 0)"
    known = listing((f"{i} {name}" for i, name in enumerate(names)), 6)
    holds = "holds" if len(rows) == 1 else "hold"
    message = (
        f"{len(rows):,} of {len(pixels):,} masks {holds} numbers without a class: {told}, the first is "
        f"{first}; the classes are {known}: "
    )
    message += (
        "name the others in data.class_names, or set data.ignore_label to leave their pixels out"
        if place.key
        else "the run knows no others"
    )
    return place.error(message, "mask_number", NAMES_KEY if place.key else None)


def _counts(pixels: Pixels) -> NDArray[np.int64]:
    """How many pixels hold 0, 1, ..., 255."""
    flat = pixels.reshape(-1)
    found = np.zeros(256, np.int64)
    for start in range(0, len(flat), BLOCK):
        found += np.bincount(flat[start : start + BLOCK], minlength=256)
    return found
