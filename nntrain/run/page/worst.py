"""The scored rows that were met worst, and the classes that are taken for one another."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import nlargest

from nntrain.report.page.blocks import Block, Table, Text
from nntrain.report.tables import number
from nntrain.run.page.course import NAN, Outcome

MOST = 10
"""Rows, and pairs of classes, that are shown."""
Row = Mapping[str, str]
Cells = tuple[str, ...]
Found = tuple[float, Cells]


def worst(outcome: Outcome, content: bytes) -> list[Block]:
    """The rows that an output met worst.

    Args:
        outcome: What they are of.
        content: `predictions.csv`.
    """
    prefix = f"{outcome.output}." if outcome.output else ""
    reader = csv.DictReader(io.StringIO(content.decode(errors="replace")))
    told = TASKS.get(outcome.task)
    if told is None:
        return []
    header, words, read, caption = told
    columns = [title.removeprefix(prefix) for title in reader.fieldnames or () if title.startswith(prefix)]
    cases = (
        found
        for row in reader
        if (found := read({c: row.get(prefix + c) or "" for c in columns}, outcome, row.get("row") or ""))
    )
    chosen = [cells for _, cells in nlargest(MOST, cases, key=lambda case: case[0])]
    if not chosen:
        return [Text("No row was predicted wrongly.")]
    return [Table(caption, header, chosen, words)]


def _class(row: Row, outcome: Outcome, name: str) -> Found | None:
    """A wrong class, by the probability that it was given."""
    actual, predicted = row.get("actual", ""), row.get("predicted", "")
    if actual == predicted:
        return None
    sure = _number(row.get(f"p({predicted})", ""))
    return (sure if sure == sure else 0.0), (name, actual, predicted, number(sure))


def _value(row: Row, outcome: Outcome, name: str) -> Found | None:
    """A number, or the worst one of several, by how far it is off."""
    pairs = [(of, _number(row[f"actual{of}"]), _number(row.get(f"predicted{of}", ""))) for of in _of(row)]
    gaps = [(abs(predicted - actual), of, actual, predicted) for of, actual, predicted in pairs]
    known = [gap for gap in gaps if gap[0] == gap[0]]
    if not known:
        return None
    gap, of, actual, predicted = max(known)
    said = f"{name} {of}".strip()
    return gap, (said, number(actual), number(predicted), f"{predicted - actual:+,.4g}")


def _labels(row: Row, outcome: Outcome, name: str) -> Found | None:
    """Labels that are wrong, by their number."""
    missed = [
        of[1:-1] for of in _of(row) if _number(row[f"actual{of}"]) > _number(row.get(f"predicted{of}", ""))
    ]
    extra = [
        of[1:-1] for of in _of(row) if _number(row[f"actual{of}"]) < _number(row.get(f"predicted{of}", ""))
    ]
    if not missed and not extra:
        return None
    return len(missed) + len(extra), (name, ", ".join(missed) or "-", ", ".join(extra) or "-")


def _mask(row: Row, outcome: Outcome, name: str) -> Found | None:
    """A mask, by its mean IoU."""
    iou = _number(row.get("mean_iou", ""))
    return None if iou != iou else (-iou, (name, number(_number(row.get("accuracy", ""))), number(iou)))


def _given_back(row: Row, outcome: Outcome, name: str) -> Found | None:
    """A row that was given back, by its error."""
    error = _number(row.get("mse", ""))
    return None if error != error else (error, (name, number(_number(row.get("mae", ""))), number(error)))


def _of(row: Row) -> Iterator[str]:
    """What stands after `actual`: nothing, or `(name)` of each of several."""
    yield from (title.removeprefix("actual") for title in row if title.startswith("actual"))


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return NAN


Reader = Callable[[Row, Outcome, str], Found | None]
TASKS: dict[str, tuple[Sequence[str], int, Reader, str]] = {
    "classification": (
        ("Row", "Actual", "Predicted", "Probability"),
        3,
        _class,
        "The most confident mistakes; rows are numbered as in the source",
    ),
    "regression": (
        ("Row", "Actual", "Predicted", "Difference"),
        1,
        _value,
        "The predictions that are furthest off; rows are numbered as in the source",
    ),
    "multi_label": (
        ("Row", "Missed", "Said and not there"),
        3,
        _labels,
        "The rows with the most wrong labels; rows are numbered as in the source",
    ),
    "segmentation": (
        ("Row", "Accuracy", "Mean IoU"),
        1,
        _mask,
        "The masks that are met worst; rows are numbered as in the source",
    ),
    "reconstruction": (
        ("Row", "Mean absolute error", "Error"),
        1,
        _given_back,
        "The rows that are given back worst, by mean squared error; rows are numbered as in the source",
    ),
}
"""By task: what is told, how many columns of it are texts, how a row of the file is read, and the caption."""


def confusions(outcome: Outcome) -> list[Block]:
    """Which classes are taken for which, the most frequent mistakes first."""
    matrix, names = outcome.confusion, outcome.names
    if len(matrix) != len(names):
        return []
    pairs = [
        (count, -i, -j) for i, row in enumerate(matrix) for j, count in enumerate(row) if i != j and count > 0
    ]
    unit = "Pixels" if outcome.task == "segmentation" else "Rows"
    rows = [
        (names[-i], names[-j], f"{count:,}", f"{100 * count / sum(matrix[-i]):.1f} %")
        for count, i, j in nlargest(MOST, pairs)
    ]
    if not rows:
        return []
    header = ("Actual", "Predicted as", unit, "of its class")
    return [Table("Classes that are taken for one another most often", header, rows, words=2)]
