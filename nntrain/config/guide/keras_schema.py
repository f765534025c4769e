"""The JSON Schema of Keras objects, made from the catalogue and the rules of its arguments.

For each kind there is the object itself (`optimizers`), each type's arguments (`optimizers.Adam`), and two
stricter views that the config's schema adds where they hold: `known.optimizers` (no type of the user's own)
and, for kinds that a base config may hold a part of, `complete.optimizers` (nothing is left to the base).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.bounds import may_be_null, rule_for
from nntrain.config.vocabulary.hints import SINGULAR
from nntrain.config.vocabulary.rules import any_case_pattern

Schema = dict[str, Any]

MERGED = ("losses", "optimizers", "schedules")
"""Kinds that stand in mappings rather than lists, so that a config may change a part of its base's."""
PARTS_OF_LAYERS = ("layers", "applications")
"""Kinds whose entries may stand in `model.layers`."""
REFERENCE: Schema = {"type": "string", "pattern": r"\$\{"}
REMOVED: Schema = {"patternProperties": {"^~": {"type": "null"}}}
NOT_REMOVED: Schema = {"propertyNames": {"not": {"pattern": "^~"}}}
NULL: Schema = {"type": "null"}
OBJECT_LISTS = frozenset({"cell", "cells", "layers"})


def ref(name: str) -> Schema:
    """A reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}


def definitions() -> Schema:
    """The definitions of every kind; `layer_entry` is an item of `model.layers`."""
    shared = _Shared()
    found: Schema = {"reference": REFERENCE}
    for kind in _main_kinds():
        found |= _kind(kind, shared)
    found |= _graph()
    return found | shared.definitions


def with_references(schema: Any) -> Any:
    """The same schema with `${...}` accepted in place of every value that is not plain text."""
    if not isinstance(schema, Mapping):
        return schema
    result = {key: _inner(key, value) for key, value in schema.items()}
    if isinstance(result.get("additionalProperties"), Mapping) and "patternProperties" not in result:
        result |= REMOVED  # a name that the base brings
    kind = result.get("type")
    if isinstance(kind, str) and kind in {"integer", "number", "boolean", "array"}:
        return result | {"type": [kind, "string"], "pattern": REFERENCE["pattern"]}
    words = [*result.get("enum", ()), result.get("const")]
    narrow = kind == "string" and result.keys() & {"pattern", "maxLength"}
    if narrow or any(isinstance(word, str) for word in words):
        notes = {key: result.pop(key) for key in ("default", "description") if key in result}
        return {"anyOf": [result, ref("reference")], **notes}
    return result


def _inner(key: str, value: Any) -> Any:
    if key in {"properties", "patternProperties"}:
        return {name: with_references(item) for name, item in value.items()}
    if key in {"anyOf", "prefixItems"}:
        return [with_references(item) for item in value]
    return with_references(value) if key in {"items", "additionalProperties"} else value


class _Shared:
    """Definitions of values that many arguments share, under short names."""

    def __init__(self) -> None:
        self.definitions: Schema = {}

    def __call__(self, words: str, schema: Schema) -> Schema:
        content = {**schema, "description": words}
        for name, known in self.definitions.items():
            if known == content:
                return ref(name)
        name = f"v{len(self.definitions) + 1}"
        self.definitions[name] = content
        return ref(name)


def _main_kinds() -> list[str]:
    return [kind for kind in catalogue.kinds() if kind not in PARTS_OF_LAYERS[1:]]


def _entries(kind: str) -> Iterator[tuple[catalogue.Entry, list[str]]]:
    """What a config can name, with every spelling of it."""
    for part in PARTS_OF_LAYERS if kind == "layers" else (kind,):
        if part not in catalogue.kinds():
            continue
        spellings: dict[str, list[str]] = {}
        for alias, own in catalogue.aliases(part).items():
            spellings.setdefault(own, []).append(alias)
        for name in catalogue.names(part):
            found = catalogue.entry(part, name)
            if found and catalogue.refusal(part, name) is None:
                yield found, [name, *spellings.get(name, ())]


def _refused(kind: str) -> list[str]:
    known = (*catalogue.names(kind), *catalogue.aliases(kind))
    return sorted(name for name in known if catalogue.refusal(kind, name))


def _one_of(kind: str, names: list[str]) -> Schema:
    """One of some names; Keras reads an optimizer's name in any case."""
    if kind == "optimizers":
        return {"type": "string", "pattern": any_case_pattern(names)}
    return {"const": names[0]} if len(names) == 1 else {"enum": names}


