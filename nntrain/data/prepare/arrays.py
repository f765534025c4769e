"""Arrays: float32 of the same shape, bytes that stand for it, or word numbers.

Rank 2 has statistics for each feature; what has a higher rank (images) has one for the whole array. Bytes
stay bytes where one scale of whole numbers suits them all. An integer array without scaling becomes float32
too, because a Dense layer needs it and an Embedding layer reads whole floats as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from nntrain.arrays import LARGEST, Scaled, Values
from nntrain.config.data import Numeric, Preprocess
from nntrain.data.dataset import Array, Features
from nntrain.data.prepare import numbers
from nntrain.data.prepare.numbers import Numbers, below_zero
from nntrain.data.prepare.statistics import Measuring, Vector, blocks
from nntrain.errors import DataError, Problem, listing

NUMERIC = ("data", "preprocess", "numeric")


@dataclass(frozen=True)
class FittedArray:
    """What was learnt from the training rows of an array."""

    rows: int
    row_shape: tuple[int, ...]
    """Shape of one raw row."""
    numbers: Numbers

    @property
    def columns(self) -> tuple[str, ...]:
        """Arrays have no names for their features."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Features that do not vary, and numbers beyond the range that was declared."""
        constant, found = self.numbers.statistics.constant, []
        if constant.any():
            count = f"{int(constant.sum())} of {len(constant)} features have"
            found.append(f"{count} one value in the training rows")
        return tuple(filter(None, (*found, numbers.beyond([self.numbers]))))

    def apply(self, features: Features) -> Values:
        """Rows of the same shape, and of rank 2 with the flags of gaps behind the features.

        Of bytes that one whole number is subtracted from and one divides, the bytes themselves stand for it.

        Raises:
            DataError: The shape differs, a value is missing or below 0 where that is an error, or a result
                is too large for 32 bits.
        """
        array = _of_shape(features, self.row_shape)
        steps, (shift, divisor) = self.numbers.steps, self.numbers.affine
        whole = _whole(shift, -LARGEST), _whole(divisor, 1)
        plain = steps.clip is None and not steps.log
        if plain and array.dtype == np.uint8 and whole[0] is not None and whole[1] is not None:
            return Scaled(array, whole[0], whole[1])
        _refuse_negatives(array, steps, "mend it, or train with data.preprocess.numeric.clip: [0, null]")
        matrix = _as_matrix(array)
        flagged = self.numbers.flagged
        width = matrix.shape[1]
        out = np.empty((len(matrix), width + len(flagged)), np.float32)
        with np.errstate(over="ignore"):
            for rows in blocks(*matrix.shape):
                out[rows, :width] = self.numbers.prepared(matrix[rows])
                if not np.isfinite(out[rows, :width]).all():
                    raise _not_finite(out[rows, :width], rows.start * width, prod(self.row_shape))
                out[rows, width:] = np.isnan(matrix[rows][:, flagged]) if len(flagged) else 0
        return out if len(flagged) else out.reshape(array.shape)

    def to_json(self) -> dict[str, Any]:
        """`rows`, `row_shape`, the settings, and statistics as lists of one value a feature."""
        shape = list(self.row_shape)
        return {"kind": "array", "rows": self.rows, "row_shape": shape, **self.numbers.to_json()}


