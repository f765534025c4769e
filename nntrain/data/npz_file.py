"""An .npz file of NumPy arrays: features `(rows, ...)`, targets `(rows,)` or `(rows, values)`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from nntrain.config.data import INPUT, TARGET, NpzSource
from nntrain.data.beside import KEYS
from nntrain.data.dataset import Array, Beside, Features, Part, Raw, TargetOrigin, Use
from nntrain.data.files import check_file, resolve
from nntrain.data.npz_arrays import read_arrays
from nntrain.data.tables.cells import not_float32
from nntrain.errors import DataError, KeyPath, Location, Problem, listing

MAY_BE: Mapping[Use, str] = {"weight": "buif", "group": "buifUSM", "time": "uifUSM"}
"""Kinds of values that an array beside the rows may hold, in NumPy's letters."""
MEANT: Mapping[Use, str] = {"weight": "numbers", "group": "numbers or texts", "time": "dates or numbers"}
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
    names = _array_names(source)
    beside = {use: keys for use, keys in KEYS.items() if keys in source.arrays_beside}
    names[""] |= {source.arrays_beside[keys]: ("data", *keys) for keys in beside.values()}
    arrays = read_arrays(file, shown, {array: key for part in names.values() for array, key in part.items()})
    missing_allowed = source.preprocess.numeric.impute is not None
    parts = {
        part: make_part(arrays, *_ports(source, part), shown, missing_allowed=missing_allowed)
        for part in names
    }
    parts[""] = replace(parts[""], beside=_beside(source, arrays, beside, len(parts[""]), shown))
    raw = Raw(
        parts[""],
        parts.get("_validation"),
        parts.get("_test"),
        targets={
            name: TargetOrigin(names[""][array], (array,), source.class_names)
            for name, array in source.target_arrays.items()
        },
        description=f"{shown}: {len(parts['']):,} rows of {_shapes(parts[''])}",
    )
    _check_row_shapes(raw, shown, source)
    if source.class_names is not None and raw.targets:
        check_class_names(source.class_names, raw)
    return raw


def _ports(source: NpzSource, part: str) -> tuple[dict[str, str], dict[str, str]]:
    """Arrays by input and by output; `part` is nothing, `_validation` or `_test`."""
    if not part:
        return source.input_arrays, source.target_arrays
    y = getattr(source, f"y{part}")
    return {INPUT: getattr(source, f"x{part}")}, {} if y is None else {TARGET: y}


def _beside(
    source: NpzSource,
    arrays: Mapping[str, Array],
    keys: Mapping[Use, tuple[str, ...]],
    rows: int,
    shown: str,
) -> dict[Use, Beside]:
    """What divides or weighs rows, shape `(rows,)` each.

    Raises:
        DataError: An array has another shape, or holds what it can't be.
    """
    found: dict[Use, Beside] = {}
    for use, name in ((use, source.arrays_beside[key]) for use, key in keys.items()):
        given = arrays[name]
        values = given[:, 0] if given.ndim == 2 and given.shape[1] == 1 else given
        if values.shape != (rows,) or values.dtype.kind not in MAY_BE[use]:
            message = f"array '{name}' is {given.dtype} of shape {given.shape}; "
            raise _error(f"{message}{use}s are {MEANT[use]} of shape ({rows},)", shown)
        found[use] = Beside(name, _plain(values, use, name, shown))
    return found


def _plain(values: Array, use: Use, name: str, shown: str) -> Array:
    """Weights as floats, dates as texts, and what else there is as numbers or texts."""
    if use == "weight":
        return values.astype(np.float64)
    if values.dtype.kind == "M":
        texts = np.datetime_as_string(values).astype(object)
        texts[np.isnat(values)] = None
        return texts
    return values.astype(np.float64) if values.dtype.kind == "f" else _labels(values, name, shown)


def _array_names(source: NpzSource) -> dict[str, dict[str, KeyPath]]:
    """The arrays to read, with the config key that names each, by part of the data."""
    found: dict[str, dict[str, KeyPath]] = {}
    for part in ("", "_validation", "_test"):
        if part and getattr(source, f"x{part}") is None:
            continue
        inputs, targets = _ports(source, part)
        found[part] = {
            array: ("data", several, name) if getattr(source, several) is not None else ("data", key + part)
            for ports, several, key in ((inputs, "inputs", "x"), (targets, "targets", "y"))
            for name, array in ports.items()
        }
    return found


