"""Elastic deformation of images, as Simard, Steinkraus and Platt (2003) bend handwritten digits.

Keras' `RandomElasticTransform` is something else: one number sets both the smoothness and the strength, which
reach about a pixel and a half on digits of 28 x 28, and a whole batch shares it.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray


@keras.saving.register_keras_serializable("nntrain")
class ElasticDeformation(keras.layers.Layer):
    """Bends training images by smooth random displacements, each image by its own.

    Every pixel is moved by two numbers drawn from -1 to 1, which are smoothed by a Gaussian and multiplied.
    What would come from beyond an edge is taken from the edge. Outside training images stay as they are.

    Args:
        sigma: Standard deviation of the Gaussian, in pixels: more makes wider bends.
        alpha: What the smoothed numbers are multiplied by, in pixels. With `sigma` 4 and `alpha` 34, which
            suit images of about 28 x 28 pixels, the moves have a standard deviation of 1.4 pixels each way.
        seed: Of the displacements.
        **kwargs: As every layer's.
    """

    def __init__(
        self, sigma: float = 4.0, alpha: float = 34.0, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.sigma = sigma
        self.alpha = alpha
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the two smoothings, of rows and of columns.

        Raises:
            ValueError: The input is no batch of images of one known size.
        """
        if len(input_shape) != 4 or None in input_shape[1:3]:
            raise ValueError(f"takes images of shape (height, width, channels), received {input_shape[1:]}")
        self.down = _smoothing(int(input_shape[1] or 0), self.sigma)
        self.across = _smoothing(int(input_shape[2] or 0), self.sigma)

    def call(self, images: Any, training: bool = False) -> Any:
        """Images of the same shape `(rows, height, width, channels)`."""
        places = self.get_random_transformation(images, training=training)
        return images if places is None else self._at(images, *places)

    def get_random_transformation(self, images: Any, training: bool = True, seed: Any = None) -> Any:
        """Where each pixel is taken from: its `y` and `x`, `(rows, height, width)` each; None for nothing."""
        if not training or self.alpha == 0:
            return None
        height, width = images.shape[1:3]
        shape = (2, ops.shape(images)[0], height, width)
        drawn = keras.random.uniform(shape, -1.0, 1.0, "float32", seed or self.seed_generator)
        moves = self.alpha * ops.matmul(ops.matmul(self.down, drawn), self.across)
        grid = np.mgrid[:height, :width].astype(np.float32)
        y = ops.clip(grid[0] + moves[0], 0.0, height - 1.0)
        return y, ops.clip(grid[1] + moves[1], 0.0, width - 1.0)

    def transform_segmentation_masks(self, masks: Any, places: Any, training: bool = True) -> Any:
        """Masks of shape `(rows, height, width, channels)`, bent as their images: the nearest pixels."""
        if places is None or not training:
            return masks
        return self._at(masks, *map(ops.round, places))

    def _at(self, images: Any, y: Any, x: Any) -> Any:
        """The values at places between pixels."""
        height, width, channels = images.shape[1:]
        rows = ops.shape(images)[0]
        top = ops.minimum(ops.floor(y), max(height - 2.0, 0.0))
        left = ops.minimum(ops.floor(x), max(width - 2.0, 0.0))
        below, right = y - top, x - left
        first = ops.reshape(ops.arange(rows, dtype="int32") * (height * width), (-1, 1, 1))
        corner = first + ops.cast(top, "int32") * width + ops.cast(left, "int32")
        pixels = ops.reshape(images, (-1, channels))
        lower, further = (width if height > 1 else 0), (1 if width > 1 else 0)

        def part(offset: int, weight: Any) -> Any:
            taken = ops.take(pixels, corner + offset, axis=0)
            return taken * ops.cast(weight, taken.dtype)[..., np.newaxis]

        upper = part(0, (1 - below) * (1 - right)) + part(further, (1 - below) * right)
        return upper + part(lower, below * (1 - right)) + part(lower + further, below * right)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer again."""
        own = {"sigma": self.sigma, "alpha": self.alpha, "seed": self.seed}
        return {**super().get_config(), **own}


def _smoothing(size: int, sigma: float) -> NDArray[np.float32]:
    """The matrix that smooths `size` numbers in a row by a Gaussian, with zeros beyond both ends."""
    reach = np.arange(-size + 1, size)
    bell = np.exp(-0.5 * (reach / sigma) ** 2)
    whole = np.exp(-0.5 * (np.arange(-int(8 * sigma) - 1, int(8 * sigma) + 2) / sigma) ** 2).sum()
    away = np.subtract.outer(np.arange(size), np.arange(size))
    matrix: NDArray[np.float32] = (bell[away + size - 1] / whole).astype(np.float32)
    return matrix
