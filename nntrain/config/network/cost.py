"""What a network costs to compute, told from its layers and the shape of a row alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import prod

from nntrain.config.network.graph import Graph
from nntrain.config.network.merging import JOINING, PAIRS
from nntrain.config.vocabulary.keras_object import KerasObject

Shape = tuple[int, ...]
Cost = tuple[float, Shape]
"""Multiplications with an addition, and the shape of what comes out, each for one row."""

GATES = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}
ELEMENTWISE = frozenset(
    {
        *("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "Identity", "Masking"),
        *("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout"),
        *("GaussianDropout", "GaussianNoise", "ActivityRegularization", "Rescaling", "Normalization"),
        *("BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization"),
        "UnitNormalization",
    }
)
"""Layers that leave the shape as it is and do little to each value."""


DENSE = ELEMENTWISE | {"Dense", "Flatten", "Reshape", "Concatenate", "Add"}
"""Layers whose work is products of matrices, and what is done to each value."""


def is_made_of(names: frozenset[str], graph: Graph) -> bool:
    """Whether a network and the stacks in it have no layers but those."""
    return all(
        is_made_of(names, step.layer) if isinstance(step.layer, Graph) else step.layer.name in names
        for step in graph.steps
    )


def step_flops(graph: Graph, shapes: Mapping[str, Shape], rows: int) -> float:
    """Floating-point operations of one training step, roughly; infinite where a layer is not known.

    The way back costs twice the way forth: a product for the inputs and one for the weights.

    Args:
        graph: The network.
        shapes: Of one row, by input.
        rows: In the batch.
    """
    try:
        return 6.0 * rows * _graph(graph, shapes)[0]
    except (ValueError, TypeError, IndexError, ZeroDivisionError):
        return math.inf  # arguments that Keras will refuse, or that wait for the data


def layer_shapes(graph: Graph, shapes: Mapping[str, Shape]) -> Iterator[tuple[KerasObject, Shape]]:
    """Each layer of a network and of the stacks in it, with the shape of a row of its (first) input.

    Args:
        graph: The network, of layers whose cost is known (see `step_flops`).
        shapes: Of one row, by input.
    """
    known = dict(shapes)
    for step in graph.steps:
        given = [known[name] for name in step.inputs]
        if isinstance(step.layer, Graph):
            inner = {step.layer.inputs[0]: given[0]}
            yield from layer_shapes(step.layer, inner)
            known[step.name] = _graph(step.layer, inner)[1]
        else:
            yield step.layer, given[0]
            known[step.name] = layer_cost(step.layer, given)[1]


def _graph(graph: Graph, shapes: Mapping[str, Shape]) -> Cost:
    """The cost of a graph, and the shape of its first output."""
    known = dict(shapes)
    total = 0.0
    for step in graph.steps:
        given = [known[name] for name in step.inputs]
        if isinstance(step.layer, Graph):
            cost, known[step.name] = _graph(step.layer, {step.layer.inputs[0]: given[0]})
        else:
            cost, known[step.name] = layer_cost(step.layer, given)
        total += cost
    return total, known[graph.outputs[0]]


def layer_cost(layer: KerasObject, given: Sequence[Shape]) -> Cost:
    """What one layer costs, and the shape of what it gives, for one row; infinite where it is not known.

    Raises:
        ValueError: It can't be told from its arguments and shapes; `TypeError`, `IndexError` and
            `ZeroDivisionError` mean the same.
    """
    name, shape = layer.name, given[0]
    if layer.registered is not None or layer.kind != "layers":
        return math.inf, shape
    if name in ELEMENTWISE:
        return prod(shape), shape
    if name in LAYERS:
        return LAYERS[name](layer, shape)
    if name in GATES:
        return _recurrent(layer, shape)
    if name == "Concatenate":
        return prod(shape), _concatenated(layer.argument("axis"), given)
    if name in (JOINING | PAIRS) - {"Dot", "HashedCrossing"}:
        return prod(shape), max(given, key=prod)
    return math.inf, shape


def _dense(layer: KerasObject, shape: Shape) -> Cost:
    units = int(layer.argument("units"))
    return prod(shape) * units, (*shape[:-1], units)


def _maxout(layer: KerasObject, shape: Shape) -> Cost:
    units, pieces = int(layer.argument("units")), int(layer.argument("pieces"))
    return prod(shape) * units * pieces, (*shape[:-1], units)


def _local(layer: KerasObject, shape: Shape) -> Cost:
    places, window = local_windows(layer, shape)
    filters = int(layer.argument("filters"))
    return prod(places) * window * shape[-1] * filters, (*places, filters)


def local_windows(layer: KerasObject, shape: Sequence[int]) -> tuple[Shape, int]:
    """The places of a locally connected layer's window, in each direction, and the positions in one."""
    room = shape[:-1]
    kernel, steps = (_each(layer.argument(key), len(room)) for key in ("kernel_size", "strides"))
    places = tuple((n - k) // s + 1 for n, k, s in zip(room, kernel, steps, strict=True))
    return places, prod(kernel)


def _embedding(layer: KerasObject, shape: Shape) -> Cost:
    out = (*shape, int(layer.argument("output_dim")))
    return prod(out), out


def _recurrent(layer: KerasObject, shape: Shape) -> Cost:
    steps, width = shape
    units = int(layer.argument("units"))
    out = (steps, units) if layer.argument("return_sequences") else (units,)
    return steps * GATES[layer.name] * units * (width + units), out


def _bidirectional(layer: KerasObject, shape: Shape) -> Cost:
    cost, out = layer_cost(layer.arguments["layer"], [shape])
    return 2 * cost, (*out[:-1], 2 * out[-1])


def _conv(layer: KerasObject, shape: Shape) -> Cost:
    kernel, out = _window(layer, shape, "kernel_size", layer.argument("strides"))
    filters = int(layer.argument("filters"))
    inner = prod(kernel) * shape[-1] // int(layer.argument("groups") or 1)
    return prod(out) * inner * filters, (*out, filters)


def _depthwise(layer: KerasObject, shape: Shape) -> Cost:
    kernel, out = _window(layer, shape, "kernel_size", layer.argument("strides"))
    channels = shape[-1] * int(layer.argument("depth_multiplier"))
    return prod(out) * prod(kernel) * channels, (*out, channels)


def _separable(layer: KerasObject, shape: Shape) -> Cost:
    cost, (*out, channels) = _depthwise(layer, shape)
    filters = int(layer.argument("filters"))
    return cost + prod(out) * channels * filters, (*out, filters)


def _pool(layer: KerasObject, shape: Shape) -> Cost:
    kernel, out = _window(layer, shape, "pool_size", layer.argument("strides") or layer.argument("pool_size"))
    return prod(out) * prod(kernel) * shape[-1], (*out, shape[-1])


def _window(layer: KerasObject, shape: Shape, size: str, strides: object) -> tuple[Shape, Shape]:
    """The window's size and the positions that it takes, in each direction."""
    if layer.argument("data_format") == "channels_first":
        raise ValueError("images with the channels first")
    room = shape[:-1]
    kernel, steps = _each(layer.argument(size), len(room)), _each(strides, len(room))
    dilation = _each(layer.argument("dilation_rate") or 1, len(room))
    whole = layer.argument("padding") != "valid"
    reach = [0 if whole else (k - 1) * d for k, d in zip(kernel, dilation, strict=True)]
    return kernel, tuple(-(-(n - r) // s) for n, r, s in zip(room, reach, steps, strict=True))


def _each(value: object, count: int) -> Shape:
    """A number for each direction, of one for all or of as many."""
    if isinstance(value, (list, tuple)):
        return tuple(int(number) for number in value)
    return (int(str(value)),) * count


def _flatten(layer: KerasObject, shape: Shape) -> Cost:
    return 0, (prod(shape),)


def _reshape(layer: KerasObject, shape: Shape) -> Cost:
    wanted = tuple(int(size) for size in layer.argument("target_shape"))
    known = prod(size for size in wanted if size != -1)
    return 0, tuple(prod(shape) // known if size == -1 else size for size in wanted)


def _pooled_to_one(layer: KerasObject, shape: Shape) -> Cost:
    return prod(shape), shape[-1:]


def _concatenated(axis: object, given: Sequence[Shape]) -> Shape:
    at = int(str(axis))
    first = list(given[0])
    at = at if at < 0 else at - 1  # counted with the rows
    first[at] = sum(shape[at] for shape in given)
    return tuple(first)


LAYERS: Mapping[str, Callable[[KerasObject, Shape], Cost]] = {
    "Dense": _dense,
    "Maxout": _maxout,
    "LocallyConnected1D": _local,
    "LocallyConnected2D": _local,
    "Embedding": _embedding,
    "Bidirectional": _bidirectional,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "DepthwiseConv2D": _depthwise,
    "SeparableConv2D": _separable,
    **{f"Conv{n}D": _conv for n in (1, 2, 3)},
    **{f"{kind}Pooling{n}D": _pool for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{f"Global{kind}Pooling{n}D": _pooled_to_one for kind in ("Max", "Average") for n in (1, 2, 3)},
}
"""What is known by name; other layers count as large."""