def _shapes(part: Part) -> str:
    """`shape (8, 8)`, or of several inputs `shapes a (3,), b (2, 2)`."""
    shapes = {name: _array(features).shape[1:] for name, features in part.inputs.items()}
    if len(shapes) == 1:
        return f"shape {next(iter(shapes.values()))}"
    return "shapes " + ", ".join(f"{name} {shape}" for name, shape in shapes.items())


def make_part(
    arrays: Mapping[str, Array],
    inputs: Mapping[str, str],
    targets: Mapping[str, str],
    shown: str,
    *,
    missing_allowed: bool = False,
    masks: bool = False,
) -> Part:
    """Features and targets that belong together, checked.

    Args:
        arrays: What the file holds.
        inputs: Name of each input's array, `(rows, ...)`; `(rows,)` counts as one feature a row.
        targets: Name of each target's array, `(rows,)`, `(rows, 1)` or numbers `(rows, values)`.
        shown: The file as the user wrote it.
        missing_allowed: Whether NaN among the features is replaced later.
        masks: Whether targets are masks, numbers of shape `(rows, height, width)`.

    Raises:
        DataError: Lengths differ, there are no rows, or values are not finite numbers.
    """
    names = [*inputs.values(), *targets.values()]
    for name in names:
        if arrays[name].ndim == 0:
            raise _error(f"array '{name}' is a single value; the first axis must be the rows", shown)
    x = names[0]
    for name in names:
        if len(arrays[name]) != len(arrays[x]):
            message = (
                f"arrays '{x}' and '{name}' differ in length: {len(arrays[x])} and {len(arrays[name])} rows; "
                "save as many of the one as of the other"
            )
            raise _error(message, shown)
    features = {port: _prepared(arrays[name], name, shown, missing_allowed) for port, name in inputs.items()}
    if masks:
        return Part(features, {port: _prepared(arrays[n], n, shown, False) for port, n in targets.items()})
    return Part(
        features,
        {port: make_target(arrays[name], name, arrays[x].shape, x, shown) for port, name in targets.items()},
    )


def _prepared(features: Array, name: str, shown: str, missing_allowed: bool) -> Array:
    """Features of shape `(rows, ...)`, checked."""
    if not features.size:
        raise _error(f"array '{name}' is empty: shape {features.shape}", shown)
    if features.dtype.kind not in "buif":
        raise _error(f"array '{name}' must hold real numbers, not {features.dtype}", shown)
    if features.ndim == 1:
        features = features[:, None]
    if features.dtype.kind == "f":
        features = features if features.dtype.itemsize <= 8 else features.astype(np.float64)
        check_finite(_in_blocks(features), features.shape, name, shown, missing_allowed)
    return np.ascontiguousarray(features)


def _array(features: Features) -> Array:
    assert isinstance(features, np.ndarray)
    return features


def _error(message: str, shown: str) -> DataError:
    return DataError(Problem(message, location=Location(shown), id="array"))


