"""Keys as they are written in arguments and references: `model.layers.0.units`, `model.layers[0].units`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nntrain.config.vocabulary import catalogue

ITEM = re.compile(r"(.+?)((?:\[[0-9]{1,9}\])+)", re.DOTALL)


def split_keys(text: str) -> list[str] | None:
    """The keys of a dotted path, list items as their numbers; None if one of them is empty."""
    keys: list[str] = []
    for part in text.split("."):
        item = ITEM.fullmatch(part)
        keys += [item[1], *item[2][1:-1].split("][")] if item else [part]
    return keys if all(keys) else None


def item_number(key: str) -> int | None:
    """The list item that a key names; None if it is no number."""
    return int(key) if key.isdecimal() and len(key) < 10 else None


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
