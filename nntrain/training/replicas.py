"""The devices of one machine that learn together, each with a copy of the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import tensorflow as tf


def devices() -> list[str]:
    """The names of the GPUs that may be used, or of the CPUs where there are none."""
    found = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return [device.name for device in found]


@contextmanager
def mirrored(wanted: bool, strategy: tf.distribute.Strategy | None = None) -> Iterator[None]:
    """What is built in the block gets a copy on each device, if that is wanted and there are several.

    Args:
        wanted: Whether those of this machine learn together.
        strategy: The devices of several machines.
    """
    if strategy is not None:
        with strategy.scope():
            yield
        return
    if not wanted or len(devices()) < 2:
        yield
        return
    with tf.distribute.MirroredStrategy(devices()).scope():
        yield
