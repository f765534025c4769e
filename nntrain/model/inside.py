"""A look inside a built model: who reads whom, first weights, and what layers give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
STRAIGHT = (
    "Flatten", "Reshape", "Rescaling", "Normalization", "Dropout", "GaussianNoise", "GaussianDropout",
    "ZeroPadding2D", "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomContrast",
    "RandomBrightness", "ElasticDeformation", "RandomCrop", "CenterCrop",
)  # fmt: skip
"""Layers after which pixels are still pixels."""
CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose")
NOISE = ("GaussianNoise", "GaussianDropout", "Dropout")
"""Layers that disturb what a denoising autoencoder is given."""
OPAQUE = ("Input", "Sequential", "Functional", "Model")


class Seen(NamedTuple):
    """A layer, or an input."""

    name: str
    type: str
    shape: tuple[int | None, ...]
    """Of what it gives for one row; of several values that of the first."""
    parameters: int


class Weights(NamedTuple):
    """The chief weights of a layer."""

    name: str
    weights: Array


def nodes_of(model: keras.Model) -> tuple[list[Seen], list[tuple[int, int]]]:
    """Inputs and layers, each after what it reads, and who is read by whom as positions among them.

    A nested model is one layer.
    """
    nodes: list[Seen] = []
    edges: list[tuple[int, int]] = []
    places: dict[str, int] = {}
    read = reads(model)
    layers = {layer.name: layer for layer in model.layers}
    for name in _ordered(read):
        places[name] = len(nodes)
        nodes.append(_seen(name, layers.get(name), model))
        edges += [(places[before], places[name]) for before in read[name]]
    return nodes, edges


def _seen(name: str, layer: Any, model: keras.Model) -> Seen:
    if layer is None or isinstance(layer, keras.layers.InputLayer):
        shape = tuple(layer.output.shape) if layer is not None else tuple(model.inputs[0].shape)
        return Seen(name, "Input", shape[1:], 0)
    (first, *_) = keras.tree.flatten(layer.output)
    return Seen(name, type(layer).__name__, tuple(first.shape[1:]), int(layer.count_params()))


def reads(model: keras.Model) -> dict[str, list[str]]:
    """By layer those that it reads, from what Keras writes of the model."""
    if isinstance(model, keras.Sequential):
        names = [model.inputs[0].name, *(layer.name for layer in model.layers)]
        return {name: names[i - 1 : i] if i else [] for i, name in enumerate(names)}
    found: dict[str, list[str]] = {}
    for entry in model.get_config()["layers"]:
        before = dict.fromkeys(_histories(entry.get("inbound_nodes", ())))
        found[entry["name"]] = list(before)
    return found


def _histories(value: Any) -> Iterator[str]:
    """The names of the layers whose outputs are among the arguments of calls."""
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            yield value["config"]["keras_history"][0]
            return
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _histories(each)


def _ordered(read: Mapping[str, Sequence[str]]) -> list[str]:
    """The names so that each comes after those that it reads; a layer that is called again stands once."""
    done: dict[str, None] = {}
    waiting = list(read)
    while waiting:
        ready = [name for name in waiting if all(before in done for before in read[name])]
        done |= dict.fromkeys(ready or waiting[:1])
        waiting = [name for name in waiting if name not in done]
    return list(done)


def _straight(model: keras.Model, name: str) -> Any:
    """The first layer after an input that does more than prepare its pixels; None where they part."""
    read = reads(model)
    layers = {layer.name: layer for layer in model.layers}
    at = name
    while True:
        readers = [reader for reader, before in read.items() if at in before]
        if len(readers) != 1:
            return None
        at = readers[0]
        if type(layers[at]).__name__ not in STRAIGHT:
            return layers[at]


def first_dense(model: keras.Model, name: str) -> Weights | None:
    """The weights `(values, units)` of the Dense layer that reads an input's pixels, if one does."""
    layer = _straight(model, name)
    if not isinstance(layer, keras.layers.Dense):
        return None
    return Weights(layer.name, np.asarray(layer.kernel, np.float32))


