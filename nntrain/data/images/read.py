"""Many image files as one array: headers first, then the pixels, in threads."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import prod
from typing import TypeVar

import numpy as np
import PIL
from numpy.typing import NDArray

from nntrain.config.data_images import ImageSteps
from nntrain.data.files import check_memory
from nntrain.data.images import cache, decode
from nntrain.data.images.cache import Allocate, Decoded, Stays
from nntrain.data.images.decode import CHANNELS, Header
from nntrain.data.images.files import ImageFile
from nntrain.errors import DataError, KeyPath, Location, Problem

BLOCK = 64
"""Files that a thread takes at a time."""
SMALL = 64 * 64
"""Pixels up to which an image is small."""
MOST_THREADS = 16
SHOWN_SHAPES = 4

Made = TypeVar("Made")


def read(
    files: Sequence[ImageFile],
    steps: ImageSteps,
    *,
    cached: bool,
    shown: str,
    key: KeyPath,
    stays: Stays = lambda count: False,
) -> Decoded:
    """Decode files, or take what an earlier time has kept.

    Args:
        files: Where they are; at least one.
        steps: What happens to each.
        cached: Whether pixels are kept for the next time.
        shown: The folder or list, for messages.
        key: The config key that names it; empty for one from the command line.
        stays: Whether pixels stay in the cache's file, mapped; asked only where they are kept.

    Raises:
        DataError: The images have several shapes, are too small for the crop, or too many for the memory.
            Files that can't be read are told in the result.
        MachineError: They are to stay in the cache's file, and there is no room for it.
    """
    decode.quiet()
    wanted = cached and stays(0)
    cached = cached and (wanted or len(files) >= cache.LEAST_FILES)
    name = cache.name_of(files, steps.color, steps, PIL.__version__) if cached else ""
    kept = cache.find(name, stays) if cached else None
    if kept is not None:
        return kept
    if cached and (wanted or stays(_bytes(files, steps))):
        return cache.fill(name, lambda allocate: _decoded(files, steps, shown, key, allocate))
    decoded = _decoded(files, steps, shown, key)
    if cached and len(decoded.pixels):
        note = cache.keep(name, decoded)
        return Decoded(decoded.pixels, decoded.faults, (*decoded.remarks, note))
    return decoded


def _bytes(files: Sequence[ImageFile], steps: ImageSteps) -> int:
    """What the pixels take if all images are like the first; 0 where none can be read."""
    first = next(filter(None, (_header(file) for file in files if not file.fault)), None)
    if first is None:
        return 0
    color = steps.color if steps.color != "auto" else _usual_color([first])
    return len(files) * prod(decode.shape_after(first, steps)) * CHANNELS[color]


def _decoded(
    files: Sequence[ImageFile],
    steps: ImageSteps,
    shown: str,
    key: KeyPath,
    allocate: Allocate | None = None,
) -> Decoded:
    faults = {i: file.fault for i, file in enumerate(files) if file.fault}
    sound = [i for i in range(len(files)) if i not in faults]
    first = next(filter(None, (_header(files[i]) for i in sound)), None)
    if first is None:
        faults |= {i: str(decode.read_header(files[i].path)) for i in sound}
        return Decoded(np.empty((0, 0, 0, 0), np.uint8), faults, ())
    # Most sets are all like their first image: each file is opened once, and that is half of the work.
    color = steps.color if steps.color != "auto" else _usual_color([first])
    headers, pixels = _as_expected([files[i] for i in sound], color, steps, first, shown, allocate)
    known = {i: found for i, found in zip(sound, headers, strict=True) if isinstance(found, Header)}
    _check_shapes(files, known, steps, shown, key)
    if steps.color == "auto" and color != _usual_color(known.values()):
        color = _usual_color(known.values())
        headers, pixels = _as_expected([files[i] for i in sound], color, steps, first, shown, allocate)
        known = {i: found for i, found in zip(sound, headers, strict=True) if isinstance(found, Header)}
    faults |= {i: found for i, found in zip(sound, headers, strict=True) if isinstance(found, str)}
    if len(known) < len(sound):
        pixels = moved_up(pixels, [row for row, i in enumerate(sound) if i in known])
    return Decoded(pixels, dict(sorted(faults.items())), tuple(_remarks(known.values(), steps, color)))


def _header(file: ImageFile) -> Header | None:
    found = decode.read_header(file.path)
    return found if isinstance(found, Header) else None


def _as_expected(
    files: Sequence[ImageFile],
    color: str,
    steps: ImageSteps,
    first: Header,
    shown: str,
    allocate: Allocate | None,
) -> tuple[list[Header | str], NDArray[np.uint8]]:
    """The header of each file, or what is wrong with it; and the pixels of those that are like the first."""
    size = decode.shape_after(first, steps)
    whole = (len(files), *size, CHANNELS[color])
    if allocate is None:
        check_memory(prod(whole), f"the pixels of {whole[0]:,} images of {size[0]} x {size[1]} take", shown)
    pixels = np.empty(whole, np.uint8) if allocate is None else allocate(whole)

    def fill(row: int) -> Header | str:
        header, found = decode.read_pixels(files[row].path, color, steps, size)
        if found is not None:
            pixels[row] = found
        return header

    return list(in_threads(fill, len(files), threads_for(first.height * first.width))), pixels


def in_threads(task: Callable[[int], Made], count: int, threads: int) -> Iterator[Made]:
    """What a task makes of 0, 1, 2, ..., in this order; Pillow lets threads decode side by side."""

    def block(start: int) -> list[Made]:
        return [task(i) for i in range(start, min(start + BLOCK, count))]

    with ThreadPoolExecutor(threads) as pool:
        for made in pool.map(block, range(0, count, BLOCK)):
            yield from made


def threads_for(pixels: int) -> int:
    """How many threads decode images of so many pixels.

    Of small images most work is Python's own, which threads can't share: it takes them half as long again.
    """
    if pixels <= SMALL:
        return 1
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_THREADS)


def moved_up(pixels: NDArray[np.uint8], rows: Sequence[int]) -> NDArray[np.uint8]:
    """These rows, moved together in place."""
    for to, row in enumerate(rows):
        pixels[to] = pixels[row]
    return pixels[: len(rows)]


def _usual_color(headers: Iterable[Header]) -> str:
    return "grey" if all(header.grey for header in headers) else "rgb"


def _check_shapes(
    files: Sequence[ImageFile], headers: Mapping[int, Header], steps: ImageSteps, shown: str, key: KeyPath
) -> None:
    """Refuse images that are not of one height and width once the steps are done."""
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


def _remarks(headers: Collection[Header], steps: ImageSteps, color: str) -> Iterator[str]:
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
