"""What a built model consists of: layers, output shapes, parameters, memory."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, NamedTuple

import keras
import numpy as np

Shape = tuple[int | None, ...]


class LayerSummary(NamedTuple):
    """One layer."""

    name: str
    type: str
    output_shape: Shape
    """With None for the number of rows."""
    parameters: int
    memory: int
    """Bytes of its parameters, and of what it gives for one batch."""


class ModelSummary(NamedTuple):
    """A model's layers, and its parameters by whether training changes them."""

    layers: tuple[LayerSummary, ...]
    trainable: int
    non_trainable: int

    @property
    def memory(self) -> int:
        """Bytes of all layers together."""
        return sum(layer.memory for layer in self.layers)


def summary(model: keras.Model, batch_size: int = 1) -> ModelSummary:
    """Each layer with its output shape and number of parameters, and the model's totals.

    Args:
        model: Built.
        batch_size: Rows in a batch, for the memory that outputs take.
    """
    layers = tuple(
        LayerSummary(
            layer.name,
            type(layer).__name__,
            tuple(layer.output.shape),
            layer.count_params(),
            _bytes(layer, batch_size),
        )
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    )
    return ModelSummary(layers, _count(model.trainable_weights), _count(model.non_trainable_weights))


def _count(weights: Iterable[Any]) -> int:
    return sum(prod(weight.shape) for weight in weights)


def _bytes(layer: Any, batch_size: int) -> int:
    """Of the parameters, and of one batch of outputs; of a nested model, those of all its layers."""
    if isinstance(layer, keras.Model):
        return sum(_bytes(inner, batch_size) for inner in layer.layers)
    weights = sum(prod(weight.shape) * _width(weight.dtype) for weight in layer.weights)
    outputs = prod(size or 1 for size in layer.output.shape[1:]) * _width(layer.output.dtype)
    return int(weights + batch_size * outputs)


def _width(dtype: Any) -> int:
    name = keras.backend.standardize_dtype(dtype)
    return 2 if name == "bfloat16" else int(np.dtype(name).itemsize)
