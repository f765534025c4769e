"""One small data set a finding, each made without chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nntrain.data.dataset import Table, TargetInfo
from nntrain.data.findings.view import Held, View
from nntrain.errors import Location
from tests.data.findings.planting import pictures, rows_of, rows_of_train_in, split, with_column

ROWS = 60
Y = np.arange(ROWS) % 2
NUMBER = np.random.default_rng(5).normal(size=ROWS)


def where(row, column):
    """As a CSV file with a header has it."""
    return Location("rows.csv", row + 2, 1)


def columns(**more):
    """A view of a CSV file with the columns `x` and those given, texts or numbers; 40 rows train."""
    given = {"x": NUMBER, **{name: np.asarray(values) for name, values in more.items()}}
    texts = {name: values.astype(object) for name, values in given.items() if values.dtype.kind in "OU"}
    numbers = {name: values.astype(float) for name, values in given.items() if name not in texts}
    table = Table(numbers, texts, tuple(given), np.arange(ROWS), where)
    return parts(table, Y, ("no", "yes"))


def parts(features, target, names, own=(), train=40):
    """The first rows train, the others test."""
    held = {}
    for part, index in (("train", np.arange(train)), ("test", np.arange(train, len(target)))):
        taken = features.take(index) if isinstance(features, Table) else features[index]
        held[part] = Held({"features": taken}, {"target": target[index]}, index)
    task = "classification" if names else "regression"
    return View(held, [TargetInfo("target", task, names, ())], own=own)


def text_gaps(every):
    """A text in every row but each `every`-th one."""
    return np.array([None if i % every == 0 else "ab"[i % 3 == 0] for i in range(ROWS)], object)


def noisy_number():
    target = np.linspace(0, 5, ROWS).astype(np.float32)
    table = Table({"x": NUMBER, "bill": target * 1.2 + NUMBER / 100}, {}, ("x", "bill"), np.arange(ROWS))
    return parts(table, target, ())


def doubtful():
    table, target, names = rows_of("breast_cancer")
    score = target + np.random.default_rng(0).normal(0, 0.27, len(target))
    return split(with_column(table, "score", score), target, names)


def copied_rows():
    return rows_of_train_in(split(*rows_of("wine")), "test", 2)


def copied_pictures():
    return rows_of_train_in(split(*pictures()), "test", 1, lambda x: (x * 0.8).astype(np.uint8))


def rounded_rows():
    table, target, names = rows_of("breast_cancer")
    return rows_of_train_in(split(table, target, names), "test", 2, lambda x: x * (1 + 1e-5))


def few_values():
    corners = np.array([[i // 2 % 2, i % 2] for i in range(ROWS)], float)
    return parts(corners, (corners.sum(axis=1) == 1).astype(np.int64), ("0", "1"))


def two_labels():
    rows = np.r_[0:40, 1:4, 43:60]
    return columns(x=NUMBER[rows], y=NUMBER[rows])


def absent_class():
    return parts(np.column_stack([NUMBER, NUMBER[::-1]]), np.where(np.arange(ROWS) < 40, Y, 0), ("a", "b"))


def other_order():
    view = split(*pictures(), own=("test",))
    held = view.parts["test"]
    moved = replace(held, targets={"target": (held.targets["target"] + 1) % 10})
    return replace(view, parts={**view.parts, "test": moved})


def other_scale():
    images, target, names = pictures()
    view = parts((images[:80] / 255).astype(np.float32), target[:80], names, own=("test",))
    test = view.parts["test"]
    full = replace(test, inputs={"features": test.inputs["features"] * 255})
    return replace(view, parts={**view.parts, "test": full})


FIRST = np.arange(ROWS) < 40
CASES = {
    "copy": lambda: columns(survived=np.where(Y, "yes", "no")),
    "code": lambda: columns(boat=np.where(Y, "lifeboat", "none")),
    "noisy number": noisy_number,
    "doubtful": doubtful,
    "copied rows": copied_rows,
    "copied pictures": copied_pictures,
    "rounded rows": rounded_rows,
    "few values": few_values,
    "two labels": two_labels,
    "absent class": absent_class,
    "other order": other_order,
    "other scale": other_scale,
    "other unit": lambda: columns(height=np.where(FIRST, 170 + NUMBER, 1.7 + NUMBER / 100)),
    "other mean": lambda: columns(age=np.where(FIRST, NUMBER, NUMBER + 1.9)),
    "new texts": lambda: columns(city=np.where(FIRST, "Rome", np.where(Y, "Oslo", "Rome"))),
    "numbers rows": lambda: columns(n=np.arange(ROWS) + 7),
    "names rows": lambda: columns(who=np.array([f"p{i}" for i in range(ROWS)])),
    "stand-in": lambda: columns(age=np.where(np.arange(ROWS) % 8 == 1, -999, 40 + NUMBER)),
    "constant": lambda: columns(ship=np.full(ROWS, "Titanic"), unit=np.full(ROWS, 3)),
    "many gaps": lambda: columns(cabin=np.where(np.arange(ROWS) % 4 == 0, 1.0 + NUMBER, np.nan)),
    "uneven gaps": lambda: columns(wage=np.where(FIRST, 1.0 + NUMBER, np.nan)),
    "few gaps": lambda: columns(
        port=text_gaps(7), age=np.where(np.arange(ROWS) % 9 == 1, np.nan, NUMBER + 1)
    ),
}
