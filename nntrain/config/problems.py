"""Pydantic's findings in the user's terms: key, what is allowed, what was found, what was meant.

What is allowed is read off the JSON Schema of the config, which is the one description of every field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from pydantic_core import ErrorDetails

from nntrain.config.field_schema import config_schema
from nntrain.config.habits import instead, slip
from nntrain.config.reuse.origin import Origin
from nntrain.config.schema import NAME_LENGTH
from nntrain.config.spelling import flow, percent, spelled
from nntrain.config.text.yaml_text import MAX_INTEGER, MAX_PROBLEMS, resolve
from nntrain.config.training import GPU_BY_NUMBER
from nntrain.config.vocabulary import catalogue
from nntrain.errors import KeyPath, Problem, did_you_mean, dotted, listing, suggestion

Schema = dict[str, Any]


def from_pydantic(errors: Iterable[ErrorDetails], value: Any, origin: Origin) -> list[Problem]:
    """One problem for each key at fault.

    Args:
        errors: `ValidationError.errors()`.
        value: The parsed config, as it was validated.
        origin: Gives each problem its line.
    """
    found: dict[KeyPath, Problem] = {}
    for error in islice(errors, MAX_PROBLEMS):
        path = _real_path(error, value)
        if error["type"] == "too_short" and _at(value, path):
            continue  # pydantic counts the items that were valid
        if path not in found or error["type"] == "fault":
            found[path] = _problem(error, path, value, origin)
    within = {path[:length] for path in found for length in range(len(path))}
    meant = {
        key for path, problem in found.items() if problem.id == "unknown-key" for key in _meant(path, value)
    }
    return [
        problem
        for path, problem in found.items()
        if not (problem.id == "bad-value" and path in within)  # what is inside says it better
        and not (problem.id == "missing-key" and path in meant)
    ]


def _meant(path: KeyPath, value: Any) -> Iterator[KeyPath]:
    """The keys that an unknown key was probably written for."""
    homes = _homes(path, value)
    for length in range(len(homes[0]) if homes else 0):
        yield homes[0][: length + 1]
    nearest = suggestion(str(path[-1]), _schema_at(path[:-1], value).get("properties", {}))
    if nearest and not homes:
        yield (*path[:-1], nearest)


def _real_path(error: ErrorDetails, value: Any) -> KeyPath:
    """Pydantic's location without the names of union members."""
    path: KeyPath = ()
    last = len(error["loc"]) - 1
    for i, part in enumerate(error["loc"]):
        if isinstance(value, dict):
            named = part == value.get("type") and not (i == 2 and path == ("data",))
            if part in value and not (named and i == 1):  # a key of data can be called as its source is
                value = value[part]
            elif i != last or named or error["type"] not in {"missing", "fault"}:
                continue
            else:
                value = None
            path = (*path, part)
        elif isinstance(value, (list, tuple)) and isinstance(part, int) and part < len(value):
            path, value = (*path, part), value[part]
    return path


def _problem(error: ErrorDetails, path: KeyPath, value: Any, origin: Origin) -> Problem:
    kind = error["type"]
    if kind == "fault":
        context = error["ctx"]
        of_key = context["id"] in {"unknown-argument", "port-name"}
        return Problem(context["message"], path, origin.location(path, of_key), context["id"])
    if kind == "extra_forbidden":
        return Problem(_unknown_key(path, value), path, origin.location(path, of_key=True), "unknown-key")
    schema = _schema_at(path, value)
    if kind == "missing" and not isinstance(error["loc"][-1], int):  # else a list is too short
        words = _enums(schema)
        rest = f"; it is one of {listing(words)}" if words else _example(str(path[-1]), schema)
        return Problem(f"is missing{rest}", path, origin.location(path), "missing-key")
    if kind in {"union_tag_not_found"}:
        names = listing(schema.get("discriminator", {}).get("mapping", {}))
        key = (*path, "type")
        return Problem(f"is missing; it is one of {names}", key, origin.location(path, True), "missing-key")
    if kind == "union_tag_invalid":
        path = (*path, "type")
        names_of = schema.get("discriminator", {}).get("mapping", {})
        given = _at(value, path)
        message = (
            f"must be one of {listing(names_of)}; got {spelled(given)}{did_you_mean(str(given), names_of)}"
        )
        return Problem(message, path, origin.location(path), "unknown-name")
    return Problem(_unfit(_at(value, path), schema), path, origin.location(path), "bad-value")


