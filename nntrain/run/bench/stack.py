"""A network and its training in plain words, for engines that know nothing of Keras.

Only what can be said exactly is translated: a chain of the layers below, one loss, one of three
optimizers with a fixed learning rate.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from nntrain.run.bench.protocol import Message
from nntrain.training.recipe import Recipe

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh", "softmax", "elu", "selu", "softplus", "silu", "gelu")
LOSSES = {
    keras.losses.SparseCategoricalCrossentropy: "sparse_categorical_crossentropy",
    keras.losses.CategoricalCrossentropy: "categorical_crossentropy",
    keras.losses.BinaryCrossentropy: "binary_crossentropy",
    keras.losses.MeanSquaredError: "mean_squared_error",
    keras.losses.MeanAbsoluteError: "mean_absolute_error",
}
OPTIMIZERS = {
    keras.optimizers.Adam: ("learning_rate", "beta_1", "beta_2", "epsilon", "amsgrad"),
    keras.optimizers.SGD: ("learning_rate", "momentum", "nesterov"),
    keras.optimizers.RMSprop: ("learning_rate", "rho", "momentum", "epsilon", "centered"),
}
"""The arguments that other engines have as well."""
UNCOMMON = (
    "weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema", "loss_scale_factor",
    "gradient_accumulation_steps",
)  # fmt: skip
PENALTIES = (
    "kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint",
)  # fmt: skip


class CannotExpressError(Exception):
    """Another engine can't train this; the text says why."""


def read_stack(model: keras.Model, recipe: Recipe, rows: tuple[Any, ...]) -> Message:
    """The network and its training.

    Args:
        model: Built.
        recipe: How to train it.
        rows: Features, targets and, where rows are weighted, weights.

    Returns:
        `stages` with each layer's kind, settings, shape of the output and number of its first weight,
        `loss`, `logits` (whether it takes outputs before softmax or sigmoid), `optimizer`, `batch_size`,
        `shuffle`, `seed`.

    Raises:
        CannotExpressError: It is no chain of known layers, or is trained in another way.
    """
    if len(rows) > 2:
        raise CannotExpressError("rows are weighted")
    if isinstance(rows[0], dict) or isinstance(rows[1], dict):
        raise CannotExpressError("the network has several inputs or outputs")
    loss = LOSSES.get(type(recipe.loss))
    if loss is None:
        raise CannotExpressError(f"the loss {_name(recipe.loss)} is not translated")
    settings = recipe.loss.get_config()
    if settings.get("label_smoothing") or settings.get("ignore_class") is not None:
        raise CannotExpressError("the loss has arguments that are not translated")
    return {
        "stages": _stages(model),
        "loss": loss,
        "logits": bool(settings.get("from_logits")),
        "optimizer": _optimizer(recipe.optimizer),
        "batch_size": recipe.batch_size,
        "shuffle": recipe.shuffle,
        "seed": recipe.seed,
    }


def _stages(model: keras.Model) -> list[Message]:
    """The layers in order.

    Raises:
        CannotExpressError: The network has branches, or a layer that is not translated.
    """
    nodes = (getattr(model, "_functional", None) or model)._nodes_by_depth
    stages: list[Message] = []
    weights = 0
    for depth in sorted(nodes, reverse=True):
        node = nodes[depth][0]
        if len(nodes[depth]) > 1 or len(node.input_tensors) > 1:
            raise CannotExpressError("the network is no plain stack of layers")
        if node.is_input:
            continue
        stage = _stage(node.operation, tuple(node.input_tensors[0].shape[1:]))
        stages.append({**stage, "output": list(node.output_tensors[0].shape[1:]), "weight": weights})
        weights += len(node.operation.weights)
    if weights != len(model.weights):
        raise CannotExpressError("the network shares weights")
    return stages


def _stage(layer: Any, shape: tuple[int, ...]) -> Message:
    """One layer, whose input has this shape without the rows.

    Raises:
        CannotExpressError: It is another, or has arguments that are not translated.
    """
    kind, what = type(layer), f"{type(layer).__name__} '{layer.name}'"
    for penalty in PENALTIES:
        if getattr(layer, penalty, None) is not None:
            raise CannotExpressError(f"{what} has a {penalty}")
    if layer.weights and not layer.trainable:
        raise CannotExpressError(f"{what} does not learn")
    if kind is keras.layers.Dense and len(shape) == 1:
        return {
            "kind": "dense",
            "inputs": shape[-1],
            "units": layer.units,
            "bias": layer.use_bias,
            "activation": _activation(layer.activation, what),
        }
    if kind is keras.layers.Conv2D:
        return _convolution(layer, shape, what)
    if kind is keras.layers.MaxPooling2D and layer.padding == "valid" and _last(layer):
        return {"kind": "pool", "size": list(layer.pool_size), "strides": list(layer.strides)}
    if kind is keras.layers.Dropout and layer.noise_shape is None:
        return {"kind": "dropout", "rate": layer.rate}
    if kind is keras.layers.Flatten and layer.data_format != "channels_first":
        return {"kind": "flatten"}
    if kind is keras.layers.Reshape:
        return {"kind": "reshape"}
    if kind is keras.layers.Activation:
        return {"kind": "activation", "activation": _activation(layer.activation, what)}
    if kind is keras.layers.ReLU and not (layer.max_value or layer.negative_slope or layer.threshold):
        return {"kind": "activation", "activation": "relu"}
    if kind is keras.layers.Softmax and layer.axis == -1:
        return {"kind": "activation", "activation": "softmax"}
    if kind is keras.layers.Rescaling and np.ndim(layer.scale) == np.ndim(layer.offset) == 0:
        return {"kind": "rescale", "scale": float(layer.scale), "offset": float(layer.offset)}
    raise CannotExpressError(f"{what} is not translated")


def _convolution(layer: Any, shape: tuple[int, ...], what: str) -> Message:
    """Raises CannotExpressError where padding or the order of axes has no counterpart."""
    strided = any(stride != 1 for stride in layer.strides)
    if not _last(layer) or (layer.padding == "same" and strided):
        raise CannotExpressError(f"{what} is not translated")
    return {
        "kind": "convolution",
        "inputs": shape[-1],
        "filters": layer.filters,
        "size": list(layer.kernel_size),
        "strides": list(layer.strides),
        "padding": layer.padding,
        "dilation": list(layer.dilation_rate),
        "groups": layer.groups,
        "bias": layer.use_bias,
        "activation": _activation(layer.activation, what),
    }


def _last(layer: Any) -> bool:
    return bool(layer.data_format == "channels_last")


def _activation(function: Any, what: str) -> str:
    for name in ACTIVATIONS:
        if function is getattr(keras.activations, name):
            return name
    raise CannotExpressError(f"the activation of {what} is not translated")


def _optimizer(optimizer: Any) -> Message:
    """Raises CannotExpressError where other engines have no such optimizer, or not with its arguments."""
    names = OPTIMIZERS.get(type(optimizer))
    if names is None:
        raise CannotExpressError(f"the optimizer {_name(optimizer)} is not translated")
    settings = optimizer.get_config()
    if not isinstance(settings["learning_rate"], float):
        raise CannotExpressError("the learning rate follows a schedule")
    for name in UNCOMMON:
        if settings.get(name):
            raise CannotExpressError(f"the optimizer has {name}")
    return {"type": type(optimizer).__name__, **{name: settings[name] for name in names}}


def _name(thing: Any) -> str:
    return str(getattr(thing, "__name__", type(thing).__name__))
