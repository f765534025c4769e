"""Keras objects by their bare names, before a config is validated: what `adam` and `{type: adam}` share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nntrain.config.vocabulary import catalogue

NAMED = {"optimizer": "optimizers", "loss": "losses", "learning_rate": "schedules"}
"""Keys whose bare name `adam` stands for `{type: adam}`, so that an argument can be added to it."""


def takes_arguments(key: object, name: object) -> bool:
    """Whether a value is a bare name that stands for a mapping with `type`."""
    return key in NAMED and isinstance(name, str)


def same_type(key: object, one: object, other: object) -> bool:
    """Whether two values of `type` mean the same; `adam` and `Adam` do."""
    if one == other or key not in NAMED or not (isinstance(one, str) and isinstance(other, str)):
        return one == other
    found = catalogue.entry(NAMED[str(key)], one)
    return found is not None and found == catalogue.entry(NAMED[str(key)], other)


def holds_losses(name: str, mapping: Mapping[str, Any]) -> bool:
    """Whether a mapping under `loss` gives a loss for each output, not arguments of the loss `name`."""
    found = catalogue.entry("losses", name)
    known = found.arguments if found else {}
    return all(key not in known and isinstance(value, (str, dict)) for key, value in mapping.items())
