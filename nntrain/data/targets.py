"""Raw targets as what the outputs of a network are to predict: classes, labels or numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nntrain.config.data import Task
from nntrain.config.vocabulary.losses import Labels
from nntrain.data import labels
from nntrain.data.dataset import Array, Index, TargetInfo, TargetOrigin
from nntrain.errors import DataError, Location, Problem, listing

TASK_KEY = ("data", "task")


@dataclass(frozen=True)
class Target:
    """One target, known and encoded."""

    info: TargetInfo
    origin: TargetOrigin
    values: tuple[Array, ...]
    """Of the rows, then of the source's own validation and test rows; encoded as `Rows` says."""
    notes: tuple[str, ...] = ()

    def placed(self, where: Callable[[int, str], Location] | None) -> Target:
        """The same, whose rows stand in another file."""
        return replace(self, origin=replace(self.origin, where=where))


def encode(
    name: str, origin: TargetOrigin, values: Sequence[Array], wanted: Task | None, loss: Labels
) -> Target:
    """Find out what a target is, and encode it so.

    Args:
        name: Of the output.
        origin: What the source knows of the target.
        values: Of each part of the data, `(rows,)` or numbers `(rows, values)`.
        wanted: What the config says that it is; None leaves it to the values and the loss.
        loss: The labels that the loss of this output takes.

    Raises:
        DataError: The values are not of that kind.
    """
    task = wanted or _task(origin, values, loss)
    if task == "segmentation":
        return Target(
            TargetInfo(name, task, origin.classes or (), values[0].shape[1:]), origin, tuple(values)
        )
    if any(part.dtype == object for part in values) and task != "classification":
        raise _texts(task, next(part for part in values if part.dtype == object))
    if task == "classification":
        return _classes(name, origin, values)
    names = _names(origin, values[0])
    if task == "multi_label":
        shaped = [part.reshape(len(part), -1) for part in values]
        names = _names(origin, shaped[0])
        _check_labels(origin, shaped, names)
        encoded = tuple(part.astype(np.float32) for part in shaped)
        alone = wanted is None and len(names) > 1 and all(map(_is_one_hot, shaped))
        return Target(TargetInfo(name, task, names, (len(names),)), origin, encoded, _one_hot_note(alone))
    encoded = tuple(part.astype(np.float32) for part in values)
    return Target(TargetInfo(name, task, names, encoded[0].shape[1:]), origin, encoded)


def _task(origin: TargetOrigin, values: Sequence[Array], loss: Labels) -> Task:
    """What a target is by itself: texts and known sets decide, else the loss."""
    if any(part.dtype == object for part in values):
        return "classification"
    if origin.task is not None:
        return origin.task
    if values[0].ndim == 1:
        return "regression" if loss == "any" else "classification"
    if loss == "binary" and all(_is_binary(part) for part in values):
        return "multi_label"
    if loss in ("index", "one_hot") and all(_is_one_hot(part) for part in values):
        return "classification"
    return "regression"


def _texts(task: Task, values: Array) -> DataError:
    needs = "values of 0 and 1" if task == "multi_label" else "numbers"
    message = f"'{task}' needs {needs}; the target holds texts such as '{values[0]}'"
    return DataError(Problem(message, TASK_KEY, id="text_target"))


def _classes(name: str, origin: TargetOrigin, values: Sequence[Array]) -> Target:
    """Class indices; of one-hot rows the position of the 1."""
    if values[0].ndim == 2:
        for part in values:
            _check_one_hot(origin, part)
        classes = _names(origin, values[0])
        indices = tuple(part.argmax(axis=1).astype(np.int64) for part in values)
        if len(np.unique(np.concatenate(indices))) < 2:
            raise labels.one_class(classes[indices[0][0]], origin.key)
    else:
        encoded, classes = labels.encode(values, origin.classes, origin.key)
        indices = tuple(encoded)
    return Target(TargetInfo(name, "classification", classes, ()), origin, indices)


def _names(origin: TargetOrigin, values: Array) -> tuple[str, ...]:
    """What the columns of `(rows, values)` are called; nothing for `(rows,)`."""
    if values.ndim == 1:
        return ()
    width = values.shape[1]
    if len(origin.columns) == width:
        return origin.columns
    if origin.classes is not None and len(origin.classes) == width:
        return origin.classes
    return tuple(str(i) for i in range(width))


def _is_binary(values: Array) -> bool:
    return bool(((values == 0) | (values == 1)).all())


def _is_one_hot(values: Array) -> bool:
    return _is_binary(values) and bool((values.sum(axis=1) == 1).all())


