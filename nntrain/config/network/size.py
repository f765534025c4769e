"""How large a network is, told from its layers and the shape of a row alone, before anything is allocated.

What is not known counts as nothing, so that a network is at least as large as it is said to be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, prod

from nntrain.config.network.cost import GATES, Shape, layer_cost
from nntrain.config.network.graph import Graph
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import KeyPath

UNKNOWN = (ValueError, TypeError, IndexError, ZeroDivisionError, OverflowError)


@dataclass(frozen=True)
class LayerSize:
    """One layer of a network."""

    layer: KerasObject
    path: KeyPath
    weights: int
    """Numbers that it keeps."""
    values: int
    """Numbers that it gives for one row and training keeps; none where they may be those it was given."""
    trainable: bool


def layer_sizes(graph: Graph, shapes: Mapping[str, Shape]) -> list[LayerSize]:
    """The layers whose size can be told, in the order of the calls.

    Args:
        graph: The network.
        shapes: Of one row, by input.
    """
    return list(_sizes(graph, dict(shapes), trainable=True))


def _sizes(graph: Graph, known: dict[str, Shape | None], trainable: bool) -> Iterator[LayerSize]:
    for step in graph.steps:
        given = [shape for name in step.inputs if (shape := known.get(name)) is not None]
        known[step.name] = None
        if len(given) < len(step.inputs):
            continue
        learns = trainable and step.trainable
        if isinstance(step.layer, Graph):
            inside: dict[str, Shape | None] = {step.layer.inputs[0]: given[0]}
            yield from _sizes(step.layer, inside, learns)
            known[step.name] = inside.get(step.layer.outputs[0])
            continue
        try:
            cost, out = layer_cost(step.layer, given)
            weights = 0 if step.shares else _weights(step.layer, given[0])
        except UNKNOWN:
            continue  # arguments that Keras will refuse, or that wait for the data
        if cost != inf:
            known[step.name] = out
        values = prod(out) if cost != inf and weights else 0
        learns = learns and step.layer.argument("trainable") is not False
        yield LayerSize(step.layer, step.path, weights, values, learns)


def _weights(layer: KerasObject, shape: Sequence[int]) -> int:
    """Numbers that a layer keeps; those of a bias count where it has one."""
    name = layer.name
    if layer.registered is not None or layer.kind != "layers":
        return 0
    bias = layer.argument("use_bias") is not False
    if name == "Dense":
        return (shape[-1] + bias) * int(layer.argument("units"))
    if name == "Embedding":
        return int(layer.argument("input_dim")) * int(layer.argument("output_dim"))
    if name in GATES:
        units = int(layer.argument("units"))
        return GATES[name] * units * (shape[-1] + units + bias)
    if name == "Bidirectional":
        return 2 * _weights(layer.arguments["layer"], shape)
    if name in {"Conv1D", "Conv2D", "Conv3D"}:
        inner = shape[-1] // int(layer.argument("groups") or 1)
        return (_window(layer, len(shape) - 1) * inner + bias) * int(layer.argument("filters"))
    if name in {"DepthwiseConv2D", "SeparableConv2D"}:
        channels = shape[-1] * int(layer.argument("depth_multiplier"))
        mixing = channels * int(layer.argument("filters")) if name == "SeparableConv2D" else 0
        return _window(layer, 2) * channels + mixing
    return 0


def _window(layer: KerasObject, axes: int) -> int:
    """Positions that a layer's window covers."""
    size = layer.argument("kernel_size")
    return prod(map(int, size)) if isinstance(size, (list, tuple)) else int(size) ** axes
