"""Which layers learn: whole parts, and patterns of names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import keras

from nntrain.errors import ConfigError, Problem, did_you_mean, listing


def freeze(model: keras.Model, frozen: Sequence[Any], trainable: Mapping[str, bool]) -> None:
    """Set `trainable` on the layers that hold weights; a later pattern wins over an earlier one.

    Args:
        model: Built.
        frozen: Parts of it (nested stacks, backbones, layers) that do not learn.
        trainable: By patterns of names, as in `fnmatch`: `*` stands for any text. A layer inside a part is
            called `part/layer`; a pattern that is a part's name means all of it.

    Raises:
        ConfigError: A pattern that no layer with weights has, or nothing is left to learn.
    """
    for part in frozen:
        for layer in [layer for _, layer in leaves(part)] if isinstance(part, keras.Model) else [part]:
            layer.trainable = False
    every = dict(leaves(model))
    found = {name: layer for name, layer in every.items() if layer.weights}
    for pattern, learns in trainable.items():
        meant = [layer for name, layer in found.items() if _matches(name, pattern)]
        if not meant:
            message = _no_layer(pattern, every, found)
            raise ConfigError(Problem(message, ("model", "trainable", pattern), id="trainable"))
        for layer in meant:
            layer.trainable = learns
    if found and not model.trainable_weights:
        path = ("model", "trainable") if trainable else ("model", "layers")
        message = "no layer has a weight that training changes, so there is nothing to learn; "
        message += "add one, such as Dense"
        if not all(layer.trainable for layer in found.values()):
            message = "every layer is frozen, so there is nothing to learn; let one of them learn"
        raise ConfigError(Problem(message, path, id="trainable"))


def _no_layer(pattern: str, every: Mapping[str, Any], weighty: Mapping[str, Any]) -> str:
    """What to say of a pattern that no layer with weights has."""
    if any(_matches(name, pattern) for name in every):
        said = f"'{pattern}' names no layer that has weights"
        return f"{said}; there are {listing(weighty)}" if weighty else f"{said}; remove it"
    hint = did_you_mean(pattern, weighty) or f"; there are {listing(weighty) or 'none with weights'}"
    return f"no layer is called '{pattern}'{hint}"


def leaves(model: keras.Model, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The layers that hold no others, each with its name and the parts that it is in."""
    for layer in model.layers:
        name = f"{prefix}{layer.name}"
        if isinstance(layer, keras.Model):
            yield from leaves(layer, f"{name}/")
        else:
            yield name, layer


def _matches(name: str, pattern: str) -> bool:
    parts = name.split("/")
    within = ("/".join(parts[:length]) for length in range(1, len(parts) + 1))
    return any(fnmatchcase(part, pattern) for part in within)
