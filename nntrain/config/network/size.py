"""How large a network is, told from its layers and the shape of a row alone, before anything is allocated.

What is not known counts as little as it can be, so that a network is at least as large as it is said to be:
without the shape of a row, a dense layer behind another one is known all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, prod

from nntrain.config.network.cost import ELEMENTWISE, GATES, Shape, layer_cost, local_windows
from nntrain.config.network.graph import Graph
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import KeyPath

UNKNOWN = (ValueError, TypeError, IndexError, ZeroDivisionError, OverflowError)
WIDTHS = {
    **dict.fromkeys(("Dense", "Maxout", *GATES), "units"),
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "SeparableConv2D"), "filters"),
    **dict.fromkeys(("LocallyConnected1D", "LocallyConnected2D"), "filters"),
    "Embedding": "output_dim",
}
"""The argument that says how many numbers stand at the last place of what a layer gives."""
AXES = {"Conv1D": 1, "Conv2D": 2, "Conv3D": 3, "DepthwiseConv2D": 2, "SeparableConv2D": 2}
"""Directions in which a layer's window moves."""
KEEPING = ELEMENTWISE | {
    *("Flatten", "UpSampling1D", "UpSampling2D", "UpSampling3D"),
    *("Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "Subtract"),
    *(f"{kind}Pooling{n}D" for kind in ("Max", "Average", "GlobalMax", "GlobalAverage") for n in (1, 2, 3)),
    *("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D", "Cropping1D", "Cropping2D", "Cropping3D"),
}
"""Layers that give no fewer numbers at the last place than they are given."""


@dataclass(frozen=True)
class LayerSize:
    """One layer of a network."""

    layer: KerasObject
    path: KeyPath
    weights: int
    """Numbers that it keeps, at least."""
    values: int
    """Numbers that it gives for one row and training keeps; none where they may be those it was given."""
    trainable: bool


def layer_sizes(graph: Graph, shapes: Mapping[str, Shape]) -> list[LayerSize]:
    """The layers whose size can be told, in the order of the calls.

    Args:
        graph: The network.
        shapes: Of one row, by input; an input that is not among them is not known.
    """
    return list(_sizes(graph, dict(shapes), {}, trainable=True))


def _sizes(
    graph: Graph, known: dict[str, Shape | None], widths: dict[str, int], trainable: bool
) -> Iterator[LayerSize]:
    """The layers of a graph; notes the shape of what each gives, or how wide it is at least."""
    for step in graph.steps:
        given = [shape for name in step.inputs if (shape := known.get(name)) is not None]
        whole = len(given) == len(step.inputs)
        width = max(_width_of(known.get(name), widths.get(name, 1)) for name in step.inputs)
        known[step.name] = None
        learns = trainable and step.trainable
        if isinstance(step.layer, Graph):
            first, last = step.layer.inputs[0], step.layer.outputs[0]
            inside: dict[str, Shape | None] = {first: given[0] if whole else None}
            inside_widths = {first: width}
            yield from _sizes(step.layer, inside, inside_widths, learns)
            known[step.name] = inside.get(last)
            widths[step.name] = inside_widths.get(last, 1)
            continue
        try:
            widths[step.name] = _gives(step.layer, width)
            shape = given[0] if whole else (_read(step.layer, width),)
            weights = 0 if step.shares else _weights(step.layer, shape)
            cost, out = layer_cost(step.layer, given) if whole else (inf, ())
        except UNKNOWN:
            continue  # arguments that Keras will refuse, or that wait for the data
        if cost != inf:
            known[step.name] = out
        values = prod(out) if cost != inf and weights else 0
        learns = learns and step.layer.argument("trainable") is not False
        yield LayerSize(step.layer, step.path, weights, values, learns)


def _width_of(shape: Shape | None, at_least: int) -> int:
    return shape[-1] if shape else at_least


def _read(layer: KerasObject, width: int) -> int:
    """How many channels a layer reads, at least."""
    return 1 if layer.argument("data_format") == "channels_first" else width


def _gives(layer: KerasObject, width: int) -> int:
    """How many numbers stand at the last place of what a layer gives, at least."""
    if layer.registered is not None or layer.kind != "layers":
        return 1
    if layer.name == "Bidirectional":
        return _gives(layer.arguments["layer"], 1)
    if layer.argument("data_format") == "channels_first":
        return 1
    if layer.name in WIDTHS:
        return int(layer.argument(WIDTHS[layer.name]))
    return width if layer.name in KEEPING else 1


def _weights(layer: KerasObject, shape: Sequence[int]) -> int:
    """Numbers that a layer keeps; those of a bias count where it has one."""
    name = layer.name
    if layer.registered is not None or layer.kind != "layers":
        return 0
    bias = layer.argument("use_bias") is not False
    if name == "Dense":
        return (shape[-1] + bias) * int(layer.argument("units"))
    if name == "Maxout":
        return (shape[-1] + bias) * int(layer.argument("units")) * int(layer.argument("pieces"))
    if name in {"LocallyConnected1D", "LocallyConnected2D"}:
        places, window = local_windows(layer, shape)
        return prod(places) * (window * shape[-1] + bias) * int(layer.argument("filters"))
    if name == "Embedding":
        return int(layer.argument("input_dim")) * int(layer.argument("output_dim"))
    if name in GATES:
        units = int(layer.argument("units"))
        return GATES[name] * units * (shape[-1] + units + bias)
    if name == "Bidirectional":
        return 2 * _weights(layer.arguments["layer"], shape)
    if name in {"Conv1D", "Conv2D", "Conv3D"}:
        inner = shape[-1] // int(layer.argument("groups") or 1)
        return (_window(layer) * inner + bias) * int(layer.argument("filters"))
    if name in {"DepthwiseConv2D", "SeparableConv2D"}:
        channels = shape[-1] * int(layer.argument("depth_multiplier"))
        mixing = channels * int(layer.argument("filters")) if name == "SeparableConv2D" else 0
        return _window(layer) * channels + mixing
    return 0


def _window(layer: KerasObject) -> int:
    """Positions that a layer's window covers."""
    size = layer.argument("kernel_size")
    return prod(map(int, size)) if isinstance(size, (list, tuple)) else int(size) ** AXES[layer.name]
