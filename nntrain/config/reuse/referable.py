"""What a reference can refer to: keys that are written, defaults of those that are not, facts of the data."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from nntrain.config.problems import properties_at
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import KeyPath, dotted, listing, suggestion

FACTS = ("classes", "features")
COMPARED = 50
"""Keys of a mapping that are compared with a misspelt one."""


def default_of(values: Any, path: KeyPath, key: str) -> tuple[Any] | None:
    """What stands for a key that is left out, in a tuple; None if nothing does.

    Args:
        values: The whole config.
        path: The section.
        key: The key that it lacks.
    """
    schema = properties_at(path, values).get(key, {})
    if "default" not in schema or (*path, key) == ("extends",):
        return None
    value = schema["default"]
    if isinstance(value, dict) and value.keys() == {"type", "arguments", "kind"}:
        value = KerasObject(**value).plain()
    return (copy.deepcopy(value),)


def why_not(values: Any, path: KeyPath, found: Any, keys: Sequence[str]) -> str:
    """What to say, after `there is no x to refer to`, of a reference that leads nowhere.

    Args:
        values: The whole config.
        path: How far the reference leads.
        found: What is there.
        keys: The rest of the reference's keys.
    """
    if isinstance(found, list):
        count = f"{len(found)} item{'s' if len(found) != 1 else ''}"
        return f"; {dotted(path)} has {count}, numbered from 0"
    if not isinstance(found, dict):
        return f"; {dotted(path)} is a single value"
    meant = _meant(values, path, found, keys)
    if meant:
        return f" (did you mean '{meant}'?)"
    if keys[0].isupper():
        return f"; for an environment variable write ${{env:{keys[0]}}}, for the text $${{{keys[0]}}}"
    where = f"in {dotted(path)}" if path else "here"
    return f"; known {where}: {listing(sorted(_known(values, path, found)), 20)}"


def _meant(values: Any, path: KeyPath, section: Any, keys: Sequence[str]) -> str | None:
    """The path that was probably meant, given the section in which its first key is unknown."""
    for key in keys:
        if not isinstance(section, dict):
            return None
        nearest = key if key in section else suggestion(key, _known(values, path, section))
        if nearest is None:
            return None
        path, section = (*path, nearest), section.get(nearest)
    return dotted(path)


def _known(values: Any, path: KeyPath, section: Mapping[str, Any]) -> set[str]:
    """The keys of a section that can be referred to."""
    defaults = {key for key, schema in properties_at(path, values).items() if "default" in schema}
    return {*list(section)[:COMPARED], *defaults, *(FACTS if path == ("data",) else ())} - {"extends"}
