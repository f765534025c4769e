"""Keras objects in a config: a name, or a mapping of `type` and Keras' own arguments.

Names and arguments are checked against the catalogue, so that a misspelling is found without
importing Keras. Nothing here builds anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from nntrain.config.section import faults
from nntrain.config.text.yaml_text import MAX_PROBLEMS, resolve
from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.bounds import problem_with
from nntrain.config.vocabulary.hints import Fault, no_object, unknown_argument, unknown_name
from nntrain.errors import KeyPath, listing, suggestion

if TYPE_CHECKING:
    from nntrain.config.vocabulary.user_code import UserCode


@dataclass(frozen=True)
class KerasObject:
    """`type` as the config spells it, and its arguments; nested objects are `KerasObject` too."""

    type: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "layers"
    """The part of Keras that `type` is looked up in."""
    registered: str | None = None
    """The name under which Keras finds a class or function of the user's own code."""
    base: str | None = None
    """The class of Keras that the user's own class derives from."""

    @property
    def name(self) -> str:
        """Keras' own name: `adam` and `Adam` are both `Adam`; a name unknown here stays as it is."""
        found = catalogue.entry(self.kind, self.type)
        return found.name if found else self.type

    def argument(self, name: str) -> Any:
        """The argument's value, or Keras' default, or None."""
        if name in self.arguments:
            return self.arguments[name]
        found = catalogue.entry(self.kind, self.type)
        known = found.arguments.get(name) if found else None
        return known.default if known else None

    def plain(self) -> Any:
        """As it would be written in a config: a name alone, or a mapping."""
        if not self.arguments:
            return self.type
        return {"type": self.type, **{name: _plain(value) for name, value in self.arguments.items()}}


def _plain(value: Any) -> Any:
    if hasattr(value, "plain"):
        return value.plain()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


