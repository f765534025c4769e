"""Clean sets with a split, and what is planted in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn import datasets

from nntrain.config.data import Split
from nntrain.data.dataset import Table, TargetInfo
from nntrain.data.findings.find import thorough
from nntrain.data.findings.view import Held, View
from nntrain.data.sklearn_builtin import table_of
from nntrain.data.splits import Ties, divide

TABLES = ("iris", "wine", "breast_cancer", "diabetes")
CLASSES = ("iris", "wine", "breast_cancer")


def rows_of(name):
    """A set as a table, its target, and the names of its classes (none for a number)."""
    bunch = getattr(datasets, f"load_{name}")()
    table = table_of(np.asarray(bunch.data, float), tuple(map(str, bunch.feature_names)))
    if name == "diabetes":
        return table, bunch.target.astype(np.float32), ()
    return table, bunch.target.astype(np.int64), tuple(map(str, bunch.target_names))


def pictures():
    """scikit-learn's digits as bytes, `(1797, 16, 16)`: enlarged and softened."""
    bunch = datasets.load_digits()
    large = np.kron(bunch.images, np.ones((2, 2)))
    padded = np.pad(large, ((0, 0), (1, 1), (1, 1)), mode="edge")
    soft = sum(padded[:, i : i + 16, j : j + 16] for i in range(3) for j in range(3)) / 9
    return (soft * 15).astype(np.uint8), bunch.target.astype(np.int64), tuple("0123456789")


def split(features, target, names, seed=0, **more):
    """A view of rows that are split as training splits them."""
    shares = Split(validation=0.2, test=0.2)
    division = divide(len(target), shares, seed, Ties(target if names else None, names))
    parts = {}
    for part in ("train", "validation", "test"):
        index = getattr(division, part)
        taken = features.take(index) if isinstance(features, Table) else features[index]
        parts[part] = Held({"features": taken}, {"target": target[index]}, index)
    info = TargetInfo("target", "classification" if names else "regression", names, ())
    return View(parts, [info], **more)


def with_column(table, name, values):
    """The table with one more column."""
    kind = "categorical" if values.dtype == object else "numeric"
    columns = {**getattr(table, kind), name: values if kind == "categorical" else values.astype(float)}
    return replace(table, order=(*table.order, name), **{kind: columns})


def changed(view, part, change):
    """The view with the features of one split replaced by `change(features)`."""
    held = view.parts[part]
    inputs = {"features": change(held.inputs["features"])}
    return replace(view, parts={**view.parts, part: replace(held, inputs=inputs)})


def rows_of_train_in(view, part, count, change=lambda rows: rows):
    """The view whose split begins with the first training rows, changed."""
    train = view.parts["train"].inputs["features"]

    def replaced(rows):
        if isinstance(rows, Table):
            numeric = {
                name: np.r_[change(train.numeric[name][:count]), values[count:]]
                for name, values in rows.numeric.items()
            }
            return replace(rows, numeric=numeric)
        return np.concatenate([change(train[:count]), rows[count:]])

    return changed(view, part, replaced)


def found(view):
    """Severity by id."""
    return {finding.id: finding.severity for finding in thorough(view)}
