"""Classes that a split lacks, and labels that mean something else in another split."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import in_blocks
from nntrain.data.dataset import Array, TargetInfo
from nntrain.data.findings.finding import Finding
from nntrain.data.findings.view import Held, View
from nntrain.errors import listing

MOST_CLASSES = 200
"""With more classes their order is not compared."""
HALF = 0.5
"""Labels are in doubt where their classes' means tell them this much worse than in the training rows."""
FEWEST_ROWS = 50


def absent(view: View) -> Iterator[Finding]:
    """Classes without a row in a split."""
    for target in view.targets:
        if target.task not in ("classification", "multi_label", "segmentation"):
            continue
        never: set[str] = set()
        for split, part in view.parts.items():
            lacking = [name for name in _without_rows(target, part) if name not in never]
            if split == "train":
                never = set(lacking)
            if lacking and not (target.task == "multi_label" and split == "train"):
                yield _absent(view, target, split, lacking)


def _without_rows(target: TargetInfo, part: Held) -> list[str]:
    labels = part.targets[target.name]
    if target.task == "classification":
        counts = np.bincount(labels, minlength=len(target.names))
    elif target.task == "segmentation":
        counts = class_pixels(labels, len(target.names))
    else:
        counts = labels.sum(axis=0)
    return [name for name, count in zip(target.names, counts, strict=True) if not count]


def class_pixels(masks: Array, classes: int) -> NDArray[np.int64]:
    """Pixels of each class, shape `(classes,)`; those that are left out are not counted."""
    counts = np.zeros(256, np.int64)
    for block in in_blocks(masks):
        counts += np.bincount(block.ravel(), minlength=256)
    return counts[:classes]


def _absent(view: View, target: TargetInfo, split: str, lacking: list[str]) -> Finding:
    whose = f" of '{target.name}'" if len(view.targets) > 1 else ""
    what = "label" if target.task == "multi_label" else "class"
    names = listing([f"'{name}'" for name in lacking], 6)
    plural = f"one of the {what}{'es' if what == 'class' else 's'}" if len(lacking) > 1 else f"the {what}"
    rows = "training" if split == "train" else split
    row, has = (f"{rows} mask", "a pixel of") if target.task == "segmentation" else (f"{rows} row", "")
    if split == "train":
        advice = "an output that is never right is learnt: add rows, or leave the name out"
    else:
        drawn = (
            "hold out more rows"
            if target.task != "classification"
            else "set data.split.stratify, or hold out more rows"
        )
        remedy = "add such rows" if split in view.own else drawn
        advice = f"the {split} scores say nothing of {'them' if len(lacking) > 1 else 'it'}: {remedy}"
    return Finding(
        "absent_classes",
        "warning",
        f"no {row} has {has}{' ' if has else ''}{plural} {names}{whose}",
        advice,
        figures={"classes": len(lacking), "of": len(target.names)},
    )


def order(view: View) -> Iterator[Finding]:
    """Labels that stand for other classes in a split that the source brings itself.

    The means of the classes in the training rows name each row's class. If they name those of a split as
    well as those of the training rows once the labels are renamed, and far worse before, the labels are
    in another order there.
    """
    means: NDArray[np.float32] | None = None
    for target in view.targets[:1]:
        if target.task != "classification" or not 2 <= len(target.names) <= MOST_CLASSES or view.tokens:
            return
        for split in view.own:
            part = view.parts[split]
            if len(part) < FEWEST_ROWS or len(view.train) < FEWEST_ROWS or not _comparable(view):
                continue
            labels = view.train.targets[target.name]
            if means is None:
                means = _means(view.train, labels, len(target.names))
            given = part.targets[target.name]
            table = _confusion(_nearest(part, means), given, len(target.names))
            at_home = _nearest(view.train, means)
            known = float((at_home == labels).mean())
            straight, renamed, names = _renamed(table)
            present = np.flatnonzero(table.sum(axis=0))
            moved = [int(i) for i in present if names[i] != i]
            if straight < HALF * known and renamed > 0.8 * known and len(set(names[present])) == len(present):
                yield _in_other_order(view, target, split, (straight, renamed, known), moved, names)


