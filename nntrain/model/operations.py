"""The floating-point operations of training: those of a model's matrix products and convolutions.

A multiplication and an addition are two operations, and each gradient costs as much as the product that it
belongs to, so that the backward pass is twice the forward one. Source: D. Amodei and D. Hernandez, "AI and
Compute", 2018, appendix. What is not needed is not counted: the gradient of inputs below which nothing
learns, such as those of the first layer, and that of weights that do not learn. Biases, activations,
normalizations, pooling and the optimizer are left out: next to products they are few, and wait for memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import prod
from typing import Any, NamedTuple

import keras

from nntrain.model.own import OWN

Shape = tuple[int, ...]
"""Without the rows."""
WITHOUT_PRODUCTS = ("activations", "merging", "normalization", "pooling", "regularization", "reshaping")
"""Packages of `keras.layers` whose layers multiply no matrices."""
EXCEPTIONS = (keras.layers.Dot, keras.layers.SpectralNormalization)
"""Layers of those packages that do."""
LIGHT = (
    keras.layers.InputLayer,
    keras.layers.Embedding,
    keras.layers.Identity,
    keras.layers.Masking,
    keras.layers.Rescaling,
    keras.layers.Normalization,
)


class Product(NamedTuple):
    """A matrix product that a layer computes for one row."""

    operations: int
    of_weights: bool = True
    """Whether one factor is a weight; otherwise both come from the inputs."""
    inner: bool = False
    """Whether what is multiplied depends on other weights of the same layer."""


class Operations(NamedTuple):
    """What one row costs in training."""

    forward: int
    backward: int
    unknown: tuple[str, ...]
    """Layers, by name, whose products are not known and not counted."""

    @property
    def total(self) -> int:
        """Of both passes."""
        return self.forward + self.backward


def operations(model: keras.Model) -> Operations:
    """Count the operations of training on one row.

    Args:
        model: Built; what does not learn is not counted backward.
    """
    forward = backward = 0
    unknown: dict[str, None] = {}
    for call in _calls(model, learnt_below=False):
        products = _products(call.layer, call.inputs, call.output)
        if products is None:
            unknown[call.layer.name] = None
            continue
        learns = bool(call.layer.trainable_weights)
        for product in products:
            forward += product.operations
            backward += product.operations * _gradients(product, learns, call.learnt_below)
    return Operations(forward, backward, tuple(unknown))


def _gradients(product: Product, learns: bool, learnt_below: bool) -> int:
    """How many of a product's two factors need a gradient."""
    reached = learnt_below or (learns and product.inner)
    return int(reached) + int(learns if product.of_weights else reached)


class _Call(NamedTuple):
    """A layer where it is called; a shared layer is called several times."""

    layer: Any
    inputs: list[Shape]
    output: Shape
    learnt_below: bool
    """Whether the inputs depend on weights that learn."""


def _calls(model: Any, learnt_below: bool) -> Iterator[_Call]:
    """The calls of a model in order, with those inside of models that it nests."""
    nodes = getattr(model, "_functional", None) or model
    learnt: set[int] = set()
    for depth in sorted(nodes._nodes_by_depth, reverse=True):
        for node in nodes._nodes_by_depth[depth]:
            layer = node.operation
            below = any(id(tensor) in learnt for tensor in node.input_tensors)
            if node.is_input:
                below = learnt_below
            if below or layer.trainable_weights:
                learnt.update(map(id, node.output_tensors))
            if _is_nested(layer):
                yield from _calls(layer, below)
            else:
                shapes = [_shape(tensor) for tensor in node.input_tensors]
                yield _Call(layer, shapes, _shape(node.output_tensors[0]), below)


def _is_nested(layer: Any) -> bool:
    return hasattr(getattr(layer, "_functional", None) or layer, "_nodes_by_depth")


def _shape(tensor: Any) -> Shape:
    return tuple(tensor.shape[1:])


def _products(layer: Any, inputs: list[Shape], output: Shape) -> list[Product] | None:
    """The products of one call, or None where they are not known."""
    count = _COUNTS.get(type(layer))
    if count is None:
        return [] if _is_light(layer) else None
    if None in (*output, *(size for shape in inputs for size in shape)):
        return None  # a length that varies from batch to batch
    return count(layer, inputs, output)


def _is_light(layer: Any) -> bool:
    home = type(layer).__module__.split(".")
    family = home[3] if home[:3] == ["keras", "src", "layers"] and len(home) > 3 else ""
    return type(layer) in LIGHT or (family in WITHOUT_PRODUCTS and not isinstance(layer, EXCEPTIONS))


