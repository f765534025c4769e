"""Scores of a model that gives back its own input, of any shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nntrain.errors import DataError
from nntrain.evaluation.card import Card
from nntrain.evaluation.outputs import FloatArray, not_finite, unsuitable

BLOCK = 2**20
"""Values that are compared at a time, so that rows of pictures need no second copy in float64."""


class RowErrors(NamedTuple):
    """How far each row is from what was made of it, shape `(n,)` each."""

    mse: FloatArray
    mae: FloatArray


@dataclass(frozen=True, kw_only=True)
class ReconstructionScores(Card):
    """How far the rows that a model gives back are from those it was given."""

    mse: float
    """Mean squared error over all values, in the prepared inputs' unit squared."""
    mae: float
    """Mean absolute error over all values, in the prepared inputs' unit."""
    rmse: float
    """Square root of `mse`, in the prepared inputs' unit."""
    r2: float | None
    """Share of the values' variance about their mean row that is given back; 1 is perfect, 0 is no better
    than the mean row."""

    @property
    def task(self) -> str:
        """What the model does."""
        return "reconstruction"

    def numbers(self) -> dict[str, float | None]:
        """The single numbers by their names in files."""
        return {
            "mse": self.mse,
            "mae": self.mae,
            "rmse": self.rmse,
            "r2": self.r2,
        }


def score_reconstruction(actual: ArrayLike, predicted: ArrayLike) -> ReconstructionScores:
    """Score rows that a model gave back.

    Args:
        actual: The rows it was given, shape `(n, ...)`.
        predicted: The rows it gave, the same shape.

    Raises:
        ConfigError: The model's outputs have another shape than its inputs.
        DataError: No rows.
        DivergedError: A value that the model gave is not finite.

    Source: scikit-learn's `mean_squared_error` and `mean_absolute_error` over all values, and its
    `r2_score` of the deviations from the mean row, over all values.
    """
    truth = np.asarray(actual)
    if not len(truth):
        raise DataError("there are no rows to score")
    errors = row_errors(truth, predicted)
    undefined: dict[str, str] = {}
    variance = float(row_errors(truth, centre(truth)).mse.mean())
    if len(truth) == 1:
        undefined["r2"] = "only one row"
    elif bool((truth == truth[:1]).all()):
        undefined["r2"] = "all rows are the same"
    mse = float(errors.mse.mean())
    return ReconstructionScores(
        rows=len(truth),
        mse=mse,
        mae=float(errors.mae.mean()),
        rmse=float(np.sqrt(mse)),
        r2=None if undefined else 1 - mse / variance,
        undefined=undefined,
    )


def row_errors(actual: ArrayLike, predicted: ArrayLike) -> RowErrors:
    """Mean squared and mean absolute error of each row.

    Args:
        actual: The rows that were given, shape `(n, ...)`.
        predicted: What was made of them, the same shape.

    Raises:
        ConfigError: The shapes differ.
        DivergedError: A value of `predicted` is not finite.
    """
    truth, guess = np.asarray(actual), np.asarray(predicted)
    if truth.shape[1:] != guess.shape[1:]:
        wanted, given = (", ".join(["None", *map(str, rows.shape[1:])]) for rows in (truth, guess))
        raise unsuitable(
            f"the model's output shape is ({given}), its input's is ({wanted}): "
            "let the last layer give as many values as a row has, in the same shape"
        )
    if len(truth) != len(guess):
        raise ValueError(f"{len(truth)} rows for {len(guess)} reconstructions")
    squared, absolute, bad = np.empty(len(truth)), np.empty(len(truth)), 0
    for rows in _blocks(truth):
        gaps = guess[rows].astype(np.float64) - truth[rows]
        gaps = gaps.reshape(len(gaps), -1)
        bad += int((~np.isfinite(gaps)).any(axis=1).sum())
        with np.errstate(over="ignore", invalid="ignore"):
            squared[rows], absolute[rows] = (gaps**2).mean(axis=1), np.abs(gaps).mean(axis=1)
    if bad:
        raise not_finite(bad, len(truth))
    return RowErrors(squared, absolute)


def centre(rows: NDArray[Any]) -> NDArray[np.float64]:
    """The mean row for each of the rows, `(n, ...)`, without taking memory for it."""
    return np.broadcast_to(rows.mean(axis=0, dtype=np.float64), rows.shape)


def _blocks(rows: NDArray[Any]) -> Iterator[slice]:
    """Slices of rows that hold about `BLOCK` values together."""
    size = max(1, BLOCK // max(1, rows[0].size)) if len(rows) else 1
    return (slice(start, start + size) for start in range(0, len(rows), size))