def _unfit(given: Any, schema: Schema) -> str:
    """`must be X, got Y`, with a hint where the mistake is a known one."""
    allowed = describe(schema)
    message = f"must be {allowed}{';' if allowed.startswith('one of') else ','} got {spelled(given)}"
    names = [str(name) for name in _enums(schema)]
    if allowed.startswith("a mapping") and schema.get("examples"):
        return f"{message}; for example {flow(schema['examples'][0])}"
    if "below 1" in allowed and percent(given):
        return message + percent(given)
    if allowed.startswith("a list") and isinstance(given, dict):
        return f"{message}; start each item with '- '"
    if allowed in {"a list", "a list of at least one item"} and given and not isinstance(given, (dict, list)):
        return f"{message}; write [{flow(given)}]"
    if isinstance(given, str):
        if not given and schema.get("minLength") == 1 and "maxLength" not in schema:
            return "must not be empty"
        number = resolve(given.replace("_", ""))
        if names and not _is_writable(number):
            return message + did_you_mean(given, names)
        if "number" in allowed and _is_writable(number):
            return f"{message}, which is text; write {number:g} without quotes"
        if allowed == "true or false" and given.lower() in {"yes", "no", "on", "off", "y", "n"}:
            return f"{message}; write {'true' if given.lower() in {'yes', 'on', 'y'} else 'false'}"
    if isinstance(given, float) and given.is_integer() and allowed.startswith("a whole number"):
        return f"{message}; write {given:.0f}" if abs(given) < 1e15 else message
    if allowed.startswith("text") and isinstance(given, (int, float)):
        return f'{message}; write "{flow(given)}" in quotes if that is the text'
    return message


def _is_writable(number: Any) -> bool:
    """Whether a text is a number that `%g` writes as it stands."""
    return isinstance(number, (int, float)) and not isinstance(number, bool) and abs(number) < MAX_INTEGER


def _unknown_key(path: KeyPath, value: Any) -> str:
    key = str(path[-1])
    slipped = slip(key) if _at(value, path) is None else None
    if slipped:
        return slipped
    if (known_as := instead(path, _at(value, ("data", "type")))) is not None:
        return f"there is no key '{key}'; {known_as}"
    homes = _homes(path, value)
    if homes:
        home = dotted(homes[0][:-1])
        return f"is not known here; it belongs {f'under {home}' if home else 'at the top level'}"
    others = [name for name in _sources() if path[:-1] == ("data",) and key in _properties_of(name)]
    if others:
        return f"is a key of data of type {_either(others)}, not {value['data']['type']}"
    known = _schema_at(path[:-1], value).get("properties", {})
    hint = did_you_mean(key, known)
    strange = not key.isprintable() or (hint and not key.isascii())
    shown_key = key.encode("unicode_escape").decode() if strange else key
    rest = "" if hint else f"; known here: {listing(known, 20)}"
    return f"there is no key '{shown_key}'{hint}{rest}"


SECTIONS: tuple[KeyPath, ...] = (
    (),
    ("data", "split"),
    ("data", "preprocess", "numeric"),
    ("data", "preprocess", "categorical"),
    ("model",),
    ("training",),
    ("training", "early_stopping"),
    ("pretrain",),
    ("evaluation",),
    ("limits",),
    ("data",),
)
"""Where a key that stands at the wrong level is looked for, the likeliest first."""


def _homes(path: KeyPath, value: Any) -> list[KeyPath]:
    """Where the last key of a path is known, apart from its own section."""
    key = str(path[-1])
    top = value if isinstance(_at(value, ("data",)), dict) else {"data": {"type": "csv"}}
    homes = [(*section, key) for section in SECTIONS if key in _schema_at(section, top).get("properties", {})]
    adam = catalogue.entry("optimizers", "Adam")
    if adam and not homes and key in {*adam.arguments, *catalogue.RENAMED_ARGUMENTS}:
        homes.append(("training", "optimizer", key))
    return [home for home in homes if home[:-1] != path[:-1]]


def _sources() -> list[str]:
    return sorted(_resolved(config_schema()["properties"]["data"])["discriminator"]["mapping"])


def _properties_of(source: str) -> Schema:
    return properties_at(("data",), {"data": {"type": source}})


def _either(words: list[str]) -> str:
    """`a, b or c`."""
    return " or ".join((", ".join(words[:-1]), words[-1])) if words[1:] else words[0]


