"""`type: images`: rows of pixels and what they show, for training and for scoring a finished run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nntrain.config.data import INPUT, TARGET, ImagesSource
from nntrain.config.data_images import Color, ImageSteps
from nntrain.data.dataset import Array, Index, Part, Raw, TargetOrigin
from nntrain.data.files import check_file, resolve
from nntrain.data.images import folders, lists, masks
from nntrain.data.images.cache import Stays
from nntrain.data.images.files import Found, ImageFile, refusal, told
from nntrain.data.npy_file import ArrayStore, NpyFile
from nntrain.data.npz_arrays import Header
from nntrain.data.streaming.decide import streams
from nntrain.data.streaming.features import StoredFeatures
from nntrain.errors import DataError, KeyPath, Location, Problem, listing

if TYPE_CHECKING:
    from nntrain.data.images.cache import Decoded

PATH_KEY, LIST_KEY = ("data", "path"), ("data", "list")
COLORS: Mapping[int, Color] = {1: "grey", 3: "rgb", 4: "rgba"}
"""What the last axis of a run's rows says."""
LISTS = (".csv", ".tsv", ".txt")


def load(source: ImagesSource, base: Path) -> Raw:
    """Read the images that a config in the folder `base` names.

    Raises:
        DataError: Files are missing or damaged, or don't fit together.
        MachineError: They may not be read.
    """
    classes = source.task not in ("reconstruction", "segmentation")
    if source.list is not None:
        shown, key = source.list, LIST_KEY
        file = resolve(shown, base).absolute()
        check_file(file, shown, key)
        found = lists.find(source, file, shown, key, targets=source.task != "reconstruction")
    else:
        assert source.path is not None
        shown, key = source.path, PATH_KEY
        found = folders.find(resolve(shown, base).absolute(), shown, key, classes=classes)
    if source.task == "segmentation" and source.list is None:
        found = _with_masks(source, found, base)
    parts, origins, notes = _read(source, source.preprocess.image, found, shown, key, source.class_names)
    own = [name for name in parts if name != "train"]
    for name in own:
        share = getattr(source.split, name)
        if name in source.split.model_fields_set and share:
            notes += (f"the folder brings its own {name} images, so data.split.{name} is not used",)
    return Raw(
        parts["train"],
        parts.get("validation"),
        parts.get("test"),
        targets=origins if found.targets or found.masks else {},
        description=_description(parts, shown),
        notes=notes,
    )


def read_new(
    source: ImagesSource,
    row_shape: tuple[int, ...],
    file: Path,
    shown: str,
    *,
    targets: bool,
    classes: tuple[str, ...] = (),
) -> tuple[Part, dict[str, TargetOrigin], tuple[str, ...]]:
    """Read a folder or a list of new images as the training images were read.

    Args:
        source: The run's `data:` section.
        row_shape: Height, width and colours of the run's rows.
        file: As resolved.
        shown: As the user wrote it.
        targets: Whether the run has targets besides the images.
        classes: Of the run's masks, for which a folder holds the folders `images` and `masks`.

    Returns:
        The rows, what is known of their targets, and notes.

    Raises:
        DataError: Files are missing or damaged, or don't fit together.
        MachineError: They may not be read.
    """
    file = file.absolute()
    if file.suffix.lower() in LISTS:
        check_file(file, shown, ())
        found = lists.find(source, file, shown, (), targets=targets)
    elif source.task == "segmentation":
        found = _new_pairs(file, shown)
    else:
        found = folders.find(file, shown, (), classes=targets, splits=False)
    steps = source.preprocess.image.model_copy(update={"color": COLORS[row_shape[-1]]})
    parts, origins, notes = _read(source, steps, found, shown, (), classes or None)
    return parts["train"], origins, notes


def _with_masks(source: ImagesSource, found: Found, base: Path) -> Found:
    """The images of a folder and the masks that lie in another one."""
    assert source.path is not None
    assert isinstance(source.masks, str)
    place = masks.Place(source.masks, masks.MASKS_KEY)
    folder = resolve(source.masks, base).absolute().resolve()
    if folder.is_relative_to(resolve(source.path, base).absolute().resolve()):
        message = (
            f"'{source.masks}' lies in the folder of the images, '{source.path}', and would be read as "
            "images; name a folder that holds the images alone in data.path"
        )
        raise place.error(message, "masks_inside")
    return _paired(found, folder, place)


def _new_pairs(folder: Path, shown: str) -> Found:
    """The images and masks of a folder that holds both."""
    folders.files_in(folder, shown, ())
    if not all((folder / name).is_dir() for name in ("images", "masks")):
        message = (
            "a folder to be scored holds the folders 'images' and 'masks', with each mask called like its "
            "image; bring the files into two such folders, or name a list (.csv) of images and masks"
        )
        raise masks.Place(shown).error(message, "no_masks")
    found = folders.find(folder / "images", f"{shown}/images", (), classes=False, splits=False)
    return _paired(found, folder / "masks", masks.Place(f"{shown}/masks"))


def _paired(found: Found, folder: Path, place: masks.Place) -> Found:
    own, notes = masks.pair(found, folder, place)
    origin = TargetOrigin(place.key, ("mask",))
    return Found(found.files, {}, {TARGET: origin}, (*found.notes, *notes), masks=own)


