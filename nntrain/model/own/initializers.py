"""First weights that are no draw: image kernels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from nntrain.config.vocabulary.image_kernels import matrix


@keras.saving.register_keras_serializable("nntrain")
class ImageKernel(keras.initializers.Initializer):
    """Known image kernels as the filters of a Conv2D, one each, in their order.

    Filter `k` gives `sum_ij K_k[i, j] * mean_c x[y + i, x + j, c]`: of several channels their mean counts.

    Args:
        kernels: Names (blur, emboss, identity, outline, sharpen, sobel_x, sobel_y), or matrices of numbers of
            the layer's `kernel_size`.
    """

    def __init__(self, kernels: Sequence[Any]) -> None:
        self.kernels = list(kernels)

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """The weights, shape `(height, width, channels, filters)`.

        Raises:
            ValueError: The layer has another number of filters, or another size.
        """
        height, width, channels, filters = shape if len(shape) == 4 else (0, 0, 0, 0)
        found = [np.asarray(matrix(kernel), np.float64) for kernel in self.kernels]
        sizes = [kernel.shape for kernel in found]
        if filters != len(found) or any(size != (height, width) for size in sizes):
            raise ValueError(f"image kernels of {sizes} do not fill weights of the shape {tuple(shape)}")
        stacked = np.stack(found, axis=-1)[:, :, np.newaxis] / channels
        return ops.convert_to_tensor(np.repeat(stacked, channels, axis=2), dtype or keras.config.floatx())

    def get_config(self) -> dict[str, Any]:
        """What makes the same initializer again."""
        return {"kernels": self.kernels}
