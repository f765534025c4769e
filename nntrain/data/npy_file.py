"""Two .npy files of NumPy arrays, features and targets; the features may stay in their file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from nntrain.config.data import INPUT, TARGET, NpySource
from nntrain.data.dataset import Array, Part, Raw, TargetOrigin
from nntrain.data.files import check_file, check_memory, resolve, size
from nntrain.data.kind import Blocks
from nntrain.data.npz_arrays import Header, read_header
from nntrain.data.npz_file import check_class_names, check_finite, make_part, make_target
from nntrain.data.streaming.decide import streams
from nntrain.data.streaming.features import Store, StoredFeatures, chunk_rows
from nntrain.errors import DataError, KeyPath, Location, Problem


@dataclass(frozen=True)
class NpyFile:
    """An .npy file that was looked at."""

    path: Path
    shown: str
    header: Header
    offset: int
    """Where its values begin."""

    def read(self, first: int, stop: int) -> Array:
        """Some rows, in the machine's byte order: a copy, of which the file's mapping keeps nothing.

        Raises:
            DataError: The file was altered since it was looked at.
        """
        shape, dtype = self.header.shape[1:], self.header.dtype
        width = prod(shape)
        at = self.offset + first * width * dtype.itemsize
        values = np.fromfile(self.path, dtype, (stop - first) * width, offset=at)
        if len(values) != (stop - first) * width:
            raise _error("the file was cut short after it was opened", self.shown)
        array: Array = values.reshape(stop - first, *shape)
        return array.astype(dtype.newbyteorder("="), copy=False)

    def whole(self) -> Array:
        """All values.

        Raises:
            DataError: They are more than fits in memory.
        """
        what = f"its array {self.header.shape} {self.header.dtype} takes"
        check_memory(self.header.nbytes, what, self.shown)
        with self.path.open("rb") as stream:
            array: Array = np.lib.format.read_array(stream, allow_pickle=False)
        return array.astype(array.dtype.newbyteorder("="), copy=False)


class ArrayStore(Store):
    """The rows of an .npy file."""

    def __init__(self, file: NpyFile) -> None:
        self._file = file
        self.rows = file.header.shape[0]
        self._flat = len(file.header.shape) == 1
        step = chunk_rows(file.header.nbytes // max(1, self.rows))
        self.bounds = np.append(np.arange(0, self.rows, step), self.rows)

    @property
    def shape(self) -> tuple[int, ...]:
        """As an input has it: `(rows,)` counts as one feature a row."""
        return (self.rows, 1) if self._flat else self._file.header.shape

    def read(self, first: int, stop: int, columns: tuple[str, ...] = ()) -> Array:
        """Some rows."""
        block = self._file.read(first, stop)
        return block[:, None] if self._flat else block

    def blocks(self) -> Iterator[Array]:
        """All rows, piece by piece."""
        for first, stop in zip(self.bounds[:-1], self.bounds[1:], strict=True):
            yield self.read(int(first), int(stop))

    def values(self, columns: tuple[str, ...] = ()) -> Iterator[tuple[str, Blocks]]:
        """The array."""
        yield "", Blocks(self.shape, self._file.header.dtype.newbyteorder("="), self.blocks)


def load(source: NpySource, base: Path) -> Raw:
    """Read the files that a config in the folder `base` names, or look at the one that is to stay.

    Raises:
        DataError: A file is missing, damaged or no .npy file, or the arrays don't fit together.
        MachineError: One may not be read.
    """
    files = {key: open_npy(resolve(shown, base), shown, ("data", key)) for key, shown in source.files.items()}
    x, header = files["x"], files["x"].header
    reason = streams(source, header.nbytes + prod(header.shape) * 4)
    if reason:
        part = _stored(source, files)
    else:
        arrays = {key: file.whole() for key, file in files.items()}
        missing_allowed = source.preprocess.numeric.impute is not None
        ports = {TARGET: "y"} if "y" in files else {}
        part = make_part(arrays, {INPUT: "x"}, ports, x.shown, missing_allowed=missing_allowed)
    targets = {TARGET: TargetOrigin(("data", "y"), ("y",), source.class_names)} if "y" in files else {}
    shape = header.shape[1:] or (1,)
    description = f"{x.shown}: {len(part):,} rows of shape {shape}"
    raw = Raw(part, targets=targets, description=description, notes=(reason,) if reason else ())
    if source.class_names is not None and targets:
        check_class_names(source.class_names, raw)
    return raw


def _stored(source: NpySource, files: dict[str, NpyFile]) -> Part:
    """Features that stay in their file, checked, and targets.

    Raises:
        DataError: The features are not real finite numbers in rows, or the targets don't fit to them.
    """
    x = files["x"]
    shape, dtype = x.header.shape, x.header.dtype
    if not prod(shape) or not shape:
        raise _error(f"array 'x' is empty or a single value: shape {shape}", x.shown)
    if dtype.kind not in "buif" or dtype.itemsize > 8:
        raise _error(f"array 'x' must hold real numbers of at most 64 bits, not {dtype}", x.shown)
    store = ArrayStore(x)
    targets = {TARGET: _target(files["y"], x, store.shape)} if "y" in files else {}
    if dtype.kind == "f":
        allowed = source.preprocess.numeric.impute is not None
        check_finite(store.blocks(), store.shape, "x", x.shown, allowed)
    return Part({INPUT: StoredFeatures.of(store)}, targets)


def _target(y: NpyFile, x: NpyFile, shape: tuple[int, ...]) -> Array:
    """The targets of rows of a shape.

    Raises:
        DataError: They don't fit to the features.
    """
    target = y.whole()
    if not target.ndim:
        raise _error("array 'y' is a single value; the first axis must be the rows", x.shown)
    if len(target) != shape[0]:
        message = f"arrays 'x' and 'y' differ in length: {shape[0]} and {len(target)} rows; "
        raise _error(f"{message}save as many of the one as of the other", x.shown)
    return make_target(target, "y", shape, "x", y.shown)


def open_npy(path: Path, shown: str, key: KeyPath) -> NpyFile:
    """The header of a file.

    Args:
        path: The file as resolved.
        shown: The path as the user wrote it.
        key: The config key that names it; empty for one from the command line.

    Raises:
        DataError: It is no .npy file, holds Python objects, lies column by column, or is cut short.
    """
    check_file(path, shown, key)
    with path.open("rb") as stream:
        try:
            header = read_header(stream)
            offset = stream.tell()
            stream.seek(0)
            fortran = b"'fortran_order': True" in stream.read(offset)
        except ValueError:
            message = "this is not an .npy file; write one with np.save(file, array)"
            raise _error(
                message if path.stat().st_size else "the file is empty; give one with rows", shown
            ) from None
    if header.dtype.hasobject:
        message = (
            "the array holds Python objects: reading them takes pickle, which can run code from the file, "
            "so it is refused; save numbers or texts of one dtype"
        )
        raise DataError(Problem(message, location=Location(shown), id="pickle"))
    held = path.stat().st_size - offset
    if header.nbytes > held:
        raise _error(
            f"the file is cut short: it declares {size(header.nbytes)} and holds {size(held)}", shown
        )
    if fortran and len(header.shape) > 1:
        message = (
            "the array lies column by column; save it row by row: np.save(file, np.ascontiguousarray(x))"
        )
        raise _error(message, shown)
    return NpyFile(path, shown, header, offset)


def _error(message: str, shown: str) -> DataError:
    return DataError(Problem(message, location=Location(shown), id="array"))
