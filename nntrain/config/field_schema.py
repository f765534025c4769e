"""The JSON Schema of a config as pydantic tells it: the one description of every field."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from nntrain.config.schema import Config
from nntrain.config.section import Section
from nntrain.config.vocabulary.keras_object import KerasObject


@cache
def config_schema() -> dict[str, Any]:
    """The JSON Schema of a config, with the docstring of each field."""
    schema = Config.model_json_schema(schema_generator=_WithDefaults)
    sections = {section.__name__: section for section in _sections(Section)}
    for name, part in {**schema["$defs"], Config.__name__: schema}.items():
        documented = sections.get(name)
        for key, text in _docstrings(documented).items() if documented else ():
            part["properties"][key]["description"] = text
    return schema


def _sections(base: type[Section]) -> Iterator[type[Section]]:
    for section in base.__subclasses__():
        yield section
        yield from _sections(section)


def _docstrings(section: type[Section]) -> dict[str, str]:
    """The docstring below each field, of the class that declares it last.

    pydantic would read them itself, but at the import of every class: a sixth of the time of `nntrain check`.
    """
    found: dict[str, str] = {}
    for part in reversed(section.__mro__):
        if part is not Section and issubclass(part, Section):
            declared = _declared(part.__module__).get(part.__name__, {})
            found = {key: text for key, text in found.items() if key not in declared}
            found |= {key: text for key, text in declared.items() if text is not None}
    return {key: text for key, text in found.items() if key in section.model_fields}


@cache
def _declared(module: str) -> dict[str, dict[str, str | None]]:
    """By class of a module: the fields that it declares, each with its docstring."""
    found: dict[str, dict[str, str | None]] = {}
    for node in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
        if isinstance(node, ast.ClassDef):
            own = found[node.name] = {}
            for statement, after in pairwise([*node.body, ast.Pass()]):
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    own[statement.target.id] = _text(after)
    return found


def _text(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        value = statement.value.value
        return inspect.cleandoc(value) if isinstance(value, str) else None
    return None


class _WithDefaults(GenerateJsonSchema):
    """Every default as it would be written in a config."""

    def encode_default(self, dft: Any) -> Any:
        """A Keras object as its name, or a mapping."""
        return super().encode_default(dft.plain() if isinstance(dft, KerasObject) else dft)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """What is made anew for each config is a default too."""
        made = super().default_schema(schema)
        factory = schema.get("default_factory")
        if factory is not None:
            made["default"] = self.encode_default(factory())  # type: ignore[call-arg]
        return made
