"""One layer of a network as the encoder of a small autoencoder: input, layer, decoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

DECODERS = {
    "Conv1D": keras.layers.Conv1DTranspose,
    "Conv2D": keras.layers.Conv2DTranspose,
    "Conv3D": keras.layers.Conv3DTranspose,
}
"""What undoes a convolution: strides spread, and padding is cut off."""
FOLLOWING = ("Activation", "ELU", "LeakyReLU", "ReLU", "Softmax")
"""Layers that are the activation of the layer before, and have no weights."""


class Below(keras.Model):
    """What the layers below a layer make of rows, when nothing is learnt."""

    def __init__(self, layers: Sequence[Any]) -> None:
        super().__init__(name="below")
        self.made_of = list(layers)

    def call(self, inputs: Any) -> Any:
        """From rows as the network takes them to numbers of 32 bits."""
        value = inputs
        for layer in self.made_of:
            value = layer(value)
        return ops.cast(value, "float32")


class Blanking(keras.layers.Layer):
    """Masking noise: sets a share of the numbers to 0, and leaves the others as they are.

    Source: Vincent, Larochelle, Bengio and Manzagol, "Extracting and Composing Robust Features with Denoising
    Autoencoders", 2008, section 2.3. `Dropout` would make the others larger.
    """

    def __init__(self, share: float, seed: int) -> None:
        super().__init__(name="corruption")
        self.share = share
        self.draws = keras.random.SeedGenerator(seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The same shape."""
        if not training:
            return inputs
        drawn = keras.random.uniform(ops.shape(inputs), seed=self.draws)
        return ops.where(drawn < self.share, ops.zeros_like(inputs), inputs)


class Fitted(keras.layers.Layer):
    """Cuts off at the ends of the axes what is too much, and fills up with zeros what is missing."""

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__(name="fitted", dtype="float32")
        self.wanted = tuple(shape)

    def call(self, inputs: Any) -> Any:
        """From `(rows, ...)` to `(rows, *shape)`."""
        cut = inputs[(slice(None), *(slice(size) for size in self.wanted))]
        missing = [(0, size - have) for size, have in zip(self.wanted, cut.shape[1:], strict=True)]
        return ops.pad(cut, [(0, 0), *missing])


def autoencoder(
    layer: Any, after: Any, shape: Sequence[int], *, activation: str, corruption: float, seed: int
) -> tuple[keras.Model, Any]:
    """Build the autoencoder of a layer, which begins with that layer's weights.

    Args:
        layer: A built Dense, Conv1D, Conv2D or Conv3D; it is copied, and stays as it is.
        after: The next layer of the network; if it is nothing but the layer's activation, it comes before the
            decoder. None: there is none.
        shape: Of one row of the layer's input.
        activation: Of the decoder.
        corruption: Share of the input's numbers that are set to 0 in training.
        seed: Of the decoder's first weights and of the corruption.

    Returns:
        The model, which gives rows of `shape`, and the copy of the layer in it.
    """
    fed = keras.Input(tuple(shape))
    encoder = _copied(layer)
    value = fed if not corruption else Blanking(corruption, seed)(fed)
    value = encoder(value)
    encoder.set_weights(layer.get_weights())
    if type(after).__name__ in FOLLOWING:
        value = type(after).from_config(after.get_config())(value)
    decoded = _decoder(layer, shape, activation, seed)(value)
    if tuple(decoded.shape[1:]) != tuple(shape):
        decoded = Fitted(shape)(decoded)
    return keras.Model(fed, decoded, name="autoencoder"), encoder


def _copied(layer: Any) -> Any:
    """A layer of its own that learns, whatever the network's layer does."""
    made = type(layer).from_config(layer.get_config())
    made.trainable = True
    return made


def _decoder(layer: Any, shape: Sequence[int], activation: str, seed: int) -> Any:
    given = {
        "activation": activation,
        "kernel_initializer": keras.initializers.GlorotUniform(seed),
        "dtype": "float32",
        "name": "decoder",
    }
    name = type(layer).__name__
    if name not in DECODERS:
        return keras.layers.Dense(shape[-1], **given)
    pairs = zip(layer.kernel_size, layer.dilation_rate, strict=True)
    reach = tuple((size - 1) * rate + 1 for size, rate in pairs)  # a CPU can't spread a kernel here
    return DECODERS[name](
        filters=shape[-1] if layer.data_format == "channels_last" else shape[0],
        kernel_size=reach,
        strides=layer.strides,
        padding="valid" if layer.padding == "valid" else "same",
        data_format=layer.data_format,
        **given,
    )
