"""Whether a network fits into memory, found out before Keras allocates it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nntrain.config.network.size import LayerSize, layer_sizes
from nntrain.config.schema import Config
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.data.files import size
from nntrain.errors import MemoryLimitError, Problem
from nntrain.run.memory import free_memory

SHARE = 0.8
"""Of the free memory, what a network may need; the rest is TensorFlow's and the system's."""
SMALL = 256 << 20
"""Networks that need less are not worth a question."""
NUMBER = 4
"""Bytes of a weight: float32, whatever the layers compute in."""
SLOTS = {
    **dict.fromkeys(("SGD", "Adafactor"), 0),
    **dict.fromkeys(("RMSprop", "Adagrad", "Lion", "Muon"), 1),
    **dict.fromkeys(("Adam", "AdamW", "Adamax", "Nadam", "Adadelta", "Ftrl", "Lamb"), 2),
}
"""Numbers that an optimizer keeps beside each weight, at least."""
SMALLER = {
    "Dense": "fewer units, or make what it reads smaller",
    "Embedding": "a smaller input_dim or output_dim",
    "Bidirectional": "fewer units in its layer",
    **dict.fromkeys(("SimpleRNN", "GRU", "LSTM"), "fewer units"),
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "SeparableConv2D"), "fewer filters"),
}


def check_budget(config: Config, shapes: Mapping[str, tuple[int, ...]], rows: int, training: bool) -> None:
    """Refuse a network that does not fit into the memory that is free beside the data.

    Args:
        config: With what refers to the data put in.
        shapes: Of one row, by input.
        rows: How many there are to train on.
        training: Whether gradients, the optimizer's numbers and what layers give for a batch need room too.

    Raises:
        MemoryLimitError: Names the layer that needs most, and what to change.
    """
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
    if free is None or needed <= SHARE * free:
        return
    raise MemoryLimitError(_problem(config, layers, fixed, given, free, batch))


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
        most = int((SHARE * free - sum(fixed)) / (sum(given) / batch))
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