@dataclass(frozen=True)
class Kind:
    """Marks a config field as a Keras object of one kind, for pydantic."""

    kind: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read and check an object; write it as it would stand in a config."""
        return core_schema.with_info_plain_validator_function(
            self.read, serialization=core_schema.plain_serializer_function_ser_schema(_plain)
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """A name, or a mapping with `type`."""
        mapping = {"type": "object", "properties": {"type": {"type": "string"}}, "required": ["type"]}
        return {"anyOf": [{"type": "string"}, mapping]}

    def read(self, value: Any, info: core_schema.ValidationInfo) -> KerasObject:
        """Check the object and everything nested in it.

        Raises:
            ValidationError: With every mistake.
        """
        if isinstance(value, KerasObject):
            return value
        context = info.context or {"warnings": [], "faults": []}
        reader = Reader.of(context)
        if len(context["faults"]) >= MAX_PROBLEMS:
            return KerasObject("", {}, self.kind)  # nobody reads more
        result = reader.object(self.kind, value, ())
        context["faults"] += reader.faults
        if reader.faults:
            raise faults(*reader.faults)
        return result


class Reader:
    """Reads objects and collects their mistakes."""

    def __init__(self, warnings: list[str], code: UserCode | None) -> None:
        self.faults: list[Fault] = []
        self.warnings = warnings
        self.code = code

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> Reader:
        """A reader for what pydantic hands to every validator of one config."""
        return cls(context["warnings"], context.get("code"))

    def object(self, kind: str, value: Any, path: KeyPath) -> KerasObject:
        """The object, with everything nested in it."""
        if isinstance(value, str):
            name, arguments, at = value, {}, path
        elif isinstance(value, dict) and isinstance(value.get("type"), str):
            name, at = value["type"], (*path, "type")
            arguments = {key: item for key, item in value.items() if key != "type"}
        else:
            self.faults.append(no_object(kind, value, path))
            return KerasObject("", {}, kind)
        entry = self.look_up(kind, name, at)
        if entry is None:
            return KerasObject(name, arguments, kind)
        read = dict(self.arguments(kind, entry, arguments, path))
        meant = {suggestion(key, entry.arguments) for key in arguments if key not in entry.arguments}
        given = {*arguments, *meant}
        missing = [a.name for a in entry.arguments.values() if a.required and a.name not in given]
        if missing:
            needs = listing(f"'{name}'" for name in missing)
            self.faults.append((f"{entry.name} needs {needs}", path, "missing-argument"))
        if isinstance(entry, catalogue.OwnEntry):
            return KerasObject(name, read, kind, entry.registered, entry.base)
        return KerasObject(name, read, kind)

    def look_up(self, kind: str, name: str, path: KeyPath) -> catalogue.Entry | None:
        """What Keras, or the user's own code, has under a name."""
        own = self.code.entry(kind, name) if self.code else None
        entry = own or catalogue.entry(kind, name)
        reason = catalogue.refusal(kind, name)
        if reason:
            self.faults.append((f"{kind} can't be '{name}': {reason}", path, "refused"))
            return None
        if entry is None and self.code and name in self.code.parts:
            self.faults.append((self.code.not_a(kind, name), path, "unknown-name"))
        elif entry is None:
            own_names = self.code.names(kind) if self.code else []
            self.unknown(unknown_name(kind, name, own_names, self.code is not None), path, "unknown-name")
        return entry

    def arguments(
        self, kind: str, entry: catalogue.Entry, given: Mapping[str, Any], path: KeyPath
    ) -> Iterator[tuple[str, Any]]:
        """The arguments, checked."""
        for key, value in given.items():
            if len(self.faults) >= MAX_PROBLEMS:
                return
            at = (*path, key)
            argument = entry.arguments.get(key)
            own = isinstance(entry, catalogue.OwnEntry) and (key in entry.own or entry.takes_more)
            if argument is None and own:
                yield key, value
                continue
            if argument is None:
                self.unknown(unknown_argument(entry, key, value), at, "unknown-argument")
                yield key, value
                continue
            if argument.callable:
                message = f"{entry.name}'s '{key}' is a Python function, which a config can't hold"
                self.faults.append((message, at, "refused"))
            elif argument.kind and argument.required and value is None:
                self.faults.append((f"is empty, and {entry.name} needs it", at, "bad-argument"))
            elif argument.kind and _holds_object(argument.kind, value):
                yield key, self.nested(argument, value, at)
                continue
            elif not own:
                found = problem_with(kind, entry.name, argument, value)
                if found:
                    self.faults.append((found, at, "bad-argument"))
            yield key, _as_number(argument, value)

    def nested(self, argument: catalogue.Argument, value: Any, path: KeyPath) -> Any:
        """An object among the arguments of another."""
        kind = str(argument.kind)
        if isinstance(value, list) and argument.name in {"cell", "cells", "layers"}:
            return tuple(self.object(kind, item, (*path, i)) for i, item in enumerate(value))
        number = resolve(value) if kind == "schedules" and isinstance(value, str) else None
        if isinstance(number, (int, float)) and not isinstance(number, bool) and len(value) <= 60:
            self.faults.append((f"is text; write {value} without quotes", path, "bad-argument"))
            return value
        return self.object(kind, value, path)

    def unknown(self, message: str, path: KeyPath, id: str) -> None:
        """An error, unless the installed Keras is not the one that the catalogue describes."""
        installed = catalogue.installed_version()
        if installed in (None, catalogue.keras_version()):
            self.faults.append((message, path, id))
        else:
            self.warnings.append(
                f"{message}; the catalogue is of Keras {catalogue.keras_version()}, "
                f"installed is {installed}, which decides when the model is built"
            )


def _as_number(argument: catalogue.Argument, value: Any) -> Any:
    """A whole number where Keras wants a float, as a float: an int `learning_rate` makes Keras fail."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole and (argument.type == "float" or argument.kind == "schedules") else value


def _holds_object(kind: str, value: Any) -> bool:
    """Whether the value stands for an object: null is none, and a learning rate may be a number."""
    if value is None:
        return False
    return isinstance(value, (str, dict, list)) or kind not in {"schedules"}
