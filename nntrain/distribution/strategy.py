"""TensorFlow's side of a cluster: the strategy, what all agree on, and how a wait in vain ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.eager import context
from tensorflow.python.framework import errors

from nntrain.config.workers import Membership


def strategy_of(who: Membership) -> tf.distribute.Strategy:
    """Connect TensorFlow to the other workers; has to run before its first operation."""
    spec = tf.train.ClusterSpec({"worker": list(who.workers)})
    gpus = len(tf.config.list_logical_devices("GPU")) if tf.config.list_physical_devices("GPU") else 0
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        spec,
        task_type="worker",
        task_id=who.index,
        num_accelerators={"GPU": gpus} if gpus else {},
        rpc_layer="grpc",
    )
    # No timeout: TensorFlow would start a thread for each sum, and end it when the time is over.
    return tf.distribute.MultiWorkerMirroredStrategy(resolver)


Numbers = NDArray[np.float64]


def gathering(strategy: tf.distribute.Strategy, who: Membership) -> Callable[[Numbers], Numbers]:
    """A function that gives what all workers call it with, shape `(workers, n)` of `(n,)`."""
    count = len(who.workers)

    def on_replica(values: tf.Tensor) -> tf.Tensor:
        here = tf.distribute.get_replica_context()
        devices = here.num_replicas_in_sync // count
        speaks = here.replica_id_in_sync_group == who.index * devices
        own = (tf.range(count) == who.index)[:, tf.newaxis] & speaks
        table = tf.where(own, values[tf.newaxis], tf.zeros((), tf.float64))
        return here.all_reduce(tf.distribute.ReduceOp.SUM, table)

    def on_all(values: tf.Tensor) -> tf.Tensor:
        given = strategy.run(on_replica, args=(values,))
        return strategy.experimental_local_results(given)[0]

    gathered = tf.function(on_all, [tf.TensorSpec((None,), tf.float64)], autograph=False)
    return lambda values: np.asarray(gathered(tf.constant(values, tf.float64)))


def end_waiting() -> None:
    """Let everything that waits for another worker fail at once; another thread may call it."""
    context.context().abort_collective_ops(errors.UNAVAILABLE, "another worker has ended")
