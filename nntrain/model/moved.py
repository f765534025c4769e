"""Masks that move as their images do: what a layer draws for an image is done to its mask too."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from nntrain.config.checks.segmentation import TOGETHER


class _Draws(threading.local):
    """What each layer drew for the batch that is being computed; every replica has a thread of its own."""

    def __init__(self) -> None:
        self.by_layer: dict[str, Any] = {}


def move_masks(model: keras.Model) -> None:
    """Let masks, and the weights of their pixels, follow the layers that move images.

    In a step of training the network gets images, and then losses and metrics get masks: by that time the
    layers have drawn how to move each image, and the nearest pixels of its mask are taken in the same way.
    Outside training nothing is drawn and nothing moves.

    Args:
        model: Built; its layers that move images come first, as the config's checks see to.
    """
    layers = [layer for layer in model.layers if type(layer).__name__ in TOGETHER]
    if not layers:
        return
    draws = _Draws()
    for layer in layers:
        _listen(layer, draws)
    own_loss, own_metrics = model.compute_loss, model.compute_metrics

    def compute_loss(
        x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        weights = _moved(sample_weight, layers, draws)
        return own_loss(x, _moved(y, layers, draws), y_pred, weights, training=training)

    def compute_metrics(x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        weights = _moved(sample_weight, layers, draws)
        return own_metrics(x, _moved(y, layers, draws), y_pred, weights)

    model.compute_loss, model.compute_metrics = compute_loss, compute_metrics


def _listen(layer: Any, draws: _Draws) -> None:
    """Keep what a layer draws; nothing outside training."""
    draw = layer.get_random_transformation

    def heard(data: Any, training: bool = True, seed: Any = None) -> Any:
        drawn = draws.by_layer[layer.name] = draw(data, training=training, seed=seed) if training else None
        return drawn

    layer.get_random_transformation = heard


def _moved(values: Any, layers: Sequence[Any], draws: _Draws) -> Any:
    """Values of pixels, `(rows, height, width)` or with a last axis, moved; others as they are."""
    drawn = [(layer, draws.by_layer.get(layer.name)) for layer in layers]
    if values is None or len(values.shape) < 3 or all(how is None for _, how in drawn):
        return values
    pixels = values[..., tf.newaxis] if len(values.shape) == 3 else values
    for layer, how in drawn:
        pixels = layer.transform_segmentation_masks(pixels, how, training=True)
    return tf.cast(tf.reshape(pixels, tf.shape(values)), values.dtype)
