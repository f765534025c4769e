"""What layers with a kernel and a bias share: how both begin, what holds them, how they are written down."""

from __future__ import annotations

from typing import Any

import keras

KINDS = {
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
}


class Weighted(keras.layers.Layer):
    """A layer with a kernel and a bias.

    Args:
        use_bias: Whether there is a bias.
        kernel_initializer: What the kernel begins with.
        bias_initializer: What the bias begins with.
        kernel_regularizer: What is added to the loss for the kernel.
        bias_regularizer: What is added to the loss for the bias.
        kernel_constraint: What the kernel is held to.
        bias_constraint: What the bias is held to.
        **kwargs: As every layer's.
    """

    def __init__(
        self,
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
        self.use_bias = use_bias
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.bias_initializer = keras.initializers.get(bias_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.bias_regularizer = keras.regularizers.get(bias_regularizer)
        self.kernel_constraint = keras.constraints.get(kernel_constraint)
        self.bias_constraint = keras.constraints.get(bias_constraint)

    def add_kernel_and_bias(
        self, kernel: tuple[int, ...], bias: tuple[int, ...], initializer: Any = None
    ) -> None:
        """Make both, of these shapes; `bias` is None without one.

        Args:
            kernel: The kernel's shape.
            bias: The bias's shape.
            initializer: What the kernel begins with, where that is not `kernel_initializer` itself.
        """
        self.kernel = self.add_weight(
            name="kernel",
            shape=kernel,
            initializer=initializer or self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                name="bias",
                shape=bias,
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def get_config(self) -> dict[str, Any]:
        """What makes the same layer again."""
        own = {
            f"{weight}_{kind}": module.serialize(getattr(self, f"{weight}_{kind}"))
            for weight in ("kernel", "bias")
            for kind, module in KINDS.items()
        }
        return {**super().get_config(), "use_bias": self.use_bias, **own}
