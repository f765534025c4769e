"""TensorFlow's side of a cluster: the strategy, what all agree on, and how a wait in vain ends."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf
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
    patience = tf.distribute.experimental.CommunicationOptions(timeout_seconds=who.timeout)
    return tf.distribute.MultiWorkerMirroredStrategy(resolver, patience)


def summing(strategy: tf.distribute.Strategy) -> Callable[[float], float]:
    """A function that gives the sum of the numbers that all workers call it with, at the same time."""

    def on_replica(value: tf.Tensor) -> tf.Tensor:
        here = tf.distribute.get_replica_context()
        per_worker = here.num_replicas_in_sync // strategy.extended._num_workers
        number = tf.convert_to_tensor(here.replica_id_in_sync_group)
        of_worker = tf.where(number % per_worker == 0, value, tf.zeros_like(value))
        return here.all_reduce(tf.distribute.ReduceOp.SUM, of_worker)

    def on_all(value: tf.Tensor) -> tf.Tensor:
        given = strategy.run(on_replica, args=(value,))
        return strategy.experimental_local_results(given)[0]

    summed = tf.function(on_all, [tf.TensorSpec((1,), tf.float32)], autograph=False)
    return lambda value: float(summed(tf.constant([value], tf.float32))[0])


def end_waiting() -> None:
    """Let everything that waits for another worker fail at once; another thread may call it."""
    context.context().abort_collective_ops(errors.UNAVAILABLE, "another worker has ended")
