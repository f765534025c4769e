"""The maxout layer of Goodfellow, Warde-Farley, Mirza, Courville and Bengio (2013), arXiv 1302.4389."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from nntrain.model.own.weighted import Weighted


@keras.saving.register_keras_serializable("nntrain")
class Maxout(Weighted):
    """Units that give the largest of several weighted sums.

    `max_j (x . W[:, i, j] + b[i, j])` for unit `i`, with `pieces` sums `j` (section 2 of the paper): a
    convex, piecewise linear activation that is learnt.

    The kernel's shape is `(features, units * pieces)`, the sums of a unit side by side, and the bias's
    `(units * pieces,)`.

    Args:
        units: Numbers that come out at the last place.
        pieces: Sums that each unit chooses from; 1 makes a Dense layer without an activation.
        **kwargs: Those of `Weighted`.
    """

    def __init__(self, units: int, pieces: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.pieces = pieces
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights.

        Raises:
            ValueError: The shape of a row is not known.
        """
        if None in input_shape[1:]:
            raise ValueError(f"takes rows of one known shape, received {input_shape[1:]}")
        features = int(input_shape[-1] or 0)
        sums = self.units * self.pieces
        self.add_kernel_and_bias((features, sums), (sums,))

    def call(self, inputs: Any) -> Any:
        """From `(rows, ..., features)` to `(rows, ..., units)`."""
        sums = ops.matmul(inputs, self.kernel)
        sums = sums if self.bias is None else sums + self.bias
        shape = (-1, *inputs.shape[1:-1], self.units, self.pieces)
        return ops.max(ops.reshape(sums, shape), axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The shape of the input, with the units at the last place."""
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer again."""
        return {**super().get_config(), "units": self.units, "pieces": self.pieces}
