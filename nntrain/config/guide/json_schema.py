"""The JSON Schema of a config file, for editors: `nntrain schema`.

Sections come from pydantic and Keras' types from the catalogue. A file that `extends` another needs nothing
of its own and may remove keys with `~`; one with `code` or a base may name types that Keras does not have.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from nntrain.config.field_schema import config_schema
from nntrain.config.guide import keras_schema
from nntrain.config.guide.keras_schema import NOT_REMOVED, REMOVED, Schema, ref, with_references

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILE_NAME = "nntrain.schema.json"
"""What `nntrain init` calls the file that it writes beside a config."""
TITLE = "nntrain config"
"""By which a schema that nntrain wrote is known."""
COMMENT = f"# yaml-language-server: $schema={FILE_NAME}"
"""The line by which an editor finds the schema of a config."""
LONG_FIELD = 100
"""Characters of a field's schema from which on sections that have the same one share it."""

_LOSSES: Schema = {
    "anyOf": [
        ref("name.losses"),
        {
            "type": "object",
            "if": {"required": ["type"]},
            "then": ref("object.losses"),
            "else": {
                "properties": {"type": ref("type.losses")},
                "additionalProperties": {"anyOf": [ref("losses"), True]},
            },
        },
    ]
}
_METRICS: Schema = {"type": "array", "items": ref("metrics")}
OBJECTS: dict[tuple[str, str], Schema] = {
    ("Model", "layers"): ref("layer_entries"),
    ("Pretrain", "loss"): ref("losses"),
    ("Pretrain", "optimizer"): ref("optimizers"),
    ("Training", "loss"): _LOSSES,
    ("Training", "optimizer"): ref("optimizers"),
    ("Training", "metrics"): {
        "anyOf": [_METRICS, {"type": "object", "additionalProperties": _METRICS}, ref("reference")]
    },
    ("Training", "callbacks"): {
        "anyOf": [{"type": "array", "items": ref("callbacks")}, ref("reference")],
    },
}
"""By section and key: what holds Keras objects, one or (for several outputs) a mapping by output."""

KNOWN: Schema = {
    "properties": {
        "model": {"properties": {"layers": ref("known.layers")}},
        "training": {
            "properties": {
                "loss": {**ref("known.losses"), "additionalProperties": ref("known.losses")},
                "optimizer": ref("known.optimizers"),
                "metrics": {**ref("known.metrics"), "additionalProperties": ref("known.metrics")},
                "callbacks": ref("known.callbacks"),
            }
        },
    }
}
"""Where Keras' names alone may stand, in a file that brings no types of its own."""


def json_schema() -> Schema:
    """The whole schema, draft 2020-12."""
    found = {name: _without_titles(part) for name, part in config_schema()["$defs"].items()}
    top = _without_titles({key: part for key, part in config_schema().items() if key != "$defs"})
    sections = {**found, "Config": top}
    complete = {name: view for name, part in sections.items() if (view := _complete(part, sections))}
    complete["Training"]["properties"] |= {
        "loss": {
            "if": {"type": "object", "not": {"required": ["type"]}},
            "then": {"minProperties": 1, "additionalProperties": _whole_loss()},
            "else": ref("complete.losses"),
        },
        "optimizer": ref("complete.optimizers"),
    }
    own = {"not": {"anyOf": [{"required": ["extends"]}, {"required": ["code"]}]}}
    whole = _with_shared_fields({name: _section(name, part) for name, part in sections.items()})
    schema = {
        "$schema": DIALECT,
        "title": TITLE,
        **whole.pop("Config"),
        "allOf": [
            {"if": {"not": {"required": ["extends"]}}, "then": complete.pop("Config")},
            {"if": own, "then": ref("known")},
        ],
        "$defs": {
            **whole,
            **{f"complete.{name}": view for name, view in complete.items()},
            "known": KNOWN,
            **keras_schema.definitions(),
        },
    }
    return _pruned(schema)


def as_text() -> str:
    """The schema as JSON, one key or definition a line."""
    schema = json_schema()
    definitions = schema.pop("$defs")
    head = _lines(schema, " ")
    return f'{{\n{head},\n "$defs": {{\n{_lines(definitions, "  ")}\n }}\n}}\n'


def _lines(parts: Schema, indent: str) -> str:
    return ",\n".join(f"{indent}{json.dumps(name)}: {_compact(part)}" for name, part in parts.items())


