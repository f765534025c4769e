"""From raw features to what the model reads: fitted on training rows, then applied to every row alike.

Tables give one float32 column a number and one column of 0 and 1 a category. Arrays become float32 of the
same shape; those of rank 2 have statistics for each feature, those of higher rank (images) one for the whole
array. Bytes stay bytes that stand for these numbers where one scale suits them all. Word numbers (imdb,
reuters) stay int32. An integer array without scaling becomes float32 too, because a Dense layer needs it and
an Embedding layer reads whole floats as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import LARGEST, Scaled, Values
from nntrain.config.data import Preprocess
from nntrain.data import categories
from nntrain.data.categories import TextColumn
from nntrain.data.dataset import Array, Features, Table, missing_values
from nntrain.data.files import check_memory
from nntrain.data.kind import Kind, State
from nntrain.data.statistics import (
    Scale,
    Statistics,
    Vector,
    as_matrix,
    blocks,
    empty_features,
    filled,
    measure,
)
from nntrain.errors import DataError, Location, Problem, listing

NUMBERS_KEY = "data.preprocess.numeric.impute"
TEXTS_KEY = "data.preprocess.categorical.impute"
REMEDIES = {
    NUMBERS_KEY: f"set {NUMBERS_KEY}: mean | median | most_frequent | a number",
    TEXTS_KEY: f"set {TEXTS_KEY}: most_frequent | a text",
}
"""What to do before training, by the key that does it."""
LATE_REMEDIES = {key: f"fill it in, or train with {key}" for key in REMEDIES}
"""What to do once a run is trained."""


@dataclass(frozen=True)
class Fitted:
    """Everything that was learnt from the training rows, and the settings it was learnt with."""

    rows: int
    """Training rows that it was fitted on."""
    scale: Scale
    range: tuple[float, float] | None
    order: tuple[str, ...]
    """A table's feature columns; empty for arrays."""
    numeric: tuple[str, ...]
    """Those that hold numbers: feature `i` of `statistics`."""
    texts: tuple[TextColumn, ...]
    statistics: Statistics | None
    """Of the numbers; None where there are none, and for word numbers."""
    row_shape: tuple[int, ...] | None
    """Shape of one raw row of an array; None for tables."""
    tokens: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the prepared columns, as `age` or `color=red`; empty for arrays."""
        by_name = {text.name: text.columns for text in self.texts}
        return tuple(column for name in self.order for column in by_name.get(name, (name,)))

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know about the training rows."""
        found = []
        constant = [text.name for text in self.texts if len(text.categories) == 1]
        if self.statistics is not None:
            flat = np.flatnonzero(self.statistics.constant)
            constant += [self.numeric[i] for i in flat] if self.numeric else []
            if len(flat) and not self.numeric:
                found.append(
                    f"{len(flat)} of {len(self.statistics.mean)} features have one value in the training rows"
                )
            if self.range is not None:
                low, high = self.statistics.low.min(), self.statistics.high.max()
                if low < self.range[0] or high > self.range[1]:
                    told = f"{self.range[0]:g} to {self.range[1]:g}"
                    found.append(
                        f"the training rows go from {low:g} to {high:g}, outside the range {told} to rescale"
                    )
        if constant:
            found.insert(0, f"columns with one value in the training rows: {listing(constant)}")
        return tuple(found)


def check(features: Features, settings: Preprocess, *, tokens: bool = False) -> None:
    """Refuse, before anything is split or fitted, missing values that nothing replaces.

    Raises:
        DataError: Naming each such column, how many values are missing and where the first is; or a scale
            is asked for word numbers.
    """
    if tokens and settings.numeric != type(settings.numeric)():
        message = "the rows are word numbers for an Embedding layer; remove impute and scale"
        raise DataError(Problem(message, ("data", "preprocess", "numeric"), id="tokens"))
    if isinstance(features, Kind):
        features.check(settings)
    elif isinstance(features, Table):
        replaced = (settings.numeric.impute is not None, settings.categorical.impute is not None)
        _check_missing(features, *replaced, REMEDIES)


def _check_missing(
    table: Table, numbers_replaced: bool, texts_replaced: bool, remedies: Mapping[str, str]
) -> None:
    problems = []
    for name in table.order:
        numeric = name in table.numeric
        if numbers_replaced if numeric else texts_replaced:
            continue
        gaps = missing_values(table.numeric[name] if numeric else table.categorical[name])
        if gaps.any():
            problems.append(_missing(table, name, gaps, remedies[NUMBERS_KEY if numeric else TEXTS_KEY]))
    if problems:
        raise DataError(*problems)


def _missing(table: Table, name: str, gaps: NDArray[np.bool_], remedy: str) -> Problem:
    location, row = table.place(int(gaps.argmax()), name)
    count = int(gaps.sum())
    have = "has" if count == 1 else "have"
    first = row or " here"
    message = f"column '{name}': {count} of {len(table)} rows {have} no value, the first{first}; {remedy}"
    return Problem(message, location=location, id="missing_value")


def fit(features: Features, settings: Preprocess, *, tokens: bool = False) -> Fitted | State:
    """Learn from the training rows, and from them alone.

    Args:
        features: The training rows, checked by `check`.
        settings: What to do.
        tokens: Whether they are word numbers.

    Raises:
        DataError: A column to be filled has no value in the training rows.
    """
    return features.fit(settings) if isinstance(features, Kind) else _fit(features, settings, tokens)


