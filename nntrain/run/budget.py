"""Whether a network is within its limits and fits into memory, found out before Keras allocates it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nntrain.config.checks.limits import NUMBER, SMALLER, check_limits, too_many
from nntrain.config.network.size import LayerSize, layer_sizes
from nntrain.config.schema import Config
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.data.files import size
from nntrain.errors import ConfigError, KeyPath, MemoryLimitError, Problem
from nntrain.run.memory import free_memory

if TYPE_CHECKING:
    import keras

SMALL = 256 << 20
"""Networks that need less are not worth a question."""
SLOTS = {
    **dict.fromkeys(("SGD", "Adafactor"), 0),
    **dict.fromkeys(("RMSprop", "Adagrad", "Lion", "Muon"), 1),
    **dict.fromkeys(("Adam", "AdamW", "Adamax", "Nadam", "Adadelta", "Ftrl", "Lamb"), 2),
}
"""Numbers that an optimizer keeps beside each weight, at least."""


def check_budget(config: Config, shapes: Mapping[str, tuple[int, ...]], rows: int, training: bool) -> None:
    """Refuse a network that is beyond its limits, or does not fit into the memory free beside the data.

    Args:
        config: With what refers to the data put in.
        shapes: Of one row, by input.
        rows: How many there are to train on.
        training: Whether gradients, the optimizer's numbers and what layers give for a batch need room too.

    Raises:
        ConfigError: It has more weights than `limits.max_params`.
        MemoryLimitError: Names the layer that needs most, and what to change.
    """
    wrong = check_limits(config, shapes)
    if wrong:
        raise ConfigError(*wrong)
    layers = layer_sizes(config.graph, shapes)
    batch = min(config.training.batch_size, rows) if training else 0
    kept = _kept(config.training.optimizer) if training else 0
    width = NUMBER if config.training.precision == "float32" else 2
    fixed = [NUMBER * layer.weights * (1 + (kept if layer.trainable else 0)) for layer in layers]
    given = [width * layer.values * batch for layer in layers]
    needed = sum(fixed) + sum(given)
    if needed < SMALL:
        return
    free = free_memory(_device())
    if free is None or needed <= config.limits.memory * free:
        return
    raise MemoryLimitError(_problem(config, layers, fixed, given, free, batch))


def check_count(config: Config, model: keras.Model) -> None:
    """Refuse a network that turned out to have more weights than its layers told.

    Raises:
        ConfigError: Names the layer that has most.
    """
    count = model.count_params()
    if count <= config.limits.max_params:
        return
    worst = max(model.layers, key=lambda layer: layer.count_params())
    paths: dict[str, KeyPath] = {step.label or step.name: step.path for step in config.graph.steps}
    path = paths.get(worst.name, ("model", "layers"))
    raise ConfigError(too_many(config, f"{count:,}", count, f"'{worst.name}'", worst.count_params(), path))


def _kept(optimizer: KerasObject) -> int:
    """Numbers that training keeps beside each weight: its gradient, and what the optimizer needs."""
    slots = SLOTS.get(optimizer.name, 0)
    if optimizer.name == "SGD" and optimizer.argument("momentum"):
        slots = 1
    return 1 + slots


def _device() -> str:
    """What the network will be computed on, as TensorFlow was told."""
    import tensorflow as tf

    return "GPU" if tf.config.get_visible_devices("GPU") else "CPU"


def _problem(
    config: Config,
    layers: Sequence[LayerSize],
    fixed: Sequence[int],
    given: Sequence[int],
    free: int,
    batch: int,
) -> Problem:
    needed = sum(fixed) + sum(given)
    work = "training this network takes" if batch else "this network takes"
    text = f"{work} at least {size(needed)} of memory, and {size(free)} are free beside the data"
    if sum(given) > sum(fixed):
        worst = max(range(len(layers)), key=lambda i: given[i])
        layer = layers[worst].layer
        numbers = layers[worst].values * batch
        text += f": {layer.name} gives {numbers:,} numbers for {batch:,} rows, {size(given[worst])}; "
        most = int((config.limits.memory * free - sum(fixed)) / (sum(given) / batch))
        if most >= 1:
            text += f"set training.batch_size to {most:,} at most"
        else:
            text += f"one row alone is too much, so use {_smaller(layer)}"
    else:
        worst = max(range(len(layers)), key=lambda i: fixed[i])
        layer = layers[worst].layer
        text += f": {layer.name} has {layers[worst].weights:,} weights, "
        beside = fixed[worst] // NUMBER // max(1, layers[worst].weights)
        keeps = f" and what {config.training.optimizer.name} keeps" if beside > 2 else ""
        text += f"with gradients{keeps} " if beside > 1 else ""
        text += f"{size(fixed[worst])}; use {_smaller(layer)}"
    return Problem(text, layers[worst].path, id="memory")


def _smaller(layer: KerasObject) -> str:
    return SMALLER.get(layer.name, "a smaller one")
