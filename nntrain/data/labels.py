"""Labels of any kind as class indices 0, 1, 2, ..., and the classes' names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array, Index
from nntrain.errors import DataError, KeyPath, Location, Problem, listing

Labels = NDArray[np.int64]
WHOLE = re.compile(r"0|[1-9]\d{0,17}")
"""A text that is a whole number."""


def encode(
    targets: Sequence[Array], class_names: tuple[str, ...] | None, key: KeyPath = ()
) -> tuple[list[Labels], tuple[str, ...]]:
    """Class indices for the targets of every part of the data.

    The classes are the sorted labels of all parts together (1, 2, 10), so that an index means the same
    everywhere; nothing but the labels' names is learnt from held-out rows.

    Args:
        targets: Texts or numbers, shape `(rows,)` each.
        class_names: Names of the labels 0, 1, 2, ..., where the source has them.
        key: The config key that names the target.

    Returns:
        Indices of shape `(rows,)` for each target, and the classes' names by index.

    Raises:
        DataError: Labels that are no whole numbers, are outside the names, or are all the same.
    """
    whole = [_whole(target, key) for target in targets]
    if any(t.dtype == object for t in whole):
        whole = [t if t.dtype == object else names_of(t) for t in whole]
    labels = np.unique(np.concatenate(whole))
    if len(labels) < 2:
        raise one_class(labels[0], key)
    if class_names is not None:
        _check_range(np.concatenate(whole), class_names, key)
        return [target.astype(np.int64) for target in whole], class_names
    order = _order(labels)
    place = np.argsort(order)
    indices = [place[np.searchsorted(labels, target)].astype(np.int64) for target in whole]
    return indices, tuple(map(str, labels[order]))


def _order(labels: Array) -> NDArray[np.intp]:
    """Positions that sort labels: texts that are all whole numbers, such as names of folders, as numbers."""
    if labels.dtype == object and all(WHOLE.fullmatch(label) for label in labels):
        return np.argsort(labels.astype(np.int64))
    return np.arange(len(labels))


def one_class(label: object, key: KeyPath) -> DataError:
    """The error for a target with one class; `key` is the config key that names it."""
    message = f"all rows have the label '{label}'; a classifier needs at least two classes"
    return DataError(Problem(message, key, id="one_class"))


def encode_known(
    target: Array, classes: tuple[str, ...], *, indices: bool, what: str = "the target"
) -> Labels:
    """Class indices for new rows, by the classes of a finished run.

    Args:
        target: Texts or numbers, shape `(rows,)`.
        classes: The run's class names.
        indices: Whether a number is a class index (the source names its classes) or a class name.
        what: The target, in words.

    Raises:
        DataError: Labels that the run does not know.
    """
    if target.dtype != object:
        target = _whole(target)
        if indices:
            _check_range(target, classes)
            return target.astype(np.int64)
        target = names_of(target)
    index = {name: i for i, name in enumerate(classes)}
    encoded = np.fromiter((index.get(label, -1) for label in target), np.int64, len(target))
    if (encoded < 0).any():
        unknown = _counted(target[encoded < 0])
        message = f"{what} holds labels that the run does not know: {unknown}; it knows {listing(classes)}"
        raise DataError(Problem(message, id="unknown_label"))
    return encoded


def check_trained(
    train: Labels,
    held_out: Labels,
    part: str,
    classes: tuple[str, ...],
    key: KeyPath = (),
    place: Callable[[int], Location] | None = None,
) -> None:
    """Refuse labels that stand in a held-out split alone.

    Args:
        train: Class indices of the training rows.
        held_out: Those of the split.
        part: The split's name.
        classes: Class names.
        key: The config key that names the target.
        place: Where the label of a row of the split is; None where there is no file to point into.

    Raises:
        DataError: Naming them.
    """
    alone = np.setdiff1d(held_out, train)
    if len(alone):
        found = listing(f"{classes[i]} ({int((held_out == i).sum())})" for i in alone)
        message = (
            f"labels that stand in the {part} rows and in no training row can't be learnt: {found}; "
            "add rows of such labels, or take them out"
        )
        first = int(np.isin(held_out, alone).argmax())
        location = None if place is None else place(first)
        raise DataError(Problem(message, () if location else key, location, "untrained_label"))


def whole_numbers(values: Array) -> bool:
    """Whether every value is a whole number."""
    return bool(values.dtype.kind in "biu" or (values == np.floor(values)).all())


def names_of(labels: Index) -> NDArray[np.object_]:
    """Whole numbers as texts, shape `(rows,)`."""
    unique, inverse = np.unique(labels, return_inverse=True)
    names: NDArray[np.object_] = np.array([str(label) for label in unique], object)[inverse]
    return names


def _whole(target: Array, key: KeyPath = ()) -> Array:
    """The target as it is if it holds texts, else as int64."""
    if target.dtype == object:
        return target
    if not whole_numbers(target):
        fractions = target[target != np.floor(target)]
        message = (
            f"{len(fractions)} of {len(target)} labels are not whole numbers: {_counted(fractions)}; "
            f"for numbers to be predicted {_as_numbers(key)}"
        )
        raise DataError(Problem(message, key, id="fractional_label"))
    if np.abs(target).max() >= 2.0**53:
        message = f"the label {np.abs(target).max():g} is too large for a class; {_as_numbers(key)}"
        raise DataError(Problem(message, key, id="fractional_label"))
    return target.astype(np.int64)


def _as_numbers(key: KeyPath) -> str:
    """How a target is told to be numbers; of several targets the loss tells."""
    return "use a loss such as mse" if key[1:2] == ("targets",) else "set data.task: regression"


def _check_range(labels: Array, classes: tuple[str, ...], key: KeyPath = ()) -> None:
    if labels.dtype == object:
        message = f"the target holds texts ({_counted(labels)}) where class numbers are expected"
        raise DataError(Problem(message, key, id="label_range"))
    outside = labels[(labels < 0) | (labels >= len(classes))]
    if len(outside):
        message = f"labels outside 0 to {len(classes) - 1} ({len(classes)} classes): {_counted(outside)}"
        raise DataError(Problem(message, key, id="label_range"))


def _counted(values: Array) -> str:
    """Each different value with the number of its rows."""
    unique, counts = np.unique(values, return_counts=True)
    shown = unique if unique.dtype == object else [f"{value:g}" for value in unique.astype(float)]
    return listing((f"{value} ({count})" for value, count in zip(shown, counts, strict=True)), 6)