def _dense(layer: Any, inputs: list[Shape], output: Shape) -> list[Product]:
    return [Product(2 * prod(inputs[0]) * layer.units)]


def _maxout(layer: Any, inputs: list[Shape], output: Shape) -> list[Product]:
    return [Product(2 * prod(inputs[0]) * layer.units * layer.pieces)]


def _local(layer: Any, inputs: list[Shape], output: Shape) -> list[Product]:
    """Each weight once."""
    return [Product(2 * _size(layer.kernel))]


def _convolution(layer: Any, inputs: list[Shape], output: Shape) -> list[Product]:
    """Each weight of the kernel once at each place of the output."""
    return [Product(2 * _size(layer.kernel) * _places(layer, output))]


def _transposed(layer: Any, inputs: list[Shape], output: Shape) -> list[Product]:
    """Each weight of the kernel once at each place of the input."""
    return [Product(2 * _size(layer.kernel) * _places(layer, inputs[0]))]


def _separable(layer: Any, inputs: list[Shape], output: Shape) -> list[Product]:
    places = 2 * _places(layer, output)
    return [
        Product(places * _size(layer.depthwise_kernel)),
        Product(places * _size(layer.pointwise_kernel), inner=True),
    ]


def _recurrent(layer: Any, inputs: list[Shape], output: Shape) -> list[Product]:
    steps = 2 * inputs[0][0]
    return [
        Product(steps * _size(layer.cell.kernel)),
        Product(steps * _size(layer.cell.recurrent_kernel), inner=True),
    ]


def _both_directions(layer: Any, inputs: list[Shape], output: Shape) -> list[Product] | None:
    return _joined(_products(one, inputs, output) for one in (layer.forward_layer, layer.backward_layer))


def _each_step(layer: Any, inputs: list[Shape], output: Shape) -> list[Product] | None:
    steps = inputs[0][0]
    found = _products(layer.layer, [inputs[0][1:]], output[1:])
    return found and [one._replace(operations=steps * one.operations) for one in found]


def _attention(layer: Any, inputs: list[Shape], output: Shape) -> list[Product]:
    """Products of a query with keys, and of their shares with values."""
    query, value, *rest = inputs
    key = rest[0] if rest else value
    pairs = 2 * query[-2] * key[-2]
    return [Product(pairs * key[-1], of_weights=False), Product(pairs * value[-1], of_weights=False)]


def _multi_head(layer: Any, inputs: list[Shape], output: Shape) -> list[Product]:
    query, value, *rest = inputs
    key = rest[0] if rest else value
    pairs = 2 * prod(query[:-1]) * prod(key[:-1]) * layer.num_heads
    value_size = layer.value_dim or layer.key_dim
    return [
        Product(2 * prod(query[:-1]) * _size(layer.query_dense.kernel)),
        Product(2 * prod(key[:-1]) * _size(layer.key_dense.kernel)),
        Product(2 * prod(value[:-1]) * _size(layer.value_dense.kernel)),
        Product(pairs * layer.key_dim, of_weights=False, inner=True),
        Product(pairs * value_size, of_weights=False, inner=True),
        Product(2 * prod(query[:-1]) * _size(layer.output_dense.kernel), inner=True),
    ]


def _joined(parts: Iterable[list[Product] | None]) -> list[Product] | None:
    found = list(parts)
    return None if None in found else [product for part in found if part for product in part]


def _size(weight: Any) -> int:
    return prod(weight.shape)


def _places(layer: Any, shape: Sequence[int]) -> int:
    """Places of a feature map, channels apart."""
    return prod(shape[1:] if layer.data_format == "channels_first" else shape[:-1])


_k = keras.layers
_COUNTS: dict[type, Callable[[Any, list[Shape], Shape], list[Product] | None]] = {
    _k.Dense: _dense,
    OWN["layers"]["Maxout"]: _maxout,
    **{OWN["layers"][f"LocallyConnected{n}D"]: _local for n in (1, 2)},
    **dict.fromkeys((_k.Conv1D, _k.Conv2D, _k.Conv3D, _k.DepthwiseConv1D, _k.DepthwiseConv2D), _convolution),
    **dict.fromkeys((_k.Conv1DTranspose, _k.Conv2DTranspose, _k.Conv3DTranspose), _transposed),
    **dict.fromkeys((_k.SeparableConv1D, _k.SeparableConv2D), _separable),
    **dict.fromkeys((_k.SimpleRNN, _k.GRU, _k.LSTM), _recurrent),
    _k.Bidirectional: _both_directions,
    _k.TimeDistributed: _each_step,
    _k.Attention: _attention,
    _k.MultiHeadAttention: _multi_head,
}
