"""The JSON Schema of a config as pydantic tells it: the one description of every field."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from nntrain.config.schema import Config
from nntrain.config.vocabulary.keras_object import KerasObject


@cache
def config_schema() -> dict[str, Any]:
    """The JSON Schema of a config."""
    return Config.model_json_schema(schema_generator=_WithDefaults)


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