def _kind(kind: str, shared: _Shared) -> Schema:
    """All definitions of one kind."""
    entries = list(_entries(kind))
    needy = [name for found, names in entries for name in names if _needs(found)]
    bare = sorted(name for found, names in entries for name in names if not _needs(found))
    described = [
        {**({"const": names[0]} if len(names) == 1 else {"enum": names}), "description": found.summary}
        for found, names in entries
    ]
    other: Schema = {"type": "string"}
    if _refused(kind):
        other["not"] = {"enum": _refused(kind)}
    name: Schema = {"type": "string", "not": {"enum": sorted((*needy, *_refused(kind)))}}
    suggested = [{"enum": bare}] if bare else []
    cases = [
        {"if": _has_type(_one_of(kind, names)), "then": ref(f"{found.kind}.{found.name}")}
        for found, names in entries
    ]
    result: Schema = {
        f"type.{kind}": {"anyOf": [*described, other]},
        f"name.{kind}": {"anyOf": [*suggested, name]},
        f"object.{kind}": {"type": "object", "properties": {"type": ref(f"type.{kind}")}, "allOf": cases},
        kind: {"anyOf": [ref(f"name.{kind}"), _mapping(kind)]},
        f"known.{kind}": _known(kind, entries, bare),
    }
    for entry, _ in entries:
        result[f"{entry.kind}.{entry.name}"] = _arguments(kind, entry, shared)
    if kind in MERGED:
        result[f"complete.{kind}"] = _complete(kind, entries)
    return result


def _has_type(value: Schema) -> Schema:
    return {"required": ["type"], "properties": {"type": value}}


def _needs(entry: catalogue.Entry) -> list[str]:
    return [argument.name for argument in entry.arguments.values() if argument.required]


def _mapping(kind: str) -> Schema:
    if kind in MERGED:
        return ref(f"object.{kind}")
    mapping: Schema = {**ref(f"object.{kind}"), "required": ["type"]}
    return mapping | ({"properties": {"inputs": False}} if kind == "layers" else {})


def _arguments(kind: str, entry: catalogue.Entry, shared: _Shared) -> Schema:
    """One type: its arguments and no others."""
    properties: Schema = {"type": True}
    if kind == "layers":
        properties |= {"inputs": ref("inputs"), "name": {"type": "string"}, "trainable": {}}
    for argument in entry.arguments.values():
        if not argument.callable:
            properties[argument.name] = _argument(entry, argument, shared)
    result: Schema = {"description": entry.summary, "properties": properties, "additionalProperties": False}
    if kind in MERGED:
        return result | REMOVED
    return result | ({"required": _needs(entry)} if _needs(entry) else {})


def _argument(entry: catalogue.Entry, argument: catalogue.Argument, shared: _Shared) -> Schema:
    rule = rule_for(entry.kind, entry.name, argument)
    default = {} if argument.required or not _is_plain(argument) else {"default": argument.default}
    value = shared(rule.words, with_references(rule.schema)) if rule else None
    if argument.kind:
        choices = [ref(argument.kind), *([value] if value else [])]
        words = f"Keras {SINGULAR[argument.kind]}" + (f", or {rule.words}" if rule else "")
        if argument.name in OBJECT_LISTS:
            choices.append({"type": "array", "items": ref(argument.kind)})
            words += ", or a list of them"
        if argument.required:
            words += ", which is needed"
        elif argument.kind != "schedules" or may_be_null(entry.name, argument):
            choices.append(NULL)
        return {**shared(words, {"anyOf": choices}), **default}
    if rule is None or value is None:
        return default
    if may_be_null(entry.name, argument):
        value = shared(f"{rule.words}, or nothing", {"anyOf": [value, NULL]})
    return {**value, **default}


