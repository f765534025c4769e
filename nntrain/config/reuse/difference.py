"""What differs in effect between two configs: defaults count as written, `adam` is `Adam`, 1 is 1.0."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from nntrain.config.dump import to_flow
from nntrain.config.network.entries import BLOCK_INPUT, Call, Entry, Layer, Repeat, Stack
from nntrain.config.reuse.merge import ORDERED
from nntrain.config.reuse.paths import FILES, files_of_kind
from nntrain.config.schema import Config, Model
from nntrain.config.text.source import located
from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import KeyPath

FOR_PEOPLE = frozenset({"name", "description", "extends", "search"})
"""Keys that change nothing of what is trained."""


@dataclass(frozen=True)
class Difference:
    """One key that differs."""

    key: str
    """Where list items have other numbers in the second config, as `model.layers[1 -> 2].units`."""
    change: Literal["changed", "added", "removed"]
    old: Any = None
    new: Any = None

    def __str__(self) -> str:
        """As a line for people."""
        if self.change == "added":
            return f"+ {self.key}: {to_flow(self.new)}"
        if self.change == "removed":
            return f"- {self.key}: {to_flow(self.old)}"
        return f"{self.key}: {to_flow(self.old)} -> {to_flow(self.new)}"

    def as_json(self) -> dict[str, Any]:
        """The same for `--json`."""
        values = {"old": self.old, "new": self.new}
        absent = {"added": "old", "removed": "new"}.get(self.change)
        kept = {name: value for name, value in values.items() if name != absent}
        return {"key": self.key, "change": self.change, **kept}


def differences(old: Config, new: Config) -> list[Difference]:
    """Every key whose value differs in effect, in the order of the config."""
    return list(_compare(_config(old), _config(new), (), ()))


class _Mapping(dict[str, Any]):
    """A mapping with every default, and how a person would write it."""

    shown: Any


class _Ordered(_Mapping):
    """A mapping in which a later key wins."""


class _Code(str):
    """A file of the user's own code; two are the same if their contents are."""

    sha256: str


def _config(config: Config) -> dict[str, Any]:
    values = {key: value for key, value in _fields(config) if key not in FOR_PEOPLE}
    values["model"] = _model(config)
    if config.user_code is not None:
        sha256 = config.user_code.sha256
        values["code"] = _Code(f"{config.code} (SHA-256 {sha256[:12]})")
        values["code"].sha256 = sha256
    folder = config.origin.folder
    found = {key: _effective(value, (key,), folder) for key, value in values.items()}
    for _, key in files_of_kind(found["data"]):
        if key in found["data"]:
            found["data"][key] = os.path.normpath(located(found["data"][key], folder))
    return found


def _model(config: Config) -> Model:
    """The network, without names of what would be read or scored anyway."""
    model, inputs = config.model, config.data.input_names
    layers = _unnamed(model.layers, inputs[0] if len(inputs) == 1 else None)
    outputs = () if model.outputs == (model.layers[-1].name,) else model.outputs
    return model.model_copy(update={"layers": layers, "outputs": outputs})


def _unnamed(entries: tuple[Entry, ...], before: str | None) -> tuple[Entry, ...]:
    """Entries without `inputs` where these name the entry before, or what the first one is fed."""
    result: list[Entry] = []
    for entry in entries:
        kept = replace(entry, inputs=None) if entry.inputs == (before,) else entry
        if isinstance(kept, Stack | Repeat):
            kept = replace(kept, layers=_unnamed(kept.layers, BLOCK_INPUT))
        result.append(kept)
        before = entry.name
    return tuple(result)


def _fields(section: BaseModel) -> Iterator[tuple[str, Any]]:
    names = list(type(section).model_fields)
    names.sort(key=lambda name: name != "type")
    return ((name, getattr(section, name)) for name in names)


def _effective(value: Any, path: KeyPath, folder: Path) -> Any:
    """A value with defaults filled in and Keras' own names; mappings without what is null."""
    if isinstance(value, KerasObject):
        return _object(value, value, path, folder)
    if isinstance(value, Layer):
        return _object(value.object, value, path, folder)
    if isinstance(value, Call | Stack | Repeat):
        return _mapping(_members(value), value.plain(), path, folder)
    if isinstance(value, BaseModel):
        given = value.model_dump(mode="json", exclude_defaults=True)
        kind = {"type": given["type"]} if "type" in given else {}
        return _mapping(dict(_fields(value)), {**kind, **given}, path, folder)
    if isinstance(value, Mapping):
        return _mapping(value, None, path, folder)
    if isinstance(value, (list, tuple)):
        return [_effective(inner, (*path, i), folder) for i, inner in enumerate(value)]
    if isinstance(value, str) and path in FILES and not isinstance(value, _Code):
        return os.path.normpath(located(value, folder))
    return value


def _mapping(members: Mapping[str, Any], shown: Any, path: KeyPath, folder: Path) -> _Mapping:
    read = {key: _effective(inner, (*path, key), folder) for key, inner in members.items()}
    kind = _Ordered if path in ORDERED else _Mapping
    result = kind({key: inner for key, inner in read.items() if inner is not None})
    result.shown = {key: _shown(inner) for key, inner in result.items()} if shown is None else shown
    return result


