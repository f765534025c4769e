"""Activations that courses name and Keras lacks."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def arctan(x: Any) -> Any:
    """Arcus tangens, between -pi/2 and pi/2, for a tensor of any shape.

    Its derivative is 1 / (1 + x^2), which fades more slowly than that of tanh.
    """
    return ops.arctan(x)


def binary_step(x: Any) -> Any:
    """Heaviside's step: 0 below 0 and 1 from 0 on, for a tensor of any shape.

    Its derivative is 0 wherever there is one, so that what comes before it never learns.
    """
    return 1 - ops.relu(-ops.sign(x))


keras.saving.register_keras_serializable("nntrain")(arctan)
keras.saving.register_keras_serializable("nntrain")(binary_step)
