"""Keys as they are written in arguments and references: `model.layers.0.units`, `model.layers[0].units`."""

from __future__ import annotations

import re

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
