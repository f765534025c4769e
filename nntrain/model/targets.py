"""Labels and outputs: do they fit, and how the labels are encoded for the loss."""

from __future__ import annotations

from math import inf
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import Scaled, Values, in_blocks
from nntrain.config.data import Task
from nntrain.config.network.graph import Graph
from nntrain.config.network.outputs import NetworkOutput
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.config.vocabulary.losses import facts, takes_logits
from nntrain.errors import ConfigError, DataError, KeyPath, Problem
from nntrain.model.misfit import sequence_layer
from nntrain.model.pixels import check_pixels

Encoding = Literal["index", "one_hot", "column", "as_is"]
OutputKind = Literal["softmax", "sigmoid", "softmax_logits", "sigmoid_logits", "scores"]
Shape = tuple[int | None, ...]
BOUNDED = {
    **dict.fromkeys(("sigmoid", "hard_sigmoid", "softmax"), (0.0, 1.0)),
    **dict.fromkeys(("tanh", "hard_tanh", "softsign"), (-1.0, 1.0)),
    **dict.fromkeys(("relu", "softplus", "exponential"), (0.0, inf)),
}
"""Range of the outputs of an activation."""


def check_output(
    output: NetworkOutput, shape: Shape, task: Task, names: tuple[str, ...], target: tuple[int, ...]
) -> None:
    """Refuse an output that does not fit its target.

    Args:
        output: From the config that the model was built from.
        shape: The output's shape, None first.
        task: What the target is.
        names: Class or label names; empty for numbers.
        target: Shape of one row's target.

    Raises:
        ConfigError: Wrong rank, or a number of outputs that is not the target's: the number of classes
            (or 1, for two classes), of labels or of numbers.
    """
    _check_boxes(output, task, target)
    if task == "reconstruction":
        _check_reconstruction(output, shape, target)
        return
    if task == "segmentation":
        check_pixels(output, shape, names, target)
        return
    if len(shape) != 2:
        path, fix = _flattening(output)
        needs = f"the network gives {shape}, and a row has to end as one list of outputs"
        raise ConfigError(Problem(f"{needs}: {fix}", path, id="shape"))
    units = shape[1]
    if task == "classification":
        _check_classes(output, units, names)
        return
    wanted = target[0] if target else 1
    if units != wanted:
        if task == "multi_label":
            found = f"the data have {wanted} labels ({_some(names)}), and the network has {_count(units)}"
        else:
            numbers = "one number" if wanted == 1 else f"{wanted} numbers"
            found = f"the target is {numbers}, and the network has {_count(units)}"
        fix = f"use {wanted} unit{'s' if wanted != 1 else ''}"
        raise ConfigError(Problem(f"{found}: {fix}", _last_layer(output), id="units"))


def _count(units: int | None) -> str:
    return f"{units} output{'s' if units != 1 else ''}"


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def _check_classes(output: NetworkOutput, units: int | None, classes: tuple[str, ...]) -> None:
    index = facts(output.loss).labels == "index"
    if units == len(classes) or (units == 1 and len(classes) == 2 and not index):
        return
    fix = f"use {len(classes)} units"
    if len(classes) == 2 and not index:
        fix += ", or 1 with sigmoid"
    message = f"the data have {len(classes)} classes ({_some(classes)}), and the network has {_count(units)}"
    raise ConfigError(Problem(f"{message}: {fix}", _last_layer(output), id="units"))


def _check_reconstruction(output: NetworkOutput, shape: Shape, target: tuple[int, ...]) -> None:
    if shape[1:] == target:
        return
    message = f"the target is the input itself, {(None, *target)}, and the network gives {shape}"
    if len(shape) == 2 and len(target) == 1:
        fix, path = f"use {target[0]} units", _last_layer(output)
    else:
        fix, path = f"end with {{type: Reshape, target_shape: {list(target)}}}", output.chain[-1].path
        if np.prod(target) != np.prod([size or 0 for size in shape[1:]]):
            fix = f"end with layers that give {(None, *target)} again"
    raise ConfigError(Problem(f"{message}: {fix}", path, id="units"))


def _check_boxes(output: NetworkOutput, task: Task, target: tuple[int, ...]) -> None:
    for path, metric in output.metrics:
        if metric.name == "BoxIoU" and not metric.registered and (task, target) != ("regression", (4,)):
            message = f"'{metric.type}' compares boxes of four numbers, and the target is no box"
            fix = "let its four columns, from left to bottom, be the target, or remove the metric"
            raise ConfigError(Problem(f"{message}; {fix}", path, id="metric-task"))


def check_range(output: NetworkOutput, targets: Values, *, reconstructed: bool = False) -> None:
    """Refuse numbers to be predicted that the last activation or the loss can't reach.

    Args:
        output: Predicts them.
        targets: Any shape.
        reconstructed: Whether they are the inputs themselves.

    Raises:
        DataError: A target lies outside the activation's range, or that of the loss.
    """
    last = output.last
    bounds = BOUNDED.get(last.activation) if last else None
    low, high = float(targets.min()), float(targets.max())
    whose = "prepared inputs" if reconstructed else "targets"
    scale = ", or scale the inputs with data.preprocess.numeric.scale: min_max" if reconstructed else ""
    if last is not None and bounds is not None and (low < bounds[0] or high > bounds[1]):
        reach = f"{bounds[0]:g} to {bounds[1]:g}" if bounds[1] < inf else "nothing below 0"
        message = f"the {whose} go from {low:g} to {high:g}, and {last.activation} gives {reach}: "
        message += f"use linear{scale}"
        raise DataError(Problem(message, last.path, id="target-range"))
    if facts(output.loss).probabilities == "sigmoid" and (low < 0 or high > 1):
        message = f"{output.loss.type} takes targets from 0 to 1, and the {whose} go from {low:g} to {high:g}"
        message += f": use mean_squared_error{scale}"
        raise DataError(Problem(message, output.loss_path, id="target-range"))