def _members(entry: Call | Stack | Repeat) -> dict[str, Any]:
    """What an entry of `model.layers` consists of, by the config's keys."""
    members = {field.name: getattr(entry, field.name) for field in fields(entry)}
    return {"repeat" if name == "times" else name: value for name, value in members.items()}


def _object(found: KerasObject, written: KerasObject | Layer, path: KeyPath, folder: Path) -> _Mapping:
    entry = catalogue.entry(found.kind, found.type)
    known = entry.arguments if entry else {}
    arguments = {name: found.argument(name) for name in (*known, *found.arguments)}
    for name, argument in known.items():
        value = arguments[name]
        if argument.kind and isinstance(value, str):
            value = arguments[name] = KerasObject(value, {}, argument.kind)
        if isinstance(value, KerasObject) and (value.kind, value.name) == ("activations", "linear"):
            arguments[name] = None  # what no activation is
    if found.kind == "applications" and isinstance(arguments["weights"], str):
        arguments["weights"] = os.path.normpath(located(arguments["weights"], folder))
    canonical = replace(found, type=found.name)
    if isinstance(written, Layer):
        arguments["inputs"] = written.inputs
        return _mapping(
            {"type": found.name, **arguments}, replace(written, object=canonical).plain(), path, folder
        )
    return _mapping({"type": found.name, **arguments}, canonical.plain(), path, folder)


def _compare(old: Any, new: Any, old_path: KeyPath, new_path: KeyPath) -> Iterator[Difference]:
    if _key(old) == _key(new):
        return
    if isinstance(old, _Ordered) and [k for k in old if k in new] != [k for k in new if k in old]:
        yield Difference(_dotted(old_path, new_path), "changed", _shown(old), _shown(new))
    elif isinstance(old, dict) and isinstance(new, dict) and old.get("type") == new.get("type"):
        for key in dict.fromkeys((*old, *new)):
            here, there = (*old_path, key), (*new_path, key)
            if key not in new:
                yield Difference(_dotted(here, here), "removed", old=_shown(old[key]))
            elif key not in old:
                yield Difference(_dotted(there, there), "added", new=_shown(new[key]))
            else:
                yield from _compare(old[key], new[key], here, there)
    elif isinstance(old, list) and isinstance(new, list) and _holds_mappings(old, new):
        yield from _compare_lists(old, new, old_path, new_path)
    else:
        yield Difference(_dotted(old_path, new_path), "changed", _shown(old), _shown(new))


def _holds_mappings(*lists: list[Any]) -> bool:
    return any(isinstance(item, dict) for items in lists for item in items)


def _compare_lists(
    old: list[Any], new: list[Any], old_path: KeyPath, new_path: KeyPath
) -> Iterator[Difference]:
    """Items that are equal stand side by side, then those of one type; the rest was added or removed."""
    for one, other in _paired(old, new):
        here = (*old_path, one) if one is not None else ()
        there = (*new_path, other) if other is not None else ()
        if one is None:
            yield Difference(_dotted(there, there), "added", new=_shown(new[other or 0]))
        elif other is None:
            yield Difference(_dotted(here, here), "removed", old=_shown(old[one]))
        else:
            yield from _compare(old[one], new[other], here, there)


def _paired(old: list[Any], new: list[Any]) -> Iterator[tuple[int | None, int | None]]:
    equal = SequenceMatcher(None, [_key(item) for item in old], [_key(item) for item in new], False)
    for change, a, b, c, d in equal.get_opcodes():
        if change != "replace":
            yield from _side_by_side(range(a, b), range(c, d))
            continue
        labels = [_label(item) for item in old[a:b]], [_label(item) for item in new[c:d]]
        for _, i, j, k, m in SequenceMatcher(None, *labels, False).get_opcodes():
            yield from _side_by_side(range(a + i, a + j), range(c + k, c + m))


def _side_by_side(old: range, new: range) -> Iterator[tuple[int | None, int | None]]:
    for i in range(max(len(old), len(new))):
        yield old[i] if i < len(old) else None, new[i] if i < len(new) else None


def _label(item: Any) -> str:
    return _key([item.get("type"), item.get("name")] if isinstance(item, dict) else item)


def _key(value: Any) -> str:
    """A text that is the same for values that mean the same."""
    return json.dumps(_plain_number(value), sort_keys=True)


def _plain_number(value: Any) -> Any:
    if isinstance(value, _Code):
        return value.sha256
    if isinstance(value, _Ordered):
        return list(value.items())
    if isinstance(value, dict):
        return {key: _plain_number(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain_number(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _shown(value: Any) -> Any:
    if isinstance(value, _Mapping):
        return value.shown
    if isinstance(value, _Code):
        return str(value)
    return [_shown(inner) for inner in value] if isinstance(value, list) else value


def _dotted(old: KeyPath, new: KeyPath) -> str:
    """A key path, with both numbers of a list item that has moved."""
    text = ""
    for one, other in zip(old, new, strict=True):
        if isinstance(one, int):
            text += f"[{one}]" if one == other else f"[{one} -> {other}]"
        else:
            text += f".{one}" if text else one
    return text