def _comparable(view: View) -> bool:
    """Whether every input is an array of numbers, of which all rows are in memory."""
    arrays = all(isinstance(x, np.ndarray) and x.dtype != object for x in view.train.inputs.values())
    return arrays and all(part.whole for part in view.parts.values())


def _flat(part: Held) -> Iterator[NDArray[np.float32]]:
    """Rows as float32 `(some rows, values)`, gaps as 0, some at a time."""
    inputs = [x for x in part.inputs.values() if isinstance(x, np.ndarray)]
    for blocks in zip(*(map(_numbers, _together(x, len(part))) for x in inputs), strict=True):
        yield np.concatenate(blocks, axis=1)


def _together(values: Array, rows: int) -> Iterator[Array]:
    step = max(1, len(next(in_blocks(values)))) if rows else 1
    step = min(step, 1000)
    return (values[start : start + step] for start in range(0, rows, step))


def _numbers(block: Array) -> NDArray[np.float32]:
    flat: NDArray[np.float32] = np.nan_to_num(block.reshape(len(block), -1).astype(np.float32))
    return flat


def _means(part: Held, labels: Array, classes: int) -> NDArray[np.float32]:
    """Of each class, `(classes, values)`; of one without rows, what no row is near to."""
    sums: NDArray[np.float64] | None = None
    at = 0
    for block in _flat(part):
        own = np.eye(classes, dtype=np.float32)[labels[at : at + len(block)]]
        sums = (own.T @ block).astype(np.float64) + (0 if sums is None else sums)
        at += len(block)
    assert sums is not None
    counts = np.bincount(labels, minlength=classes)
    means = (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)
    means[counts == 0] = 1e15
    return means


def _nearest(part: Held, means: NDArray[np.float32]) -> NDArray[np.int64]:
    """The class of the nearest mean, for each row."""
    size = (means.astype(np.float64) ** 2).sum(axis=1)
    found = [(size - 2.0 * (block @ means.T)).argmin(axis=1) for block in _flat(part)]
    return np.concatenate(found)


def _confusion(named: NDArray[np.int64], given: Array, classes: int) -> NDArray[np.int64]:
    """Rows by the class that the means name and by the label that they have, `(classes, classes)`."""
    pairs = np.bincount(named * classes + given, minlength=classes * classes)
    return pairs.reshape(classes, classes)


def _renamed(table: NDArray[np.int64]) -> tuple[float, float, NDArray[np.int64]]:
    """The share that is right as it is; that with each label renamed to what its rows are; those names."""
    names: NDArray[np.int64] = table.argmax(axis=0)
    total = max(1, int(table.sum()))
    return float(np.trace(table) / total), float(table.max(axis=0).sum() / total), names


def _in_other_order(
    view: View,
    target: TargetInfo,
    split: str,
    shares: tuple[float, float, float],
    moved: list[int],
    names: NDArray[np.int64],
) -> Finding:
    straight, renamed, known = shares
    told = listing([f"'{target.names[i]}' there looks like '{target.names[names[i]]}'" for i in moved], 3)
    given = view.parts[split].targets[target.name]
    rows = np.flatnonzero(np.isin(given, moved))
    return Finding(
        "class_order",
        "warning",
        f"the labels of the {split} rows seem to be in another order: {told}; the nearest class mean is "
        f"right for {100 * straight:.3g} % of them as they are, {100 * renamed:.3g} % renamed, and "
        f"{100 * known:.3g} % of the training rows",
        "give the classes of both splits the same numbers",
        rows=view.places(split, rows),
        figures={
            "as_they_are": round(straight, 6),
            "renamed": round(renamed, 6),
            "training": round(known, 6),
        },
    )
