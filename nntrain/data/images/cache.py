"""Decoded pixels in the user's cache folder, so that a set is decoded once.

An entry is two files named by what decides its content: the pixels as `.npy`, and `.json`, which is written
last and says their checksum. Whatever does not agree with that is decoded anew. Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data_images import ImageSteps
from nntrain.data import own_cache
from nntrain.data.files import check_memory, size
from nntrain.data.images.files import ImageFile

VERSION = 1
"""Of the entries and of what decoding makes of a file."""
LEAST_FILES = 1000
"""Smaller sets are decoded before an entry could be found."""
LARGEST = 20 << 30
"""Bytes that all entries together may take; those not used for longest go first."""
DAMAGED = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError)


@dataclass(frozen=True)
class Decoded:
    """The pixels of a set's readable files."""

    pixels: NDArray[np.uint8]
    """Shape `(files, height, width, colours)`, without the files that have faults."""
    faults: Mapping[int, str]
    """What is wrong with a file, by its position in the set."""
    remarks: tuple[str, ...]
    """What the user should know of how the files were read."""


def folder() -> Path:
    """Where entries are kept."""
    return own_cache.folder("images")


def name_of(files: Iterable[ImageFile], color: str, steps: ImageSteps, decoder: str) -> str:
    """What an entry is called: 32 hexadecimal digits of all that decides its content.

    Args:
        files: The set, by absolute paths.
        color: What is asked for, `auto` included.
        steps: The other steps.
        decoder: Pillow's version.
    """
    digest = hashlib.sha256(json.dumps([VERSION, decoder, color, steps.model_dump(mode="json")]).encode())
    for file in files:
        told = f"{file.path}\0{file.size}\0{file.modified}\0{file.fault}\n"
        digest.update(told.encode(errors="surrogateescape"))
    return digest.hexdigest()[:32]


def find(name: str) -> Decoded | None:
    """An entry that is there and whole.

    Raises:
        DataError: It does not fit into memory.
    """
    pixels_file, facts_file = _paths(name)
    try:
        facts = json.loads(facts_file.read_bytes())
        shape = tuple(int(n) for n in facts["shape"])
        if len(shape) != 4 or min(shape) < 1 or pixels_file.stat().st_size < prod(shape):
            return None
    except DAMAGED:
        return None
    check_memory(prod(shape), f"the pixels of {shape[0]:,} images take")
    try:
        pixels = np.load(pixels_file, allow_pickle=False)
        if (pixels.shape, pixels.dtype) != (shape, np.uint8) or zlib.crc32(pixels.data) != facts["crc32"]:
            return None
        faults = {int(position): str(fault) for position, fault in facts["faults"].items()}
        found = Decoded(pixels, faults, tuple(map(str, facts["remarks"])))
        for file in (pixels_file, facts_file):
            os.utime(file)
    except DAMAGED:
        return None
    return found


def keep(name: str, decoded: Decoded) -> str:
    """Write an entry; what the user should know of it, in one sentence."""
    where = folder()
    try:
        where.mkdir(parents=True, exist_ok=True)
        own_cache.make_room(where, ".npy", decoded.pixels.nbytes, LARGEST)
        pixels_file, facts_file = _paths(name)
        facts = {"crc32": zlib.crc32(decoded.pixels.data), "shape": decoded.pixels.shape, **_facts(decoded)}
        facts_file.unlink(missing_ok=True)
        _write(pixels_file, decoded.pixels)
        _write(facts_file, json.dumps(facts).encode())
    except OSError as error:
        return (
            f"the decoded pixels can't be kept in {where}: {error.strerror}; data.cache: false asks for none"
        )
    held = size(decoded.pixels.nbytes)
    return f"the decoded pixels ({held}) are kept in {where} for the next time"


def _facts(decoded: Decoded) -> dict[str, object]:
    facts = asdict(decoded)
    del facts["pixels"]
    return facts


def _paths(name: str) -> tuple[Path, Path]:
    return folder() / f"{name}.npy", folder() / f"{name}.json"


def _write(file: Path, content: bytes | NDArray[np.uint8]) -> None:
    """Put a whole file in place, or none."""
    with own_cache.written(file) as stream:
        if isinstance(content, bytes):
            stream.write(content)
        else:
            np.save(stream, content, allow_pickle=False)
