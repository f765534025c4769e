"""Arrow's columns as NumPy arrays and back, by ways that don't import pandas where it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def numbers(column: Any) -> NDArray[np.float64]:
    """A chunked column of float64 as an array; NaN for null."""
    found = np.empty(len(column))
    start = 0
    for chunk in column.chunks:
        part = found[start : start + len(chunk)]
        if len(chunk):
            part[:] = np.frombuffer(chunk.buffers()[1], np.float64, len(chunk), chunk.offset * 8)
            if chunk.null_count:
                part[nulls(chunk)] = np.nan
        start += len(chunk)
    return found


def nulls(chunk: Any) -> NDArray[np.bool_]:
    """Which values of an array are null, shape `(values,)`."""
    if not chunk.null_count:
        return np.zeros(len(chunk), bool)
    validity = chunk.buffers()[0]
    if validity is None:  # the type of nothing but nulls
        return np.ones(len(chunk), bool)
    bits = np.unpackbits(np.frombuffer(validity, np.uint8), bitorder="little")
    return np.equal(bits[chunk.offset : chunk.offset + len(chunk)], 0)


def texts(column: Any) -> NDArray[np.object_]:
    """A chunked column of texts as an array of them; None for null. Equal texts are one object."""
    import pyarrow as pa

    found = np.empty(len(column), object)
    start = 0
    for chunk in column.chunks:
        encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        words = np.array([*encoded.dictionary.to_pylist(), None], object)
        codes = np.full(len(chunk), -1)
        present = ~nulls(encoded.indices)
        codes[present] = integers(encoded.indices)[present]
        found[start : start + len(chunk)] = words[codes]
        start += len(chunk)
    return found


def integers(chunk: Any) -> NDArray[Any]:
    """An array of integers; anything where it is null."""
    dtype = np.dtype(str(chunk.type))
    content = chunk.buffers()[1]
    return np.frombuffer(content, dtype, len(chunk), chunk.offset * dtype.itemsize)


def strings(values: Sequence[str]) -> Any:
    """Texts as an Arrow array."""
    import pyarrow as pa

    encoded = [value.encode() for value in values]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    content = pa.py_buffer(b"".join(encoded))
    return pa.Array.from_buffers(pa.string(), len(encoded), [None, pa.py_buffer(ends.tobytes()), content])


def no_text() -> Any:
    """The text that is missing."""
    import pyarrow as pa

    return pa.nulls(1, pa.string())[0]
