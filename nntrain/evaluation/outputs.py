"""From what a classifier's last layer gives to labels, probabilities and decision values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nntrain.errors import ConfigError, DivergedError, Problem

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
OutputKind = Literal["softmax", "sigmoid", "softmax_logits", "sigmoid_logits", "scores"]

SUM_TOLERANCE = 1e-3
"""How far from 1 a row of independent sigmoids may sum and still be read as probabilities."""


@dataclass(frozen=True)
class Predictions:
    """What a classifier says of each row."""

    labels: IntArray
    """Predicted class indices, shape `(n,)`, in 0..classes-1."""
    probabilities: FloatArray | None
    """Rows that sum to 1, shape `(n, classes)`; None where the outputs are no probabilities."""
    scores: FloatArray
    """What ranks the rows. Two classes: the decision value for class 1, shape `(n,)`. More: one
    column a class, shape `(n, classes)`. Any real numbers; larger means more likely."""

    def __len__(self) -> int:
        return len(self.labels)


def decode(
    outputs: ArrayLike,
    *,
    classes: int,
    kind: OutputKind,
    threshold: float = 0.5,
    boundary: float = 0.0,
) -> Predictions:
    """Read a classifier's outputs.

    Args:
        outputs: What the model gives, shape `(n, classes)`; for two classes also `(n, 1)` or `(n,)`.
        classes: How many classes the data have, at least 2.
        kind: `softmax` and `sigmoid` are in [0, 1]; their logits are any real numbers; `scores` come
            from a loss that makes no probabilities (hinge, or squared error on labels).
        threshold: Probability of class 1 above which a row is put there, in [0, 1]. It decides where two
            classes share one probability: one sigmoid unit, or a softmax over two.
        boundary: Value of a single `scores` output above which a row is put into class 1: 0.0 for
            labels -1 and 1 (hinge, tanh), 0.5 for labels 0 and 1.

    Raises:
        ConfigError: The number of outputs does not suit the number of classes.
        DivergedError: An output is not a finite number.
    """
    columns = _columns(outputs, classes, kind)
    if kind in ("softmax", "sigmoid") and len(columns) and not (columns.min() >= 0 and columns.max() <= 1):
        raise ValueError(f"{kind} outputs lie in [0, 1], received {columns.min():g} to {columns.max():g}")
    if columns.shape[1] == 1:
        return _decode_single(columns[:, 0], kind, threshold, boundary)
    labels = columns.argmax(axis=1).astype(np.int64)
    if kind in ("softmax", "softmax_logits"):
        probabilities = softmax(columns) if kind == "softmax_logits" else _rows_to_one(columns)
        if classes == 2:
            margin = columns[:, 1] - columns[:, 0]
            return Predictions(_above(probabilities[:, 1], threshold), probabilities, margin)
        return Predictions(labels, probabilities, probabilities)
    scores = columns[:, 1] - columns[:, 0] if classes == 2 else columns
    if kind == "scores":
        return Predictions(labels, None, scores)
    units = sigmoid(columns) if kind == "sigmoid_logits" else columns
    exclusive = bool(np.all(np.abs(units.sum(axis=1) - 1) <= SUM_TOLERANCE))
    return Predictions(labels, _rows_to_one(units) if exclusive else None, scores)


def sigmoid(logits: FloatArray) -> FloatArray:
    """The logistic function, in [0, 1], without overflow for any finite logit; any shape."""
    return np.exp(-np.logaddexp(0.0, -logits))


def softmax(logits: FloatArray) -> FloatArray:
    """Rows that sum to 1, shape `(n, classes)`; the row's maximum is taken off so that nothing overflows."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return _rows_to_one(powers)


def _decode_single(values: FloatArray, kind: OutputKind, threshold: float, boundary: float) -> Predictions:
    """Two classes from one output a row, shape `(n,)`: the value speaks for class 1."""
    if kind == "scores":
        return Predictions(_above(values, boundary), None, values)
    if kind == "sigmoid_logits":
        probabilities = np.column_stack([sigmoid(-values), sigmoid(values)])
    else:
        probabilities = np.column_stack([1 - values, values])
    return Predictions(_above(probabilities[:, 1], threshold), probabilities, values)


def _above(values: FloatArray, limit: float) -> IntArray:
    """Class 1 above `limit`, shape `(n,)`; on it class 0, as in Keras and scikit-learn."""
    return (values > limit).astype(np.int64)


def _rows_to_one(weights: FloatArray) -> FloatArray:
    """Take float32's and float16's rounding out of the row sums, shape `(n, classes)`."""
    shares: FloatArray = weights / weights.sum(axis=1, keepdims=True)
    return shares


def _columns(outputs: ArrayLike, classes: int, kind: OutputKind) -> FloatArray:
    """The outputs as `(n, units)` in float64, once they are known to suit the classes."""
    given: NDArray[Any] = np.asarray(outputs)
    columns = given[:, np.newaxis] if given.ndim == 1 else given
    if classes < 2:
        raise ValueError(f"classification needs at least 2 classes, received classes={classes}")
    if columns.ndim != 2:
        shape = ", ".join(["None", *map(str, given.shape[1:])])
        raise unsuitable(
            f"the model's output shape is ({shape}), a classifier gives (None, {classes}): "
            "add a Flatten or pooling layer before the last Dense layer"
        )
    units = columns.shape[1]
    if units == 1 and classes == 2 and kind.startswith("softmax"):
        raise unsuitable(
            "softmax over a single output is always 1: use 'activation: sigmoid', or 2 units for softmax"
        )
    if units != classes and not (units == 1 and classes == 2):
        wanted = "1 or 2" if classes == 2 else str(classes)
        raise unsuitable(
            f"the model gives {units} output{'s' if units > 1 else ''} a row, "
            f"the data have {classes} classes: set the last layer's units to {wanted}"
        )
    return finite_columns(columns)


def finite_columns(outputs: ArrayLike) -> FloatArray:
    """Outputs `(n,)` or `(n, k)` as float64 of shape `(n, k)`.

    Raises:
        DivergedError: One is not a finite number.
    """
    given = np.asarray(outputs)
    columns = (given[:, np.newaxis] if given.ndim == 1 else given).astype(np.float64)
    bad = int((~np.isfinite(columns)).any(axis=1).sum())
    if bad:
        raise not_finite(bad, len(columns))
    return columns


def not_finite(bad: int, rows: int) -> DivergedError:
    """The error for a model that gives NaN or infinity on `bad` of `rows` rows."""
    return DivergedError(
        f"the model's output is not a finite number on {bad:,} of {rows:,} rows: training diverged; "
        "lower the learning rate, scale the features or set the optimizer's clipnorm"
    )


def unsuitable(message: str) -> ConfigError:
    """The error for outputs that are not what the data take."""
    return ConfigError(Problem(message, key=("model",), id="output-shape"))
