"""Scores as tables: the chief ones with intervals and baselines, all of them, and those of classes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nntrain.config.vocabulary.scores import chief, is_score, task_of, title
from nntrain.report.page.blocks import Block, Folded, Group, Span, Table, Text
from nntrain.report.tables import number
from nntrain.run.page.course import Outcome, plain
from nntrain.run.page.material import Material
from nntrain.run.page.worst import confusions

SHARES = frozenset(
    {
        "exact_match",
        "mean_iou",
        "dice",
        "accuracy",
        "balanced_accuracy",
        "precision",
        "recall",
        "f1",
        "f1_micro",
        "roc_auc",
        "average_precision",
    }
)
"""Scores from 0 to 1, of which more is better: they are drawn."""
PARTS = {
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
    "iou": "IoU",
    "dice": "Dice",
    "roc_auc": "ROC AUC",
    "average_precision": "Average precision",
    "mae": "MAE",
    "rmse": "RMSE",
    "r2": "R2",
    "support": "Rows",
    "pixels": "Pixels",
}
"""By the name in files what stands above a column of classes, labels or several numbers."""
MOST_CLASSES = 60
"""Of more classes those with the lowest F1 are shown."""


def groups(material: Material) -> list[Group]:
    """The scores of each output."""
    found = []
    for outcome in material.outcomes:
        blocks = [*_tables(material, outcome), *_classes(outcome), *confusions(outcome)]
        blocks += [Text(_sentence(note), "quiet") for note in outcome.scores.get("notes", ())]
        blocks.append(_everything(material, outcome))
        found.append(Group(f"Output '{outcome.output}'" if outcome.output else "", blocks))
    return found


def _tables(material: Material, outcome: Outcome) -> Iterator[Block]:
    keys = [key for key, _ in chief(outcome.scores)]
    drawn = any(key in SHARES for key in keys)
    caption = f"Scores; the interval and the baseline are those of the {material.split} rows"
    yield _table(material, outcome, keys, caption, drawn=drawn)
    told = [f"Baseline: {outcome.baseline}."]
    if drawn:
        told.append("Drawn: the score as a point in its interval, the baseline as a bar, from 0 to 1.")
    yield Text(" ".join(told), "quiet")
    undefined = outcome.scores.get("undefined")
    for key, why in undefined.items() if isinstance(undefined, Mapping) else ():
        if key in keys:
            yield Text(f"No {titled(key, outcome.scores)}: {why}.", "quiet")


def _everything(material: Material, outcome: Outcome) -> Folded:
    keys = [key for key in outcome.scores if is_score(key)]
    caption = f"Every score; the interval and the baseline are those of the {material.split} rows"
    return Folded("All scores", [_table(material, outcome, keys, caption, drawn=False)])


def _table(material: Material, outcome: Outcome, keys: Sequence[str], caption: str, *, drawn: bool) -> Table:
    """A score a row: the value on each split, the interval, the baseline."""
    assert material.split is not None
    others = [name for name in material.metrics["splits"] if name != material.split]
    beside = [material.scores(name).get(outcome.output, {}) for name in others]
    rows = []
    for key in keys:
        value, ends = outcome.number(key), outcome.interval(key)
        reference = outcome.reference(key)
        interval = "-" if ends is None else f"{number(ends[0])} to {number(ends[1])}"
        low, high = ends or (None, None)
        picture = Span(value, low, high, reference) if key in SHARES and value is not None else None
        row: list[str | Span | None] = [titled(key, outcome.scores)]
        row += [number(plain(scores.get(key))) for scores in beside]
        row += [number(value), interval, number(reference), *([picture] if drawn else [])]
        rows.append(row)
    header = ["Score", *map(str, others), material.split, "95 % interval", "baseline"]
    return Table(caption, [*header, "0 to 1"] if drawn else header, rows)


def _classes(outcome: Outcome) -> Iterator[Block]:
    """The scores of each class, label or number."""
    for key, what in (("per_class", "Class"), ("per_label", "Label"), ("per_column", "Number")):
        found = outcome.scores.get(key)
        if not isinstance(found, list) or not found:
            continue
        shown = found
        caption = f"Scores of each {what.lower()}"
        if len(found) > MOST_CLASSES:
            shown = sorted(found, key=lambda row: plain(row.get("f1")) or 0)[:MOST_CLASSES]
            caption = f"Scores of the {MOST_CLASSES} of {len(found):,} {key[4:]}s with the lowest F1"
        columns = [column for column in PARTS if column in found[0]]
        rows = [
            [str(row.get("name")), *(_cell(column, row.get(column)) for column in columns)] for row in shown
        ]
        yield Table(caption, [what, *(PARTS[column] for column in columns)], rows)


def _cell(column: str, value: Any) -> str:
    if column in ("support", "pixels"):
        return f"{value:,}" if isinstance(value, int) else "-"
    return number(plain(value))


def titled(key: str, scores: Mapping[str, Any]) -> str:
    """What people call a score."""
    return title(key, scores.get("average"), task_of(scores))


def _sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}."


def spread_groups(material: Material) -> list[Group]:
    """The scores of a parent: mean and deviation over its runs."""
    found: dict[str, list[Block]] = {}
    splits = material.metrics.get("splits")
    for split, scores in splits.items() if isinstance(splits, Mapping) else ():
        outputs = scores.get("outputs")
        for output, numbers in (outputs if isinstance(outputs, Mapping) else {"": scores}).items():
            rows = [(name, *_spread(numbers, key)) for key, name in chief(numbers)]
            caption = f"Scores on the {split} rows over {material.stored.count} {material.stored.parts}"
            header = ("Score", "mean", "standard deviation", "baseline")
            found.setdefault(output, []).append(Table(caption, header, rows))
    return [Group(f"Output '{output}'" if output else "", blocks) for output, blocks in found.items()]


def _spread(numbers: Mapping[str, Any], key: str) -> tuple[str, str, str]:
    spread, baseline = numbers.get(key), numbers.get("baseline")
    known = baseline.get(key) if isinstance(baseline, Mapping) else None
    reference = known.get("mean") if isinstance(known, Mapping) else known
    if not isinstance(spread, Mapping):
        return number(plain(spread)), "-", number(plain(reference))
    return number(plain(spread.get("mean"))), number(plain(spread.get("std"))), number(plain(reference))
