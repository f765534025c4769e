"""What a run learnt from: its rows, classes and features, as far as the run itself holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nntrain.report.page.blocks import Block, Facts, Group, Table, Text
from nntrain.report.tables import number
from nntrain.run.page.course import plain
from nntrain.run.page.material import Material

MOST_COLUMNS = 60
"""Of more columns the first ones are shown."""
MOST_CLASSES = 60
SPLITS = {"train": "training"}


def groups(material: Material, preprocess: Mapping[str, Any]) -> list[Group]:
    """The data of a run.

    Args:
        material: The run.
        preprocess: The content of its `preprocess.json`.
    """
    data = material.stored.own.get("data", {})
    facts = {"source": str(data.get("source", "-"))}
    rows = data.get("rows")
    if isinstance(rows, Mapping):
        facts["rows"] = ", ".join(f"{count:,} {SPLITS.get(name, name)}" for name, count in rows.items())
    fingerprint = data.get("fingerprint")
    if isinstance(fingerprint, str):
        facts["fingerprint"] = f"SHA-256 {fingerprint[:16]}..."
    found = [Group("", [Facts(facts)])]
    classes = [table for target in _targets(material) for table in _classes(material, target)]
    if classes:
        found.append(Group("Classes", classes))
    inputs = preprocess.get("inputs")
    several = isinstance(inputs, Mapping) and len(inputs) > 1
    for name, state in inputs.items() if isinstance(inputs, Mapping) else ():
        blocks = list(_input(state))
        if blocks:
            found.append(Group(f"Features of input '{name}'" if several else "Features", blocks))
    return found


def _targets(material: Material) -> Sequence[Mapping[str, Any]]:
    found = material.stored.own.get("targets")
    return found if isinstance(found, list) else ()


def _classes(material: Material, target: Mapping[str, Any]) -> Iterator[Table]:
    """How many rows of each class every split holds."""
    counts = target.get("train_counts") or target.get("train_pixels")
    names = target.get("names")
    if not isinstance(counts, list) or not isinstance(names, list) or len(counts) != len(names):
        return
    columns: dict[str, list[int]] = {"training": counts}
    if material.stored.parts is None:
        output = target["name"] if len(_targets(material)) > 1 else ""
        for split in material.metrics.get("splits", {}):
            held = material.scores(split).get(output, {}).get("per_class")
            if split != "training" and isinstance(held, list) and len(held) == len(names):
                columns[split] = [int(row.get("support", row.get("pixels")) or 0) for row in held]
    order = sorted(range(len(names)), key=lambda i: (-counts[i], i))[:MOST_CLASSES]
    rows = [[names[i], *(_share(held, i) for held in columns.values())] for i in sorted(order)]
    rows.append(["all", *(f"{sum(held):,}" for held in columns.values())])
    unit = "Pixels" if "train_pixels" in target else "Rows"
    of = f" of '{target['name']}'" if len(_targets(material)) > 1 else ""
    caption = f"{unit} of each class{of} by split"
    if len(names) > MOST_CLASSES:
        caption += f"; the {MOST_CLASSES} of {len(names):,} classes with the most"
    yield Table(caption, ["Class", *columns], rows, strong=True)


def _share(held: Sequence[int], i: int) -> str:
    total = sum(held)
    return f"{held[i]:,} ({100 * held[i] / total:.1f} %)" if total else "0"


def _input(state: Any) -> Iterator[Block]:
    """What was fitted to the training rows of one input."""
    if not isinstance(state, Mapping):
        return
    kind = state.get("kind")
    if kind == "windows":
        inner = state.get("windows")
        if isinstance(inner, Mapping):
            yield Text(f"Windows of {inner.get('window')} rows one after another.", "quiet")
            yield from _input(inner.get("of"))
    elif kind == "table":
        yield from _columns(state.get("columns"))
    elif kind in ("array", "tokens"):
        yield Facts(_array(state))
    elif kind == "text":
        yield Facts(_text(state.get("text")))
    elif kind == "sequences":
        inner = state.get("sequences")
        if isinstance(inner, Mapping):
            yield Facts({"length": f"{inner.get('length')}", "different numbers": f"{inner.get('numbers')}"})


def _columns(columns: Any) -> Iterator[Block]:
    known = [column for column in columns if isinstance(column, Mapping)] if isinstance(columns, list) else []
    numbers = [column for column in known if column.get("kind") == "numeric"]
    if numbers:
        titles = ("mean", "std", "min", "max")
        rows = [
            [str(c.get("name")), _count(c.get("missing")), *(_short(c.get(title)) for title in titles)]
            for c in numbers[:MOST_COLUMNS]
        ]
        caption = "Columns of numbers, in the training rows" + _of(len(numbers))
        yield Table(caption, ("Column", "missing", "mean", "deviation", "min", "max"), rows)
    words = [column for column in known if column.get("kind") != "numeric"]
    if words:
        rows = [[str(c.get("name")), str(c.get("kind")), *_words(c)] for c in words[:MOST_COLUMNS]]
        caption = "Other columns, in the training rows" + _of(len(words))
        yield Table(caption, ("Column", "kind", "values", "missing", "distinct"), rows, words=3)


def _of(count: int) -> str:
    return f"; the first {MOST_COLUMNS} of {count:,}" if count > MOST_COLUMNS else ""


def _words(column: Mapping[str, Any]) -> list[str]:
    """Values, gaps and number of different values of a column that holds no numbers."""
    text = column.get("text")
    if isinstance(text, Mapping):
        words = text.get("words")
        some = words if isinstance(words, list) else []
        return [_some(some), "-", f"{len(some):,}"]
    categories = column.get("categories")
    some = categories if isinstance(categories, list) else []
    return [_some(some), _count(column.get("missing")), _count(column.get("distinct", len(some)))]


def _some(values: Sequence[Any], most: int = 6) -> str:
    told = ", ".join(str(value) for value in values[:most])
    return f"{told} and {len(values) - most:,} more" if len(values) > most else told or "-"


def _array(state: Mapping[str, Any]) -> dict[str, str]:
    facts = {}
    shape = state.get("row_shape")
    if isinstance(shape, list):
        facts["shape of a row"] = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
    for key, name, pick in (("missing", "missing", sum), ("min", "least", min), ("max", "largest", max)):
        known = [value for value in _flat(state.get(key)) if value is not None]
        if known:
            facts[name] = f"{pick(known):,.4g}"
    means = [value for value in _flat(state.get("mean")) if value is not None]
    if means:
        facts["mean"] = number(sum(means) / len(means))
    scale = state.get("scale")
    if isinstance(scale, str):
        facts["scaled"] = scale
    return facts


def _text(state: Any) -> dict[str, str]:
    if not isinstance(state, Mapping):
        return {}
    words, steps = state.get("words"), state.get("steps")
    facts = {}
    if isinstance(words, list):
        facts["vocabulary"] = f"{len(words):,} words: {_some(words, 12)}"
    if isinstance(steps, Mapping):
        length = steps.get("length")
        facts["a row"] = str(steps.get("output")) + (f" of {length}" if length else "")
    return facts


def _flat(value: Any) -> list[float | None]:
    return [plain(one) for one in value] if isinstance(value, list) else [plain(value)]


def _count(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else "-"


def _short(value: Any) -> str:
    known = plain(value)
    return "-" if known is None else f"{known:,.4g}"
