"""A config for a folder of images."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from nntrain.config.data import TARGET
from nntrain.config.dump import on_one_line
from nntrain.config.guide.json_schema import COMMENT
from nntrain.config.load import default_name
from nntrain.data.images import folders
from nntrain.data.images.decode import Header, quiet, read_header
from nntrain.errors import DataError, UsageError, listing
from nntrain.run.starter.lines import (
    FEW_ROWS,
    SHOWN,
    Classes,
    Start,
    class_weight,
    clean,
    last_layer,
    noted,
    shares,
    split,
)

LOOKED_AT = 500
"""Images whose headers are read at most, evenly from first to last."""
LARGE = 128
"""Pixels of a side above which images are made smaller."""
FEW = 1_000
"""Images up to which they become 64 pixels high, which learns faster; more become `LARGE`."""
FILTERS = (32, 64, 128, 128)
"""Of the convolutions, each of which halves the sides that the next one reads."""
NARROW = 8
"""Pixels of a side that is not halved any more."""
FLAT = 4096
"""Numbers of an image that may become one row; of more the mean of each filter is taken."""


@dataclass(frozen=True)
class _Images:
    """What a folder holds."""

    counts: dict[str, int]
    """Images by split."""
    classes: Classes
    """Of the training images."""
    headers: Sequence[Header]
    """Of some."""
    bad: Sequence[tuple[str, str]]
    """Files among these that can't be read, and why."""

    @property
    def shapes(self) -> Counter[tuple[int, int]]:
        """Heights and widths."""
        return Counter((header.height, header.width) for header in self.headers)

    @property
    def side(self) -> int | None:
        """Height and width that images are brought to; None where all have one that suits."""
        first = next(iter(self.shapes))
        if len(self.shapes) == 1 and max(first) <= LARGE:
            return None
        usual = round(median(min(header.height, header.width) for header in self.headers))
        return min(64 if sum(self.counts.values()) <= FEW else LARGE, max(NARROW, usual))

    @property
    def sizes(self) -> str:
        """In words."""
        heights, widths = zip(*self.shapes, strict=True)
        least, most = f"{min(heights)} x {min(widths)}", f"{max(heights)} x {max(widths)}"
        return least if least == most else f"{least} to {most}"


def of_images(place: Path, folder: Path) -> Start:
    """Make a config.

    Args:
        place: The folder, with a folder of images for each class.
        folder: Where the config will lie; `data.path` starts there.

    Raises:
        DataError: It does not hold such folders, or images that can't be read, or a class of too few.
        MachineError: It may not be read.
        UsageError: It has no name that the config could have.
    """
    found = _found(place)
    name = default_name(place.absolute().with_suffix(""))
    path = os.path.relpath(place, folder)
    told = f"{sum(found.counts.values()):,} images of {len(found.classes)} classes, {found.sizes} pixels"
    lines = [COMMENT, f"# Made from {clean(place.absolute().name)}: {told}.", "version: 1", "seed: 7", ""]
    lines += [*_data(found, path), "", *_model(found), "", *_training(found)]
    findings = [f"{place}: {told}", f"the classes are its folders: {shares(found.classes)}"]
    own = {part: count for part, count in found.counts.items() if part != "train"}
    findings += [f"{count:,} are {part} images already" for part, count in own.items()]
    findings += [f"'{name}' {why}; mend or remove it" for name, why in found.bad[:SHOWN]]
    return Start(name, "\n".join(lines) + "\n", tuple(findings))


def _found(place: Path) -> _Images:
    found = folders.find(place.absolute(), str(place), ())
    files = [file for part in found.files.values() for file in part]
    quiet()
    looked_at = files[:: max(1, -(-len(files) // LOOKED_AT))]
    headers = [read_header(file.path) for file in looked_at]
    bad = [(file.shown, h) for file, h in zip(looked_at, headers, strict=True) if isinstance(h, str)]
    readable = [header for header in headers if isinstance(header, Header)]
    if not readable:
        raise DataError(
            f"{place}: no image can be read: '{bad[0][0]}' {bad[0][1]}; for a folder of texts take nntrain "
            "init rnn, and set its data: to {type: text, path: ...}"
        )
    counted = Counter(found.targets[TARGET]["train"].tolist())
    classes = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    if len(classes) < 2:
        raise UsageError(
            f"{place} holds images of one class, '{classes[0][0]}', which there is nothing to tell from; add "
            "a folder of images for each other class"
        )
    counts = {part: len(of_part) for part, of_part in found.files.items()}
    rare = [f"'{name}' ({count})" for name, count in classes if count < FEW_ROWS]
    if rare and len(counts) == 1:
        raise DataError(
            f"{place}: each class needs {FEW_ROWS} images, one for each split, and {len(rare):,} of "
            f"{len(classes):,} have fewer: {listing(rare, SHOWN)}; add images of them, or take their folders "
            "out"
        )
    return _Images(counts, classes, readable, bad)


def _data(found: _Images, path: str) -> Iterator[str]:
    yield "data:"
    yield "  type: images"
    yield noted(f"  path: {on_one_line(path)}", shares(found.classes))
    if len(found.counts) == 1:
        validation, test = split(found.counts["train"], found.classes)
        yield f"  split: {{validation: {validation:g}, test: {test:g}}}"
    elif "validation" not in found.counts:
        yield noted("  split: {validation: 0.15}", "the test images are in a folder of their own")
    elif "test" not in found.counts:
        yield noted("  split: {test: 0.2}", "the validation images are in a folder of their own")
    yield "  preprocess:"
    if found.side is not None:
        line = f"    image: {{resize: {found.side}, crop: [{found.side}, {found.side}]}}"
        yield noted(line, f"the middle of images of {found.sizes} pixels")
    yield "    numeric: {scale: rescale, range: [0, 255]}"


def _model(found: _Images) -> Iterator[str]:
    height, width = (found.side, found.side) if found.side else next(iter(found.shapes))
    yield "model:"
    yield "  layers:"
    for filters in FILTERS:
        yield f"    - {{type: Conv2D, filters: {filters}, kernel_size: 3, padding: same, activation: relu}}"
        last = filters
        if min(height, width) < 2:
            break
        yield "    - {type: MaxPooling2D, pool_size: 2}"
        height, width = height // 2, width // 2
        if min(height, width) < NARROW:
            break
    few = height * width * last <= FLAT
    yield f"    - {{type: {'Flatten' if few else 'GlobalAveragePooling2D'}}}"
    yield noted("    - {type: Dropout, rate: 0.3}", "against learning the images by heart")
    yield from last_layer(found.classes, sorted(name for name, _ in found.classes)[1])


def _training(found: _Images) -> Iterator[str]:
    count = found.counts["train"]
    yield "training:"
    yield f"  loss: {'binary' if len(found.classes) == 2 else 'sparse_categorical'}_crossentropy"
    yield "  optimizer: {type: Adam, learning_rate: 1e-3}"
    yield "  metrics: [accuracy]"
    yield f"  epochs: {60 if count < FEW else 30}"
    yield f"  batch_size: {16 if count < 500 else 32 if count < 10_000 else 128}"
    yield f"  early_stopping: {{monitor: val_loss, patience: {10 if count < FEW else 5}}}"
    yield from class_weight(found.classes)
