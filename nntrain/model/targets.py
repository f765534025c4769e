"""Labels and outputs: do they fit, and how the labels are encoded for the loss."""

from __future__ import annotations

from math import inf
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nntrain.config.losses import facts, last_output, takes_logits
from nntrain.config.schema import Config
from nntrain.errors import ConfigError, DataError, KeyPath, Problem
from nntrain.model.misfit import sequence_layer

Encoding = Literal["index", "one_hot", "column"]
OutputKind = Literal["softmax", "sigmoid", "softmax_logits", "sigmoid_logits", "scores"]
BOUNDED = {
    **dict.fromkeys(("sigmoid", "hard_sigmoid", "softmax"), (0.0, 1.0)),
    **dict.fromkeys(("tanh", "hard_tanh", "softsign"), (-1.0, 1.0)),
    **dict.fromkeys(("relu", "softplus", "exponential"), (0.0, inf)),
}
"""Range of the outputs of an activation."""


def check_outputs(config: Config, output_shape: tuple[int | None, ...], classes: tuple[str, ...]) -> None:
    """Refuse a network whose outputs do not fit the target.

    Args:
        config: The config that the model was built from.
        output_shape: The model's output shape, None first.
        classes: Class names; empty for regression.

    Raises:
        ConfigError: Wrong rank, or a number of outputs that is neither the number of classes nor, for
            two classes or a number, 1.
    """
    if len(output_shape) != 2:
        path, fix = _flattening(config)
        needs = f"the network gives {output_shape}, and a row has to end as one list of outputs"
        raise ConfigError(Problem(f"{needs}: {fix}", path, id="shape"))
    path = _last_layer(config)
    units = output_shape[1]
    if not classes:
        if units != 1:
            message = f"the target is one number, and the network has {units} outputs: use 1 unit"
            raise ConfigError(Problem(message, path, id="units"))
        return
    index = facts(config.training.loss).labels == "index"
    if units == len(classes) or (units == 1 and len(classes) == 2 and not index):
        return
    names = ", ".join(classes[:5]) + (", ..." if len(classes) > 5 else "")
    fix = f"use {len(classes)} units"
    if len(classes) == 2 and not index:
        fix += ", or 1 with sigmoid"
    raise ConfigError(
        Problem(
            f"the data has {len(classes)} classes ({names}), and the network has {units} "
            f"output{'s' if units != 1 else ''}: {fix}",
            path,
            id="units",
        )
    )


def check_range(config: Config, targets: NDArray[np.floating[Any]]) -> None:
    """Refuse regression targets that the last activation can't reach.

    Raises:
        DataError: A target lies outside the activation's range.
    """
    output = last_output(config.model.layers)
    bounds = BOUNDED.get(output.activation) if output else None
    if output is None or bounds is None:
        return
    low, high = float(targets.min()), float(targets.max())
    if low < bounds[0] or high > bounds[1]:
        raise DataError(
            Problem(
                f"the targets go from {low:g} to {high:g}, and {output.activation} gives "
                f"{f'{bounds[0]:g} to {bounds[1]:g}' if bounds[1] < inf else 'nothing below 0'}: use linear",
                output.path,
                id="target-range",
            )
        )


def check_tokens(config: Config, features: NDArray[Any]) -> None:
    """Refuse rows that a first Embedding can't look up.

    Args:
        config: The config that the model was built from.
        features: Prepared features, shape `(n, ...)`.

    Raises:
        DataError: A feature is no whole number from 0 to `input_dim` - 1.
    """
    first = config.model.layers[0]
    if first.name != "Embedding" or not features.size:
        return
    words = int(first.argument("input_dim"))
    low, high = float(features.min()), float(features.max())
    path: KeyPath = ("model", "layers", 0)
    if np.issubdtype(features.dtype, np.floating) and not bool(np.all(features == np.rint(features))):
        message = "Embedding looks up whole numbers, and the features have fractions; remove the scaling"
        raise DataError(Problem(f"{message}, or start with another layer", path, id="tokens"))
    if low < 0 or high >= words:
        fix = "number them from 0" if low < 0 else f"use input_dim: {int(high) + 1}"
        message = f"Embedding knows the numbers 0 to {words - 1}"
        message += f", and the features go from {low:.0f} to {high:.0f}: {fix}"
        raise DataError(Problem(message, (*path, "input_dim"), id="tokens"))


def encoding(config: Config, units: int, classes: int) -> Encoding:
    """How labels are handed to the loss: class numbers, one-hot rows, or one column of numbers."""
    if classes and facts(config.training.loss).labels == "index":
        return "index"
    return "one_hot" if classes and units > 1 else "column"


def encode(labels: NDArray[Any], how: Encoding, classes: int) -> NDArray[Any]:
    """Targets for the loss.

    Args:
        labels: Class indices or numbers, shape `(n,)`.
        how: The encoding.
        classes: Number of classes.

    Returns:
        int32 `(n,)` for `index`, float32 `(n, classes)` for `one_hot`, float32 `(n, 1)` for `column`.
    """
    if how == "index":
        return labels.astype(np.int32)
    if how == "one_hot":
        return np.asarray(np.eye(classes, dtype=np.float32)[labels])
    return labels.astype(np.float32).reshape(-1, 1)


def output_kind(config: Config, units: int) -> tuple[OutputKind, float]:
    """How the outputs of a classifier are read, and the boundary between two classes for scores.

    The last activation decides; where the config does not show it, the loss does.
    """
    loss = config.training.loss
    wanted = facts(loss).probabilities
    if takes_logits(loss):
        return ("softmax_logits", 0.0) if wanted == "softmax" else ("sigmoid_logits", 0.0)
    output = last_output(config.model.layers)
    activation = output.activation if output else wanted
    if activation == "softmax":
        return "softmax", 0.5
    if activation == "sigmoid":
        return "sigmoid", 0.5
    hinge = loss.name in {"CategoricalHinge", "Hinge", "SquaredHinge"}
    return "scores", 0.0 if hinge else 0.5


def _last_layer(config: Config) -> KeyPath:
    output = last_output(config.model.layers)
    if output is None:
        return ("model", "layers", len(config.model.layers) - 1)
    return (*output.units_path, "units") if output.units is not None else output.units_path


def _flattening(config: Config) -> tuple[KeyPath, str]:
    """The layer at which a stack is to become flat, and the edit."""
    layers = config.model.layers
    tail = len(layers)
    while tail and layers[tail - 1].name in {"Dense", "Dropout", "Activation", "Softmax"}:
        tail -= 1
    path: KeyPath = ("model", "layers", min(tail, len(layers) - 1))
    recurrent = sequence_layer(layers, tail)
    if recurrent:
        return path, f"remove return_sequences: true from {recurrent}"
    if tail < len(layers):
        return path, "add {type: Flatten} before this layer"
    return path, "add {type: Flatten} and a Dense layer after this one"
