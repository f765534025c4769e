"""One number for the data of a run, so that a later command can tell whether they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from nntrain.data.by_twos import PARALLEL
from nntrain.data.dataset import Array, Part, Raw, Table
from nntrain.data.kind import Blocks, Kind


def fingerprinting(raw: Raw) -> Future[str]:
    """The fingerprint, on its way: that of large tables is taken in a thread while their rows are divided.

    Rows of another kind may stay in a file, which one thread reads at a time.
    """
    inputs = [features for part in raw.parts for features in part.inputs.values()]
    tables = [features for features in inputs if isinstance(features, Table)]
    if len(tables) == len(inputs) and sum(len(x) * len(x.order) for x in tables) >= PARALLEL:
        threads = ThreadPoolExecutor(1)
        found = threads.submit(fingerprint, raw)
        threads.shutdown(wait=False)
        return found
    found = Future()
    found.set_result(fingerprint(raw))
    return found


def fingerprint(raw: Raw) -> str:
    """SHA-256 of all values, their order, names and types, the source's own splits included.

    Args:
        raw: Rows as the source delivers them, before any split or preprocessing: inputs, targets, and what
            divides or weighs rows.

    Returns:
        64 hexadecimal digits. Where the file lies and what it is called make no difference.
    """
    digest = hashlib.sha256()
    for name, part in (("rows", raw.rows), ("validation", raw.validation), ("test", raw.test)):
        if part is not None:
            for label, values in _arrays(part):
                _feed(digest, f"{name}/{label}", values)
    return digest.hexdigest()


def _arrays(part: Part) -> Iterator[tuple[str, Array | Blocks]]:
    for port, features in part.inputs.items():
        if isinstance(features, Table):
            for name in features.order:
                numeric = name in features.numeric
                yield f"x/{port}/{name}", (features.numeric if numeric else features.categorical)[name]
        elif isinstance(features, Kind):
            for name, values in features.arrays():
                yield f"x/{port}/{name}" if name else f"x/{port}", values
        else:
            yield f"x/{port}", features
    for port, target in part.targets.items():
        yield f"y/{port}", target
    for use, beside in part.beside.items():
        yield f"{use}/{beside.column}", beside.values


def _feed(digest: Any, label: str, values: Array | Blocks) -> None:
    dtype = values.dtype if values.dtype == object else values.dtype.newbyteorder("<")
    digest.update(f"{label!r} {dtype.str} {values.shape}\n".encode())
    for block in values.read() if isinstance(values, Blocks) else (values,):
        _feed_values(digest, block.astype(dtype, copy=False))


def _feed_values(digest: Any, values: Array) -> None:
    if values.dtype == object:
        for value in values.ravel():
            content = b"" if value is None else str(value).encode()
            digest.update(b"-" if value is None else b"%d:" % len(content))
            digest.update(content)
    else:
        digest.update(np.ascontiguousarray(values).data)
