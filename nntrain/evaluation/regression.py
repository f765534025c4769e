"""Scores of predicted numbers on one split; scikit-learn does the arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from nntrain.errors import ConfigError, DataError, Problem
from nntrain.evaluation.outputs import FloatArray, not_finite


@dataclass(frozen=True)
class RegressionScores:
    """How far predicted numbers are from actual ones."""

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

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "rows": self.rows,
            "mae": self.mae,
            "mse": self.mse,
            "rmse": self.rmse,
            "r2": self.r2,
            "mape": self.mape,
            "undefined": dict(self.undefined),
        }

    def headline(self) -> list[tuple[str, float | None]]:
        """Names and values for the terminal, the most looked at first."""
        return [("MAE", self.mae), ("RMSE", self.rmse), ("R2", self.r2), ("MAPE", self.mape)]


def score_regression(actual: ArrayLike, predicted: ArrayLike) -> RegressionScores:
    """Score predicted numbers against the actual ones.

    Args:
        actual: Finite targets, shape `(n,)`.
        predicted: The model's outputs for the same rows, shape `(n,)` or `(n, 1)`.

    Raises:
        ConfigError: The model gives more than one number a row.
        DataError: No rows.
        DivergedError: A predicted number is not finite.

    Source: scikit-learn's `mean_absolute_error`, `mean_squared_error`, `r2_score` and
    `mean_absolute_percentage_error`, where they are defined.
    """
    from sklearn.metrics import (
        mean_absolute_error,
        mean_absolute_percentage_error,
        mean_squared_error,
        r2_score,
    )

    truth = np.asarray(actual, dtype=np.float64)
    guess = single_output(predicted)
    if truth.shape != guess.shape:
        raise ValueError(f"{truth.shape} targets for {guess.shape} predictions")
    if not len(truth):
        raise DataError("there are no rows to score")
    undefined = _undefined(truth)
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
        )


def single_output(predicted: ArrayLike) -> FloatArray:
    """The model's outputs `(n,)` or `(n, 1)` as finite float64 of shape `(n,)`."""
    given = np.asarray(predicted)
    if given.ndim != 1 and given.shape[1:] != (1,):
        shape = ", ".join(["None", *map(str, given.shape[1:])])
        raise ConfigError(
            Problem(
                f"the model's output shape is ({shape}), regression takes (None, 1): "
                "let the last layer be {type: Dense, units: 1}",
                key=("model",),
                id="output-shape",
            )
        )
    values = given.reshape(-1).astype(np.float64)
    bad = int((~np.isfinite(values)).sum())
    if bad:
        raise not_finite(bad, len(values))
    return values


def _undefined(truth: FloatArray) -> dict[str, str]:
    """Which scores these targets do not allow, and why."""
    undefined = {}
    if len(truth) == 1:
        undefined["r2"] = "only one row"
    elif np.all(truth == truth[0]):
        undefined["r2"] = "every target is the same number"
    zeros = int((truth == 0).sum())
    if zeros:
        undefined["mape"] = f"{zeros:,} of {len(truth):,} targets {'is' if zeros == 1 else 'are'} 0"
    return undefined
