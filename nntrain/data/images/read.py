"""Many image files as one array: headers first, then the pixels, in threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import PIL
from numpy.typing import NDArray

from nntrain.config.data_images import ImageSteps
from nntrain.data.files import check_memory
from nntrain.data.images import cache, decode
from nntrain.data.images.cache import Decoded
from nntrain.data.images.decode import CHANNELS, Header
from nntrain.data.images.files import ImageFile
from nntrain.errors import DataError, KeyPath, Location, Problem

BLOCK = 64
"""Files that a thread takes at a time."""
SHOWN_SHAPES = 4

Made = TypeVar("Made")


def read(files: Sequence[ImageFile], steps: ImageSteps, *, cached: bool, shown: str, key: KeyPath) -> Decoded:
    """Decode files, or take what an earlier time has kept.

    Args:
        files: Where they are; at least one.
        steps: What happens to each.
        cached: Whether pixels are kept for the next time.
        shown: The folder or list, for messages.
        key: The config key that names it; empty for one from the command line.

    Raises:
        DataError: The images have several shapes, are too small for the crop, or too many for the memory.
            Files that can't be read are told in the result.
    """
    decode.quiet()
    cached = cached and len(files) >= cache.LEAST_FILES
    name = cache.name_of(files, steps.color, steps, PIL.__version__) if cached else ""
    kept = cache.find(name) if cached else None
    if kept is not None:
        return kept
    decoded = _decoded(files, steps, shown, key)
    if cached and len(decoded.pixels):
        note = cache.keep(name, decoded)
        return Decoded(decoded.pixels, decoded.faults, (*decoded.remarks, note))
    return decoded


def _decoded(files: Sequence[ImageFile], steps: ImageSteps, shown: str, key: KeyPath) -> Decoded:
    faults = {i: file.fault for i, file in enumerate(files) if file.fault}
    headers: dict[int, Header] = {}
    for i, header in enumerate(
        _in_threads(lambda i: files[i].fault or decode.read_header(files[i].path), len(files))
    ):
        if isinstance(header, str):
            faults[i] = header
        else:
            headers[i] = header
    if not headers:
        return Decoded(np.empty((0, 0, 0, 0), np.uint8), faults, ())
    shape = _common_shape(files, headers, steps, shown, key)
    color = steps.color if steps.color != "auto" else _usual_color(headers)
    whole = (len(headers), *shape, CHANNELS[color])
    check_memory(
        int(np.prod(whole)), f"the pixels of {whole[0]:,} images of {shape[0]} x {shape[1]} take", shown
    )
    pixels = np.empty(whole, np.uint8)
    rows = list(headers)

    def fill(row: int) -> str:
        found = decode.read_pixels(files[rows[row]].path, color, steps)
        if isinstance(found, str):
            return found
        if found.shape != pixels.shape[1:]:
            return "was changed while it was read"
        pixels[row] = found
        return ""

    late = {row: fault for row, fault in enumerate(_in_threads(fill, len(rows))) if fault}
    faults |= {rows[row]: fault for row, fault in late.items()}
    if late:
        pixels = _without(pixels, late.keys())
    remarks = _remarks([header for i, header in headers.items() if i not in faults], steps, color)
    return Decoded(pixels, dict(sorted(faults.items())), tuple(remarks))


def _in_threads(task: Callable[[int], Made], count: int) -> Iterator[Made]:
    """What a task makes of 0, 1, 2, ..., in this order; Pillow lets threads compute side by side."""

    def block(start: int) -> list[Made]:
        return [task(i) for i in range(start, min(start + BLOCK, count))]

    with ThreadPoolExecutor(_threads()) as pool:
        for made in pool.map(block, range(0, count, BLOCK)):
            yield from made


def _threads() -> int:
    """One more than there are cores: somebody always waits for the disk."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + 1


def _without(pixels: NDArray[np.uint8], rows: object) -> NDArray[np.uint8]:
    """The other rows, moved together in place."""
    assert hasattr(rows, "__contains__")
    kept = [row for row in range(len(pixels)) if row not in rows]
    for to, row in enumerate(kept):
        pixels[to] = pixels[row]
    return pixels[: len(kept)]


def _usual_color(headers: dict[int, Header]) -> str:
    return "grey" if all(header.grey for header in headers.values()) else "rgb"


def _common_shape(
    files: Sequence[ImageFile], headers: dict[int, Header], steps: ImageSteps, shown: str, key: KeyPath
) -> tuple[int, int]:
    """Height and width that all images have once the steps are done."""
    where = None if key else Location(shown)
    by_shape: dict[tuple[int, int], list[int]] = {}
    for i, header in headers.items():
        by_shape.setdefault(decode.shape_after(header, steps), []).append(i)
    if steps.crop is not None:
        small = [i for shape, held in by_shape.items() if shape != steps.crop for i in held]
        if small:
            file, header = files[small[0]], headers[small[0]]
            height, width = decode.resized(header.height, header.width, steps)
            message = (
                f"{len(small):,} of {len(headers):,} images are smaller than "
                f"[{steps.crop[0]}, {steps.crop[1]}], the first is '{file.shown}' of [{height}, {width}]; "
                + ("add data.preprocess.image.resize, or crop less" if key else "the run crops its images")
            )
            raise DataError(
                Problem(message, key and ("data", "preprocess", "image", "crop"), where, "small_image")
            )
    if len(by_shape) > 1:
        usual = sorted(by_shape.items(), key=lambda item: (-len(item[1]), item[1][0]))
        examples = ", ".join(
            f"{height} x {width} ({len(held):,}, such as '{files[held[0]].shown}')"
            for (height, width), held in usual[:SHOWN_SHAPES]
        )
        rest = len(usual) - SHOWN_SHAPES
        more = f" and {rest:,} more" if rest > 0 else ""
        advice = (
            "set data.preprocess.image.resize: [height, width]" if key else "bring them to that of the run"
        )
        if key and isinstance(steps.resize, int):
            advice = "set data.preprocess.image.crop: [height, width], or both sides in resize"
        message = f"the images have {len(usual):,} shapes (height x width): {examples}{more}; {advice}"
        raise DataError(Problem(message, key, where, "mixed_shapes"))
    return next(iter(by_shape))


def _remarks(headers: list[Header], steps: ImageSteps, color: str) -> Iterator[str]:
    """What happened to images that are not all alike, or not as their files have them."""
    count = len(headers)
    grey = sum(header.grey for header in headers)
    if color != "grey" and steps.color == "auto" and grey:
        yield f"{grey:,} of {count:,} images are grey, the others are not: grey becomes three equal colours"
    if color == "grey" and grey < count:
        yield f"{count - grey:,} of {count:,} images have colours, which become grey"
    alpha = sum(header.alpha for header in headers)
    if alpha and color != "rgba":
        advice = "data.preprocess.image.color: rgba keeps it"
        yield f"{alpha:,} of {count:,} images have transparency, which is left out; {advice}"
    deep = sum(header.deep for header in headers)
    if deep:
        yield f"{deep:,} of {count:,} images have 16 bits a pixel, of which the upper 8 are kept"
