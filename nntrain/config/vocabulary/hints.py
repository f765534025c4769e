"""What was probably meant by a name or an argument that Keras does not have."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from nntrain.config.habits import slip
from nntrain.config.spelling import flow, spelled
from nntrain.config.vocabulary import catalogue
from nntrain.errors import KeyPath, did_you_mean, listing, suggestion

Fault = tuple[str, KeyPath, str]
"""Message, keys from the object to the culprit, and id."""

SINGULAR = {
    "layers": "layer",
    "optimizers": "optimizer",
    "schedules": "learning-rate schedule",
    "losses": "loss",
    "metrics": "metric",
    "initializers": "initializer",
    "regularizers": "regularizer",
    "constraints": "constraint",
    "callbacks": "callback",
    "activations": "activation",
    "applications": "backbone",
}
"""What one object of each kind is called."""
ELSEWHERE = {
    "layers": {
        **dict.fromkeys(("FC", "FullyConnected", "InnerProduct", "Linear"), "Dense"),
        **dict.fromkeys(("BatchNorm", "BatchNorm1d", "BatchNorm2d"), "BatchNormalization"),
    },
    "metrics": dict.fromkeys(("RMSE", "rmse"), "RootMeanSquaredError"),
}
"""What other libraries call some of Keras' objects."""
INSTEAD = {
    "activations": {
        "prelu": "it is a layer, which learns its slope: {type: PReLU}",
        "maxout": "it is a layer: {type: Maxout, units: 16}",
        **dict.fromkeys(("heaviside", "step", "threshold"), "write binary_step"),
        "none": "write linear, or leave the activation out",
    },
    "losses": {
        **dict.fromkeys(("cubedhinge", "cubichinge"), "write {type: MarginHinge, power: 3}"),
        **dict.fromkeys(("log", "logloss"), "write categorical_crossentropy"),
        **dict.fromkeys(
            ("rmse", "rootmeansquarederror"), "write mse, which is least where its root is least"
        ),
    },
    "optimizers": {
        "momentum": "it is an argument: {type: SGD, momentum: 0.9}",
        "nesterov": "it is an argument: {type: SGD, momentum: 0.9, nesterov: true}",
    },
}
"""What to write for what courses call an object; names in lower case, without '_'."""
STRUCTURE = ("inputs", "name")
"""Keys of a layer that are ours and no arguments of Keras."""


def unknown_name(kind: str, name: str, own: Sequence[str], has_code: bool) -> str:
    """What to say of a name that Keras does not have.

    Args:
        kind: What is wanted, such as `layers`.
        name: As the config has it.
        own: Names of the user's own code for this kind.
        has_code: Whether the config names a file of such code.
    """
    call = _python_call(kind, name)
    if call:
        return f"is Python; write {call}"
    instead = INSTEAD.get(kind, {}).get(name.replace("_", "").lower())
    if instead and name not in own:
        return f"Keras has no {SINGULAR[kind]} named {spelled(name)}; {instead}"
    hint = _nearest(name, kind, [*catalogue.every_name(kind), *own])
    if not hint and not has_code and name.isidentifier():
        hint = "; one of your own needs 'code: FILE.py' at the top of the config"
    elif not hint and not name.isidentifier():
        hint = _last_word(kind, name)
    return f"Keras has no {SINGULAR[kind]} named {spelled(name)}{hint}"


def _last_word(kind: str, name: str) -> str:
    """What to say of `keras.layers.Dense` and `my.module:Layer`, which a config does not import."""
    first, *_, last = words = name.replace(":", ".").split(".")
    if len(words) < 2 or not all(word.isidentifier() for word in words):
        return ""
    if first in {"keras", "tf", "tensorflow"} and catalogue.entry(kind, last):
        return f"; write {last}"
    return "; a config imports nothing: your own classes come from 'code: FILE.py'"


def unknown_argument(entry: catalogue.Entry, key: str, value: Any) -> str:
    """What to say of an argument that a class of Keras does not take."""
    slipped = slip(key) if value is None else None
    if slipped:
        return slipped
    hint = catalogue.argument_hint(entry, key)
    if not hint and entry.kind == "layers":
        hint = did_you_mean(key, STRUCTURE)
    takes = "" if hint else f"; it takes {listing(entry.arguments) or 'no arguments'}"
    return f"{entry.name} takes no argument '{key}'{hint}{takes}"


def no_object(kind: str, value: Any, path: KeyPath) -> Fault:
    """What is wrong with a value that names no object of Keras."""
    what = SINGULAR[kind]
    if isinstance(value, dict):
        if "type" in value:
            message = f"must be the name of {_a(what)}, got {spelled(value['type'])}"
            return message, (*path, "type"), "wrong-type"
        return f"'type' is missing; it names the {what}{_keyed_by_name(kind, value)}", path, "missing-key"
    message = f"must be the name of {_a(what)}, or a mapping with 'type', got {spelled(value)}"
    if kind == "regularizers" and isinstance(value, float):
        message += f"; write {{type: L2, l2: {value:g}}}"
    return message, path, "wrong-type"


def _keyed_by_name(kind: str, value: dict[str, Any]) -> str:
    """The mapping that `{Dense: {units: 12}}` or `{l2: 0.01}` stands for."""
    name, given = next(iter(value.items()), ("", None))
    entry = catalogue.entry(kind, name) if len(value) == 1 else None
    if entry is None:
        return ""
    arguments = given if isinstance(given, dict) else {}
    if isinstance(given, (int, float)) and name in entry.arguments:
        arguments = {name: given}
    return f": {flow({'type': name, **arguments})}"


def _python_call(kind: str, name: str) -> str | None:
    """The mapping that `Dense(16, activation='relu')` stands for; None if it is no such call."""
    try:
        call = ast.parse(name, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not isinstance(call, ast.Call):
        return None
    called = ast.unparse(call.func).split(".")[-1]
    entry = catalogue.entry(kind, called)
    if entry is None:
        return None
    given = dict(zip(entry.arguments, map(_plain, call.args), strict=False))
    for keyword in call.keywords:
        if keyword.arg:
            renamed = catalogue.RENAMED_ARGUMENTS.get(keyword.arg, keyword.arg)
            name = renamed if renamed in entry.arguments else keyword.arg
            given[name] = _plain(keyword.value)
    return flow({"type": called, **given})


def _plain(node: ast.expr) -> Any:
    """The value of a literal, or the text of anything else."""
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return ast.unparse(node)
    return list(value) if isinstance(value, tuple) else value


def _a(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _nearest(name: str, kind: str, known: list[str]) -> str:
    """The nearest name of the same kind; else the kind that the name belongs to, or all of a few names."""
    nearest = ELSEWHERE.get(kind, {}).get(name) or suggestion(name, known)
    if nearest is None and kind == "layers":
        nearest = suggestion(name, catalogue.every_name("applications"))
    if nearest:
        return f" (did you mean '{nearest}'?)"
    for other, singular in SINGULAR.items():
        if other != kind and catalogue.entry(other, name):
            return f"; it is {_a(singular)}"
    names = [own for own in catalogue.names(kind) if catalogue.refusal(kind, own) is None]
    return f"; it has {listing(names)}" if len(names) <= 12 else ""
