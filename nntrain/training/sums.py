"""What a model's metrics sum up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from nntrain.training.together import Together


class Sums:
    """The sums: begun anew, and what they come to.

    Where workers add them up over a network, each of the two is one call of TensorFlow, and the sums of one
    type travel together.
    """

    def __init__(self, model: keras.Model, together: Together) -> None:
        """Take a model that is compiled."""
        self.begin: Callable[[], Any] = model.reset_metrics
        self._results: Callable[[], Any] = model.get_metrics_result
        if together.several:
            self.begin = tf.function(model.reset_metrics, autograph=False)
            self._results = tf.function(lambda: _of_all(model), autograph=False)

    def results(self) -> dict[str, Any]:
        """Loss and metrics by name, of all workers."""
        return dict(self._results())


def _of_all(model: keras.Model) -> dict[str, Any]:
    """Loss and metrics of what all workers have summed up."""
    strategy, variables = model.distribute_strategy, model.metrics_variables
    if any(variable.aggregation != "sum" for variable in variables):
        return dict(model.get_metrics_result())  # TensorFlow puts these together, one after another

    def on_replica() -> list[tf.Tensor]:
        context = tf.distribute.get_replica_context()
        found = [tf.identity(variable) for variable in variables]
        summed: dict[int, tf.Tensor] = {}
        for dtype in dict.fromkeys(tensor.dtype for tensor in found):
            places = [i for i, tensor in enumerate(found) if tensor.dtype == dtype]
            alike = context.all_reduce(tf.distribute.ReduceOp.SUM, [found[i] for i in places])
            summed |= dict(zip(places, alike, strict=True))
        return [summed[i] for i in range(len(found))]

    of_replicas = strategy.run(on_replica)
    values = [strategy.experimental_local_results(one)[0] for one in of_replicas]
    with keras.StatelessScope(state_mapping=list(zip(variables, values, strict=True))):
        return dict(model.get_metrics_result())
