"""The maxout layer of Goodfellow, Warde-Farley, Mirza, Courville and Bengio (2013), arXiv 1302.4389."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("nntrain")
class Maxout(keras.layers.Layer):
    """Units that give the largest of several weighted sums.

    `max_j (x . W[:, i, j] + b[i, j])` for unit `i`, with `pieces` sums `j` (section 2 of the paper): a
    convex, piecewise linear activation that is learnt.

    Args:
        units: Numbers that come out at the last place.
        pieces: Sums that each unit chooses from; 1 makes a Dense layer without an activation.
        use_bias: Whether a number is added to each sum.
        kernel_initializer: Of the weights, shape `(features, units * pieces)`, those of a unit side by side.
        bias_initializer: Of what is added, shape `(units * pieces,)`.
        kernel_regularizer: Of the weights.
        bias_regularizer: Of what is added.
        kernel_constraint: Of the weights.
        bias_constraint: Of what is added.
        **kwargs: As every layer's.
    """

    def __init__(
        self,
        units: int,
        pieces: int = 2,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.pieces = pieces
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)
        self.supports_masking = True

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights.

        Raises:
            ValueError: The shape of a row is not known.
        """
        if None in input_shape[1:]:
            raise ValueError(f"takes rows of one known shape, received {input_shape[1:]}")
        features = int(input_shape[-1] or 0)
        self.kernel = self.add_weight(
            name="kernel",
            shape=(features, self.units * self.pieces),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=(self.units * self.pieces,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

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
        own = {
            "units": self.units,
            "pieces": self.pieces,
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "bias_initializer": keras.initializers.serialize(self.bias_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": keras.regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": keras.constraints.serialize(self.kernel_constraint),
            "bias_constraint": keras.constraints.serialize(self.bias_constraint),
        }
        return {**super().get_config(), **own}