@dataclass(frozen=True)
class FittedTokens:
    """Word numbers for an Embedding layer (imdb, reuters): nothing is learnt from them."""

    rows: int
    row_shape: tuple[int, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Arrays have no names for their features."""
        return ()

    @property
    def notes(self) -> tuple[str, ...]:
        """There is nothing to know."""
        return ()

    def apply(self, features: Features) -> Array:
        """The same numbers as int32.

        Raises:
            DataError: The shape differs.
        """
        return _of_shape(features, self.row_shape).astype(np.int32)

    def to_json(self) -> dict[str, Any]:
        """`rows` and `row_shape`."""
        return {"kind": "tokens", "rows": self.rows, "row_shape": list(self.row_shape)}


def read_array(document: Mapping[str, Any]) -> FittedArray:
    """What `FittedArray.to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: It did not write that.
    """
    return FittedArray(document["rows"], tuple(document["row_shape"]), numbers.read(document))


def read_tokens(document: Mapping[str, Any]) -> FittedTokens:
    """What `FittedTokens.to_json` wrote."""
    return FittedTokens(document["rows"], tuple(document["row_shape"]))


def check_array(array: Array, settings: Preprocess, *, tokens: bool) -> None:
    """Refuse steps that an array can't take.

    Raises:
        DataError: Naming the key.
    """
    steps = settings.numeric
    if tokens and steps != Numeric():
        message = "the rows are word numbers for an Embedding layer; remove the steps"
        raise DataError(Problem(message, NUMERIC, id="tokens"))
    if steps.flag_missing and array.ndim != 2:
        message = f"flags are columns, and rows of shape {array.shape[1:]} have none; remove this"
        raise DataError(Problem(message, (*NUMERIC, "flag_missing"), id="conflict"))
    _refuse_negatives(array, steps, "set data.preprocess.numeric.clip: [0, null] to make such numbers 0")


class ArrayFitting:
    """What training rows teach, in the making: they are added in arrays of any length."""

    def __init__(self, settings: Preprocess) -> None:
        self._steps = settings.numeric
        self._rows = 0
        self._row_shape: tuple[int, ...] = ()
        self._measuring: Measuring | None = None

    def add(self, array: Array) -> None:
        """Take in rows that `check_array` has seen.

        Where all values are needed in the end (medians, quartiles, most frequent values), the array's own
        are kept, not a copy: they must not change before the result.
        """
        matrix = _as_matrix(array)
        if self._measuring is None:
            self._row_shape = array.shape[1:]
            self._measuring = Measuring(matrix.shape[1], self._steps)
        self._measuring.add(matrix)
        self._rows += len(array)

    def result(self) -> FittedArray:
        """What all rows taught; to be called once, after rows were added.

        Raises:
            DataError: A feature to be filled has no value in the training rows.
        """
        assert self._measuring is not None
        impute, empty = self._steps.impute, self._measuring.empty
        if isinstance(impute, str) and len(empty):
            message = (
                f"no training row has a value of feature {listing(empty)} (from 0), so there is no "
                f"{impute} to fill in; leave it out of the array, or impute a number"
            )
            raise DataError(Problem(message, (*NUMERIC, "impute"), id="empty_column"))
        return FittedArray(self._rows, self._row_shape, Numbers(self._steps, self._measuring.result()))


def _as_matrix(values: Array) -> Array:
    """`(rows, features)`: arrays of rank 2 as they are; others, such as images, as one long feature."""
    return values if values.ndim == 2 else values.reshape(-1, 1)


def _of_shape(features: Features, expected: tuple[int, ...]) -> Array:
    assert isinstance(features, np.ndarray)
    if features.shape[1:] != expected:
        message = f"rows of shape {features.shape[1:]} where the training rows have {expected}"
        raise DataError(Problem(message, id="row_shape"))
    return features


def _whole(vector: Vector, least: int) -> int | None:
    """The whole number, neither below `least` nor too large, that all features share; None if they don't."""
    first = float(vector[0])
    return (
        int(first) if first.is_integer() and least <= first <= LARGEST and (vector == first).all() else None
    )


def _refuse_negatives(array: Array, steps: Numeric, remedy: str) -> None:
    below = below_zero(array, steps)
    if below is not None:
        flat = below.reshape(len(below), -1)
        row, feature = np.argwhere(flat)[0]
        value = array.reshape(flat.shape)[row, feature]
        message = (
            f"value {feature} of row {row} (both from 0) is {value:g}, and 'log' takes no number below 0 "
            f"({int(flat.any(axis=1).sum())} of {len(flat)} rows have such); {remedy}"
        )
        raise DataError(Problem(message, id="negative_number"))


def _not_finite(block: Array, before: int, size: int) -> DataError:
    """The first value that is no number.

    Args:
        block: Prepared values.
        before: How many there are before the block.
        size: How many there are in a row.
    """
    found = block.reshape(-1)
    at = int(np.isfinite(found).argmin())
    row, feature = divmod(before + at, size)
    what = "is missing" if np.isnan(found[at]) else "is more than a 32-bit number can hold once scaled"
    return DataError(Problem(f"value {feature} of row {row} (both from 0) {what}", id="not_finite"))
