"""Columns of text as columns of 0 and 1, one for each category that the training rows have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Categorical
from nntrain.data.dataset import Array, Table
from nntrain.errors import DataError, Problem, did_you_mean, listing


@dataclass(frozen=True)
class TextColumn:
    """What the training rows say about one column."""

    name: str
    missing: int
    impute: str | None
    """The text that replaces a missing one."""
    categories: tuple[str, ...]
    """Sorted. An imputed text is one of them, whether or not a training row has it."""
    unknown_is_error: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of 0 and 1."""
        return tuple(f"{self.name}={category}" for category in self.categories)


def fit(name: str, values: NDArray[np.object_], settings: Categorical) -> TextColumn:
    """Learn a column's categories from training rows.

    Args:
        name: The column.
        values: Texts, shape `(rows,)`; None where missing.
        settings: What to do.

    Raises:
        DataError: The most frequent text is asked for and there is none.
    """
    counts = Counter(values)
    missing = counts.pop(None, 0)
    impute = settings.impute
    if impute == "most_frequent":
        if not counts:
            message = f"no training row has a value of '{name}', so there is none to fill in; drop the column"
            key = ("data", "preprocess", "categorical", "impute")
            raise DataError(Problem(message, key, id="empty_column"))
        impute = min(counts, key=lambda text: (-counts[text], text))
    known = {*counts, impute} if impute is not None else set(counts)
    return TextColumn(name, missing, impute, tuple(sorted(known)), settings.unknown == "error")


def write(column: TextColumn, table: Table, out: Array) -> None:
    """Write a column's 0 and 1 into `out`, shape `(rows, categories)`, which holds zeros.

    Raises:
        DataError: A category that the training rows did not have, unless zeros are to stand for it.
    """
    index = {category: i for i, category in enumerate(column.categories)}
    if column.impute is not None:
        index[None] = index[column.impute]  # type: ignore[index]
    values = table.categorical[column.name]
    codes = np.fromiter((index.get(value, -1) for value in values), np.int64, len(values))
    known = codes >= 0
    if column.unknown_is_error and not known.all():
        raise _unknown(column, table, ~known)
    rows = np.flatnonzero(known)
    out[rows, codes[rows]] = 1


def _unknown(column: TextColumn, table: Table, unknown: NDArray[np.bool_]) -> DataError:
    at = int(unknown.argmax())
    location, row = table.place(at, column.name)
    value = str(table.categorical[column.name][at])
    message = (
        f"column '{column.name}': no training row has '{value}'{row}{did_you_mean(value, column.categories)} "
        f"({int(unknown.sum())} of {len(table)} rows have unknown texts); "
        f"known are {listing(column.categories)}; "
        "set data.preprocess.categorical.unknown: zeros to let them pass"
    )
    return DataError(Problem(message, location=location, id="unknown_category"))
