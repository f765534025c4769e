"""What rows a run takes, in short: columns with their kinds or shapes of arrays, and a digest of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def schema_of(inputs: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """What each column holds, or each array, by its name.

    Args:
        inputs: Those of a run's `preprocess.json`.
    """
    found: dict[str, str] = {}
    for name, state in inputs.items():
        kind = str(state["kind"])
        if kind == "table":
            found |= {str(column["name"]): str(column["kind"]) for column in state["columns"]}
        elif kind == "windows":
            found |= schema_of({name: state["windows"]["of"]})
        elif kind == "text" and "column" in state:
            found[str(state["column"])] = kind
        else:
            shape = state.get("row_shape")
            found[name] = kind if shape is None else f"{kind} {tuple(shape)}"
    return found


def digest_of(schema: Mapping[str, str]) -> str:
    """SHA-256 of a schema, in which the order of the columns does not count."""
    return hashlib.sha256(json.dumps(dict(sorted(schema.items()))).encode()).hexdigest()
