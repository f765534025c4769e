"""Images without labels: files by name, or all that lie in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from nntrain.arrays import Values
from nntrain.config.data import ImagesSource
from nntrain.data.dataset import Array, Index
from nntrain.data.images.files import ImageFile, image_file, is_hidden
from nntrain.data.images.source import COLORS
from nntrain.data.prepare.arrays import FittedArray
from nntrain.data.streaming.features import chunk_rows
from nntrain.data.unlabelled.chunk import Chunk, Fault, NewRows, sifted
from nntrain.errors import DataError, Location, Problem

MOST = 1024
"""Images that are in memory at once."""
THREADS = 8


def image_rows(
    source: ImagesSource, name: str, fitted: FittedArray, paths: Sequence[str], skip: bool
) -> NewRows:
    """Images prepared as the training images were, in the order of their names.

    Args:
        source: The run's `data:` section.
        name: The input's.
        fitted: What the training images taught.
        paths: Files, or one folder: images in it and in the folders in it.
        skip: Whether files that are no such image are left out.

    Raises:
        DataError: There are no files, or one is no readable image of the run's size.
    """
    root = Path(paths[0])
    if len(paths) == 1 and root.is_dir():
        found = [
            Path(place, file) for place, _, files in os.walk(root) for file in files if not is_hidden(file)
        ]
        files = [image_file(file, str(file.relative_to(root))) for file in sorted(found)]
        shown = f"{paths[0]}/"
    else:
        files, shown = [image_file(Path(path), path) for path in paths], ""
    if not files:
        raise DataError(Problem("the folder holds no files", location=Location(paths[0]), id="no_images"))
    return NewRows(_chunks(source, name, fitted, files, shown, skip), len(files))


def _chunks(
    source: ImagesSource, name: str, fitted: FittedArray, files: Sequence[ImageFile], shown: str, skip: bool
) -> Iterator[Chunk]:
    from nntrain.data.images import decode

    decode.quiet()
    step = min(MOST, chunk_rows(4 * int(np.prod(fitted.row_shape))))
    read = partial(_read, source, fitted.row_shape)
    with ThreadPoolExecutor(THREADS) as threads:
        for start in range(0, len(files), step):
            part = files[start : start + step]
            pixels = np.zeros((len(part), *fitted.row_shape), np.uint8)
            faults: dict[int, str] = {}
            for row, found in enumerate(threads.map(read, part)):
                if isinstance(found, str):
                    faults[row] = found
                else:
                    pixels[row] = found
            yield _prepared(name, fitted, pixels, part, faults, start, shown, skip)


def _read(source: ImagesSource, shape: tuple[int, ...], file: ImageFile) -> Array | str:
    """The pixels of a file, or what is wrong with it in words that follow its name."""
    from nntrain.data.images import decode

    if file.fault:
        return file.fault
    steps = source.preprocess.image.model_copy(update={"color": COLORS[shape[-1]]})
    header, pixels = decode.read_pixels(file.path, COLORS[shape[-1]], steps, (shape[0], shape[1]))
    if isinstance(header, str):
        return header
    if pixels is None:
        height, width = decode.shape_after(header, steps)
        size = f"{height} x {width} pixels (height x width)"
        return f"has {size}, and the run was trained on {shape[0]} x {shape[1]}"
    return pixels


def _prepared(
    name: str,
    fitted: FittedArray,
    pixels: Array,
    files: Sequence[ImageFile],
    faults: dict[int, str],
    start: int,
    shown: str,
    skip: bool,
) -> Chunk:
    def told(row: int) -> Problem:
        size = "was trained on" in faults[row]
        message = f"the file {faults[row]}" + ("; bring it to that size" if size else "; mend or remove it")
        word = "image_size" if size else "bad_image"
        return Problem(message, location=Location(f"{shown}{files[row].shown}"), id=word)

    def prepare(rows: Index) -> Mapping[str, Values]:
        return {name: fitted.apply(pixels[rows])}

    bad = np.fromiter((row in faults for row in range(len(files))), bool, len(files))
    index = np.arange(start, start + len(files))
    chunk = sifted(index, [Fault(bad, told)] if faults else [], prepare, list, skip)
    beside = {"file": [files[i - start].shown for i in chunk.index.tolist()]}
    return Chunk(chunk.inputs, chunk.index, beside, chunk.problems, chunk.skipped, start + len(files))
