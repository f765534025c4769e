"""A network with more weights than `limits.max_params`: refused before anything is allocated for it."""

from __future__ import annotations

from collections.abc import Mapping

from nntrain.config.network.cost import Shape
from nntrain.config.network.size import layer_sizes
from nntrain.config.schema import Config
from nntrain.errors import KeyPath, Problem

NUMBER = 4
"""Bytes of a weight: float32, whatever the layers compute in."""
SMALLER = {
    "Dense": "fewer units, or make what it reads smaller",
    "Embedding": "a smaller input_dim or output_dim",
    "Bidirectional": "fewer units in its layer",
    **dict.fromkeys(("SimpleRNN", "GRU", "LSTM"), "fewer units"),
    "Maxout": "fewer units, or make what it reads smaller",
    **dict.fromkeys(("Conv1D", "Conv2D", "Conv3D", "SeparableConv2D"), "fewer filters"),
    **dict.fromkeys(("LocallyConnected1D", "LocallyConnected2D"), "fewer filters, or a larger stride"),
}
"""What to change about a layer that is too large, by its name."""


def check_limits(config: Config, shapes: Mapping[str, Shape]) -> list[Problem]:
    """What is too large, as far as the layers and these shapes tell.

    Args:
        config: Whose layers are counted.
        shapes: Of one row, by input; an input that is not among them is not known.
    """
    layers = layer_sizes(config.graph, shapes)
    count = sum(layer.weights for layer in layers)
    if count <= config.limits.max_params:
        return []
    worst = max(layers, key=lambda layer: layer.weights)
    smaller = SMALLER.get(worst.layer.name, "a smaller one")
    return [
        too_many(config, f"at least {count:,}", count, worst.layer.name, worst.weights, worst.path, smaller)
    ]


def too_many(
    config: Config, said: str, count: int, name: str, own: int, path: KeyPath, smaller: str = "a smaller one"
) -> Problem:
    """What to say of a network of too many weights.

    Args:
        config: With the limit.
        said: How many, in words.
        count: The same as a number.
        name: Of the layer that has most of them.
        own: How many those are.
        path: The layer's place.
        smaller: What to use instead.
    """
    return Problem(
        f"the network has {said} weights, {count * NUMBER / 2**20:,.0f} MiB, and limits.max_params is "
        f"{config.limits.max_params:,}: {name} has {own:,}; use {smaller}, or raise limits.max_params",
        path,
        id="too-many-weights",
    )