def _one_hot_note(alone: bool) -> tuple[str, ...]:
    if not alone:
        return ()
    return (
        "every row of the target has exactly one 1, and the loss is for labels that come together; for "
        "classes set data.task: classification",
    )


def _check_one_hot(origin: TargetOrigin, values: Array) -> None:
    if not _is_one_hot(values):
        remedy = "set data.task: multi_label for several labels a row, or regression for numbers"
        odd = ((values != 0) & (values != 1)).any(axis=1) | (values.sum(axis=1) != 1)
        message = (
            f"classes in {values.shape[1]} columns take a single 1 in each row and 0 elsewhere, and "
            f"{int(odd.sum())} of {len(values)} rows differ, the first in row {int(odd.argmax())} (from 0); "
            + (remedy if origin.key else "the run was trained on classes")
        )
        raise DataError(Problem(message, origin.key, id="not_one_hot"))


def _check_labels(origin: TargetOrigin, parts: Sequence[Array], names: tuple[str, ...]) -> None:
    """Refuse values of labels other than 0 and 1; every label's first is shown."""
    problems = []
    for i, label in enumerate(names):
        for number, part in enumerate(parts):
            wrong = (part[:, i] != 0) & (part[:, i] != 1)
            if not wrong.any():
                continue
            row = int(wrong.argmax())
            first: Location | None = None
            place = f", the first in row {row} (from 0)"
            if origin.where is not None and number == 0:
                first, place = origin.where(row, label), ""
            message = (
                f"label '{label}': {part[row, i]:g} is neither 0 nor 1 "
                f"({int(wrong.sum())} of {len(part)} rows{place}); "
                + (
                    "for numbers set data.task: regression"
                    if origin.key
                    else "the run was trained on 0 and 1"
                )
            )
            problems.append(Problem(message, () if first else origin.key, first, id="label_value"))
            break
    if problems:
        raise DataError(*problems)


def trained_notes(info: TargetInfo, train: Array) -> list[str]:
    """Labels that the training rows teach nothing of, because all rows have them or none has.

    Args:
        info: The target.
        train: Of the training rows, `(rows, labels)` for several labels.
    """
    if info.task != "multi_label":
        return []
    counts = train.sum(axis=0)
    never = [name for name, count in zip(info.names, counts, strict=True) if count == 0]
    always = [name for name, count in zip(info.names, counts, strict=True) if count == len(train)]
    return [
        f"labels that {which} training row has: {listing(names)}"
        for which, names in (("no", never), ("every", always))
        if names
    ]


def check_trained(target: Target, train: Array, held_out: Array, index: Index, part: str) -> None:
    """Refuse classes that stand in a held-out split alone.

    Args:
        target: The target.
        train: Its class indices in the training rows.
        held_out: Those of the split.
        index: The split's row numbers in the source.
        part: The split's name.

    Raises:
        DataError: Naming them, and where the first stands in a file of cells.
    """
    where, columns = target.origin.where, target.origin.columns
    if target.info.task == "classification":
        place = None if where is None else lambda row: where(int(index[row]), columns[0])
        labels.check_trained(train, held_out, part, target.info.names, target.origin.key, place)


def encode_known(info: TargetInfo, origin: TargetOrigin, values: Array, *, indices: bool, what: str) -> Array:
    """New rows' values as a finished run encodes this target.

    Args:
        info: The target, not a reconstruction.
        origin: Where the values come from.
        values: Of shape `(rows,)`, or numbers `(rows, values)`.
        indices: Whether a number is a class index or a class name.
        what: The target, in words.

    Raises:
        DataError: Labels, texts or shapes that the run does not know.
    """
    if info.task == "classification" and values.ndim == 1:
        return labels.encode_known(values, info.names, indices=indices, what=what)
    if values.dtype == object:
        message = f"{what} holds texts such as '{values[0]}'; the run predicts numbers"
        raise DataError(Problem(message, id="text_target"))
    shape = (len(info.names),) if info.task == "classification" else info.shape
    if info.task == "multi_label":
        values = values.reshape(len(values), -1)
    if values.shape[1:] != shape:
        message = f"{what} has rows of shape {values.shape[1:]} where the run was trained on {shape}"
        raise DataError(Problem(message, id="row_shape"))
    if info.task == "classification":
        _check_one_hot(origin, values)
        return np.asarray(values.argmax(axis=1), np.int64)
    if info.task == "multi_label":
        _check_labels(origin, (values,), info.names)
    return values.astype(np.float32)
