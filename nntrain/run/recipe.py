"""The `training:` section as the objects that Keras is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

import keras
import numpy as np

from nntrain.config.checks.monitors import direction
from nntrain.config.network.cost import step_flops
from nntrain.config.network.outputs import outputs_of
from nntrain.config.schema import Config
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.config.vocabulary.losses import log_name
from nntrain.data.dataset import Dataset
from nntrain.errors import ConfigError, KeyPath, Problem, did_you_mean, listing
from nntrain.model.objects import make
from nntrain.model.own import OWN
from nntrain.run.experiment import Experiment
from nntrain.training.recipe import Recipe
from nntrain.training.train import balanced_pixels, balanced_weights, pixel_weights, row_weights
from nntrain.training.xla import pays_on_cpu


def recipe(
    config: Config, device: str, *, parts: int = 1, memory: int | None = None, xla_pays: bool = False
) -> Recipe:
    """Build loss, optimizer, metrics and callbacks.

    Args:
        config: With what refers to the data put in.
        device: In words, `CPU` or one that begins with `GPU`.
        parts: Parts into which each batch is divided, for a CPU's cores.
        memory: Bytes that are free on the device; None if that is not known.
        xla_pays: Whether it does on a CPU.

    Raises:
        ConfigError: Keras refuses one of them.
    """
    training = config.training
    stopping = training.early_stopping
    outputs = outputs_of(config)
    return Recipe(
        loss=_by_output({output.name: make(output.loss, output.loss_path) for output in outputs}),
        loss_weights=training.loss_weights
        and {o.name: training.loss_weights.get(o.name, 1.0) for o in outputs},
        optimizer=make(training.optimizer, ("training", "optimizer")),
        metrics=_by_output(
            {output.name: [metric(spec, path) for path, spec in output.metrics] for output in outputs}
        ),
        callbacks=[
            make(_directed(config, spec), ("training", "callbacks", i))
            for i, spec in enumerate(training.callbacks)
        ],
        early_stopping=stopping
        and keras.callbacks.EarlyStopping(
            monitor=stopping.monitor,
            patience=stopping.patience,
            min_delta=stopping.min_delta,
            mode=direction(config, stopping.monitor) if stopping.mode == "auto" else stopping.mode,
            baseline=stopping.baseline,
            start_from_epoch=stopping.start_from_epoch,
            restore_best_weights=True,
        ),
        epochs=training.epochs,
        batch_size=training.batch_size,
        shuffle=training.shuffle,
        seed=config.seed,
        device=device,
        engine=training.engine,
        xla=(device != "CPU" or xla_pays) if training.xla == "auto" else training.xla,
        parts=parts,
        memory=memory,
    )


def xla_pays(config: Config, dataset: Dataset) -> bool:
    """Whether a CPU trains faster with XLA, compiling included; batches that are divided do without it.

    Args:
        config: With what refers to the data put in.
        dataset: What is learnt from.
    """
    training = config.training
    if training.split_batch or training.precision != "float32":
        return False
    flops = step_flops(config.graph, dataset.input_shapes, training.batch_size)
    steps = training.epochs * -(-len(dataset.train) // training.batch_size)
    return pays_on_cpu(config.graph, dataset.input_shapes, flops, steps)


def _by_output(made: dict[str, Any]) -> Any:
    """What each output is given; of one output, what it is given."""
    return made if len(made) > 1 else next(iter(made.values()))


def _directed(config: Config, spec: KerasObject) -> KerasObject:
    """A callback that watches something, told whether less or more of it is better."""
    monitor = spec.argument("monitor")
    if not isinstance(monitor, str) or spec.argument("mode") != "auto":
        return spec
    return replace(spec, arguments={**spec.arguments, "mode": direction(config, monitor)})


def metric(spec: KerasObject, path: KeyPath) -> Any:
    """The metric; a bare name stays one, so that Keras chooses by the shapes and keeps the name.

    Raises:
        ConfigError: Keras refuses it.
    """
    if not spec.arguments and not spec.registered and spec.name not in OWN["metrics"]:
        return spec.type
    made = make(spec, path)
    if not isinstance(made, keras.metrics.Metric):  # a function of the user's own
        return keras.metrics.MeanMetricWrapper(made, name=log_name(spec))
    made.name = log_name(spec)
    return made


def weights_of_rows(config: Config, dataset: Dataset) -> Any:
    """Weight of each training row, float32 `(n,)`; None where all count the same.

    Of masks it is that of each pixel, `(n, height, width)`.

    Raises:
        ConfigError: A weight is given for a class that the data do not have.
    """
    wanted, given = config.training.class_weight, dataset.weights
    if wanted is None:
        return given
    by_class = _weights_by_class(wanted, dataset)
    return by_class if given is None else by_class * given


def _weights_by_class(wanted: Literal["balanced"] | Mapping[str, float], dataset: Dataset) -> Any:
    labels = np.asarray(dataset.train.y)
    if wanted == "balanced":
        if labels.ndim == 3:
            return pixel_weights(labels, balanced_pixels(labels, len(dataset.classes)), len(dataset.classes))
        return row_weights(labels, balanced_weights(labels, len(dataset.classes)))
    unknown = [name for name in wanted if name not in dataset.classes]
    if unknown:
        raise ConfigError(
            *(
                Problem(
                    f"the data have no class '{name}'{did_you_mean(name, dataset.classes)}; "
                    f"the classes are {listing(dataset.classes)}",
                    ("training", "class_weight", name),
                    id="unknown-class",
                )
                for name in unknown
            )
        )
    numbers = {dataset.classes.index(name): weight for name, weight in wanted.items()}
    if labels.ndim == 3:
        return pixel_weights(labels, numbers, len(dataset.classes))
    return row_weights(labels, numbers)


def without_effect(experiment: Experiment, device: str) -> Iterator[str]:
    """What a config asks of the machine that it can't give, one sentence each."""
    training = experiment.config.training
    if training.distribute == "mirrored" and experiment.model.distribute_strategy.num_replicas_in_sync == 1:
        yield "distribute: mirrored finds one device here, which trains alone"
    if training.split_batch and device != "CPU":
        yield f"split_batch: true is for CPUs, and has no effect on {device}"
