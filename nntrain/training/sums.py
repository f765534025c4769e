"""What a model's metrics sum up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from nntrain.training.together import Together


class Sums:
    """The sums: begun anew, and what they come to.

    Where workers add them up over a network, each of the two is one call of TensorFlow.
    """

    def __init__(self, model: keras.Model, together: Together) -> None:
        """Take a model that is compiled."""
        self.begin: Callable[[], Any] = model.reset_metrics
        self._results: Callable[[], Any] = model.get_metrics_result
        if together.several:
            self.begin = tf.function(model.reset_metrics, autograph=False)
            self._results = tf.function(lambda: dict(model.get_metrics_result()), autograph=False)

    def results(self) -> dict[str, Any]:
        """Loss and metrics by name, of all workers."""
        return dict(self._results())
