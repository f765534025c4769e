"""Splits whose features differ more than chance makes them differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array, Table
from nntrain.data.findings.finding import Finding
from nntrain.data.findings.view import Column, View, columns_text

FAR = 0.5
"""Means that differ by more than this many deviations of the training rows are far apart."""
SURE = 5.0
"""So many standard errors of the difference are no chance."""
OUTSIDE = 0.01
"""A larger share of rows that lie outside the training range by more than its own width."""
TIMES = 10.0
"""The middle half is so many times as wide, or as narrow."""
UNSEEN = 0.2
"""A larger share of rows with a text that no training row has."""
FEWEST_ROWS = 20
FEWEST_OUTSIDE = 3
IMAGES = 500
"""Images (or other rows without columns) of a split that are looked at."""


def shifts(view: View) -> Iterator[Finding]:
    """Columns, and whole arrays, that differ between the training rows and others."""
    if len(view.train) < FEWEST_ROWS:
        return
    for split, held in view.held_out.items():
        if len(held) < FEWEST_ROWS:
            continue
        rows, train_rows = view.sample(split), view.sample("train")
        for column in (column for column in view.columns if not column.in_words):
            here, there = column.part(split, rows), column.part("train", train_rows)
            found = _unseen(here, there) if column.is_text else _numbers(here, there)
            if found is not None:
                yield _told(view, split, column, found)
        for name in held.inputs:
            found = _array(view, name, split)
            if found is not None:
                yield _told(view, split, name, found)


@dataclass(frozen=True)
class _Shift:
    """What differs, where, and by how much."""

    text: str
    positions: NDArray[np.int64]
    """Rows that show it, as positions in the sample of the split."""
    figures: dict[str, float | int]


def _numbers(here: NDArray[np.float64], there: NDArray[np.float64]) -> _Shift | None:
    """Compare a held-out split's numbers with those of the training rows."""
    known, learnt = here[~np.isnan(here)], there[~np.isnan(there)]
    if len(known) < FEWEST_ROWS or len(learnt) < FEWEST_ROWS:
        return None
    low, high = float(learnt.min()), float(learnt.max())
    width = high - low
    far = (here < low - width) | (here > high + width)
    if far.sum() >= FEWEST_OUTSIDE and far.mean() > OUTSIDE:
        text = (
            f"{int(far.sum()):,} of {len(here):,} values lie far outside {low:.4g} to {high:.4g}, "
            "where all training rows are"
        )
        return _Shift(text, np.flatnonzero(far), {"outside": int(far.sum()), "low": low, "high": high})
    deviation = float(learnt.std())
    difference = float(known.mean() - learnt.mean())
    if deviation > 0 and abs(difference) > deviation * max(
        FAR, SURE * np.sqrt(1 / len(known) + 1 / len(learnt))
    ):
        text = (
            f"the mean is {known.mean():.4g}, in the training rows {learnt.mean():.4g}: "
            f"{abs(difference) / deviation:.2g} deviations apart"
        )
        farthest = np.argsort(-np.abs(np.nan_to_num(here - learnt.mean())), kind="stable")
        return _Shift(text, farthest, {"deviations": round(difference / deviation, 6)})
    return _spread(here, known, learnt)


def _spread(here: Array, known: NDArray[np.float64], learnt: NDArray[np.float64]) -> _Shift | None:
    wide, reference = (
        float(np.subtract(*np.quantile(part, (0.75, 0.25), method="nearest"))) for part in (known, learnt)
    )
    if wide > 0 and reference > 0 and not 1 / TIMES <= wide / reference <= TIMES:
        text = f"the middle half of the values spans {wide:.4g}, in the training rows {reference:.4g}"
        farthest = np.argsort(-np.abs(np.nan_to_num(here - learnt.mean())), kind="stable")
        return _Shift(text, farthest, {"times": round(wide / reference, 6)})
    return None


def _unseen(here: Array, there: Array) -> _Shift | None:
    """Texts that no training row has, unless nearly every row has a text of its own."""
    known = set(there)
    if len(known) > len(there) / 2:
        return None
    new = np.fromiter((text is not None and text not in known for text in here), bool, len(here))
    if new.mean() <= UNSEEN:
        return None
    text = (
        f"{int(new.sum()):,} of {len(here):,} texts stand in no training row, such as '{here[new.argmax()]}'"
    )
    return _Shift(text, np.flatnonzero(new), {"unseen": int(new.sum())})


def _array(view: View, name: str, split: str) -> _Shift | None:
    """The same for an array of images, all values together; None for columns and texts."""
    here, there = (view.parts[part].inputs[name] for part in (split, "train"))
    if isinstance(here, Table) or isinstance(there, Table) or view.has_columns(there) or view.tokens:
        return None
    if there.dtype == object:
        return None
    means, values = _sampled(here)
    reference_means, reference = _sampled(there)
    low, high = float(reference.min()), float(reference.max())
    far = np.abs(means - reference_means.mean()) > 2 * max(high - low, 1e-12)
    wide, span = float(np.ptp(values)), high - low
    if far.mean() > OUTSIDE or (span > 0 and wide > 0 and not 1 / TIMES <= wide / span <= TIMES):
        text = (
            f"values go from {values.min():.4g} to {values.max():.4g}, in the training rows from {low:.4g} "
            f"to {high:.4g}"
        )
        return _Shift(text, np.arange(len(means)), {"times": round(wide / span, 6) if span else 0.0})
    between = float(reference_means.std())
    difference = float(means.mean() - reference_means.mean())
    error = between * np.sqrt(1 / len(means) + 1 / len(reference_means))
    if between > 0 and abs(difference) > max(between, SURE * error):
        text = (
            f"a row's mean is {means.mean():.4g} on average, in the training rows "
            f"{reference_means.mean():.4g}: {abs(difference) / between:.2g} deviations apart"
        )
        return _Shift(text, np.arange(len(means)), {"deviations": round(difference / between, 6)})
    return None


def _sampled(rows: Array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean of each row, and all values, of evenly spread rows."""
    chosen = rows[np.linspace(0, len(rows) - 1, min(IMAGES, len(rows))).astype(np.int64)]
    flat = chosen.reshape(len(chosen), -1).astype(np.float64)
    return flat.mean(axis=1), flat


def _told(view: View, split: str, what: Column | str, found: _Shift) -> Finding:
    rows = view.sample(split)
    positions = np.arange(len(view.parts[split]))[rows][found.positions[:3]]
    column = what.name if isinstance(what, Column) else ""
    subject = columns_text([what]) if isinstance(what, Column) else f"the array '{what}'"
    return Finding(
        "shifted_columns" if column else "shifted_array",
        "warning",
        f"{subject} differs in the {split} rows: {found.text}",
        "scores on other data than were learnt from say little: look for another unit, scaling or origin",
        (column,) if column else (),
        view.places(split, positions, column),
        figures=found.figures,
    )