def describe(schema: Schema) -> str:
    """What a schema allows, in words that follow 'must be'."""
    schema = _resolved(schema)
    if "anyOf" in schema:
        parts = list(dict.fromkeys(describe(s) for s in schema["anyOf"] if s.get("type") != "null"))
        return _either(parts)
    if "const" in schema:
        const = schema["const"]
        return str(const).lower() if isinstance(const, bool) else f"'{const}'"
    if "enum" in schema:
        return f"one of {', '.join(str(name) for name in schema['enum'])}"
    kind = schema.get("type")
    if kind in {"integer", "number"}:
        noun = "a whole number" if kind == "integer" else "a number"
        return noun + _bounds(schema)
    if kind == "array":
        return _describe_list(schema)
    if schema.get("pattern") == GPU_BY_NUMBER:
        return "gpu:N with the number of a GPU"
    if kind == "string" and "pattern" in schema:
        return f"text of 1 to {NAME_LENGTH} letters, digits, '_', '-' and '.', first a letter, digit or '_'"
    if kind == "string" and schema.get("maxLength") == 1:
        return "one character"
    words = {"string": "text", "boolean": "true or false", "object": "a mapping (key: value)"}
    return words.get(str(kind), "a mapping (key: value)")


def _describe_list(schema: Schema) -> str:
    if "prefixItems" in schema:
        return f"a list of {len(schema['prefixItems'])} numbers"
    return "a list of at least one item" if schema.get("minItems") else "a list"


def _bounds(schema: Schema) -> str:
    words = [
        f"{text} {schema[key]:,}" if isinstance(schema[key], int) else f"{text} {schema[key]:g}"
        for key, text in (
            ("minimum", "of at least"),
            ("exclusiveMinimum", "above"),
            ("maximum", "of at most"),
            ("exclusiveMaximum", "below"),
        )
        if key in schema
    ]
    return (" " + " and ".join(words)) if words else ""


def describe_is_text(path: KeyPath, value: Any) -> bool:
    """Whether the key wants text and holds a number, true, false or nothing."""
    schema = _schema_at(path, value)
    members = [_resolved(member) for member in schema.get("anyOf", [schema])]
    plain = [m for m in members if m.get("type") == "string" and "enum" not in m and "const" not in m]
    given = _at(value, path)
    objects = any(member.get("type") == "object" for member in members)
    return bool(plain) and not objects and (given is None or isinstance(given, (int, float)))


def _example(key: str, schema: Schema) -> str:
    examples = schema.get("examples")
    if not examples:
        return ""
    return f"; for example '{key}: {flow(examples[0])}'"


def _at(value: Any, path: KeyPath) -> Any:
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        own = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**config_schema()["$defs"][schema["$ref"].rsplit("/", 1)[1]], **own}
    return schema


def _schema_at(path: KeyPath, value: Any) -> Schema:
    """The schema of the value that a path leads to; {} where the config does not say."""
    schema = config_schema()
    for part in path:
        schema = _member(schema, value)
        if isinstance(part, int):
            first = schema.get("prefixItems", [])
            schema = first[part] if part < len(first) else schema.get("items", {})
        else:
            schema = schema.get("properties", {}).get(part) or schema.get("additionalProperties") or {}
            schema = schema if isinstance(schema, dict) else {}
        value = _at(value, (part,))
    return _member(schema, value)


def properties_at(path: KeyPath, value: Any) -> Schema:
    """The keys that the section at a path may have, and the schema of each."""
    properties: Schema = _schema_at(path, value).get("properties", {})
    return properties


def _member(schema: Schema, value: Any) -> Schema:
    """Of a union, the member that the value belongs to, if it can be told."""
    schema = _resolved(schema)
    mapping = schema.get("discriminator", {}).get("mapping", {})
    if mapping and isinstance(value, dict) and str(value.get("type")) in mapping:
        return _resolved({"$ref": mapping[value["type"]]})
    if "anyOf" in schema:
        members = [m for m in map(_resolved, schema["anyOf"]) if m.get("type") != "null"]
        kind = "array" if isinstance(value, list) else "object" if isinstance(value, dict) else None
        same = [m for m in members if m.get("type") == kind]
        chosen = same[0] if same else members[0] if len(members) == 1 else schema
        return {**chosen, **{key: schema[key] for key in ("examples",) if key in schema}}
    return schema


def _enums(schema: Schema) -> list[Any]:
    schema = _resolved(schema)
    if "anyOf" in schema:
        return [name for member in schema["anyOf"] for name in _enums(member)]
    return list(schema.get("enum", [schema["const"]] if "const" in schema else []))
