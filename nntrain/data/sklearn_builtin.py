"""The sets that scikit-learn bundles, and the ones it generates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nntrain.config.data import GENERATOR_ARGUMENTS, SklearnSource
from nntrain.data.dataset import Array, Part, Raw, Table
from nntrain.errors import DataError, Problem

TABLES = frozenset({"iris", "wine", "breast_cancer", "diabetes"})
"""The sets whose columns have names."""


def load(source: SklearnSource, base: Path) -> Raw:
    """The set by name; the folder `base` plays no part.

    Returns:
        A table for iris, wine, breast_cancer and diabetes; an array `(rows, features)` for the others.

    Raises:
        DataError: A generator refused its arguments.
    """
    if source.name in GENERATOR_ARGUMENTS:
        return _generated(source)
    from sklearn import datasets

    bunch: Any = getattr(datasets, f"load_{source.name}")()
    data: Array = np.ascontiguousarray(bunch.data, dtype=np.float64)
    features: Table | Array = data
    if source.name in TABLES:
        features = table_of(data, tuple(str(name) for name in bunch.feature_names))
    class_names = tuple(str(name) for name in bunch.target_names) if "target_names" in bunch else None
    target = bunch.target.astype(np.int64 if class_names else np.float64)
    return Raw(
        Part(features, target),
        class_names=class_names,
        description=f"scikit-learn's {source.name}: {data.shape[0]} rows, {data.shape[1]} features",
    )


def table_of(data: Array, names: tuple[str, ...]) -> Table:
    """Columns of shape `(rows,)` from an array of shape `(rows, columns)`."""
    columns = {name: np.ascontiguousarray(data[:, i], dtype=np.float64) for i, name in enumerate(names)}
    return Table(columns, {}, names, np.arange(len(data)))


def _generated(source: SklearnSource) -> Raw:
    from sklearn import datasets

    arguments: dict[str, Any] = {**source.generator_arguments, "random_state": source.random_state}
    try:
        made: tuple[Array, Array] = getattr(datasets, source.name)(**arguments)
    except (TypeError, ValueError) as error:
        message = f"scikit-learn's {source.name} refuses these arguments: {' '.join(str(error).split())}"
        raise DataError(Problem(message, ("data", "name"), id="generator")) from None
    x, y = made
    return Raw(
        Part(np.ascontiguousarray(x), y.astype(np.int64 if y.dtype.kind in "iu" else np.float64)),
        description=f"scikit-learn's {source.name}: {x.shape[0]} rows, {x.shape[1]} features",
    )
