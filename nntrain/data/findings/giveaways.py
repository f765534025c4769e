"""Columns that give the target away: its copy, its code, or nearly it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array, Index, TargetInfo
from nntrain.data.findings.association import (
    FEWEST_ROWS,
    Telling,
    classes_by,
    is_copy,
    is_one_to_one,
    numbers_by,
)
from nntrain.data.findings.finding import Finding
from nntrain.data.findings.view import Column, View, columns_text

LEAK = {"accuracy": 0.995, "AUC": 0.999, "correlation": 0.999, "R2": 0.995}
"""A column that alone tells a target as well as this gives it away."""
DOUBTFUL = {"accuracy": 0.99, "AUC": 0.995, "correlation": 0.99, "R2": 0.98}
"""One that tells it as well as this is worth a look."""
MOST_LABELS = 20
"""Labels, or numbers, of one target that columns are compared with; the others are left out."""


def giveaways(view: View) -> Iterator[Finding]:
    """What tells a target all by itself, on at most `view.most_rows` training rows."""
    if len(view.train) < FEWEST_ROWS:
        return
    rows = view.sample("train")
    for target in view.targets:
        if target.name not in view.train.targets:
            continue
        for label, names, values in _single(target, view.train.targets[target.name][rows]):
            if len(np.unique(values)) < 2:
                continue
            whose = f"the target '{label}'" if label or len(view.targets) > 1 else "the target"
            for column in view.columns:
                found = _of_column(view, column, column.part("train", rows), values, names, rows)
                if found is not None:
                    yield _told(view, column, whose if label else _named(view, target), found, rows)


def _named(view: View, target: TargetInfo) -> str:
    return f"the target '{target.name}'" if len(view.targets) > 1 else "the target"


def _single(target: TargetInfo, values: Array) -> Iterator[tuple[str, tuple[str, ...], Array]]:
    """A target's values one by one: what each is called, its classes, and its values `(rows,)`."""
    if target.task == "classification":
        yield "", target.names, values
    elif values.ndim == 1:
        yield "", (), values
    elif values.ndim == 2:
        for i in range(min(values.shape[1], MOST_LABELS)):
            classes = ("0", "1") if target.task == "multi_label" else ()
            column = values[:, i].astype(np.int64) if classes else values[:, i]
            yield target.names[i] if target.names else str(i), classes, column


Found = tuple[str, Telling | None]
"""The finding's id, and how well the column tells the target if it is not exact."""


def _of_column(
    view: View, column: Column, values: Array, target: Array, names: tuple[str, ...], rows: Index | slice
) -> Found | None:
    if is_copy(values, target, names):
        return "target_copy", None
    if names and is_one_to_one(values, target):
        return "target_code", None
    told = classes_by(values, target) if names else numbers_by(values, target)
    if told.value >= LEAK[told.measure]:
        return "target_giveaway", told
    if told.value >= DOUBTFUL[told.measure]:
        return "target_suspect", told
    return None


def _told(view: View, column: Column, whose: str, found: Found, rows: Index | slice) -> Finding:
    id_, told = found
    count = len(view.train) if isinstance(rows, slice) else len(rows)
    which = f"all {count:,} training rows" if isinstance(rows, slice) else f"the {count:,} rows looked at"
    first: NDArray[np.int64] = np.arange(len(view.train))[rows]
    out = view.leave_out([column.name])
    name = columns_text([column])
    if told is None:
        how = "holds" if id_ == "target_copy" else "is another spelling of"
        text = f"{name} {how} {whose}: in {which} the one follows from the other"
        figures: dict[str, float | int] = {"rows": count}
    else:
        text = f"{name} {'almost ' if told.value < 1 else ''}tells {whose} by itself: {_figure(told)}"
        figures = {"rows": count, told.measure: round(told.value, 6)}
    if id_ == "target_suspect":
        advice = f"if it is not known before the target is, {out}"
    else:
        advice = f"it is hardly known before the target is, so {out}"
    severity = "warning" if id_ == "target_suspect" else "leak"
    places = view.places("train", first, column.name)
    return Finding(id_, severity, text, advice, (column.name,), places, figures=figures)  # type: ignore[arg-type]


def _figure(told: Telling) -> str:
    """The figure in words."""
    value = f"{told.value:.4f}"
    if told.measure == "accuracy":
        return (
            f"the nearest value among half of the rows names {100 * told.value:.4g} % of each class correctly"
        )
    return {"AUC": f"AUC {value}", "R2": f"R2 {value}", "correlation": f"correlation {value}"}[told.measure]
