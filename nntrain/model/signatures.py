"""What a constructor of Keras takes by name, also where it hands arguments on to its parents."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

Parameters = dict[str, inspect.Parameter]

POPPED = frozenset({"autocast", "dtype", "implementation", "name", "trainable"})
"""Arguments that some constructors take out of **kwargs by hand; others that they take so are legacy."""


def parameters_of(cls: type) -> Parameters:
    """What the constructor takes by name, also through **kwargs, in order."""
    owners = [c for c in cls.__mro__ if "__init__" in vars(c) and c is not object]
    found: Parameters = {}
    settled: set[str] = set()
    for owner in owners:
        constructor = vars(owner)["__init__"]
        own = list(inspect.signature(constructor).parameters.values())[1:]
        for parameter in own:
            refused = parameter.name in settled or _refused_by(cls, owner, parameter.name)
            if not refused and parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                found.setdefault(parameter.name, parameter)
        forwarded = _forwarded(constructor, owners[owners.index(owner) + 1 :], found)
        if forwarded is None or all(parameter.kind != parameter.VAR_KEYWORD for parameter in own):
            break
        settled |= forwarded
    return found


def _refused_by(cls: type, owner: type, name: str) -> bool:
    """Most image layers inherit `factor` only to refuse it."""
    inherited = owner is not cls and owner.__name__ == "BaseImagePreprocessingLayer"
    return inherited and name == "factor" and not getattr(cls, "_USE_BASE_FACTOR", True)


def _forwarded(constructor: Any, parents: Sequence[type], found: Parameters) -> set[str] | None:
    """Parent parameters that the constructor sets itself; None if **kwargs don't reach the parent.

    Arguments that it takes out of **kwargs by hand are added to `found`.
    """
    tree = parsed(constructor)
    for name, default in _popped(tree):
        found.setdefault(name, inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default))
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__":
            keywords = [keyword.arg for keyword in call.keywords]
            if None in keywords and parents:
                positional = [arg for arg in call.args if not isinstance(arg, ast.Starred)]
                names = list(inspect.signature(vars(parents[0])["__init__"]).parameters)[1:]
                return set(names[: len(positional)]) | {word for word in keywords if word is not None}
    return None


def _popped(tree: ast.AST) -> Iterator[tuple[str, Any]]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "kwargs.pop" and len(call.args) == 2:
            name, default = call.args
            if isinstance(name, ast.Constant) and name.value in POPPED:
                yield str(name.value), ast.literal_eval(default)


def parsed(function: Any) -> ast.AST:
    """The syntax tree of a function's source."""
    return ast.parse(textwrap.dedent(inspect.getsource(function)))