def _fit(features: Table | Array, settings: Preprocess, tokens: bool) -> Fitted:
    numeric: tuple[str, ...] = ()
    texts: tuple[TextColumn, ...] = ()
    matrix: Array | None
    if isinstance(features, Table):
        numeric = tuple(name for name in features.order if name in features.numeric)
        matrix = np.stack([features.numeric[n] for n in numeric], axis=1) if numeric else None
        texts = tuple(
            categories.fit(name, features.categorical[name], settings.categorical)
            for name in features.order
            if name in features.categorical
        )
    else:
        matrix = None if tokens else as_matrix(features)
    statistics = None
    if matrix is not None:
        _check_filled(matrix, settings, numeric)
        statistics = measure(matrix, settings.numeric.impute)
    table = isinstance(features, Table)
    return Fitted(
        rows=len(features),
        scale=settings.numeric.scale,
        range=settings.numeric.range,
        order=features.order if isinstance(features, Table) else (),
        numeric=numeric,
        texts=texts,
        statistics=statistics,
        row_shape=None if table else tuple(int(n) for n in features.shape[1:]),  # type: ignore[union-attr]
        tokens=tokens,
    )


def _check_filled(matrix: Array, settings: Preprocess, names: tuple[str, ...]) -> None:
    if isinstance(settings.numeric.impute, str) and len(empty := empty_features(matrix)):
        which = listing(f"'{names[i]}'" if names else str(i) for i in empty)
        message = (
            f"no training row has a value of {which}, so there is no {settings.numeric.impute} to fill in; "
            "drop the column, or impute a number"
        )
        raise DataError(Problem(message, ("data", "preprocess", "numeric", "impute"), id="empty_column"))


def apply(fitted: Fitted | State, features: Features) -> Values:
    """Prepare rows with what the training rows taught.

    Args:
        fitted: From `fit`.
        features: Rows of the same columns or shape.

    Returns:
        Shape `(rows, columns)` for tables, else the shape of `features`; float32, or int32 for word numbers.
        Of bytes that one whole number is subtracted from and one divides, the bytes themselves stand for it.

    Raises:
        DataError: Columns or shapes differ, a category is unknown, a value is missing and nothing
            replaces it, or a result is too large for 32 bits.
    """
    if isinstance(fitted, State):
        return fitted.apply(features)
    assert not isinstance(features, Kind)
    if isinstance(features, Table):
        return _apply_table(fitted, features)
    if features.shape[1:] != fitted.row_shape:
        message = f"rows of shape {features.shape[1:]} where the training rows have {fitted.row_shape}"
        raise DataError(Problem(message, id="row_shape"))
    if fitted.tokens:
        return features.astype(np.int32)
    return _apply_array(fitted, features)


def _apply_array(fitted: Fitted, features: Array) -> Values:
    assert fitted.statistics is not None
    shift, divisor = fitted.statistics.affine(fitted.scale, fitted.range)
    whole = _whole(shift, -LARGEST), _whole(divisor, 1)
    if features.dtype == np.uint8 and whole[0] is not None and whole[1] is not None:
        return Scaled(features, whole[0], whole[1])
    matrix = as_matrix(features)
    out = np.empty(matrix.shape, np.float32)
    with np.errstate(over="ignore"):
        for rows in blocks(matrix):
            out[rows] = (filled(matrix[rows], fitted.statistics.impute) - shift) / divisor
            if not np.isfinite(out[rows]).all():
                raise _not_finite(out[rows], rows.start)
    return out.reshape(features.shape)


def _whole(vector: Vector, least: int) -> int | None:
    """The whole number, neither below `least` nor too large, that all features share; None if they don't."""
    first = float(vector[0])
    return (
        int(first) if first.is_integer() and least <= first <= LARGEST and (vector == first).all() else None
    )


def _not_finite(block: Array, start: int) -> DataError:
    row, feature = np.argwhere(~np.isfinite(block))[0]
    found = (
        "is missing" if np.isnan(block[row, feature]) else "is more than a 32-bit number can hold once scaled"
    )
    message = f"value {feature} of row {start + row} (both from 0) {found}"
    return DataError(Problem(message, id="not_finite"))


def _apply_table(fitted: Fitted, table: Table) -> Array:
    _check_missing(
        table,
        fitted.statistics is not None and fitted.statistics.impute is not None,
        all(text.impute is not None for text in fitted.texts),
        LATE_REMEDIES,
    )
    width = len(fitted.columns)
    check_memory(len(table) * width * 4, f"{len(table)} rows of {width} prepared columns take")
    out = np.zeros((len(table), width), np.float32)
    texts = {text.name: text for text in fitted.texts}
    position = 0
    for name in fitted.order:
        if name in texts:
            categories.write(texts[name], table, out[:, position : position + len(texts[name].columns)])
            position += len(texts[name].columns)
        else:
            _write_numbers(fitted, table, name, out[:, position])
            position += 1
    return out


def _write_numbers(fitted: Fitted, table: Table, name: str, out: Array) -> None:
    assert fitted.statistics is not None
    feature = fitted.numeric.index(name)
    shift, divisor = fitted.statistics.affine(fitted.scale, fitted.range)
    filling = None if fitted.statistics.impute is None else fitted.statistics.impute[feature : feature + 1]
    with np.errstate(over="ignore"):
        out[:] = (filled(table.numeric[name], filling) - shift[feature]) / divisor[feature]
    if not np.isfinite(out).all():
        at = int((~np.isfinite(out)).argmax())
        location, row = table.place(at, name)
        value = table.numeric[name][at]
        message = f"column '{name}': {value:g}{row} is more than a 32-bit number can hold once scaled"
        raise DataError(Problem(message, location=location or Location(""), id="not_finite"))
