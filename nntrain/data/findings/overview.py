"""What the rows of a config hold: splits, classes, columns and arrays, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nntrain.data.dataset import Array, Table, TargetInfo
from nntrain.data.findings.association import Telling, classes_by, numbers_by
from nntrain.data.findings.classes import class_pixels
from nntrain.data.findings.measures import Measuring, Numbers, measured
from nntrain.data.findings.view import Column, Held, View, cells

COMMONEST = 3
"""Texts of a column that are named."""
TELLING_ROWS = 5_000
"""Training rows by which columns are ordered, evenly spread."""
ROWS_OF_ARRAY = 2_000
"""Rows of an array that are measured, evenly spread."""
FEWEST_ROWS = 10


@dataclass(frozen=True)
class TargetOverview:
    """One target, split by split."""

    name: str
    task: str
    classes: tuple[tuple[str, Mapping[str, int]], ...]
    """Classes or labels with their rows by split (of masks their pixels); empty for numbers."""
    numbers: tuple[tuple[str, Mapping[str, Numbers]], ...]
    """Names of numbers with their measures by split; empty for classes."""


@dataclass(frozen=True)
class ColumnOverview:
    """One feature in the training rows."""

    name: str
    input: str
    kind: str
    """`number` or `text`."""
    missing: int
    distinct: int
    more: bool
    """Whether there are more different values than `distinct`, which were not counted."""
    numbers: Numbers | None
    """None for texts, and where every value is missing."""
    commonest: tuple[tuple[str, int], ...]
    """The most frequent texts with their rows."""
    telling: Telling | None
    """How well the column alone tells the first target; None where that was not measured."""


@dataclass(frozen=True)
class ArrayOverview:
    """One array of features in the training rows."""

    name: str
    shape: tuple[int, ...]
    """Of a row."""
    dtype: str
    missing: int
    numbers: Numbers | None


@dataclass(frozen=True)
class Overview:
    """Everything that `nntrain data` shows."""

    source: str
    rows: Mapping[str, int]
    targets: tuple[TargetOverview, ...]
    columns: tuple[ColumnOverview, ...]
    arrays: tuple[ArrayOverview, ...]

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def overview(view: View) -> Overview:
    """Measure the rows: targets in every split, features in the training rows."""
    return Overview(
        view.description,
        {split: len(part) for split, part in view.parts.items()},
        tuple(_target(view, target) for target in view.targets),
        tuple(_columns(view)),
        tuple(
            _array(name, features, view.train)
            for name, features in view.train.inputs.items()
            if not isinstance(features, Table) and name not in view.wholes
        ),
    )


def _target(view: View, target: TargetInfo) -> TargetOverview:
    values = {split: np.asarray(part.targets[target.name]) for split, part in view.parts.items()}
    if target.task == "classification":
        counts = {s: np.bincount(labels, minlength=len(target.names)) for s, labels in values.items()}
    elif target.task == "multi_label":
        counts = {split: labels.sum(axis=0) for split, labels in values.items()}
    elif target.task == "segmentation":
        counts = {split: class_pixels(masks, len(target.names)) for split, masks in values.items()}
    else:
        flat = {split: numbers.reshape(len(numbers), -1) for split, numbers in values.items()}
        width = flat["train"].shape[1]
        names = target.names or (("",) if width == 1 else tuple(map(str, range(width))))
        by_name = [(name, {s: measured(x[:, i]) for s, x in flat.items()}) for i, name in enumerate(names)]
        known = tuple((name, {s: m for s, m in found.items() if m is not None}) for name, found in by_name)
        return TargetOverview(target.name, target.task, (), known)
    classes = tuple((name, {s: int(n[i]) for s, n in counts.items()}) for i, name in enumerate(target.names))
    return TargetOverview(target.name, target.task, classes, ())


def _columns(view: View) -> Iterator[ColumnOverview]:
    """Every column, measured on all training rows."""
    found = {(column.input, column.name): Measuring() for column in view.columns}
    if view.train.stored:
        _measure_stored(view, found)
    for column in view.columns:
        own = found[column.input, column.name]
        if column.input not in view.train.stored:
            own.add(column.part("train"))
        ordered = sorted(own.counts.items(), key=lambda pair: (-pair[1], pair[0]))
        yield ColumnOverview(
            column.name,
            column.input,
            "text" if column.is_text else "number",
            own.missing,
            own.distinct,
            own.more,
            own.numbers,
            tuple((str(text), count) for text, count in ordered[:COMMONEST]),
            telling(view, column),
        )


def _measure_stored(view: View, found: Mapping[tuple[str, str], Measuring]) -> None:
    """Measure columns whose rows stay in their file in one pass."""
    for name, features in view.train.stored.items():
        own = [column for column in view.columns if column.input == name]
        for piece in features.pieces() if own else ():
            for column in own:
                if isinstance(piece, Table):
                    values = cells(piece, column.name)
                else:
                    assert column.feature is not None
                    values = piece[:, column.feature].astype(np.float64)
                found[name, column.name].add(values)


def telling(view: View, column: Column) -> Telling | None:
    """How well a column tells the first target, on evenly spread training rows."""
    if not view.targets or len(view.train) < FEWEST_ROWS:
        return None
    target = view.targets[0]
    rows = view.some("train", TELLING_ROWS)
    values, wanted = column.part("train", rows), view.train.targets[target.name][rows]
    if target.task == "classification":
        return classes_by(values, wanted) if len(np.unique(wanted)) > 1 else None
    return numbers_by(values, wanted) if target.task == "regression" and wanted.ndim == 1 else None


def _array(name: str, features: Array, train: Held) -> ArrayOverview:
    rows = features[np.linspace(0, len(features) - 1, min(ROWS_OF_ARRAY, len(features))).astype(np.int64)]
    if features.dtype == object:
        return ArrayOverview(name, features.shape[1:], "text", 0, None)
    missing = 0
    if features.dtype.kind == "f":
        pieces = train.stored[name].pieces() if name in train.stored else (features,)
        missing = sum(int(np.isnan(piece).sum()) for piece in pieces if not isinstance(piece, Table))
    return ArrayOverview(name, features.shape[1:], str(features.dtype), missing, measured(rows))
