"""Names in a Python file: what an import makes of them, and which Keras class each stands for."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from nntrain.config.vocabulary import catalogue

REGISTER = "register_keras_serializable"
AT_THE_TOP = {
    "Initializer": "initializers",
    "Layer": "layers",
    "Loss": "losses",
    "Metric": "metrics",
    "Model": "layers",
    "Optimizer": "optimizers",
    "Regularizer": "regularizers",
    "Sequential": "layers",
}
"""Base classes that Keras also offers as `keras.Layer`, and the part of Keras that each belongs to."""
Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def imported_names(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for: `from keras import layers as L` makes L `keras.layers`."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                found[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}"
    return found


def definitions(statements: list[ast.stmt]) -> Iterator[Definition]:
    """Classes and functions of a module, also those under `if`, `try` and `with`."""
    for node in statements:
        if isinstance(node, Definition):
            yield node
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            for part in ("body", "handlers", "orelse", "finalbody"):
                for child in getattr(node, part, []):
                    inside = child.body if isinstance(child, ast.ExceptHandler) else [child]
                    yield from definitions(inside)


def full_name(node: ast.expr, imported: Mapping[str, str]) -> str:
    """A dotted expression with its first name replaced by what was imported; "" for any other expression."""
    if isinstance(node, ast.Subscript):
        return full_name(node.value, imported)
    if isinstance(node, ast.Name):
        return imported.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        owner = full_name(node.value, imported)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def keras_class(dotted: str) -> tuple[str, str] | None:
    """Kind and name of a public Keras class, such as `("layers", "Dense")` for `tf.keras.layers.Dense`."""
    words = dotted.split(".")
    if "keras" not in words:
        return None
    *module, name = words[words.index("keras") + 1 :] or [""]
    if not module:
        return (AT_THE_TOP[name], name) if name in AT_THE_TOP else None
    kind = module[-1]
    if kind not in catalogue.kinds() or (catalogue.entry(kind, name) is None and name not in AT_THE_TOP):
        return None
    return kind, name
