"""What a stranger's .keras file says about its network: only Keras' own parts may be named in it.

Nothing is built from it. A file that names something else was made to run code, and is refused as a whole.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.user_code import UserCode

MAX_DEPTH = 100
MAX_NODES = 500_000
KINDS = {
    "keras.activations": "activations",
    "keras.constraints": "constraints",
    "keras.initializers": "initializers",
    "keras.layers": "layers",
    "keras.losses": "losses",
    "keras.metrics": "metrics",
    "keras.optimizers": "optimizers",
    "keras.optimizers.schedules": "schedules",
    "keras.regularizers": "regularizers",
}
"""Modules that a file may name, and the part of the catalogue with the names that each may have."""
OTHERS = {
    ("keras", "DTypePolicy"),
    ("keras", "Functional"),
    ("keras", "Model"),
    ("keras", "Sequential"),
    ("keras.dtype_policies", "DTypePolicy"),
    ("keras.layers", "InputLayer"),
    ("keras.losses", "LossFunctionWrapper"),
    ("keras.metrics", "Mean"),
    ("keras.metrics", "MeanMetricWrapper"),
    ("keras.models", "Functional"),
    ("keras.models", "Model"),
    ("keras.models", "Sequential"),
    ("keras.optimizers", "LossScaleOptimizer"),
    ("keras.src.applications.convnext", "LayerScale"),
    ("keras.src.applications.convnext", "PreStem"),
    ("keras.src.applications.convnext", "StochasticDepth"),
    ("keras.src.applications.inception_resnet_v2", "CustomScaleLayer"),
    *(("keras.src.ops.numpy", name) for name in ("Add", "Divide", "Multiply", "Subtract", "TrueDivide")),
    ("keras.src.models.functional", "Functional"),
    ("keras.src.models.sequential", "Sequential"),
}
VALUES = frozenset(
    {"__keras_tensor__", "__tuple__", "__tensor__", "__numpy__", "__ellipsis__", "__slice__", "__typespec__"}
)
"""What Keras writes for plain values."""
NEVER = "which runs code of the file's own; such a model is never loaded"


def wrong_metadata(text: bytes) -> str | None:
    """What is wrong with a file's metadata, or None."""
    value = None
    with contextlib.suppress(RecursionError):
        value = _parsed(text)
    version = value.get("keras_version") if isinstance(value, dict) else None
    if not isinstance(version, str) or not version.startswith("3."):
        return "has no metadata of Keras 3; save the model again with Keras 3"
    return None


def wrong_config(text: bytes, code: UserCode | None) -> str | None:
    """What is wrong with a file's own config, or None.

    Args:
        text: The content of `config.json`.
        code: The classes and functions that the user's config may name, which the file may name too.
    """
    if text.count(b"{") + text.count(b"[") > MAX_NODES:
        return f"has a config of more than {MAX_NODES:,} parts"
    try:
        value = _parsed(text)
        if not isinstance(value, dict) or "class_name" not in value:
            return "is damaged: its config.json describes no model"
        return next(_wrong(value, 0, code), None)
    except RecursionError:
        return _too_deep()


def _too_deep() -> str:
    return f"has a config that is nested more than {MAX_DEPTH} deep"


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _wrong(value: Any, depth: int, code: UserCode | None) -> Iterator[str]:
    if depth > MAX_DEPTH:
        yield _too_deep()
        return
    if isinstance(value, dict):
        if "class_name" in value:
            found = _wrong_object(value, code)
            if found:
                yield found
        for inner in value.values():
            yield from _wrong(inner, depth + 1, code)
    elif isinstance(value, list):
        for inner in value:
            yield from _wrong(inner, depth + 1, code)


def _wrong_object(value: Mapping[str, Any], code: UserCode | None) -> str | None:
    name, module, registered = value["class_name"], value.get("module"), value.get("registered_name")
    if not isinstance(name, str) or not isinstance(module, str | None):
        return "is damaged: its config names a class in a way that Keras does not"
    if name in {"Lambda", "__lambda__"}:
        return f"holds a Lambda layer, {NEVER}" if name == "Lambda" else f"holds a Python function, {NEVER}"
    if name in VALUES:
        return None
    if code is not None and name in code.parts and isinstance(registered, str):
        return None
    if module == "builtins" and name == "function":
        named = value.get("config")
        own = code is not None and str(named).split(">")[-1] in code.parts
        return None if own or _is_function(named) else f"names the Python function {_shown(named)}, {NEVER}"
    if registered in (None, name) and ((module, name) in OTHERS or _is_keras(module, name)):
        return None
    place = "" if module is None else f" of the module {_shown(module)}"
    return f"names {_shown(name)}{place}, which is not a part of Keras that a model file may name"


def _is_keras(module: str | None, name: str) -> bool:
    kind = KINDS.get(module or "")
    return kind is not None and name in catalogue.names(kind) and catalogue.refusal(kind, name) is None


def _is_function(name: Any) -> bool:
    """Whether a text is what Keras calls a loss, a metric or an activation of its own."""
    kinds = ("activations", "losses", "metrics")
    return isinstance(name, str) and any(name in (*catalogue.names(k), *catalogue.aliases(k)) for k in kinds)


def _shown(value: Any) -> str:
    text = str(value)
    return f"'{text if len(text) <= 60 else text[:60] + '...'}'"
