"""What a reference can refer to: keys that are written, defaults of those that are not, facts of the data."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from nntrain.config.network.wrapping import kind_of
from nntrain.config.problems import properties_at
from nntrain.config.vocabulary import catalogue
from nntrain.errors import KeyPath, dotted, listing, suggestion

FACTS = ("classes", "features", "vocabulary")
MEANT = {
    **dict.fromkeys(("classes", "n_classes", "num_classes"), "data.classes"),
    **dict.fromkeys(("features", "n_features", "num_features"), "data.features"),
    **dict.fromkeys(("vocabulary", "vocab_size", "vocabulary_size", "n_words"), "data.vocabulary"),
}
"""What facts of the data are called elsewhere."""
KINDS: dict[KeyPath, str] = {
    ("pretrain", "loss"): "losses",
    ("pretrain", "optimizer"): "optimizers",
    ("training", "optimizer"): "optimizers",
    ("training", "loss"): "losses",
    ("training", "metrics"): "metrics",
    ("training", "callbacks"): "callbacks",
}
"""The kinds of Keras objects, or of the items of a list of them, apart from layers."""
COMPARED = 50
"""Keys of a mapping that are compared with a misspelt one."""


def default_of(values: Any, path: KeyPath, found: Mapping[str, Any], key: str) -> tuple[Any] | None:
    """What stands for a key that is left out, in a tuple; None if nothing does.

    Args:
        values: The whole config.
        path: The section.
        found: What is written in it.
        key: The key that it lacks.
    """
    defaults = _defaults(values, path, found)
    return (copy.deepcopy(defaults[key]),) if key in defaults else None


def as_mapping(path: KeyPath, value: Any) -> Any:
    """A value in which a key is looked for: the bare name of a Keras object as the mapping that it means."""
    return {"type": value} if isinstance(value, str) and _kind(path, value) else value


def _defaults(values: Any, path: KeyPath, section: Mapping[str, Any]) -> dict[str, Any]:
    """What stands for each key that may be left out of a section."""
    kind = _kind(path, section.get("type"))
    if kind:
        entry = catalogue.entry(kind, str(section["type"]))
        arguments = entry.arguments.values() if entry else ()
        return {argument.name: argument.default for argument in arguments if not argument.required}
    schemas = properties_at(path, values).items()
    defaults = {key: schema["default"] for key, schema in schemas if "default" in schema}
    return {key: default for key, default in defaults.items() if (*path, key) != ("extends",)}


def _kind(path: KeyPath, name: Any) -> str | None:
    """The kind of Keras object that is at a key path; None if there is none."""
    if not isinstance(name, str):
        return None
    if len(path) == 3 and path[:2] == ("model", "layers"):
        return kind_of(name)
    single = path[:-1] if path and isinstance(path[-1], int) else path
    return KINDS.get(single)


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
    other_case = meant is not None and meant.rpartition(".")[2] == keys[-1].lower()
    if meant and (other_case or not keys[0].isupper()):
        return f" (did you mean '{meant}'?)"
    if keys[0].isupper():
        return f"; for an environment variable write ${{env:{keys[0]}}}, for the text $${{{keys[0]}}}"
    where = f"in {dotted(path)}" if path else "here"
    return f"; known {where}: {listing(sorted(_known(values, path, found)), 20)}"


def _meant(values: Any, path: KeyPath, section: Any, keys: Sequence[str]) -> str | None:
    """The path that was probably meant, given the section in which its first key is unknown."""
    if path in {(), ("data",)} and len(keys) == 1 and keys[0] in MEANT:
        return MEANT[keys[0]]
    for key in keys:
        if not isinstance(section, dict):
            return None
        known = _known(values, path, section)
        nearest = key if key in known else suggestion(key, known)
        if nearest is None:
            return None
        path, section = (*path, nearest), as_mapping((*path, nearest), section.get(nearest))
    return dotted(path)


def _known(values: Any, path: KeyPath, section: Mapping[str, Any]) -> set[str]:
    """The keys of a section that can be referred to."""
    return {
        *list(section)[:COMPARED],
        *_defaults(values, path, section),
        *(FACTS if path == ("data",) else ()),
    } - {"extends"}
