"""Scores of predicted numbers on one split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from nntrain.errors import DataError
from nntrain.evaluation.boxes import is_box, overlaps
from nntrain.evaluation.card import Card, defined
from nntrain.evaluation.outputs import FloatArray, finite_columns, unsuitable


class ColumnScores(NamedTuple):
    """One number of several, scored for itself."""

    name: str
    mae: float
    rmse: float
    r2: float | None
    """None where the number is the same in every row."""


@dataclass(frozen=True, kw_only=True)
class RegressionScores(Card):
    """How far predicted numbers are from actual ones; of several numbers a row, the mean over them."""

    mae: float
    """Mean absolute error, in the target's unit."""
    mse: float
    """Mean squared error, in the target's unit squared."""
    rmse: float
    """Square root of `mse`, in the target's unit."""
    median_error: float
    """Median absolute error, in the target's unit: half of the rows are missed by less."""
    max_error: float
    """Largest absolute error of all, in the target's unit."""
    r2: float | None
    """Share of the target's variance that is explained; 1 is perfect, 0 is no better than the mean."""
    mape: float | None
    """Mean absolute error as a share of the actual value: 0.1 is 10 %."""
    box_iou: float | None = None
    """Mean intersection over union, where the target is a box; None for other numbers."""
    per_column: tuple[ColumnScores, ...] = ()
    """Each number for itself, where the target holds several."""

    @property
    def task(self) -> str:
        """What the model does."""
        return "regression"

    def numbers(self) -> dict[str, float | None]:
        """The single numbers by their names in files."""
        return {
            "mae": self.mae,
            "mse": self.mse,
            "rmse": self.rmse,
            "median_error": self.median_error,
            "max_error": self.max_error,
            "r2": self.r2,
            "mape": self.mape,
            **({} if self.box_iou is None else {"box_iou": self.box_iou}),
        }

    def details(self) -> dict[str, Any]:
        """`per_column` where the target holds several numbers."""
        return {"per_column": [scores._asdict() for scores in self.per_column]} if self.per_column else {}


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

    Source: scikit-learn's `mean_absolute_error`, `mean_squared_error`, `median_absolute_error`, `max_error`,
    `r2_score` and `mean_absolute_percentage_error` with their uniform average over the columns, where they
    are defined.
    """
    truth = np.asarray(actual, dtype=np.float64)
    truth = truth[:, np.newaxis] if truth.ndim == 1 else truth
    guess = number_columns(predicted, truth.shape[1])
    if truth.shape != guess.shape:
        raise ValueError(f"{len(truth)} targets for {len(guess)} predictions")
    if not len(truth):
        raise DataError("there are no rows to score")
    undefined = _undefined(truth, names)
    with np.errstate(over="ignore", invalid="ignore"):
        gaps = np.abs(truth - guess)
        squared = (gaps**2).mean(axis=0)
        mse = float(squared.mean())
        of_each = _explained(truth, guess)
        return RegressionScores(
            rows=len(truth),
            mae=float(gaps.mean(axis=0).mean()),
            mse=mse,
            rmse=float(np.sqrt(mse)),
            median_error=float(np.median(gaps, axis=0).mean()),
            max_error=float(gaps.max()),
            r2=None
            if "r2" in undefined
            else defined(float(of_each.mean()), "r2", undefined, "the targets differ by too little"),
            mape=None if "mape" in undefined else float((gaps / np.abs(truth)).mean(axis=0).mean()),
            undefined=undefined,
            box_iou=float(overlaps(truth, guess).mean()) if is_box(names) else None,
            per_column=tuple(
                ColumnScores(name, float(mae), float(rmse), float(r2) if r2 == r2 else None)
                for name, mae, rmse, r2 in zip(
                    names, gaps.mean(axis=0), np.sqrt(squared), of_each, strict=False
                )
            )
            if truth.shape[1] > 1
            else (),
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


def _explained(truth: FloatArray, guess: FloatArray) -> FloatArray:
    """R2 of each column, shape `(k,)`; NaN of one that is the same number in every row."""
    left = ((truth - guess) ** 2).sum(axis=0)
    whole = ((truth - truth.mean(axis=0)) ** 2).sum(axis=0)
    varies = (truth != truth[0]).any(axis=0) & (whole > 0)
    return np.asarray(1 - np.divide(left, whole, out=np.full(len(left), np.nan), where=varies))


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
