"""The `pretrain:` section: layers learn to give their input back, one after another, before training."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from nntrain.config.section import Section
from nntrain.config.vocabulary.keras_object import KerasObject, Kind

LayerName = Annotated[str, Field(min_length=1)] | Annotated[int, Field(ge=0)]


class Pretrain(Section):
    """Greedy pretraining: each layer learns to give back what the layers below make of the training rows.

    Its decoder is thrown away, and then the whole network is trained. (Bengio, Lamblin, Popovici and
    Larochelle 2007)
    """

    layers: Annotated[tuple[LayerName, ...], Strict(False)] = ()
    """The layers, by their names or by their numbers in `model.layers`, the first of which is 0. Without it
    every Dense, Conv1D, Conv2D and Conv3D layer that learns, but the output."""
    epochs: int = Field(default=10, ge=1)
    """Passes over the training rows for each layer."""
    batch_size: int = Field(default=32, ge=1)
    """Rows in one step of the optimizer."""
    optimizer: Annotated[KerasObject, Kind("optimizers")] = KerasObject("Adam", {}, "optimizers")
    """An optimizer of `keras.optimizers`; each layer gets one of its own."""
    loss: Annotated[KerasObject, Kind("losses")] = KerasObject("mean_squared_error", {}, "losses")
    """What the difference between a layer's input and what is given back costs."""
    corruption: float = Field(default=0.0, ge=0, lt=1)
    """Share of the input's numbers that are set to 0, drawn anew in every step, while the whole input is to
    be given back: a denoising autoencoder. (Vincent, Larochelle, Bengio and Manzagol 2008)"""
    activation: Literal["linear", "relu", "sigmoid", "tanh"] = "linear"
    """Of the decoder."""
