"""A process that reads numbers out of a stranger's HDF5 file, with little memory and little time.

It is started by `foreign.py`, and gives back a file of `tensors.py`. Whatever the HDF5 library does with a
file that was made to break it, it does it here.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import h5py
import numpy as np

from nntrain.run.model_files.tensors import to_bytes

Wanted = Mapping[str, tuple[tuple[int, ...], str]]
"""Shape and NumPy's word for the type, by the array's place."""
REFUSED = 5
MAX_DEPTH = 60
MORE_OBJECTS = 20, 5_000
"""Groups and arrays that a file may have: so many for each weight, and some more."""
SLACK = 192 << 20
"""Address space beyond what is in use and two copies of the numbers."""
SECONDS = 20


class Refused(Exception):
    """What is wrong with the file."""


def main() -> None:
    """Read the job from the standard input, and the file; write the numbers, or say what is wrong."""
    job = json.load(sys.stdin)
    wanted = {name: (tuple(shape), dtype) for name, (shape, dtype) in job["wanted"].items()}
    _limit(job["bytes"])
    try:
        with h5py.File(job["file"], "r", locking=False) as file:
            _check_names(file, wanted)
            arrays = {name: _array(file, name, *facts) for name, facts in wanted.items()}
        Path(job["target"]).write_bytes(to_bytes(arrays))
    except Refused as refusal:
        _refuse(str(refusal))
    except MemoryError:
        _refuse("asks for more memory than its weights need")
    except (OSError, KeyError, ValueError, RuntimeError, TypeError, RecursionError):
        _refuse("is damaged: its numbers can't be read")


def _refuse(message: str) -> NoReturn:
    sys.stdout.write(message)
    raise SystemExit(REFUSED)


def _limit(size: int) -> None:
    """Take away what the work does not need.

    Args:
        size: Bytes of all numbers.
    """
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    if pages:
        space = pages * resource.getpagesize() + 2 * size + SLACK
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
    seconds = SECONDS + size // (50 << 20)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + (16 << 20),) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _check_names(file: h5py.File, wanted: Wanted) -> None:
    """Refuse weights that the network does not have; the optimizer's are of no concern.

    Raises:
        Refused: With the first such name.
    """
    each, more = MORE_OBJECTS
    left = [each * len(wanted) + more]
    own = {name.split("/")[0] for name in wanted}
    for top in sorted(own & set(file)):
        for name in _datasets(_member(file, top, top), top, 1, left):
            if name not in wanted:
                raise Refused(f"holds weights '{_short(name)}', and the config's layers have none there")


def _datasets(item: Any, name: str, depth: int, left: list[int]) -> Iterator[str]:
    """The names of all arrays below a group; every link leads straight to something in this file."""
    left[0] -= 1
    if depth > MAX_DEPTH or left[0] < 0:
        raise Refused("has groups of weights that never end")
    if isinstance(item, h5py.Dataset):
        yield name
        return
    for inner in item:
        path = f"{name}/{inner}"
        yield from _datasets(_member(item, inner, path), path, depth + 1, left)


def _member(group: Any, name: str, path: str) -> Any:
    if not isinstance(group, h5py.Group) or name not in group:
        raise Refused(f"has no weights '{_short(path)}', which the config's layers have")
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise Refused(f"has a link at '{_short(path)}' where numbers should be")
    return group[name]


def _array(file: h5py.File, name: str, shape: tuple[int, ...], dtype: str) -> Any:
    """One array, if it is what it should be."""
    item, path = file, ""
    for part in name.split("/"):
        path = f"{path}/{part}".lstrip("/")
        item = _member(item, part, path)
    if not isinstance(item, h5py.Dataset) or item.shape is None:
        raise Refused(f"has no numbers at '{_short(name)}'")
    if item.is_virtual or item.external:
        raise Refused(f"takes the numbers of '{_short(name)}' from another file")
    if item.chunks is not None or item.compression is not None:
        raise Refused(f"packs the numbers of '{_short(name)}', which Keras does not")
    found = "bfloat16" if item.dtype.str == "|V2" and dtype == "bfloat16" else item.dtype.name
    if item.shape != shape or found != dtype:
        raise Refused(
            f"holds '{_short(name)}' {item.shape} {found}, and the config's layers have {shape} {dtype}"
        )
    if item.id.get_storage_size() != item.size * item.dtype.itemsize:
        raise Refused(f"does not hold all numbers of '{_short(name)}'")
    values = item[()]
    if dtype == "bfloat16":
        import ml_dtypes

        return np.asarray(values).view(ml_dtypes.bfloat16)
    return np.asarray(values)


def _short(name: str) -> str:
    return name if len(name) <= 120 else name[:120] + "..."
