"""Values in messages: as the config would spell them."""

from __future__ import annotations

import math
from typing import Any


def spelled(value: Any, limit: int = 60) -> str:
    """A value that was found, with quotes around text; a long one is cut."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)) and any(isinstance(item, (dict, list)) for item in value):
        return "a list"
    if isinstance(value, (list, tuple)):
        text = "[" + ", ".join(spelled(item) for item in value[:limit]) + "]" if value else "an empty list"
    elif isinstance(value, float) and not math.isfinite(value):
        text = ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    else:
        text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def flow(value: Any) -> str:
    """A value as an example in one line, `type` first."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key != "type")
        return "{" + ", ".join(f"{key}: {flow(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    return value if isinstance(value, str) else spelled(value)


def percent(given: Any) -> str:
    """What to add where a share is wanted and percents were given: `; write 0.2 for 20 %`, or nothing."""
    whole = isinstance(given, int) and not isinstance(given, bool) and 1 < given < 100
    return f"; write {given / 100:g} for {given} %" if whole else ""