def check_tokens(graph: Graph, name: str, features: Values) -> None:
    """Refuse rows that an Embedding which reads them can't look up.

    Args:
        graph: The network.
        name: The input.
        features: Its prepared values, shape `(n, ...)`.

    Raises:
        DataError: A feature is no whole number from 0 to `input_dim` - 1.
    """
    for step in graph.steps:
        layer = step.layer
        if isinstance(layer, KerasObject) and layer.name == "Embedding" and step.inputs == (name,):
            _check_embedding(layer, step.path, features)


def _check_embedding(layer: KerasObject, path: KeyPath, features: Values) -> None:
    if not features.size:
        return
    words = int(layer.argument("input_dim"))
    low, high = float(features.min()), float(features.max())
    fractions = np.issubdtype(features.dtype, np.floating)
    if fractions and not all(np.array_equal(block, np.rint(block)) for block in in_blocks(features)):
        message = "Embedding looks up whole numbers, and the features have fractions; remove the scaling"
        raise DataError(Problem(f"{message}, or start with another layer", path, id="tokens"))
    if low < 0 or high >= words:
        fix = "number them from 0" if low < 0 else f"use input_dim: {int(high) + 1}"
        message = f"Embedding knows the numbers 0 to {words - 1}"
        message += f", and the features go from {low:.0f} to {high:.0f}: {fix}"
        raise DataError(Problem(message, (*path, "input_dim"), id="tokens"))


def encoding(output: NetworkOutput, units: int, task: Task) -> Encoding:
    """How the loss gets labels: class numbers, one-hot rows, one column of numbers, or as they are."""
    if task in ("classification", "segmentation"):
        if facts(output.loss).labels == "index":
            return "index"
        return "one_hot" if units > 1 else "column"
    return "column" if task == "regression" and units == 1 else "as_is"


def encode(labels: Values, how: Encoding, classes: int) -> Values:
    """Targets for the loss.

    Args:
        labels: Class indices, numbers or rows of them, shape `(n, ...)`; of masks `(n, height, width)`.
        how: The encoding.
        classes: Number of classes.

    Returns:
        int32 `(n,)` for `index`, float32 `(n, classes)` for `one_hot`, float32 `(n, 1)` for `column`,
        the labels themselves for `as_is`. Of masks bytes that stand for float32: `(n, height, width)` for
        `index`, with an axis of the classes for `one_hot` or of 1 for `column`.
    """
    if how == "as_is":
        return labels
    numbers = np.asarray(labels)
    if numbers.ndim == 3:
        return _masks(numbers, how, classes)
    if how == "index":
        return numbers.astype(np.int32)
    if how == "one_hot":
        return np.asarray(np.eye(classes, dtype=np.float32)[numbers])
    return numbers.astype(np.float32).reshape(-1, 1)


def _masks(numbers: NDArray[Any], how: Encoding, classes: int) -> Values:
    if how == "one_hot":
        return Scaled(np.eye(256, classes, dtype=np.uint8)[numbers], 0, 1)
    return Scaled(numbers[..., np.newaxis] if how == "column" else numbers, 0, 1)


def output_kind(output: NetworkOutput) -> tuple[OutputKind, float]:
    """How the outputs for classes or labels are read, and the boundary between two classes for scores.

    The last activation decides; where the config does not show it, the loss does.
    """
    loss = output.loss
    wanted = facts(loss).probabilities
    if takes_logits(loss):
        return ("softmax_logits", 0.0) if wanted == "softmax" else ("sigmoid_logits", 0.0)
    last = output.last
    activation = last.activation if last else wanted
    if activation == "softmax":
        return "softmax", 0.5
    if activation == "sigmoid":
        return "sigmoid", 0.5
    hinge = loss.name in {"CategoricalHinge", "Hinge", "MarginHinge", "SquaredHinge"}
    return "scores", 0.0 if hinge else 0.5


def _last_layer(output: NetworkOutput) -> KeyPath:
    last = output.last
    if last is None:
        return output.chain[-1].path if output.chain else ("model", "layers")
    return (*last.units_path, last.units_key) if last.units is not None else last.units_path


def _flattening(output: NetworkOutput) -> tuple[KeyPath, str]:
    """The layer at which a stack is to become flat, and the edit."""
    chain = output.chain
    if not chain:
        return ("model", "layers"), "add {type: Flatten} and a Dense layer at the end"
    tail = len(chain)
    while tail and chain[tail - 1].layer.name in {"Dense", "Dropout", "Activation", "Softmax"}:
        tail -= 1
    path = chain[min(tail, len(chain) - 1)].path
    recurrent = sequence_layer(chain[:tail])
    if recurrent:
        return path, f"remove return_sequences: true from {recurrent}"
    if tail < len(chain):
        return path, "add {type: Flatten} before this layer"
    return path, "add {type: Flatten} and a Dense layer after this one"
