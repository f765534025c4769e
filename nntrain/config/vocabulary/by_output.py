"""Losses and metrics that are given once, or for each output by its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from nntrain.config.section import faults
from nntrain.config.spelling import flow, spelled
from nntrain.config.text.yaml_text import MAX_PROBLEMS
from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.keras_object import KerasObject, Kind, Reader
from nntrain.errors import KeyPath


@dataclass(frozen=True)
class _ByOutput(Kind):
    """One value, or a mapping of one for each output."""

    def read(self, value: Any, info: core_schema.ValidationInfo) -> Any:
        """Check everything that is given.

        Raises:
            ValidationError: With every mistake.
        """
        context = info.context or {"warnings": [], "faults": []}
        reader = Reader.of(context)
        if len(context["faults"]) >= MAX_PROBLEMS:
            return KerasObject("", {}, self.kind)  # nobody reads more
        if self.is_mapping(value):
            result: Any = {name: self.one(reader, item, (name,)) for name, item in value.items()}
        else:
            result = self.one(reader, value, ())
        context["faults"] += reader.faults
        if reader.faults:
            raise faults(*reader.faults)
        return result

    def is_mapping(self, value: Any) -> bool:
        """Whether the value holds something for each output."""
        return isinstance(value, dict) and bool(value) and "type" not in value

    def one(self, reader: Reader, value: Any, path: KeyPath) -> Any:
        """What is given for one output."""
        return value if isinstance(value, KerasObject) else reader.object(self.kind, value, path)


@cache
def _arguments() -> frozenset[str]:
    """Every argument of a loss."""
    losses = (catalogue.entry("losses", name) for name in catalogue.names("losses"))
    return frozenset(argument for loss in losses if loss for argument in loss.arguments)


@dataclass(frozen=True)
class LossKind(_ByOutput):
    """A loss, or a mapping of losses by output."""

    kind: str = "losses"

    def is_mapping(self, value: Any) -> bool:
        """Whether the value holds losses by output, and is no single loss without its `type`."""
        if not super().is_mapping(value) or all(key in _arguments() for key in value):
            return False
        return len(value) > 1 or not catalogue.entry("losses", next(iter(value)))


@dataclass(frozen=True)
class MetricsKind(_ByOutput):
    """A list of metrics, or a mapping of lists by output."""

    kind: str = "metrics"

    def one(self, reader: Reader, value: Any, path: KeyPath) -> Any:
        """The metrics of one output."""
        if isinstance(value, (list, tuple)):
            return tuple(super(MetricsKind, self).one(reader, m, (*path, i)) for i, m in enumerate(value))
        fix = f"; write [{flow(value)}]" if value else ""
        reader.faults.append((f"must be a list, got {spelled(value)}{fix}", path, "bad-value"))
        return ()

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """A list, or a mapping of lists."""
        item = super().__get_pydantic_json_schema__(schema, handler)
        listed = {"type": "array", "items": item}
        return {"anyOf": [listed, {"type": "object", "additionalProperties": listed}]}