def _compact(part: Any) -> str:
    return json.dumps(part, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _whole_loss() -> Schema:
    return {"allOf": [ref("losses"), ref("complete.losses")]}


def _without_titles(schema: Any) -> Any:
    """A copy without pydantic's titles, docstrings on one line."""
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {
        key: {name: _without_titles(item) for name, item in part.items()}
        if key in {"properties", "default", "mapping"} and isinstance(part, dict)
        else _without_titles(part)
        for key, part in schema.items()
        if key != "title"
    }
    words = result.get("description")
    return result | ({"description": " ".join(words.split())} if isinstance(words, str) else {})


def _section(name: str, schema: Schema) -> Schema:
    """A section in which nothing is required and any key may be removed."""
    if "properties" not in schema:
        return dict(with_references(schema))
    properties = {
        key: _described(OBJECTS[name, key], field) if (name, key) in OBJECTS else _field(field)
        for key, field in schema["properties"].items()
    }
    rest = {key: part for key, part in schema.items() if key not in {"properties", "required"}}
    return {**rest, "properties": properties, **REMOVED}


def _with_shared_fields(sections: dict[str, Schema]) -> dict[str, Schema]:
    """The sections, with a long field that several of them have as a definition of its own."""
    fields = [
        (key, json.dumps(field))
        for section in sections.values()
        for key, field in section.get("properties", {}).items()
    ]
    often = [item for item, times in Counter(fields).items() if times > 1 and len(item[1]) > LONG_FIELD]
    names = {(key, text): f"field.{key}.{number}" for number, (key, text) in enumerate(often, 1)}
    definitions: dict[str, Schema] = {name: json.loads(text) for (_, text), name in names.items()}
    for name, section in sections.items():
        if "properties" in section:
            properties = {
                key: ref(names[item]) if (item := (key, json.dumps(field))) in names else field
                for key, field in section["properties"].items()
            }
            definitions[name] = {**section, "properties": properties}
        else:
            definitions[name] = section
    return definitions


def _described(value: Schema, field: Schema) -> Schema:
    notes: Schema = {key: field[key] for key in ("default", "description") if key in field}
    return value | notes


def _field(schema: Schema) -> Schema:
    mapping = schema.get("discriminator", {}).get("mapping")
    return _chosen_by_type(schema, mapping) if mapping else dict(with_references(schema))


def _chosen_by_type(schema: Schema, mapping: dict[str, str]) -> Schema:
    """A section whose keys depend on its `type`; without one (the base has it) all keys are possible."""
    sources = {name: config_schema()["$defs"][_named(path)] for name, path in mapping.items()}
    keys = sorted({key for source in sources.values() for key in source["properties"]})
    cases = [{"if": _type_is(name), "then": {"$ref": path}} for name, path in mapping.items()]
    any_of_them = {"anyOf": [{"enum": keys}, {"pattern": "^~"}]}
    firsts = {name: source["description"].partition("\n")[0].rstrip(".") for name, source in sources.items()}
    listed = "; ".join(f"{name}: {first}" for name, first in firsts.items())
    return {
        "type": "object",
        "description": schema.get("description", ""),
        "properties": {"type": {"enum": list(sources), "description": f"{listed}."}},
        "allOf": [*cases, {"if": {"not": {"required": ["type"]}}, "then": {"propertyNames": any_of_them}}],
    }


def _type_is(name: str) -> Schema:
    return {"required": ["type"], "properties": {"type": {"const": name}}}


def _complete(section: Schema, sections: Schema) -> Schema:
    """What a section needs when there is no base config: its required keys, and none removed."""
    if "properties" not in section:
        return {}
    inside: Schema = {}
    for key, field in section["properties"].items():
        mapping = field.get("discriminator", {}).get("mapping", {})
        if mapping:
            cases = [
                {"if": _type_is(name), "then": ref(f"complete.{_named(path)}")}
                for name, path in mapping.items()
            ]
            inside[key] = {"required": ["type"], "allOf": cases}
        members: list[Schema] = [field, *field.get("anyOf", ())]
        for name in (_named(member["$ref"]) for member in members if "$ref" in member):
            if "properties" in sections.get(name, {}):
                inside[key] = ref(f"complete.{name}")
    required = {"required": section["required"]} if section.get("required") else {}
    return {**required, **NOT_REMOVED, "properties": inside}


def _named(path: str) -> str:
    return path.rsplit("/", 1)[1]


def _pruned(schema: Schema) -> Schema:
    """The schema without definitions that nothing refers to."""
    reached: dict[str, Any] = {}
    waiting = _references({key: part for key, part in schema.items() if key != "$defs"})
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached[name] = schema["$defs"][name]
            waiting += _references(reached[name])
    return {**schema, "$defs": dict(sorted(reached.items()))}


def _references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [name for item in part for name in _references(item)]
    if not isinstance(part, dict):
        return []
    own = part.get("$ref")
    found = [_named(own)] if isinstance(own, str) else []
    return found + [name for item in part.values() for name in _references(item)]
