"""Locally connected layers: convolutions whose weights differ from place to place. Keras 3 dropped them."""

from __future__ import annotations

from math import prod
from typing import Any

import keras
from keras import ops

from nntrain.model.own.weighted import Weighted

Shape = tuple[int | None, ...]


class _LocallyConnected(Weighted):
    """What both ranks share: the weights, and where the windows lie."""

    rank: int

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, ...],
        strides: int | tuple[int, ...] = 1,
        activation: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.kernel_size = self._each(kernel_size, "kernel_size")
        self.strides = self._each(strides, "strides")
        self.activation = keras.activations.get(activation)

    def _each(self, value: int | tuple[int, ...], what: str) -> tuple[int, ...]:
        """A number for each direction."""
        numbers = (value,) * self.rank if isinstance(value, int) else tuple(value)
        if len(numbers) != self.rank:
            raise ValueError(f"'{what}' takes a number, or {self.rank} of them, received {list(numbers)}")
        return numbers

    def build(self, input_shape: Shape) -> None:
        """Make weights of their own for every place of the window.

        Raises:
            ValueError: The input has other axes, its size is not known, or the window is larger than it.
        """
        if len(input_shape) != self.rank + 2 or None in input_shape[1:]:
            axes = {1: "(steps, channels)", 2: "(height, width, channels)"}[self.rank]
            raise ValueError(f"takes rows of one known shape {axes}, received {input_shape[1:]}")
        places = self._places(input_shape)
        if min(places) < 1:
            raise ValueError(f"a window of {self.kernel_size} is larger than the input, {input_shape[1:-1]}")
        window = prod(self.kernel_size) * int(input_shape[-1] or 0)
        kernel, bias = (*places, window, self.filters), (*places, self.filters)
        self.add_kernel_and_bias(kernel, bias, self._at_each(places))

    def _at_each(self, places: tuple[int, ...]) -> Any:
        """The initializer, scaled for one window.

        Keras takes the places for parts of one window, as Keras 2 did here, and would draw weights that are
        too small by the square root of their number.
        """
        given = self.kernel_initializer
        if not isinstance(given, keras.initializers.VarianceScaling):
            return given
        scaled = type(given).from_config(given.get_config())
        scaled.seed, scaled.scale = given.seed, given.scale * prod(places)
        return scaled

    def _places(self, shape: Shape) -> tuple[int, ...]:
        """How many windows fit, in each direction."""
        sizes = (int(size or 0) for size in shape[1:-1])
        moves = zip(sizes, self.kernel_size, self.strides, strict=True)
        return tuple((size - window) // stride + 1 for size, window, stride in moves)

    def _connected(self, images: Any, kernel: Any) -> Any:
        """Each window of `(rows, height, width, channels)` by its own weights, as `(rows, h, w, filters)`."""
        ones = (1,) * (2 - self.rank)
        patches = ops.image.extract_patches(
            images, (*self.kernel_size, *ones), (*self.strides, *ones), padding="valid"
        )
        return ops.einsum("nhwk,hwkf->nhwf", patches, kernel)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """A place for each window, with the filters at the last place."""
        return (input_shape[0], *self._places(input_shape), self.filters)

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer again."""
        own = {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "activation": keras.activations.serialize(self.activation),
        }
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("nntrain")
class LocallyConnected1D(_LocallyConnected):
    """A convolution over steps with weights of their own at every place.

    From `(rows, steps, channels)` to `(rows, places, filters)`, where `(steps - kernel_size) // strides + 1`
    windows fit (no padding). The kernel's shape is `(places, kernel_size * channels, filters)`, as it was in
    Keras 2.
    """

    rank = 1

    def call(self, inputs: Any) -> Any:
        """The windows, each by its own weights."""
        flat = self._connected(inputs[:, :, None, :], self.kernel[:, None])[:, :, 0]
        return self.activation(flat if self.bias is None else flat + self.bias)


@keras.saving.register_keras_serializable("nntrain")
class LocallyConnected2D(_LocallyConnected):
    """A convolution over images with weights of their own at every place.

    From `(rows, height, width, channels)` to `(rows, h, w, filters)`, where `(height - kernel) // stride + 1`
    windows fit in each direction (no padding). The kernel's shape is `(h, w, kernel height * kernel width *
    channels, filters)`: Keras 2 keeps the same numbers under `implementation=1`.
    """

    rank = 2

    def call(self, inputs: Any) -> Any:
        """The windows, each by its own weights."""
        found = self._connected(inputs, self.kernel)
        return self.activation(found if self.bias is None else found + self.bias)
