"""The layer stack as a Keras model, built layer by layer so that a misfit names its layer."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from nntrain.config.keras_object import KerasObject
from nntrain.errors import ConfigError, MemoryLimitError, NntrainError, Problem
from nntrain.model.misfit import advice, misfit
from nntrain.model.objects import make
from nntrain.model.user_code import any_of, own_line

REFUSALS = (ValueError, TypeError, ArithmeticError, IndexError, NotImplementedError, tf.errors.OpError)
"""What Keras and TensorFlow raise at a layer that does not fit its input."""


def build(
    name: str, layers: Sequence[KerasObject], input_shape: tuple[int, ...], dtype: str
) -> keras.Sequential:
    """Build a sequential model with its weights.

    Args:
        name: The model's name.
        layers: The stack.
        input_shape: Shape of one row of features, without the rows themselves.
        dtype: Type of the features: `float32`, or `int32` for token sequences.

    Raises:
        ConfigError: A layer that Keras refuses, or that does not fit the one before it.
        MemoryLimitError: A layer's weights do not fit into memory.
    """
    outputs = keras.Input(input_shape, dtype=dtype)
    rows = tf.zeros((2, *input_shape), dtype)
    made: list[Any] = []
    for i, spec in enumerate(layers):
        layer = make(spec, ("model", "layers", i))
        outputs, rows = _apply(layer, outputs, rows, layers, i)
        made.append(layer)
    inputs = keras.Input(input_shape, dtype=dtype, name="features")
    return keras.Sequential([inputs, *made], name=_legal_name(name))


def _apply(layer: Any, inputs: Any, rows: tf.Tensor, layers: Sequence[KerasObject], i: int) -> Any:
    """The layer's output for the outputs of the layer before it: as a symbol, and for two rows of zeros.

    Some layers take any symbol and fail on rows.
    """
    path = ("model", "layers", i)
    shape = tuple(inputs.shape)
    wrong = misfit(layers, i, shape, keras.backend.standardize_dtype(inputs.dtype))
    if wrong:
        raise ConfigError(Problem(wrong, path, id="shape"))
    try:
        outputs = layer(inputs)
        _check_output(layers[i], shape, outputs, path)
        return outputs, _computed(layer, layers[i], rows)
    except (tf.errors.ResourceExhaustedError, MemoryError) as error:
        message = f"{layers[i].name} does not fit into memory: its input is {shape}; use fewer units"
        raise MemoryLimitError(Problem(message, path, id="memory")) from error
    except NntrainError:
        raise
    except any_of(layers[i], REFUSALS) as error:
        where = own_line(error)
        message = f"{layers[i].name} fails on {shape}: {where}" if where else advice(layers, i, shape, error)
        raise ConfigError(Problem(message, path, id="shape")) from error


def _check_output(
    spec: KerasObject, shape: tuple[int | None, ...], outputs: Any, path: tuple[str | int, ...]
) -> None:
    """Refuse what the next layer can't take: several outputs, or none at all."""
    if not isinstance(outputs, keras.KerasTensor):
        message = f"{spec.name} gives several outputs, and a stack passes on one: remove return_state: true"
        raise ConfigError(Problem(message, path, id="shape"))
    if any(size == 0 for size in outputs.shape[1:]):
        message = f"{spec.name} leaves nothing of {shape}: its output is {tuple(outputs.shape)}"
        raise ConfigError(Problem(message + "; use a smaller window or padding: same", path, id="shape"))


def _computed(layer: Any, spec: KerasObject, rows: tf.Tensor) -> tf.Tensor:
    """The layer's values for some rows; nothing random is drawn and no state changes."""
    if spec.name == "IntegerLookup":
        # Zero may be a number that it does not know.
        return tf.zeros(layer.compute_output_shape(rows.shape), layer.compute_dtype)
    evaluating = {"training": False} if "training" in inspect.signature(layer.call).parameters else {}
    return layer(rows, **evaluating)


def _legal_name(name: str) -> str:
    return name.replace(".", "_").replace("-", "_")
