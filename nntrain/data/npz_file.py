"""An .npz file of NumPy arrays: features `(rows, ...)` and targets `(rows,)`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nntrain.config.data import NpzSource
from nntrain.data.dataset import Array, Part, Raw
from nntrain.data.files import check_file, resolve
from nntrain.data.npz_arrays import read_arrays
from nntrain.errors import DataError, KeyPath, Location, Problem, listing

FLOAT32_MAX = float(np.finfo(np.float32).max)
BLOCK = 1 << 22
"""Values looked at in one go, so that a check needs little memory."""


def load(source: NpzSource, base: Path) -> Raw:
    """Read the file that a config in the folder `base` names.

    Raises:
        DataError: The file is missing or damaged, or its arrays don't fit together.
        MachineError: It may not be read.
    """
    file, shown = resolve(source.path, base), source.path
    check_file(file, shown, ("data", "path"))
    pairs = {
        part: (getattr(source, f"x{part}"), getattr(source, f"y{part}"))
        for part in ("", "_validation", "_test")
        if getattr(source, f"x{part}") is not None
    }
    keys: dict[str, KeyPath] = {}
    for part, (x, y) in pairs.items():
        keys |= {x: ("data", f"x{part}"), y: ("data", f"y{part}")}
    arrays = read_arrays(file, shown, keys)
    missing_allowed = source.preprocess.numeric.impute is not None
    parts = {
        part: make_part(arrays, x, y, shown, missing_allowed=missing_allowed)
        for part, (x, y) in pairs.items()
    }
    raw = Raw(
        parts[""],
        parts.get("_validation"),
        parts.get("_test"),
        class_names=source.class_names,
        description=f"{shown}: {len(parts[''])} rows of shape {_features(parts['']).shape[1:]}",
        target_name=source.y,
    )
    _check_row_shapes(raw, shown, pairs)
    if source.class_names is not None:
        _check_class_names(source.class_names, raw)
    return raw


def make_part(arrays: dict[str, Array], x: str, y: str, shown: str, *, missing_allowed: bool = False) -> Part:
    """Features and targets that belong together, checked.

    Args:
        arrays: What the file holds.
        x: Name of the features, `(rows, ...)`; `(rows,)` counts as one feature a row.
        y: Name of the targets, `(rows,)`, `(rows, 1)` or one-hot `(rows, classes)`.
        shown: The file as the user wrote it.
        missing_allowed: Whether NaN in `x` is replaced later.

    Raises:
        DataError: Lengths differ, there are no rows, or values are not finite numbers.
    """
    features, target = arrays[x], arrays[y]
    for name, array in ((x, features), (y, target)):
        if array.ndim == 0:
            raise _error(f"array '{name}' is a single value; the first axis must be the rows", shown)
    if len(features) != len(target):
        message = f"arrays '{x}' and '{y}' differ in length: {len(features)} and {len(target)} rows"
        raise _error(message, shown)
    if not features.size:
        raise _error(f"array '{x}' is empty: shape {features.shape}", shown)
    if features.dtype.kind not in "buif":
        raise _error(f"array '{x}' must hold real numbers, not {features.dtype}", shown)
    if features.ndim == 1:
        features = features[:, None]
    if features.dtype.kind == "f":
        features = features if features.dtype.itemsize <= 8 else features.astype(np.float64)
        _check_finite(features, x, shown, missing_allowed)
    return Part(np.ascontiguousarray(features), _target(target, y, features.shape, x, shown))


def _features(part: Part) -> Array:
    assert isinstance(part.features, np.ndarray)
    return part.features


def _error(message: str, shown: str) -> DataError:
    return DataError(Problem(message, location=Location(shown), id="array"))


def _check_finite(array: Array, name: str, shown: str, missing_allowed: bool = False) -> None:
    """Refuse NaN (unless it is replaced later), infinities and what 32 bits can't hold."""
    step = max(1, BLOCK // max(1, array[0].size))
    bad_rows, first, sample = 0, -1, 0.0
    for start in range(0, len(array), step):
        block = array[start : start + step].reshape(len(array[start : start + step]), -1)
        bad = ~(np.abs(block) <= FLOAT32_MAX)
        if missing_allowed:
            bad &= ~np.isnan(block)
        rows = bad.any(axis=1)
        if rows.any() and first < 0:
            first = start + int(rows.argmax())
            sample = float(block[first - start][bad[first - start]][0])
        bad_rows += int(rows.sum())
    if bad_rows:
        message = (
            f"array '{name}' holds {sample:g} in row {first} (from 0); values that are not finite 32-bit "
            f"numbers stand in {bad_rows} of {len(array)} rows"
        )
        if np.isnan(sample) and array.ndim > 1:
            message += "; set data.preprocess.numeric.impute to replace NaN"
        raise _error(message, shown)


def _target(y: Array, name: str, x_shape: tuple[int, ...], x: str, shown: str) -> Array:
    """Targets of shape `(rows,)`: texts as objects, int64 or float64."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.dtype.kind not in "buifUS":
        raise _error(f"array '{name}' must hold numbers or texts, not {y.dtype}", shown)
    if (
        y.ndim == 2
        and y.dtype.kind in "buif"
        and bool(((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all())
    ):
        return np.asarray(y.argmax(axis=1), np.int64)
    if y.ndim != 1:
        message = (
            f"array '{name}' has shape {y.shape} and '{x}' has {x_shape}; targets are one value a row, "
            f"shape ({len(y)},), or one-hot rows of a single 1 and 0 elsewhere"
        )
        raise _error(message, shown)
    if y.dtype.kind == "S":
        try:
            y = np.asarray(np.char.decode(y, "utf-8"))
        except UnicodeDecodeError:
            raise _error(f"array '{name}' holds bytes that are not UTF-8 text", shown) from None
    if y.dtype.kind == "U":
        return y.astype(object)
    if y.dtype == np.uint64 and y.max() > np.iinfo(np.int64).max:
        raise _error(f"array '{name}' holds {y.max()}, more than a signed 64-bit number can be", shown)
    if y.dtype.kind in "bui":
        return y.astype(np.int64)
    y = y.astype(np.float64)
    _check_finite(y, name, shown)
    return y


def _check_row_shapes(raw: Raw, shown: str, pairs: dict[str, tuple[str, str]]) -> None:
    expected = _features(raw.rows).shape[1:]
    for part, own in (("_validation", raw.validation), ("_test", raw.test)):
        if own is not None and _features(own).shape[1:] != expected:
            message = (
                f"rows of '{pairs[part][0]}' have shape {_features(own).shape[1:]}, "
                f"those of '{pairs[''][0]}' have {expected}"
            )
            raise _error(message, shown)


def _check_class_names(names: tuple[str, ...], raw: Raw) -> None:
    key = ("data", "class_names")
    targets = [part.target for part in raw.parts]
    if any(target.dtype == object for target in targets):
        message = "names the labels 0, 1, 2, ...; the targets are texts, which name themselves: remove this"
        raise DataError(Problem(message, key, id="class_names"))
    labels = np.unique(np.concatenate(targets))
    if not np.array_equal(labels, np.arange(len(names))):
        found = listing(f"{label:g}" for label in labels.astype(float))
        message = f"{len(names)} names are for the labels 0 to {len(names) - 1}; the targets hold {found}"
        raise DataError(Problem(message, key, id="class_names"))
