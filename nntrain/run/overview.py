"""`nntrain data`: what the rows of a config hold, as values and as a page of pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from nntrain.config.schema import Config
from nntrain.data.dataset import Array, Index, Table, TargetInfo
from nntrain.data.findings.overview import ColumnOverview, Overview, overview
from nntrain.data.findings.view import Column, View
from nntrain.run.findings import quiet_reading
from nntrain.run.reading import survey_data

if TYPE_CHECKING:
    from nntrain.report.data_page import Histogram

MOST_HISTOGRAMS = 12
"""Of more columns those are drawn that tell the target best."""
MOST_BARS = 8
"""Texts of a column that are drawn."""
ROWS_DRAWN = 20_000
"""Training rows that a histogram counts, evenly spread."""
IMAGES = 30
"""Images on the page."""


def survey(config: Config) -> tuple[View, Overview]:
    """Read and split the rows, and measure them; nothing is prepared, and gaps may be there.

    Raises:
        DataError: The data are missing or unfit.
    """
    with quiet_reading(config):
        view = survey_data(config)
    return view, overview(view)


def page(title: str, view: View, found: Overview) -> bytes:
    """The page of pictures as PNG.

    Args:
        title: What stands above it.
        view: The rows.
        found: Their overview.
    """
    from nntrain.report.data_page import MOST_GROUPS, Page, data_page

    target = view.targets[0] if view.targets else None
    classes = found.targets[0].classes if target else ()
    numbers = {}
    if target is not None and not classes:
        numbers = {s: p.targets[target.name].astype(np.float64).ravel() for s, p in view.parts.items()}
    image = next((name for name, features in view.train.inputs.items() if _is_picture(features)), None)
    drawn = [] if image is not None else _telling(found.columns)
    by_class = target is not None and target.task == "classification" and len(target.names) <= MOST_GROUPS
    groups = target if by_class else None
    masks = target is not None and target.task == "segmentation"
    shown = list(_images(view, image, target)) if image is not None else []
    return data_page(
        Page(
            title,
            classes,
            numbers,
            groups.names if groups is not None else (),
            [_histogram(view, column, groups) for column in drawn],
            len(found.columns),
            shown,
            _images_title(len(shown), target),
            "pixels" if masks else "rows",
            target.names if masks and target is not None else (),
        )
    )


def _telling(columns: tuple[ColumnOverview, ...]) -> list[ColumnOverview]:
    """The columns to be drawn: all of a few, else those that tell the target best."""
    if len(columns) <= MOST_HISTOGRAMS:
        return list(columns)
    order = sorted(columns, key=lambda column: -(column.telling.value if column.telling else 0.0))
    return order[:MOST_HISTOGRAMS]


def _histogram(view: View, measured: ColumnOverview, target: TargetInfo | None) -> Histogram:
    from nntrain.report.data_page import Histogram

    column = _column(view, measured)
    rows = view.some("train", ROWS_DRAWN)
    told = measured.telling
    note = "" if told is None else f"{told.measure} {told.value:.2f}"
    groups = None if target is None else view.train.targets[target.name][rows]
    if column.is_text:
        counts = Counter(text for text in column.part("train") if text is not None)
        texts = [(str(text), count) for text, count in counts.most_common(MOST_BARS)]
        return Histogram(measured.name, note, None, texts)
    return Histogram(measured.name, note, column.part("train", rows), (), groups)


def _column(view: View, measured: ColumnOverview) -> Column:
    return next(c for c in view.columns if (c.name, c.input) == (measured.name, measured.input))


def _is_picture(features: Table | Array) -> bool:
    """Whether an array holds images; flat rows only where they are whole numbers from 0."""
    from nntrain.report.reconstruction import is_picture

    if isinstance(features, Table) or not is_picture(features.shape[1:]):
        return False
    some = features[:100]
    return features.ndim > 2 or bool((some == np.abs(np.floor(some))).all())


def _images(view: View, name: str, target: TargetInfo | None) -> Iterator[tuple[str, Array]]:
    """Sample images with their labels: of each class equally many, or of the classes with the most rows."""
    from nntrain.report.masks import overlaid

    rows = view.train.inputs[name]
    assert not isinstance(rows, Table)
    held = view.train.held
    if target is None or target.task != "classification":
        for at in range(min(IMAGES, len(rows))):
            row = rows[at]
            if target is not None and target.task == "segmentation":
                row = overlaid(row, view.train.targets[target.name][at], len(target.names))
            yield _label(view, target, int(held[at])), row
        return
    labels = view.train.targets[target.name][held]
    counts = np.bincount(labels, minlength=len(target.names))
    each = max(1, IMAGES // len(target.names))
    chosen: Index = np.sort(np.argsort(-counts, kind="stable")[: IMAGES // each])
    for turn in range(each):
        for label in chosen:
            (own,) = np.nonzero(labels == label)
            if turn < len(own):
                yield target.names[label], rows[own[turn]]


def _label(view: View, target: TargetInfo | None, at: int) -> str:
    """What a training row shows: its labels, its numbers, or which row it is."""
    if target is None or target.task not in ("multi_label", "regression"):
        return f"row {int(view.train.index[at]):,}"
    values = np.atleast_1d(view.train.targets[target.name][at])
    if target.task == "regression":
        return ", ".join(f"{value:.4g}" for value in values.ravel())
    return ", ".join(name for name, value in zip(target.names, values, strict=True) if value) or "no label"


def _images_title(shown: int, target: TargetInfo | None) -> str:
    if target is not None and target.task == "segmentation":
        return f"The first {shown} training rows under their masks"
    if target is not None and target.task == "multi_label":
        return f"The first {shown} training rows and their labels"
    if target is not None and target.task == "regression":
        return f"The first {shown} training rows and their target"
    if target is None or target.task != "classification":
        return f"The first {shown} training rows"
    if len(target.names) > IMAGES:
        return f"A training row of each of the {shown} classes (of {len(target.names):,}) with the most rows"
    return "The first training rows of each class"
