"""Named arrays in one file that can hold nothing else: the format of safetensors, read with every check.

A file is 8 bytes with the length of a JSON header, the header with type, shape and place of each array, and
the arrays' bytes one after another. There is nothing to unpack, to follow or to execute in it, and what it
claims is compared with its length before anything is allocated.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from nntrain.errors import ArtefactError, Location, Problem

Array = NDArray[Any]
TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<V2",
    "BOOL": "|b1",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "|u1",
}
"""How the format writes types, and how NumPy does; bfloat16 is not known to NumPy alone."""
MAX_HEADER = 8 << 20
MAX_ARRAYS = 100_000
MAX_AXES = 16
METADATA = "__metadata__"


@dataclass(frozen=True)
class Entry:
    """What the header says about one array."""

    name: str
    type: str
    shape: tuple[int, ...]
    start: int
    """Where its bytes begin, behind the header."""

    @property
    def nbytes(self) -> int:
        """Bytes of the array."""
        return math.prod(self.shape) * np.dtype(TYPES[self.type]).itemsize


def to_bytes(arrays: Mapping[str, Array]) -> bytes:
    """A file of arrays, in their order.

    Raises:
        TypeError: An array holds something else than numbers and truth values.
    """
    header: dict[str, Any] = {}
    start = 0
    parts = []
    for name, array in arrays.items():
        kind = type_of(array.dtype)
        content = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        header[name] = {
            "dtype": kind,
            "shape": list(array.shape),
            "data_offsets": [start, start + len(content)],
        }
        start += len(content)
        parts.append(content)
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *parts])


def type_of(dtype: np.dtype[Any]) -> str:
    """How the format writes a type.

    Raises:
        TypeError: It has no word for it.
    """
    if dtype.name == "bfloat16":
        return "BF16"
    wanted = dtype.newbyteorder("<")
    for kind, text in TYPES.items():
        if kind != "BF16" and np.dtype(text) == wanted:
            return kind
    raise TypeError(f"{dtype} can't be kept in a file of weights")


def entries(stream: IO[bytes], shown: str) -> tuple[list[Entry], int]:
    """What a file holds, in the order of its bytes, without reading an array.

    Args:
        stream: The file, at any place.
        shown: Its path, for messages.

    Returns:
        The arrays, and where their bytes begin.

    Raises:
        ArtefactError: It is no such file, was cut off or altered, or claims what it does not hold.
    """
    held = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    length = int.from_bytes(stream.read(8), "little")
    if held < 10 or not 2 <= length <= min(MAX_HEADER, held - 8):
        raise _refused("is not a file of weights, or was cut off", shown)
    try:
        header = json.loads(stream.read(length), object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise _refused("is damaged: its header can't be read", shown) from None
    if not isinstance(header, dict) or len(header) > MAX_ARRAYS:
        raise _refused("is damaged: its header is no list of arrays", shown)
    header.pop(METADATA, None)
    found = sorted((_entry(name, value, shown) for name, value in header.items()), key=lambda e: e.start)
    end = 0
    for entry in found:
        if entry.start != end:
            raise _refused(f"is damaged: '{entry.name}' overlaps another array, or leaves a hole", shown)
        end += entry.nbytes
    if 8 + length + end != held:
        raise _refused(f"holds {held - 8 - length:,} bytes of arrays and declares {end:,}", shown)
    return found, 8 + length


def read(stream: IO[bytes], shown: str) -> dict[str, Array]:
    """The arrays of a file, in their order.

    Raises:
        ArtefactError: As `entries`.
    """
    found, start = entries(stream, shown)
    arrays = {}
    for entry in found:
        stream.seek(start + entry.start)
        flat = np.frombuffer(stream.read(entry.nbytes), TYPES[entry.type])
        arrays[entry.name] = _native(flat.reshape(entry.shape), entry.type)
    return arrays


def _native(array: Array, kind: str) -> Array:
    if kind == "BF16":
        import ml_dtypes

        return array.view(np.dtype(ml_dtypes.bfloat16))
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _entry(name: str, value: Any, shown: str) -> Entry:
    wrong = _refused(f"is damaged: what it says of '{name[:100]}' makes no sense", shown)
    if not isinstance(value, dict) or value.keys() != {"dtype", "shape", "data_offsets"}:
        raise wrong
    kind, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if not isinstance(kind, str) or kind not in TYPES:
        raise wrong
    if not _counts(shape) or len(shape) > MAX_AXES or not _counts(offsets) or len(offsets) != 2:
        raise wrong
    entry = Entry(name, kind, tuple(shape), offsets[0])
    if entry.start + entry.nbytes != offsets[1]:
        raise wrong
    return entry


def _counts(value: Any) -> bool:
    return isinstance(value, list) and all(type(n) is int and 0 <= n < 1 << 48 for n in value)


def _refused(message: str, shown: str) -> ArtefactError:
    return ArtefactError(Problem(message, location=Location(shown), id="weights"))