def _read(
    source: ImagesSource,
    steps: ImageSteps,
    found: Found,
    shown: str,
    key: KeyPath,
    class_names: tuple[str, ...] | None,
) -> tuple[dict[str, Part], dict[str, TargetOrigin], tuple[str, ...]]:
    """Decode all files together, and give each split its rows."""
    from nntrain.data.images.read import read  # Pillow is for those who have images

    every, reasons = _every(found.files), list[str]()
    decoded = read(every, steps, cached=source.cache, shown=shown, key=key, stays=_stays(source, reasons))
    faults = {every[i].shown: fault for i, fault in decoded.faults.items()}
    notes = found.notes + decoded.remarks
    if faults and not source.skip_bad:
        raise refusal(faults, len(every), shown, key)
    if not len(decoded.pixels):
        raise refusal(faults, len(every), shown, (), "no_images")
    classes: tuple[str, ...] | None = None
    numbers: masks.Pixels | None = None
    if found.masks:
        decoded, numbers = _masked(source, steps, found, decoded, shown, key)
        faults = {every[i].shown: fault for i, fault in decoded.faults.items()}
        sound = [mask for i, mask in enumerate(_every(found.masks)) if i not in decoded.faults]
        place = masks.Place(shown, key and masks.MASKS_KEY)
        classes, told_classes = masks.classes_of(numbers, class_names, source.ignore_label, place, sound)
        notes += told_classes
    if faults:
        notes += (f"{len(faults):,} of {len(every):,} files were left out: {listing(told(faults), 6)}",)
    notes += tuple(reasons)
    parts, start, row = {}, 0, 0
    origins = dict(found.origins)
    if classes:
        origins = {TARGET: replace(origins[TARGET], classes=classes, task="segmentation")}
    for name, files in found.files.items():
        kept = np.array([i for i in range(len(files)) if start + i not in decoded.faults], np.int64)
        start += len(files)
        count = len(kept)
        if not count:
            location = None if key else Location(shown)
            message = f"none of the {len(files):,} {name} files is a readable image"
            raise DataError(Problem(message, key, location, "no_images"))
        targets = {target: values[name][kept] for target, values in found.targets.items()}
        if numbers is not None:
            targets = {TARGET: numbers[row : row + count]}
        parts[name] = Part({INPUT: _features(decoded.pixels, row, count, shown)}, targets)
        row += count
        if name == "train":
            origins = {target: _moved(origin, kept) for target, origin in origins.items()}
            beside = {use: replace(b, values=b.values[kept]) for use, b in found.beside.items()}
            where = next(iter(origins.values())).where
            parts[name] = replace(parts[name], beside=beside, where=where)
    return parts, origins, notes


def _stays(source: ImagesSource, reasons: list[str]) -> Stays:
    """What tells whether pixels of so many bytes stay in their file; it keeps the reason."""
    floats = 0 if source.preprocess.numeric.scale == "rescale" else 4

    def stays(count: int) -> bool:
        reason = streams(source, count * (1 + floats))
        reasons[:] = [reason] if reason else []
        return bool(reason)

    return stays


def _every(files: Mapping[str, Sequence[ImageFile]]) -> list[ImageFile]:
    """The files of all splits, one after the other."""
    return [file for part in files.values() for file in part]


def _masked(
    source: ImagesSource, steps: ImageSteps, found: Found, decoded: Decoded, shown: str, key: KeyPath
) -> tuple[Decoded, masks.Pixels]:
    """The images that have a readable mask, and the masks' numbers, shape `(images, height, width)`.

    The faults are those of images, and of images for want of a mask.
    """
    from nntrain.data.images.read import moved_up
    from nntrain.data.images.read_masks import read_masks

    images, own = _every(found.files), _every(found.masks)
    sound = [i for i in range(len(images)) if i not in decoded.faults]
    height, width = decoded.pixels.shape[1:3]
    place = masks.Place(shown, key and masks.MASKS_KEY)
    of_sound = [own[i] for i in sound]
    numbers = read_masks(
        [images[i] for i in sound], of_sound, (height, width), steps, cached=source.cache, place=place
    )
    if numbers.faults:
        faults = {of_sound[i].shown: fault for i, fault in numbers.faults.items()}
        if not source.skip_bad or len(faults) == len(sound):
            key = place.key if not source.skip_bad else ()
            raise refusal(faults, len(own), shown, key, "bad_mask", "mask")
        pixels = moved_up(decoded.pixels, [row for row in range(len(sound)) if row not in numbers.faults])
        lost = {sound[i]: f"has a mask that {fault}" for i, fault in numbers.faults.items()}
        decoded = replace(decoded, pixels=pixels, faults=dict(sorted({**decoded.faults, **lost}.items())))
    return decoded, numbers.pixels[..., 0]


def _features(pixels: Array, first: int, count: int, shown: str) -> Array | StoredFeatures:
    """Some of the rows: a view of them, or where they stay in their file."""
    if not isinstance(pixels, np.memmap):
        return pixels[first : first + count]
    assert pixels.filename is not None
    shape = pixels.shape[1:]
    header = Header((count, *shape), pixels.dtype)
    file = NpyFile(Path(pixels.filename), shown, header, pixels.offset + first * prod(shape))
    return StoredFeatures.of(ArrayStore(file))


def _moved(origin: TargetOrigin, kept: Index) -> TargetOrigin:
    """The same origin for these of its rows."""
    where = origin.where
    if where is None:
        return origin
    return replace(origin, where=lambda row, column: where(int(kept[row]), column))


def _description(parts: Mapping[str, Part], shown: str) -> str:
    rows = sum(len(part) for part in parts.values())
    features = parts["train"].features
    pixels = features.store if isinstance(features, StoredFeatures) else features
    assert isinstance(pixels, np.ndarray | ArrayStore)
    height, width, colors = pixels.shape[1:]
    return f"{shown}: {rows:,} images of {height} x {width}, {COLORS[colors]}"
