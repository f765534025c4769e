"""Values that JSON has no word for, in JSON: a NaN is `{"float": "nan"}`, and reads back as what it was."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

WORD = "float"


def dumps(value: Any) -> str:
    """A value as JSON that every program reads."""
    return json.dumps(_encoded(value), allow_nan=False)


def loads(text: str | bytes) -> Any:
    """What `dumps` was given, tuples as lists.

    Raises:
        ValueError: It is no JSON.
    """
    return json.loads(text, object_hook=_decoded)


def _encoded(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {WORD: str(float(value))}
    if isinstance(value, Mapping):
        return {key: _encoded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_encoded(inner) for inner in value]
    return value


def _decoded(value: dict[str, Any]) -> Any:
    text = value.get(WORD)
    return float(text) if len(value) == 1 and text in ("nan", "inf", "-inf") else value
