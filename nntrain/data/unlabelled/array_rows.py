"""Arrays of features without targets: .npy and .npz files, and records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from nntrain.arrays import Values
from nntrain.config.data import DataSection, NpzSource, TfrecordSource
from nntrain.data.dataset import Array, Features, Index
from nntrain.data.new_rows import Known
from nntrain.data.npy_file import open_npy
from nntrain.data.npz_arrays import array_names, read_arrays
from nntrain.data.prepare.arrays import FittedTokens
from nntrain.data.prepare.fits import check_shape, fills
from nntrain.data.prepare.tables import FittedTable
from nntrain.data.record_file import read_records
from nntrain.data.sklearn_builtin import table_of
from nntrain.data.streaming.features import chunk_rows
from nntrain.data.tables.cells import not_float32
from nntrain.data.tables.files import SourceFile
from nntrain.data.unlabelled.chunk import Chunk, Fault, NewRows, sifted
from nntrain.errors import DataError, Location, Problem, listing

Read = Callable[[int, int], Array]
"""Some rows of an array."""


def array_rows(source: DataSection, known: Known, file: Path, shown: str, skip: bool) -> NewRows:
    """The rows of an .npy or .npz file.

    A file of several arrays has those of the run by their names, or `x` (several inputs: by the inputs').

    Raises:
        DataError: The file is damaged, lacks an array, or holds rows of another shape.
    """
    if file.suffix.lower() == ".npy":
        if len(known.fitted) > 1:
            message = f"the run has several inputs; give an .npz file with {listing(known.fitted)}"
            raise DataError(Problem(message, location=Location(shown), id="wrong_kind"))
        opened = open_npy(file, shown, ())
        return _rows(known, {"": (opened.header.shape, opened.header.dtype, opened.read)}, skip, shown)
    names = _names(source, known, file, shown)
    arrays = read_arrays(file, shown, dict.fromkeys(names.values(), ()))
    given = {name: (array.shape, array.dtype, partial(_cut, array)) for name, array in arrays.items()}
    return _rows(known, given, skip, shown)


def record_rows(source: TfrecordSource, known: Known, file: Path, shown: str, skip: bool) -> NewRows:
    """The rows of a TFRecord file, which need no label.

    Raises:
        DataError: The file is damaged, or a record is not what the config says.
    """
    features = {name: source.features[name] for name in source.input_features}
    part = read_records(
        source.model_copy(update={"label": None, "features": features}), (SourceFile(file, shown),)
    )
    arrays = {name: np.asarray(values) for name, values in part.inputs.items()}
    return _rows(known, {n: (a.shape, a.dtype, partial(_cut, a)) for n, a in arrays.items()}, skip, shown)


def _cut(array: Array, start: int, stop: int) -> Array:
    return array[start:stop]


def _names(source: DataSection, known: Known, file: Path, shown: str) -> dict[str, str]:
    """The array of each input."""
    free = ("x",) if len(known.fitted) == 1 else tuple(known.fitted)
    names = dict(zip(known.fitted, free, strict=True))
    present = array_names(file, shown)
    if isinstance(source, NpzSource):
        own = {name: source.input_arrays[name] for name in known.fitted}
        if {*own.values()} <= {*present} or not {*free} <= {*present}:
            return own
    if len(present) == 1 and len(names) == 1 and not isinstance(source, NpzSource):
        return dict.fromkeys(names, present[0])
    return names


def _rows(
    known: Known,
    arrays: Mapping[str, tuple[tuple[int, ...], np.dtype[np.generic], Read]],
    skip: bool,
    shown: str,
) -> NewRows:
    """Chunks of arrays, given by input, or by no name where there is one."""
    for name, (shape, dtype, _) in arrays.items():
        array = f"array '{name}'" if name else "the array"
        if not shape or not np.prod(shape):
            raise _error(f"{array} has no rows: its shape is {shape}", shown)
        if dtype.kind not in "buif" or dtype.itemsize > 8:
            raise _error(f"{array} must hold real numbers of at most 64 bits, not {dtype}", shown)
    counts = {name: shape[0] for name, (shape, _, _) in arrays.items()}
    if len({*counts.values()}) > 1:
        told = listing(f"'{name}' has {count:,} rows" for name, count in counts.items())
        raise _error(f"the arrays differ in length: {told}; save as many of the one as of the other", shown)
    (count, *_) = counts.values()
    for (shape, dtype, _), fitted in zip(arrays.values(), known.fitted.values(), strict=True):
        row = shape[1:] or (1,)
        check_shape(fitted, np.broadcast_to(np.zeros((), dtype), (1, *row)), shown)
    bytes_of_row = sum(int(np.prod(shape[1:])) * 8 for shape, _, _ in arrays.values())
    reads = [read for _, _, read in arrays.values()]
    return NewRows(_chunks(known, reads, count, chunk_rows(bytes_of_row), skip, shown), count)


def _chunks(
    known: Known, reads: list[Read], count: int, step: int, skip: bool, shown: str
) -> Iterator[Chunk]:
    for start in range(0, count, step):
        stop = min(start + step, count)
        features = {}
        faults: list[Fault] = []
        for (name, fitted), read in zip(known.fitted.items(), reads, strict=True):
            rows = read(start, stop)
            rows = rows[:, None] if rows.ndim == 1 else rows
            features[name] = rows
            faults += _not_finite(rows, start, shown, fills(fitted))
        index = np.arange(start, stop)
        chunk = sifted(index, faults, partial(_prepared, known, features), list, skip)
        yield Chunk(chunk.inputs, chunk.index, {}, chunk.problems, chunk.skipped, stop)


def _prepared(known: Known, features: Mapping[str, Array], rows: Index) -> Mapping[str, Values]:
    found = {}
    for name, fitted in known.fitted.items():
        array = features[name]
        part: Features = array if len(rows) == len(array) else array[rows]
        if isinstance(fitted, FittedTable):
            part = table_of(np.asarray(part), fitted.order)
        found[name] = fitted.apply(
            part if isinstance(fitted, FittedTable | FittedTokens) else np.ascontiguousarray(part)
        )
    return found


def _not_finite(rows: Array, start: int, shown: str, filled: bool) -> Iterator[Fault]:
    """Rows with values that are not finite; NaN may be filled in."""
    if rows.dtype.kind != "f":
        return
    flat = rows.reshape(len(rows), -1)
    bad = not_float32(flat)
    if filled:
        bad &= ~np.isnan(flat)
    if bad.any():

        def told(row: int) -> Problem:
            value = flat[row][bad[row]][0]
            message = f"row {start + row} (from 0) holds {value:g}, which is not a finite 32-bit number"
            return Problem(message, location=Location(shown), id="not_finite")

        yield Fault(np.asarray(bad.any(axis=1)), told)


def _error(message: str, shown: str) -> DataError:
    return DataError(Problem(message, location=Location(shown), id="array"))