def _is_plain(argument: catalogue.Argument) -> bool:
    """Whether the default is a value rather than the text of a Python object."""
    return argument.type != "any" or not isinstance(argument.default, str)


def _known(kind: str, entries: list[tuple[catalogue.Entry, list[str]]], bare: list[str]) -> Schema:
    """Names that Keras has, here and in what is nested here."""
    nested: dict[str, set[str]] = {}
    for entry, _ in entries:
        for argument in entry.arguments.values():
            if argument.kind:
                nested.setdefault(argument.kind, set()).add(argument.name)
    if kind == "layers":
        nested["layers"].add("layers")
    every = [name for _, names in entries for name in names]
    inside = {f"^({'|'.join(sorted(names))})$": ref(f"known.{k}") for k, names in sorted(nested.items())}
    return {
        "if": {"type": "string"},
        "then": {"anyOf": [_one_of(kind, bare) if bare else False, ref("reference")]},
        "properties": {"type": {"anyOf": [_one_of(kind, every), ref("reference")]}},
        "items": ref(f"known.{kind}"),
        **({"patternProperties": inside} if inside else {}),
    }


def _complete(kind: str, entries: list[tuple[catalogue.Entry, list[str]]]) -> Schema:
    """Everything that the type needs, because no base config brings it."""
    cases = [
        {"if": _has_type(_one_of(kind, names)), "then": {"required": _needs(entry)}}
        for entry, names in entries
        if _needs(entry)
    ]
    inside = {
        argument.name: ref(f"complete.{argument.kind}")
        for entry, _ in entries
        for argument in entry.arguments.values()
        if argument.kind in MERGED
    }
    whole: Schema = {"required": ["type"], **NOT_REMOVED, "properties": inside}
    return {"if": {"type": "object"}, "then": whole | ({"allOf": cases} if cases else {})}


def _graph() -> Schema:
    """What may stand in `model.layers`: a layer, another call of one, a repeated block, a nested stack."""
    text, count = {"type": "string", "minLength": 1}, with_references({"type": "integer", "minimum": 1})
    name = {**text, "description": "What other layers, and `model.outputs`, call this one."}
    call = {**text, "description": "A layer to call again, with the same weights."}
    repeat = {**count, "description": "How many copies of `layers` follow one another."}
    inside = {**ref("layer_entries"), "description": "Layers that are one layer to the outside."}
    flag = with_references({"type": "boolean", "description": "Whether training changes the weights."})
    again = {"call": call, "inputs": ref("inputs"), "name": name}
    stack = {"name": name, "layers": inside, "inputs": ref("inputs"), "trainable": flag}
    block = stack | {"repeat": repeat}
    otherwise: Schema = {"required": ["type"]}
    for key, properties, required in (
        ("layers", stack, ["layers"]),
        ("repeat", block, ["repeat", "layers"]),
        ("call", again, ["call"]),
    ):
        closed = {"properties": properties, "required": required, "additionalProperties": False}
        otherwise = {"if": {"required": [key]}, "then": closed, "else": otherwise}
    entry = {
        "type": "object",
        "properties": {"type": ref("type.layers"), "name": name, "inputs": ref("inputs"), "call": call}
        | {"repeat": repeat, "layers": True},
        "if": {"required": ["type"]},
        "then": ref("object.layers"),
        "else": otherwise,
    }
    inputs = {"anyOf": [text, {"type": "array", "minItems": 1, "items": text}]}
    return {
        "inputs": {
            **inputs,
            "description": "The layers or inputs that feed this; by default the layer before.",
        },
        "layer_entry": {"anyOf": [ref("name.layers"), entry]},
        "layer_entries": {"type": "array", "minItems": 1, "items": ref("layer_entry")},
    }
