"""Decoded pixels in the user's cache folder, so that a set is decoded once.

An entry is two files named by what decides its content: the pixels as `.npy`, and `.json`, which is written
last and says their checksum. Whatever does not agree with that is decoded anew. Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data_images import ImageSteps
from nntrain.data import own_cache
from nntrain.data.files import check_memory, size
from nntrain.data.images.files import ImageFile
from nntrain.errors import MachineError, Problem

VERSION = 1
"""Of the entries and of what decoding makes of a file."""
LEAST_FILES = 1000
"""Smaller sets are decoded before an entry could be found."""
LARGEST = 20 << 30
"""Bytes that all entries together may take; those not used for longest go first."""
BLOCK = 1 << 24
"""Bytes that are summed at a time."""
Stays = Callable[[int], bool]
"""Whether pixels of so many bytes stay in their file."""
Allocate = Callable[[tuple[int, ...]], NDArray[np.uint8]]
"""Makes an array of a shape, to be filled."""
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


def find(name: str, stays: Stays) -> Decoded | None:
    """An entry that is there and whole; where its pixels stay in their file, they are mapped, not read.

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
    mapped = stays(prod(shape))
    if not mapped:
        check_memory(prod(shape), f"the pixels of {shape[0]:,} images take")
    try:
        pixels = np.load(pixels_file, mmap_mode="r" if mapped else None, allow_pickle=False)
        if (pixels.shape, pixels.dtype) != (shape, np.uint8) or _checksum(pixels) != facts["crc32"]:
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
        own_cache.make(where)
        own_cache.make_room(where, ".npy", decoded.pixels.nbytes, LARGEST)
        pixels_file, facts_file = _paths(name)
        facts = {"crc32": _checksum(decoded.pixels), "shape": decoded.pixels.shape, **_facts(decoded)}
        facts_file.unlink(missing_ok=True)
        with own_cache.written(pixels_file) as stream:
            np.save(stream, decoded.pixels, allow_pickle=False)
        with own_cache.written(facts_file) as stream:
            stream.write(json.dumps(facts, allow_nan=False).encode())
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


class _Nothing(Exception):
    """No file is a readable image."""


def fill(name: str, decode: Callable[[Allocate], Decoded]) -> Decoded:
    """An entry whose pixels are never in memory together.

    Args:
        name: What it is called.
        decode: Is given what makes the array that it is to fill; it may leave out rows at the end.

    Returns:
        What was decoded, its pixels mapped.

    Raises:
        MachineError: There is no room for it, or the folder may not be written to.
        DataError: What `decode` raises.
    """
    where = folder()
    pixels_file, facts_file = _paths(name)
    try:
        own_cache.make(where)
        with own_cache.written(pixels_file) as stream:

            def allocate(shape: tuple[int, ...]) -> NDArray[np.uint8]:
                own_cache.make_room(where, ".npy", prod(shape), LARGEST)
                _write_header(stream, shape)
                os.posix_fallocate(stream.fileno(), stream.tell(), prod(shape))
                return np.memmap(stream, np.uint8, "r+", stream.tell(), shape)

            decoded = decode(allocate)
            if not len(decoded.pixels):
                raise _Nothing
            _write_header(stream, decoded.pixels.shape)
            stream.truncate(stream.tell() + decoded.pixels.size)
            facts = {"crc32": _checksum(decoded.pixels), "shape": decoded.pixels.shape, **_facts(decoded)}
        with own_cache.written(facts_file) as stream:
            stream.write(json.dumps(facts, allow_nan=False).encode())
        return Decoded(
            np.load(pixels_file, mmap_mode="r", allow_pickle=False), decoded.faults, decoded.remarks
        )
    except _Nothing:
        return decoded
    except OSError as error:
        message = (
            f"the decoded pixels can't be kept in {where}: {error.strerror or error}; make room there, "
            "or name another folder with NNTRAIN_CACHE_HOME"
        )
        raise MachineError(Problem(message, ("data", "streaming"), id="cache")) from None


def _write_header(stream: IO[bytes], shape: tuple[int, ...]) -> None:
    """Write, or write over, the beginning of an .npy file; it is as long for any number of rows."""
    stream.seek(0)
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    stream.flush()


def _checksum(pixels: NDArray[np.uint8]) -> int:
    """CRC-32 of all pixels."""
    found = 0
    for start in range(0, len(pixels), step := max(1, BLOCK // max(1, prod(pixels.shape[1:])))):
        found = zlib.crc32(np.ascontiguousarray(pixels[start : start + step]).data, found)
    return found
