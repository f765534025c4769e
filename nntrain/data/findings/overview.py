"""What the rows of a config hold: splits, classes, columns and arrays, as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array, Table, TargetInfo, missing_values
from nntrain.data.findings.association import Telling, classes_by, numbers_by
from nntrain.data.findings.classes import class_pixels
from nntrain.data.findings.view import Column, View

COMMONEST = 3
"""Texts of a column that are named."""
TELLING_ROWS = 5_000
"""Training rows by which columns are ordered, evenly spread."""
ROWS_OF_ARRAY = 2_000
"""Rows of an array that are measured, evenly spread."""
FEWEST_ROWS = 10


@dataclass(frozen=True)
class Numbers:
    """Of finite values."""

    mean: float
    deviation: float
    low: float
    high: float


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
        tuple(_column(view, column) for column in view.columns),
        tuple(
            _array(name, features)
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
        by_name = [(name, {s: _measured(x[:, i]) for s, x in flat.items()}) for i, name in enumerate(names)]
        known = tuple((name, {s: m for s, m in found.items() if m is not None}) for name, found in by_name)
        return TargetOverview(target.name, target.task, (), known)
    classes = tuple((name, {s: int(n[i]) for s, n in counts.items()}) for i, name in enumerate(target.names))
    return TargetOverview(target.name, target.task, classes, ())


def _measured(values: Array) -> Numbers | None:
    """Of the finite values; None where there is none."""
    numbers: NDArray[np.float64] = values.astype(np.float64).ravel()
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return None
    return Numbers(float(numbers.mean()), float(numbers.std()), float(numbers.min()), float(numbers.max()))


def _column(view: View, column: Column) -> ColumnOverview:
    values = column.part("train")
    gaps = missing_values(values)
    present = values[~gaps]
    commonest: tuple[tuple[str, int], ...] = ()
    if column.is_text:
        counts = Counter(present)
        distinct = len(counts)
        ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        commonest = tuple((str(text), count) for text, count in ordered[:COMMONEST])
    else:
        distinct = len(np.unique(present))
    return ColumnOverview(
        column.name,
        column.input,
        "text" if column.is_text else "number",
        int(gaps.sum()),
        distinct,
        None if column.is_text else _measured(present),
        commonest,
        telling(view, column),
    )


def telling(view: View, column: Column) -> Telling | None:
    """How well a column tells the first target, on evenly spread training rows."""
    if not view.targets or len(view.train) < FEWEST_ROWS:
        return None
    target = view.targets[0]
    rows = np.linspace(0, len(view.train) - 1, min(TELLING_ROWS, len(view.train))).astype(np.int64)
    values, wanted = column.part("train", rows), view.train.targets[target.name][rows]
    if target.task == "classification":
        return classes_by(values, wanted) if len(np.unique(wanted)) > 1 else None
    return numbers_by(values, wanted) if target.task == "regression" and wanted.ndim == 1 else None


def _array(name: str, features: Array) -> ArrayOverview:
    rows = features[np.linspace(0, len(features) - 1, min(ROWS_OF_ARRAY, len(features))).astype(np.int64)]
    if features.dtype == object:
        return ArrayOverview(name, features.shape[1:], "text", 0, None)
    missing = int(np.isnan(features).sum()) if features.dtype.kind == "f" else 0
    return ArrayOverview(name, features.shape[1:], str(features.dtype), missing, _measured(rows))
