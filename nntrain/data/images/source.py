"""`type: images`: rows of pixels and what they show, for training and for scoring a finished run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np

from nntrain.config.data import INPUT, TARGET, ImagesSource
from nntrain.config.data_images import Color, ImageSteps
from nntrain.data.dataset import Array, Index, Part, Raw, TargetOrigin
from nntrain.data.files import check_file, resolve
from nntrain.data.images import folders, lists
from nntrain.data.images.cache import Stays
from nntrain.data.images.files import Found, refusal, told
from nntrain.data.npy_file import ArrayStore, NpyFile
from nntrain.data.npz_arrays import Header
from nntrain.data.streaming.decide import streams
from nntrain.data.streaming.features import StoredFeatures
from nntrain.errors import DataError, KeyPath, Location, Problem, listing

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
    classes = source.task != "reconstruction"
    if source.list is not None:
        shown, key = source.list, LIST_KEY
        file = resolve(shown, base).absolute()
        check_file(file, shown, key)
        found = lists.find(source, file, shown, key, targets=classes)
    else:
        assert source.path is not None
        shown, key = source.path, PATH_KEY
        found = folders.find(resolve(shown, base).absolute(), shown, key, classes=classes)
    reasons: list[str] = []

    def stays(count: int) -> bool:
        """Whether pixels of so many bytes stay in their file; keeps the reason."""
        floats = 0 if source.preprocess.numeric.scale == "rescale" else 4
        reason = streams(source, count * (1 + floats))
        reasons[:] = [reason] if reason else []
        return bool(reason)

    parts, origin, notes = _read(source, source.preprocess.image, found, shown, key, stays)
    notes += tuple(reasons)
    own = [name for name in parts if name != "train"]
    for name in own:
        share = getattr(source.split, name)
        if name in source.split.model_fields_set and share:
            notes += (f"the folder brings its own {name} images, so data.split.{name} is not used",)
    return Raw(
        parts["train"],
        parts.get("validation"),
        parts.get("test"),
        targets={TARGET: origin} if found.targets else {},
        description=_description(parts, shown),
        notes=notes,
    )


def read_new(
    source: ImagesSource, row_shape: tuple[int, ...], file: Path, shown: str, *, targets: bool
) -> tuple[Part, dict[str, TargetOrigin], tuple[str, ...]]:
    """Read a folder or a list of new images as the training images were read.

    Args:
        source: The run's `data:` section.
        row_shape: Height, width and colours of the run's rows.
        file: As resolved.
        shown: As the user wrote it.
        targets: Whether the run has targets besides the images.

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
    else:
        found = folders.find(file, shown, (), classes=targets, splits=False)
    steps = source.preprocess.image.model_copy(update={"color": COLORS[row_shape[-1]]})
    parts, origin, notes = _read(source, steps, found, shown, ())
    return parts["train"], {TARGET: origin}, notes


def _read(
    source: ImagesSource,
    steps: ImageSteps,
    found: Found,
    shown: str,
    key: KeyPath,
    stays: Stays = lambda count: False,
) -> tuple[dict[str, Part], TargetOrigin, tuple[str, ...]]:
    """Decode all files together, and give each split its rows."""
    from nntrain.data.images.read import read  # Pillow is for those who have images

    every = [file for files in found.files.values() for file in files]
    decoded = read(every, steps, cached=source.cache, shown=shown, key=key, stays=stays)
    faults = {every[i].shown: fault for i, fault in decoded.faults.items()}
    notes = found.notes + decoded.remarks
    if faults and not source.skip_bad:
        raise refusal(faults, len(every), shown, key)
    if not len(decoded.pixels):
        raise refusal(faults, len(every), shown, (), "no_images")
    if faults:
        notes += (f"{len(faults):,} of {len(every):,} files were left out: {listing(told(faults), 6)}",)
    parts, start, row = {}, 0, 0
    origin = found.origin
    for name, files in found.files.items():
        kept = np.array([i for i in range(len(files)) if start + i not in decoded.faults], np.int64)
        start += len(files)
        count = len(kept)
        if not count:
            location = None if key else Location(shown)
            message = f"none of the {len(files):,} {name} files is a readable image"
            raise DataError(Problem(message, key, location, "no_images"))
        targets = {TARGET: found.targets[name][kept]} if found.targets else {}
        parts[name] = Part({INPUT: _features(decoded.pixels, row, count, shown)}, targets)
        row += count
        if name == "train":
            origin = _moved(origin, kept)
    return parts, origin, notes


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
