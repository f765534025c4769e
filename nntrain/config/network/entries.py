"""The entries of `model.layers` as written: layers, further calls, nested stacks and repeated blocks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import core_schema

from nntrain.config.network.wrapping import kind_of, unfit_inside
from nntrain.config.section import faults
from nntrain.config.spelling import flow, spelled
from nntrain.config.text.yaml_text import MAX_PROBLEMS
from nntrain.config.vocabulary.hints import no_object
from nntrain.config.vocabulary.keras_object import KerasObject, Kind, Reader
from nntrain.errors import KeyPath, did_you_mean, listing, suggestion

MAX_STEPS = 2_000
"""Layers that a network can have once its repeated blocks are written out."""
NAME = re.compile(r"[A-Za-z0-9_.-]+")
"""What TensorFlow takes as the name of a layer."""
BLOCK_INPUT = "input"
"""What `inputs` call the thing that a nested stack or a repeated block is fed."""

Inputs = tuple[str, ...] | None
"""Names of what an entry reads; None: the entry before it."""


@dataclass(frozen=True)
class Layer:
    """A layer of its own."""

    object: KerasObject
    inputs: Inputs = None

    @property
    def name(self) -> str | None:
        """The name that the config gives it."""
        name = self.object.arguments.get("name")
        return name if isinstance(name, str) else None

    def plain(self) -> Any:
        """As it would be written in a config."""
        written = self.object.plain()
        if self.inputs is None:
            return written
        mapping = written if isinstance(written, dict) else {"type": written}
        return {**mapping, **_written(inputs=self.inputs)}


@dataclass(frozen=True)
class Call:
    """A layer that is there already, called again: its weights are shared."""

    call: str
    inputs: Inputs = None
    name: str | None = None

    def plain(self) -> Any:
        """As it would be written in a config."""
        return {"call": self.call, **_written(self.name, self.inputs)}


@dataclass(frozen=True)
class Stack:
    """Layers that are one layer to the outside."""

    layers: tuple[Entry, ...]
    inputs: Inputs = None
    name: str | None = None
    trainable: bool = True

    def plain(self) -> Any:
        """As it would be written in a config."""
        frozen = {} if self.trainable else {"trainable": False}
        return {**_written(self.name, self.inputs), **frozen, "layers": [e.plain() for e in self.layers]}


@dataclass(frozen=True)
class Repeat:
    """Layers that stand there several times, one time after another."""

    times: int
    layers: tuple[Entry, ...]
    inputs: Inputs = None
    name: str | None = None
    trainable: bool = True

    def plain(self) -> Any:
        """As it would be written in a config."""
        frozen = {} if self.trainable else {"trainable": False}
        layers = [entry.plain() for entry in self.layers]
        return {"repeat": self.times, **_written(self.name, self.inputs), **frozen, "layers": layers}


Entry = Layer | Call | Stack | Repeat


def _written(name: str | None = None, inputs: Inputs = None) -> dict[str, Any]:
    found: dict[str, Any] = {} if name is None else {"name": name}
    if inputs is not None:
        found["inputs"] = inputs[0] if len(inputs) == 1 else list(inputs)
    return found


def size(entry: Entry) -> int:
    """Layers of an entry with its blocks written out."""
    if isinstance(entry, Stack):
        return 1 + sum(map(size, entry.layers))
    if isinstance(entry, Repeat):
        return entry.times * sum(map(size, entry.layers))
    return 1


@dataclass(frozen=True)
class EntryKind(Kind):
    """Marks a config field as an entry of `model.layers`, for pydantic."""

    kind: str = "layers"

    def read(self, value: Any, info: core_schema.ValidationInfo) -> Any:
        """Check the entry and everything nested in it.

        Raises:
            ValidationError: With every mistake.
        """
        if isinstance(value, Layer | Call | Stack | Repeat):
            return value
        context = info.context or {"warnings": [], "faults": []}
        if len(context["faults"]) >= MAX_PROBLEMS:
            return Layer(KerasObject("", {}, self.kind))  # nobody reads more
        reader = Reader.of(context)
        entry = _entry(reader, value, ())
        context["faults"] += reader.faults
        if reader.faults:
            raise faults(*reader.faults)
        return entry


KEYS = {
    "call": ("call", "name", "inputs"),
    "repeat": ("repeat", "name", "inputs", "trainable", "layers"),
    "layers": ("name", "inputs", "trainable", "layers"),
}
"""The keys of each kind of entry that is no layer itself, by the key that tells it."""
NOUNS = {"call": "a further call", "repeat": "a repeated block", "layers": "a nested stack"}


def _entry(reader: Reader, value: Any, path: KeyPath) -> Entry:
    if isinstance(value, dict) and "type" in value and isinstance(value.get("repeat"), int):
        layer = {key: item for key, item in value.items() if key not in KEYS["repeat"]}
        whole = {key: item for key, item in value.items() if key in KEYS["repeat"]} | {"layers": [layer]}
        message = f"a repeated block holds its layers in a list: {flow(whole)}"
        reader.faults.append((message, (*path, "repeat"), "unknown-argument"))
        return Layer(KerasObject("", {}))
    if not isinstance(value, dict) or "type" in value:
        return _layer(reader, value, path)
    sort = next((key for key in KEYS if key in value), None)
    if sort is None:
        meant = {key: suggestion(key, KEYS) for key in value}
        for key, hint in meant.items():
            if hint:
                message = f"there is no key '{key}' here (did you mean '{hint}'?)"
                reader.faults.append((message, (*path, key), "unknown-argument"))
        if not any(meant.values()):
            reader.faults.append(no_object("layers", value, path))
        return Layer(KerasObject("", {}))
    for key in value:
        if key not in KEYS[sort]:
            hint = did_you_mean(key, {*KEYS[sort], *KEYS}) or f"; it takes {listing(KEYS[sort])}"
            reader.faults.append(
                (f"{NOUNS[sort]} has no key '{key}'{hint}", (*path, key), "unknown-argument")
            )
    name, inputs = _name(reader, value, path), _inputs(reader, value, path)
    if sort == "call":
        called = value["call"]
        if not isinstance(called, str) or not called:
            message = f"must be the name of a layer, got {spelled(called)}"
            reader.faults.append((message, (*path, "call"), "bad-value"))
        return Call(str(called), inputs, name)
    layers = _inner(reader, value, path, NOUNS[sort])
    if not isinstance(value.get("trainable", True), bool):
        message = f"must be true or false, got {spelled(value['trainable'])}"
        reader.faults.append((message, (*path, "trainable"), "bad-argument"))
    learns = value.get("trainable", True) is not False
    if sort == "repeat":
        return Repeat(_times(reader, value["repeat"], path), layers, inputs, name, learns)
    return Stack(layers, inputs, name, learns)


def _layer(reader: Reader, value: Any, path: KeyPath) -> Layer:
    if not isinstance(value, dict):
        return Layer(reader.object(kind_of(value), value, path))
    inputs = _inputs(reader, value, path)
    _name(reader, value, path)
    written = {key: item for key, item in value.items() if key != "inputs"}
    wrong = unfit_inside(value, path)
    if wrong:
        reader.faults.append(wrong)
        return Layer(KerasObject("", {}), inputs)
    return Layer(reader.object(kind_of(value["type"]), written, path), inputs)


def _inner(reader: Reader, value: Mapping[str, Any], path: KeyPath, noun: str) -> tuple[Entry, ...]:
    layers = value.get("layers")
    if not isinstance(layers, list) or not layers:
        at = (*path, "layers") if "layers" in value else path
        found = f", got {spelled(layers)}" if "layers" in value else ""
        reader.faults.append((f"{noun} needs 'layers', a list of at least one layer{found}", at, "bad-value"))
        return ()
    return tuple(_entry(reader, item, (*path, "layers", i)) for i, item in enumerate(layers))


def _times(reader: Reader, value: Any, path: KeyPath) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_STEPS:
        return value
    message = f"must be a whole number of at least 1 and at most {MAX_STEPS:,}, got {spelled(value)}"
    reader.faults.append((message, (*path, "repeat"), "bad-value"))
    return 1


def _inputs(reader: Reader, value: Mapping[str, Any], path: KeyPath) -> Inputs:
    if "inputs" not in value:
        return None
    given = value["inputs"]
    names = given if isinstance(given, list) else [given]
    if names and all(isinstance(name, str) and name for name in names):
        return tuple(names)
    message = f"must be the name of a layer or input, or a list of names, got {spelled(given)}"
    reader.faults.append((message, (*path, "inputs"), "bad-value"))
    return None


def _name(reader: Reader, value: Mapping[str, Any], path: KeyPath) -> str | None:
    name = value.get("name")
    if name is None or ("type" in value and not isinstance(name, str)):
        return None  # what Keras makes of it is said with the other arguments
    if name == BLOCK_INPUT:
        message = f"'{BLOCK_INPUT}' is what a nested stack or a block is fed; choose another name"
    elif isinstance(name, str) and NAME.fullmatch(name) and ".." not in name:
        return name
    else:
        message = f"must be of the letters A to Z, digits, '_', '-' and '.', got {spelled(name)}"
        legal = re.sub(r"[^A-Za-z0-9_-]+", "_", name) if isinstance(name, str) else ""
        message += f"; write {legal}" if legal.strip("_") else ""
    reader.faults.append((message, (*path, "name"), "layer-name"))
    return None
