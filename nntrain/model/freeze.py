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
        frozen: Parts of it (nested stacks, backbones) none of whose layers learn.
        trainable: By patterns of names, as in `fnmatch`: `*` stands for any text. A layer inside a part is
            called `part/layer`; a pattern that is a part's name means all of it.

    Raises:
        ConfigError: A pattern that no layer has, or nothing is left to learn.
    """
    for part in frozen:
        for _, layer in leaves(part):
            layer.trainable = False
    found = dict(leaves(model))
    for pattern, learns in trainable.items():
        meant = [layer for name, layer in found.items() if _matches(name, pattern)]
        if not meant:
            hint = did_you_mean(pattern, found) or f"; there are {listing(found)}"
            message = f"no layer is called '{pattern}'{hint}"
            raise ConfigError(Problem(message, ("model", "trainable", pattern), id="trainable"))
        for layer in meant:
            layer.trainable = learns
    if not model.trainable_weights and not all(layer.trainable for layer in found.values()):
        path = ("model", "trainable") if trainable else ("model", "layers")
        message = "every layer is frozen, so there is nothing to learn; let one of them learn"
        raise ConfigError(Problem(message, path, id="trainable"))


def leaves(model: keras.Model, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """The layers that hold weights themselves, each with its name and the parts that it is in."""
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
