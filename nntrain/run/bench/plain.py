"""`model.fit` as a script calls it, on NumPy arrays and on a `tf.data` pipeline.

Keras is left as it is imported: its threads, its `jit_compile`, no op determinism, float32. Only the
memory of a GPU is taken as needed rather than whole, because several processes share it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nntrain.config import load_config
from nntrain.model.user_code import execute
from nntrain.run.bench.protocol import Channel, Job, Turns
from nntrain.run.experiment import prepare
from nntrain.run.reading import read_data
from nntrain.run.recipe import recipe
from nntrain.run.training_rows import training_rows
from nntrain.training.device import choose_device
from nntrain.training.recipe import Recipe

ENDLESS = 1_000_000
"""Epochs that an engine is asked for; the bench ends it long before."""


def fit(job: Job, channel: Channel) -> None:
    """Train on NumPy arrays."""
    model, rows, how = _prepared(job)
    features, targets, *weights = rows
    turns = Turns(channel)
    turns.begin(threads=threads())
    model.fit(
        features,
        targets,
        sample_weight=weights[0] if weights else None,
        batch_size=how.batch_size,
        epochs=ENDLESS,
        shuffle=how.shuffle,
        callbacks=[_at_epoch_end(turns)],
        verbose=0,
    )


def fit_tf_data(job: Job, channel: Channel) -> None:
    """Train on the pipeline that TensorFlow's guides teach: cache, shuffle all rows, batch, prefetch."""
    model, rows, how = _prepared(job)
    data = tf.data.Dataset.from_tensor_slices(rows).cache()
    if how.shuffle:
        data = data.shuffle(len(tf.nest.flatten(rows)[0]))
    data = data.batch(how.batch_size).prefetch(tf.data.AUTOTUNE)
    del rows
    turns = Turns(channel)
    turns.begin(threads=threads())
    model.fit(data, epochs=ENDLESS, shuffle=False, callbacks=[_at_epoch_end(turns)], verbose=0)


def threads() -> dict[str, int]:
    """TensorFlow's threads within an op and between ops; 0 leaves the number to it."""
    threading = tf.config.threading
    return {
        "intra_op": threading.get_intra_op_parallelism_threads(),
        "inter_op": threading.get_inter_op_parallelism_threads(),
    }


def _prepared(job: Job) -> tuple[keras.Model, tuple[Any, ...], Recipe]:
    """The compiled model, with the same initial weights as nntrain's own, and the training rows."""
    config = load_config(job.file, job.overrides)
    device = choose_device(job.device or config.training.device)
    keras.utils.set_random_seed(config.seed)
    if config.user_code is not None and job.allow_code:
        execute(config.user_code)
    experiment = prepare(config, read_data(config), pretrained=True)
    how = recipe(experiment.config, device)
    given = training_rows(experiment.config, experiment.dataset)
    weights = () if given.weights is None else (given.weights,)
    rows = (experiment.inputs(given.rows), experiment.targets(given.rows), *weights)
    experiment.model.compile(
        loss=how.loss, loss_weights=how.loss_weights, optimizer=how.optimizer, metrics=how.metrics
    )
    return experiment.model, tuple(map(_as_arrays, rows)), how


def _as_arrays(rows: Any) -> Any:
    """What a script would pass: NumPy arrays, and numbers with a fraction as float32."""
    if isinstance(rows, Mapping):
        return {name: _as_arrays(array) for name, array in rows.items()}
    array = np.asarray(rows)
    return array.astype(np.float32, copy=False) if np.issubdtype(array.dtype, np.floating) else array


def _at_epoch_end(turns: Turns) -> keras.callbacks.Callback:
    """Ends an epoch for the clock, and waits if the turn is over."""
    return keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: turns.epoch_ended(float(logs["loss"]))
    )
