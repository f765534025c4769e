"""Text that waits for the data: `${data.classes}` in the arguments of Keras objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nntrain.config.reuse.template import WAITING
from nntrain.errors import KeyPath, Problem

OBJECTS: tuple[KeyPath, ...] = (
    ("model", "layers"),
    ("pretrain", "loss"),
    ("pretrain", "optimizer"),
    ("training", "loss"),
    ("training", "optimizer"),
    ("training", "metrics"),
    ("training", "callbacks"),
)
"""Where a config holds Keras objects."""
STRUCTURE = frozenset({"type", "name", "inputs", "call", "repeat", "weights"})
"""Keys of a Keras object that are no numbers."""


class Waiting(str):
    """Text with references to facts about the data in it."""

    __slots__ = ()


def holds_objects(path: KeyPath) -> bool:
    """Whether a key path leads to a Keras object or into one."""
    return path[:2] in OBJECTS


def check_waiting(value: Any) -> list[Problem]:
    """Every fact that stands where it can't be put in, and every text that would be taken for one."""
    return list(_check(value, ()))


def settled(value: Any) -> Any:
    """The same values in plain text."""
    if isinstance(value, dict):
        return {key: settled(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [settled(inner) for inner in value]
    return str(value) if isinstance(value, str) else value


def _check(value: Any, path: KeyPath) -> Iterator[Problem]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _check(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _check(inner, (*path, i))
    elif isinstance(value, str) and "${" in value:
        argument = holds_objects(path) and any(isinstance(key, str) for key in path[2:])
        found = WAITING.search(value) if isinstance(value, Waiting) else None
        if found and not (argument and STRUCTURE.isdisjoint(path[2:])):
            message = f"{found[0]} is known only when the data are read, and can stand only in"
            yield Problem(f"{message} arguments of Keras objects, such as units", path, id="reference")
        elif holds_objects(path) and "${" in WAITING.sub("", value) + ("" if found else value):
            yield Problem("a Keras object can't hold the text '${'", path, id="reference")
