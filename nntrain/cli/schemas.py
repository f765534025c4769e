"""What the JSON Schemas of `--json` are put together from."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": ["number", "null"]}
COUNT: Schema = {"type": "integer", "minimum": 0}
MAPPING: Schema = {"type": "object"}
TEXTS: Schema = {"type": "array", "items": TEXT}
LIST: Schema = {"type": "array"}
CONFIG: Schema = {"config": {**TEXT, "description": "The config's name."}}


def maybe(schema: Schema) -> Schema:
    """This, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def fields(required: Schema, optional: Schema | None = None) -> Schema:
    """An object with these keys and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def items(schema: Schema) -> Schema:
    """A list of such values."""
    return {"type": "array", "items": schema}
