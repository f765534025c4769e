"""Scores of predicted numbers on one split; scikit-learn does the arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from nntrain.errors import DataError
from nntrain.evaluation.outputs import FloatArray, finite_columns, unsuitable


class ColumnScores(NamedTuple):
    """One number of several, scored for itself."""

    name: str
    mae: float
    rmse: float
    r2: float | None
    """None where the number is the same in every row."""


@dataclass(frozen=True)
class RegressionScores:
    """How far predicted numbers are from actual ones; of several numbers a row, the mean over them."""

    rows: int
    mae: float
    """Mean absolute error, in the target's unit."""
    mse: float
    """Mean squared error, in the target's unit squared."""
    rmse: float
    """Square root of `mse`, in the target's unit."""
    r2: float | None
    """Share of the target's variance that is explained; 1 is perfect, 0 is no better than the mean."""
    mape: float | None
    """Mean absolute error as a share of the actual value: 0.1 is 10 %."""
    undefined: Mapping[str, str]
    """Why a score is None, by its name."""
    per_column: tuple[ColumnScores, ...] = ()
    """Each number for itself, where the target holds several."""

    def to_json(self) -> dict[str, Any]:
        """Plain values; `per_column` where the target holds several numbers."""
        columns = {"per_column": [scores._asdict() for scores in self.per_column]} if self.per_column else {}
        return {
            "rows": self.rows,
            "mae": self.mae,
            "mse": self.mse,
            "rmse": self.rmse,
            "r2": self.r2,
            "mape": self.mape,
            **columns,
            "undefined": dict(self.undefined),
        }

    def headline(self) -> list[tuple[str, float | None]]:
        """Names and values for the terminal, the most looked at first."""
        return [("MAE", self.mae), ("RMSE", self.rmse), ("R2", self.r2), ("MAPE", self.mape)]


def score_regression(actual: ArrayLike, predicted: ArrayLike, names: Sequence[str] = ()) -> RegressionScores:
    """Score predicted numbers against the actual ones.

    Args:
        actual: Finite targets, shape `(n,)` or `(n, k)`.
        predicted: The model's outputs for the same rows, shape `(n,)`, `(n, 1)` or `(n, k)`.
        names: What the k numbers are called; unused for one.

    Raises:
        ConfigError: The model gives another number of values a row than the target has.
        DataError: No rows.
        DivergedError: A predicted number is not finite.

    Source: scikit-learn's `mean_absolute_error`, `mean_squared_error`, `r2_score` and
    `mean_absolute_percentage_error` with their uniform average over the columns, where they are defined.
    """
    from sklearn.metrics import (
        mean_absolute_error,
        mean_absolute_percentage_error,
        mean_squared_error,
        r2_score,
    )

    truth = np.asarray(actual, dtype=np.float64)
    truth = truth[:, np.newaxis] if truth.ndim == 1 else truth
    guess = number_columns(predicted, truth.shape[1])
    if truth.shape != guess.shape:
        raise ValueError(f"{len(truth)} targets for {len(guess)} predictions")
    if not len(truth):
        raise DataError("there are no rows to score")
    undefined = _undefined(truth, names)
    with np.errstate(over="ignore", invalid="ignore"):
        mse = float(mean_squared_error(truth, guess))
        return RegressionScores(
            rows=len(truth),
            mae=float(mean_absolute_error(truth, guess)),
            mse=mse,
            rmse=float(np.sqrt(mse)),
            r2=None if "r2" in undefined else float(r2_score(truth, guess)),
            mape=None if "mape" in undefined else float(mean_absolute_percentage_error(truth, guess)),
            undefined=undefined,
            per_column=_per_column(truth, guess, names) if truth.shape[1] > 1 else (),
        )


def number_columns(predicted: ArrayLike, numbers: int) -> FloatArray:
    """The model's outputs as finite float64 of shape `(n, numbers)`; one number a row also as `(n,)`.

    Raises:
        ConfigError: They are not so many numbers a row.
        DivergedError: One of them is not finite.
    """
    given = np.asarray(predicted)
    if given.shape[1:] != (numbers,) and not (given.ndim == 1 and numbers == 1):
        shape = ", ".join(["None", *map(str, given.shape[1:])])
        what = "regression takes" if numbers == 1 else f"a target of {numbers} numbers takes"
        raise unsuitable(
            f"the model's output shape is ({shape}), {what} (None, {numbers}): "
            f"let the last layer be {{type: Dense, units: {numbers}}}"
        )
    return finite_columns(given)


def _per_column(truth: FloatArray, guess: FloatArray, names: Sequence[str]) -> tuple[ColumnScores, ...]:
    from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

    absolute = mean_absolute_error(truth, guess, multioutput="raw_values")
    roots = np.sqrt(mean_squared_error(truth, guess, multioutput="raw_values"))
    found = []
    for j, name in enumerate(names):
        constant = bool(np.all(truth[:, j] == truth[0, j]))
        share = None if constant else float(r2_score(truth[:, j], guess[:, j]))
        found.append(ColumnScores(name, float(absolute[j]), float(roots[j]), share))
    return tuple(found)


def _undefined(truth: FloatArray, names: Sequence[str]) -> dict[str, str]:
    """Which scores these targets do not allow, and why."""
    undefined = {}
    constant = np.flatnonzero((truth == truth[0]).all(axis=0))
    if len(truth) == 1:
        undefined["r2"] = "only one row"
    elif len(constant):
        of = f" of {names[constant[0]]!r}" if truth.shape[1] > 1 else ""
        undefined["r2"] = f"every target{of} is the same number"
    zeros = int((truth == 0).sum())
    if zeros:
        undefined["mape"] = f"{zeros:,} of {truth.size:,} targets {'is' if zeros == 1 else 'are'} 0"
    return undefined
