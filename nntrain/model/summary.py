"""What a built model consists of: layers, output shapes, parameters."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from typing import Any, NamedTuple

import keras

Shape = tuple[int | None, ...]


class LayerSummary(NamedTuple):
    """One layer."""

    name: str
    type: str
    output_shape: Shape
    """With None for the number of rows."""
    parameters: int


class ModelSummary(NamedTuple):
    """A model's layers, and its parameters by whether training changes them."""

    layers: tuple[LayerSummary, ...]
    trainable: int
    non_trainable: int


def summary(model: keras.Model) -> ModelSummary:
    """Each layer with its output shape and number of parameters, and the model's totals."""
    layers = tuple(
        LayerSummary(layer.name, type(layer).__name__, tuple(layer.output.shape), layer.count_params())
        for layer in model.layers
    )
    return ModelSummary(layers, _count(model.trainable_weights), _count(model.non_trainable_weights))


def _count(weights: Iterable[Any]) -> int:
    return sum(prod(weight.shape) for weight in weights)