def first_convolution(model: keras.Model, name: str) -> Weights | None:
    """The filters `(height, width, channels, filters)` of the Conv2D that reads an input, if one does."""
    layer = _straight(model, name)
    if type(layer) is not keras.layers.Conv2D:
        return None
    return Weights(layer.name, np.asarray(layer.kernel, np.float32))


def image_convolutions(model: keras.Model) -> list[str]:
    """The convolutions over images, in the order of the network."""
    return [node.name for node in nodes_of(model)[0] if node.type in CONVOLUTIONS]


def narrowest(model: keras.Model) -> str | None:
    """The layer that gives the fewest numbers, two or more and fewer than the input has, before the output.

    Of several the last: what follows a code of the same size still belongs to it. A nested model is passed
    over, since Keras tells what it gives by itself, and not what it gives here.
    """
    nodes, edges = nodes_of(model)
    sizes = [prod(size or 0 for size in node.shape) for node in nodes]
    last = {i for i in range(len(nodes)) if not any(before == i for before, _ in edges)}
    given = max(size for size, node in zip(sizes, nodes, strict=True) if node.type == "Input")
    inner = {
        i: size
        for i, size in enumerate(sizes)
        if i not in last and nodes[i].type not in OPAQUE and 2 <= size < given
    }
    if not inner:
        return None
    least = min(inner.values())
    return nodes[max(i for i, size in inner.items() if size == least)].name


def activations(model: keras.Model, names: Sequence[str], rows: Any) -> list[Array]:
    """What some layers give for rows, as float32, shape `(n, ...)` each.

    Args:
        model: Trained.
        names: Of layers of its outermost graph.
        rows: As the model takes them.
    """
    fed, given = _symbols(model, names)
    made = keras.Model(fed, {str(i): value for i, value in enumerate(given)})(rows, training=False)
    values = (keras.ops.cast(made[str(i)], "float32") for i in range(len(names)))
    return [keras.ops.convert_to_numpy(each) for each in values]


def disturbed(model: keras.Model, rows: Any) -> tuple[Array, Array] | None:
    """Rows with the noise that a network adds to its input in training, and what it makes of those.

    The noise is the same at each call, and the model's own seeds stay as they are.

    Args:
        model: Trained.
        rows: As the model takes them.

    Returns:
        The disturbed rows `(n, ...)`, and the outputs for them; None where the network is no chain of layers,
        or its first ones, but for Flatten and Reshape, add no noise.
    """
    nodes, edges = nodes_of(model)
    layers = [model.get_layer(node.name) for node in nodes[1:]] if _is_chain(nodes, edges) else []
    kinds = [type(layer).__name__ for layer in layers]
    first = next((i for i, kind in enumerate(kinds) if kind not in ("Flatten", "Reshape")), None)
    if first is None or kinds[first] not in NOISE:
        return None
    after = next((i for i, kind in enumerate(kinds) if i > first and kind not in NOISE), len(kinds))
    value = keras.ops.convert_to_tensor(rows)
    for layer in layers[:first]:
        value = layer(value)
    for layer in layers[first:after]:
        value = _drawn(layer, value)
    noisy = value
    for layer in layers[after:]:
        value = layer(value)
    return keras.ops.convert_to_numpy(noisy), keras.ops.convert_to_numpy(value)


def _is_chain(nodes: Sequence[Seen], edges: Sequence[tuple[int, int]]) -> bool:
    return list(edges) == [(i, i + 1) for i in range(len(nodes) - 1)]


def _drawn(layer: Any, value: Any) -> Any:
    """What a layer of noise gives in training, from a seed of zeros."""
    state = layer.seed_generator.state
    before = keras.ops.convert_to_numpy(state)
    state.assign(np.zeros_like(before))
    try:
        return layer(value, training=True)
    finally:
        state.assign(before)


def _symbols(model: keras.Model, names: Sequence[str]) -> tuple[Any, list[Any]]:
    """A model's inputs, and the outputs of some of its layers for them."""
    if not isinstance(model, keras.Sequential):
        layers = {layer.name: layer for layer in model.layers}
        return model.input, [layers[name].output for name in names]
    value = fed = keras.Input(model.inputs[0].shape[1:], dtype=model.inputs[0].dtype)
    found = {}
    for layer in model.layers:
        value = found[layer.name] = layer(value)
    return fed, [found[name] for name in names]
