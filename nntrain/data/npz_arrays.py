"""Arrays out of an .npz file, without pickle and without believing what its headers claim."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from nntrain.data.dataset import Array
from nntrain.data.files import check_memory, size
from nntrain.errors import DataError, KeyPath, Location, Problem, did_you_mean, listing

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)
"""What zipfile and NumPy raise on a file that is cut short, altered, encrypted or unknown to them."""
MAX_VALUES = 1 << 60
"""More values than any array has."""
MAX_RATIO, SMALL = 500, 256 << 20
"""Packed arrays that unpack to more than `SMALL` bytes and to `MAX_RATIO` times their own are bombs."""


@dataclass(frozen=True)
class Header:
    """What a member of the file says about itself."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def nbytes(self) -> int:
        """Bytes of the array, as declared."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_arrays(file: Path, shown: str, names: Mapping[str, KeyPath]) -> dict[str, Array]:
    """Read the named arrays of a file.

    Args:
        file: The path as resolved; it can be opened.
        shown: The path as the user wrote it.
        names: Each array's name, with the config key that gives it (empty if none does).

    Returns:
        The arrays by name, of any shape, in the machine's byte order.

    Raises:
        DataError: Not an .npz file, damaged, larger than memory, an array is missing, or one holds
            Python objects.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            headers = _headers(archive, shown, names)
            _check_sizes(archive, shown, headers)
            return {name: _read(archive, name) for name in names}
    except DAMAGED as error:
        raise _damaged(file, shown, error) from None


def array_names(file: Path, shown: str) -> tuple[str, ...]:
    """The names of a file's arrays.

    Raises:
        DataError: Not an .npz file, or damaged.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _names(archive)
    except DAMAGED as error:
        raise _damaged(file, shown, error) from None


def _names(archive: zipfile.ZipFile) -> tuple[str, ...]:
    return tuple(name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy"))


def _headers(archive: zipfile.ZipFile, shown: str, names: Mapping[str, KeyPath]) -> dict[str, Header]:
    present = _names(archive)
    absent = [_absent(name, key, present, shown) for name, key in names.items() if name not in present]
    if absent:
        raise DataError(*absent)
    headers = {}
    for name in names:
        with archive.open(f"{name}.npy") as stream:
            headers[name] = read_header(stream)
    objects = [name for name, header in headers.items() if header.dtype.hasobject]
    if objects:
        message = (
            f"array '{objects[0]}' holds Python objects: reading them takes pickle, which can run code "
            "from the file, so it is refused; save numbers or texts of one dtype"
        )
        raise DataError(Problem(message, location=Location(shown), id="pickle"))
    return headers


def _absent(name: str, key: KeyPath, present: Sequence[str], shown: str) -> Problem:
    holds = f"it holds {listing(present)}; name one of them" if present else "it holds none"
    message = f"'{shown}' has no array '{name}'{did_you_mean(name, present)}; {holds}"
    return Problem(message, key, id="unknown_array")


def read_header(stream: IO[bytes]) -> Header:
    """Shape and dtype from the start of an .npy stream.

    Raises:
        ValueError: It does not start as such a stream, or no array has such a shape.
    """
    version = np.lib.format.read_magic(stream)
    try:
        # Version 3 differs from 2 by the encoding of field names, which no plain array has.
        read = np.lib.format.read_array_header_1_0 if version[0] == 1 else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
    except (ValueError, RecursionError, MemoryError):  # NumPy's own words quote the header, however long
        raise ValueError("the header of an array can't be read") from None
    if any(isinstance(n, bool) or not 0 <= n < MAX_VALUES for n in shape) or math.prod(shape) >= MAX_VALUES:
        raise ValueError("the header of an array declares a shape that no array has")
    return Header(shape, dtype)


def _check_sizes(archive: zipfile.ZipFile, shown: str, headers: Mapping[str, Header]) -> None:
    what = ", ".join(f"{name} {h.shape} {h.dtype} = {size(h.nbytes)}" for name, h in headers.items())
    check_memory(sum(h.nbytes for h in headers.values()), f"its arrays ({what}) take", shown)
    for name, header in headers.items():
        member = archive.getinfo(f"{name}.npy")
        held = member.file_size
        if held > SMALL and held > MAX_RATIO * member.compress_size:
            message = (
                f"the array '{name}' is {size(member.compress_size)} that unpack to {size(held)}, as in "
                "files made to fill the memory; if it is yours, save it with np.savez, which packs nothing"
            )
            raise DataError(Problem(message, location=Location(shown), id="bomb"))
        if header.nbytes > held:
            message = f"the array '{name}' declares {size(header.nbytes)} and holds {size(held)}"
            raise zipfile.BadZipFile(message)


def _read(archive: zipfile.ZipFile, name: str) -> Array:
    with archive.open(f"{name}.npy") as stream:
        array: Array = np.lib.format.read_array(stream, allow_pickle=False)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _damaged(file: Path, shown: str, error: Exception) -> DataError:
    with file.open("rb") as stream:
        start = stream.read(6)
    if start == b"\x93NUMPY":
        message = "this is a single .npy array; put both arrays in one file with np.savez(file, x=..., y=...)"
    elif not start:
        message = "the file is empty; give one with rows"
    elif not start.startswith(b"PK"):
        message = "this is not an .npz file; write one with np.savez(file, x=..., y=...)"
    elif isinstance(error, zipfile.BadZipFile) and "not a zip file" in str(error):
        message = "the file is cut short: its table of contents, which comes last, is missing"
    else:
        message = f"the file is damaged: {error}"
    return DataError(Problem(message, location=Location(shown), id="npz"))