def _in_blocks(array: Array) -> Iterator[Array]:
    step = max(1, BLOCK // max(1, array[0].size))
    for start in range(0, len(array), step):
        yield array[start : start + step]


def check_finite(
    blocks: Iterator[Array], shape: tuple[int, ...], name: str, shown: str, missing_allowed: bool = False
) -> None:
    """Refuse NaN (unless it is replaced later), infinities and what 32 bits can't hold.

    Args:
        blocks: All rows, some at a time.
        shape: Of all rows together.
        name: Of the array.
        shown: The file as the user wrote it.
        missing_allowed: Whether NaN is replaced later.

    Raises:
        DataError: With the first such value.
    """
    bad_rows, first, sample, start = 0, -1, 0.0, 0
    for rows in blocks:
        block = rows.reshape(len(rows), -1)
        bad = not_float32(block)
        if missing_allowed:
            bad &= ~np.isnan(block)
        wrong = bad.any(axis=1)
        if wrong.any() and first < 0:
            first = start + int(wrong.argmax())
            sample = float(block[first - start][bad[first - start]][0])
        bad_rows += int(wrong.sum())
        start += len(rows)
    if bad_rows:
        message = (
            f"array '{name}' holds {sample:g} in row {first} (from 0); values that are not finite 32-bit "
            f"numbers stand in {bad_rows} of {shape[0]} rows"
        )
        if np.isnan(sample) and len(shape) > 1:
            message += "; set data.preprocess.numeric.impute to replace NaN"
        raise _error(message, shown)


def make_target(y: Array, name: str, x: tuple[int, ...], x_name: str, shown: str) -> Array:
    """Targets of shape `(rows,)`: texts as objects, int64 or float64; or numbers `(rows, values)`."""
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.dtype.kind not in "buifUS":
        raise _error(f"array '{name}' must hold numbers or texts, not {y.dtype}", shown)
    if y.ndim != 1 and (y.ndim != 2 or not y.size or y.dtype.kind in "US"):
        texts = " of texts" if y.dtype.kind in "US" else ""
        message = (
            f"array '{name}' has shape {y.shape}{texts} and '{x_name}' has {x}; targets are one value "
            f"a row, shape ({len(y)},), or numbers of shape ({len(y)}, values)"
        )
        if y.ndim > 2 and y.shape[:3] == x[:3]:
            message += "; masks of pixels are learnt from image files, by type: images and task: segmentation"
        raise _error(message, shown)
    if y.dtype.kind == "f":
        y = y.astype(np.float64)
        check_finite(_in_blocks(y), y.shape, name, shown)
        return y
    return _labels(y, name, shown)


def _labels(values: Array, name: str, shown: str) -> Array:
    """Texts as objects, whole numbers and truth values as int64.

    Raises:
        DataError: Bytes are no text, or a number is too large.
    """
    if values.dtype.kind == "S":
        try:
            values = np.asarray(np.char.decode(values, "utf-8"))
        except UnicodeDecodeError:
            raise _error(f"array '{name}' holds bytes that are not UTF-8 text", shown) from None
    if values.dtype.kind == "U":
        return values.astype(object)
    if values.dtype == np.uint64 and values.max() > np.iinfo(np.int64).max:
        raise _error(f"array '{name}' holds {values.max()}, more than a signed 64-bit number can be", shown)
    return values.astype(np.int64)


def _check_row_shapes(raw: Raw, shown: str, source: NpzSource) -> None:
    """The file's own validation and test rows have the shape of the others."""
    for part, own in (("_validation", raw.validation), ("_test", raw.test)):
        if own is None:
            continue
        pairs = [(f"x{part}", own.features, "x", raw.rows.features)]
        if raw.targets:
            pairs.append((f"y{part}", own.target, "y", raw.rows.target))
        for key, given, expected_key, expected in pairs:
            shapes = _array(given).shape[1:], _array(expected).shape[1:]
            if shapes[0] != shapes[1]:
                names = getattr(source, key), getattr(source, expected_key)
                message = (
                    f"rows of '{names[0]}' have shape {shapes[0]}, those of '{names[1]}' have {shapes[1]}"
                )
                raise _error(message, shown)


def check_class_names(names: tuple[str, ...], raw: Raw) -> None:
    """Refuse names that are not one for each label.

    Raises:
        DataError: Labels are texts, or others than 0, 1, 2, ...
    """
    key = ("data", "class_names")
    targets = [part.target for part in raw.parts]
    if any(target.dtype == object for target in targets):
        message = "names the labels 0, 1, 2, ...; the targets are texts, which name themselves: remove this"
        raise DataError(Problem(message, key, id="class_names"))
    if targets[0].ndim == 2:
        if targets[0].shape[1] != len(names):
            message = f"{len(names)} names; the targets have {targets[0].shape[1]} columns"
            raise DataError(Problem(message, key, id="class_names"))
        return
    labels = np.unique(np.concatenate(targets))
    if not np.array_equal(labels, np.arange(len(names))):
        found = listing(f"{label:g}" for label in labels.astype(float))
        message = f"{len(names)} names are for the labels 0 to {len(names) - 1}; the targets hold {found}"
        if np.array_equal(labels, np.arange(1, len(names) + 1)):
            message += ": subtract 1 from them, or remove this, and each number names its class"
        raise DataError(Problem(message, key, id="class_names"))
