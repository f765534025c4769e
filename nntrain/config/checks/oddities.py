"""What is well-formed, trains without an error, and is hardly what was meant: worth a warning."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nntrain.config.network.graph import Graph, Step
from nntrain.config.network.outputs import history_names, outputs_of
from nntrain.config.schema import Config
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.config.vocabulary.losses import CONVOLUTIONS, SHAPELESS
from nntrain.errors import KeyPath, dotted

LINEAR = frozenset({"Conv1D", "Conv3D", "Dense", *CONVOLUTIONS})
"""Layers that multiply by a matrix; two in a row are one, unless an activation stands between."""
DRAWING = frozenset(
    {"AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise"}
    | {f"SpatialDropout{n}D" for n in (1, 2, 3)}
)
"""Layers that change what they are fed by chance while the network trains."""
BETWEEN = (
    SHAPELESS
    | DRAWING
    | {"Flatten", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "Permute", "Reshape"}
    | {f"AveragePooling{n}D" for n in (1, 2, 3)}
)
"""Layers that keep a linear map linear."""
ADAPTIVE = frozenset({"Adam", "AdamW", "Adamax", "Lion", "Nadam", "RMSprop"})
"""Optimizers that move each weight by about the learning rate in a step, whatever the gradient."""
LARGEST_RATE = 0.3


def oddities(config: Config) -> Iterator[str]:
    """One sentence on each, with its key and line."""
    yield from _layers(config, config.graph)
    yield from _noisy_outputs(config)
    yield from _learning_rate(config)
    yield from _monitor(config)


def _told(config: Config, path: KeyPath, message: str) -> str:
    return f"{dotted(path)} ({config.line_of(path)}): {message}"


def _layers(config: Config, graph: Graph) -> Iterator[str]:
    """Layers that add nothing without an activation, and softmax where nobody wants shares."""
    for step in graph.steps:
        if isinstance(step.layer, Graph):
            yield from _layers(config, step.layer)
            continue
        after = _fed(graph, step) if step.layer.name in LINEAR and _learns(step) else None
        if after is None:
            continue
        assert isinstance(after.layer, KerasObject)
        activation, name = _activation(step.layer), step.layer.type
        if activation == "linear" and not _narrows(step.layer, after.layer):
            message = (
                f"{name} has no activation, and is one linear layer with the {after.layer.type} after it"
            )
            message += f" ({config.line_of(after.path)}): add activation: relu"
            yield _told(config, step.path, message)
        elif activation == "softmax":
            message = f"softmax in a hidden layer makes the units of {name} share a sum of 1: use relu"
            yield _told(config, (*step.path, "activation"), message)


def _fed(graph: Graph, step: Step) -> Step | None:
    """The linear layer that alone reads a step, maybe through layers that change no number's sense."""
    while True:
        readers = [other for other in graph.steps if step.name in other.inputs]
        if len(readers) != 1 or step.name in graph.outputs or len(readers[0].inputs) != 1:
            return None
        step = readers[0]
        if not isinstance(step.layer, KerasObject) or step.shares is not None:
            return None
        if step.layer.name in LINEAR:
            return step
        if step.layer.name not in BETWEEN:
            return None


def _learns(step: Step) -> bool:
    """Whether the step's own weights are learnt, there alone."""
    assert isinstance(step.layer, KerasObject)
    learnt = step.trainable and step.layer.argument("trainable") is not False
    return learnt and step.shares is None and not step.layer.registered


def _narrows(layer: KerasObject, after: KerasObject) -> bool:
    """Whether fewer numbers lead to more: a linear layer then says something, as a code does."""
    few, many = layer.argument("units"), after.argument("units")
    return isinstance(few, int) and (not isinstance(many, int) or few < many)


def _activation(layer: KerasObject) -> str | None:
    """The name of a layer's activation; None for one of the user's own."""
    value = layer.argument("activation")
    if isinstance(value, KerasObject):
        return None if value.registered else value.name
    return value or "linear"


def _noisy_outputs(config: Config) -> Iterator[str]:
    for output in outputs_of(config):
        last = output.chain[-1] if output.chain else None
        if last is not None and last.layer.name in DRAWING:
            message = (
                f"{last.layer.type} after the layer that predicts changes the predictions themselves while"
            )
            yield _told(config, last.path, f"{message} the network trains: put it before that layer")


def _learning_rate(config: Config) -> Iterator[str]:
    optimizer = config.training.optimizer
    rate: Any = optimizer.arguments.get("learning_rate")
    path: KeyPath = ("training", "optimizer", "learning_rate")
    if isinstance(rate, KerasObject):
        rate, path = rate.arguments.get("initial_learning_rate"), (*path, "initial_learning_rate")
    if optimizer.name in ADAPTIVE and isinstance(rate, (int, float)) and rate > LARGEST_RATE:
        message = (
            f"{rate:g} is far too large: {optimizer.type} moves every weight by about as much in each step"
        )
        yield _told(config, path, f"{message}; 0.001 is usual")


def _monitor(config: Config) -> Iterator[str]:
    stopping = config.training.early_stopping
    if stopping is not None and f"val_{stopping.monitor}" in history_names(config):
        message = (
            f"'{stopping.monitor}' is that of the training rows, which gets better while they are learnt by"
        )
        path: KeyPath = ("training", "early_stopping", "monitor")
        yield _told(config, path, f"{message} heart: watch val_{stopping.monitor}")
