"""The sets that scikit-learn bundles, and the ones it generates."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from nntrain.config.data import (
    GENERATOR_ARGUMENTS,
    INPUT,
    SKLEARN_SETS,
    SKLEARN_TABLES,
    TARGET,
    Column,
    SklearnSource,
)
from nntrain.config.data_section import as_columns
from nntrain.data.dataset import Array, Part, Raw, Table, TargetOrigin
from nntrain.data.memory import available_memory
from nntrain.data.roles import find_roles
from nntrain.errors import DataError, KeyPath, MemoryLimitError, Problem, listing

NAME: KeyPath = ("data", "name")


def load(source: SklearnSource, base: Path) -> Raw:
    """The set by name; the folder `base` plays no part.

    Returns:
        Tables for iris, wine, breast_cancer, diabetes and linnerud; an array `(rows, features)` for the
        others.

    Raises:
        DataError: A generator refused its arguments, or there is no such column.
        MemoryLimitError: It would make more rows than there is memory for.
    """
    if source.name in GENERATOR_ARGUMENTS:
        return _generated(source)
    from sklearn import datasets

    bunch: Any = getattr(datasets, f"load_{source.name}")()
    data: Array = np.ascontiguousarray(bunch.data, dtype=np.float64)
    task = SKLEARN_SETS[source.name]
    classes = tuple(str(name) for name in bunch.target_names) if task == "classification" else None
    target = bunch.target.astype(np.int64 if classes else np.float64)
    description = f"scikit-learn's {source.name}: {data.shape[0]:,} rows, {data.shape[1]} features"
    if source.name in SKLEARN_TABLES:
        features = tuple(str(name) for name in bunch.feature_names)
        predicted = tuple(map(str, bunch.target_names)) if target.ndim == 2 else (TARGET,)
        columns = dict(zip((*features, *predicted), (*data.T, *np.atleast_2d(target.T)), strict=True))
        return _table(source, columns, predicted, classes, description)
    origin = TargetOrigin(NAME, (TARGET,), classes, task)
    return Raw(Part({INPUT: data}, {TARGET: target}), targets={TARGET: origin}, description=description)


def _table(
    source: SklearnSource,
    columns: dict[str, Array],
    predicted: tuple[str, ...],
    classes: tuple[str, ...] | None,
    description: str,
) -> Raw:
    """A set of named columns, of which `predicted` are what it is made to predict."""
    targets: dict[tuple[str, ...], tuple[Column, ...]] = {
        ("targets", name): as_columns(given) for name, given in (source.targets or {}).items()
    }
    if source.targets is None and source.task != "reconstruction":
        targets = {(TARGET,): predicted}
    named = {c for given in (*targets.values(), *(source.inputs or {}).values()) for c in given}
    names = tuple(name for name in columns if name not in predicted or name in named)
    roles = find_roles(names, source.inputs, targets)
    table = table_of(np.column_stack([columns[name] for name in roles.features]), roles.features)
    known = {
        name: TargetOrigin(
            NAME if source.targets is None else roles.keys[name],
            given,
            classes if given == predicted else None,
            SKLEARN_SETS[source.name] if given == predicted else None,
        )
        for name, given in roles.targets.items()
    }
    left_out = [name for name in roles.left_out if name not in predicted]
    return Raw(
        Part(
            {name: table.select(given) for name, given in roles.inputs.items()},
            {name: _values(columns, given) for name, given in roles.targets.items()},
        ),
        targets=known,
        description=description,
        notes=(f"columns that no input names are left out: {listing(left_out)}",) if left_out else (),
    )


def _values(columns: dict[str, Array], names: tuple[str, ...]) -> Array:
    """A target `(rows,)` of one column, or `(rows, columns)` of several."""
    if len(names) == 1:
        return columns[names[0]]
    return np.column_stack([columns[name] for name in names])


def table_of(data: Array, names: tuple[str, ...]) -> Table:
    """Columns of shape `(rows,)` from an array of shape `(rows, columns)`."""
    columns = {name: np.ascontiguousarray(data[:, i], dtype=np.float64) for i, name in enumerate(names)}
    return Table(columns, {}, names, np.arange(len(data)))


def _check_room(source: SklearnSource) -> None:
    """Refuse rows that are known not to fit, before the system ends the process that makes them.

    Raises:
        MemoryLimitError: At least two numbers of each row are more than there is room for.
    """
    rows, free = source.generator_arguments.get("n_samples"), available_memory()
    if isinstance(rows, int) and free is not None and rows * 2 * 8 > free:
        raise _too_many(source)


def _too_many(source: SklearnSource) -> MemoryLimitError:
    rows = source.generator_arguments.get("n_samples")
    count = f"{rows:,} rows" if isinstance(rows, int) else "the rows"
    message = f"{count} of {source.name} do not fit into memory; make fewer"
    return MemoryLimitError(Problem(message, ("data", "n_samples"), id="memory"))


def _generated(source: SklearnSource) -> Raw:
    from sklearn import datasets

    arguments: dict[str, Any] = {**source.generator_arguments, "random_state": source.random_state}
    try:
        _check_room(source)
        made: tuple[Array, Array] = getattr(datasets, source.name)(**arguments)
    except MemoryError:
        raise _too_many(source) from None
    except (TypeError, ValueError) as error:
        message = f"scikit-learn's {source.name} refuses these arguments: {' '.join(str(error).split())}"
        raise DataError(Problem(message, NAME, id="generator")) from None
    x, y = made
    return Raw(
        Part(
            {INPUT: np.ascontiguousarray(x)},
            {TARGET: y.astype(np.int64 if y.dtype.kind in "iu" else np.float64)},
        ),
        targets={TARGET: TargetOrigin(NAME, (TARGET,), None, SKLEARN_SETS[source.name])},
        description=f"scikit-learn's {source.name}: {x.shape[0]:,} rows, {x.shape[1]} features",
    )
