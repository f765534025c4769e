"""Write down what the installed Keras takes: `python -m nntrain.model.catalogue [--check]`.

The catalogue lets `nntrain check` judge names and arguments without importing Keras. Everything in it
is read from Keras itself: public names, constructor signatures, docstrings and Keras' own string tables.
What is our own stands beside it.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import json
import math
import re
import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import keras

from nntrain.config.vocabulary.catalogue import PATH
from nntrain.model.names import snake_case
from nntrain.model.own import ALIASES, OWN
from nntrain.model.own import GROUPS as OWN_GROUPS
from nntrain.model.signatures import parameters_of, parsed

Record = dict[str, Any]

BASES: dict[str, type] = {
    "callbacks": keras.callbacks.Callback,
    "constraints": keras.constraints.Constraint,
    "initializers": keras.initializers.Initializer,
    "layers": keras.layers.Layer,
    "losses": keras.losses.Loss,
    "metrics": keras.metrics.Metric,
    "optimizers": keras.optimizers.Optimizer,
    "regularizers": keras.regularizers.Regularizer,
    "schedules": keras.optimizers.schedules.LearningRateSchedule,
}
TABLES = ("activations", "constraints", "initializers", "losses", "metrics", "optimizers", "regularizers")
"""Kinds whose names Keras also takes as strings."""
BY_SHAPE = {"losses": "get_loss", "metrics": "get_metric"}
"""Where `compile` resolves words such as `accuracy` by the shapes of labels and predictions."""

NOT_IN_YAML = frozenset(
    {"call_fn", "fn", "function", "init_fn", "module", "quantization_config", "schedule", "on_epoch_begin"}
    | {"on_epoch_end", "on_train_begin", "on_train_end", "on_train_batch_begin", "on_train_batch_end"}
)
"""Arguments that take a function or a Python object."""
NESTED = (
    ("initializers", re.compile(r".+_initializer$")),
    ("regularizers", re.compile(r".+_regularizer$")),
    ("constraints", re.compile(r".+_constraint$")),
    ("activations", re.compile(r"activation$|.+_activation$")),
)
NESTED_LAYERS = frozenset({"backward_layer", "cell", "cells", "forward_layer", "layer", "layers"})
LISTS = frozenset({"cells", "layers"})
OF_THE_CLASSIFIER = frozenset(
    {"classes", "classifier_activation", "include_top", "input_shape", "input_tensor"}
)
"""Arguments of a backbone that a network which goes on after it has no use for."""
GROUPS = {
    "activations": "activation",
    "convolutional": "convolution",
    "image_preprocessing": "augmentation",
    "rnn": "recurrent",
}
"""Folders of Keras that have a better name."""
REQUIRED_ANYWAY = frozenset({("CategoryEncoding", "num_tokens")})
"""Arguments whose default the constructor refuses."""


def catalogue() -> Record:
    """Every kind with its entries and aliases, and the version of Keras that they were read from."""
    kinds: Record = {kind: _classes(kind, base) for kind, base in BASES.items()}
    kinds["activations"] = _functions("activations")
    kinds["applications"] = _backbones()
    for kind in TABLES:
        _add_string_names(kind, kinds[kind])
    for kind in OWN:
        _add_own(kind, kinds[kind])
    for kind, resolver in BY_SHAPE.items():
        _add_names_by_shape(kind, resolver, kinds[kind])
    return {"keras": keras.__version__, "kinds": {kind: _ordered(kinds[kind]) for kind in sorted(kinds)}}


def module_of(kind: str) -> Any:
    """The public Keras module that holds the kind."""
    return keras.optimizers.schedules if kind == "schedules" else getattr(keras, kind)


def _ordered(part: Record) -> Record:
    return {key: dict(sorted(part[key].items())) for key in ("aliases", "entries")}


def _classes(kind: str, base: type) -> Record:
    """Public subclasses by their own name; a second public name of a class is an alias."""
    public = {
        name: thing
        for name, thing in vars(module_of(kind)).items()
        if not name.startswith("_") and inspect.isclass(thing) and issubclass(thing, base)
    }
    canonical = {cls: _canonical(cls, public) for cls in public.values()}
    return {
        "entries": {name: _record(kind, cls) for cls, name in canonical.items()},
        "aliases": {name: canonical[cls] for name, cls in public.items() if name != canonical[cls]},
    }


def _canonical(cls: type, public: dict[str, type]) -> str:
    """A class's own name if that is public, else the first public one."""
    if public.get(cls.__name__) is cls:
        return cls.__name__
    return min(name for name, thing in public.items() if thing is cls)


def _functions(kind: str) -> Record:
    """Activations: functions of a tensor; Keras has no way to save their further arguments."""
    public = {
        name: thing
        for name, thing in vars(module_of(kind)).items()
        if inspect.isfunction(thing) and name not in ("deserialize", "get", "serialize")
    }
    return {
        "entries": {
            name: {"summary": summary(thing)} for name, thing in public.items() if name == thing.__name__
        },
        "aliases": {name: thing.__name__ for name, thing in public.items() if name != thing.__name__},
    }


def _backbones() -> Record:
    """Networks of `keras.applications` without their classifier, fed by the layer before them."""
    entries = {}
    for name, thing in vars(keras.applications).items():
        parameters = inspect.signature(thing).parameters if inspect.isfunction(thing) else {}
        if "include_top" not in parameters:
            continue
        arguments = {
            key: _argument("applications", parameter)
            for key, parameter in parameters.items()
            if key not in OF_THE_CLASSIFIER
        }
        # Random weights unless a local file is named; the name is Keras' choice.
        arguments |= {"weights": {"default": None}, "name": {"default": None}}
        arguments["trainable"] = {"default": True, "type": "bool"}
        text = f"The layers of the {name} network, without its classifier."
        entries[name] = {"summary": text, "arguments": arguments}
    return {"entries": entries, "aliases": {}}


def _add_string_names(kind: str, part: Record) -> None:
    """Add the strings of Keras' own table; a function that has a class stands for the class."""
    entries, aliases = part["entries"], part["aliases"]
    snake = import_module("keras.src.utils.naming").to_snake_case
    by_function = {snake(name): name for name in entries}
    for name, thing in import_module(f"keras.src.{kind}").ALL_OBJECTS_DICT.items():
        if name in entries:
            continue
        own = thing.__name__
        target = own if own in entries else by_function.get(own)
        if target is not None:
            aliases[name] = target
        elif inspect.isfunction(thing):
            entries[name] = {"summary": summary(thing)}


def _add_own(kind: str, part: Record) -> None:
    """Add what is ours; a loss also under the name that Keras would give its function."""
    for name, thing in OWN[kind].items():
        record = _record(kind, thing) if isinstance(thing, type) else {"summary": summary(thing)}
        part["entries"][name] = record | ({"group": OWN_GROUPS[name]} if kind == "layers" else {})
        if kind == "losses":
            part["aliases"][snake_case(name)] = name
    part["aliases"] |= ALIASES.get(kind, {})


def _add_names_by_shape(kind: str, resolver: str, part: Record) -> None:
    """Add the words that `compile` compares with before it asks the table."""
    compile_utils = import_module("keras.src.trainers.compile_utils")
    for node in ast.walk(parsed(getattr(compile_utils, resolver))):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.NotIn):
            for name in ast.literal_eval(node.comparators[0]):
                part["aliases"].pop(name, None)
                text = "Binary, categorical or sparse categorical, by the shapes of labels and predictions."
                part["entries"][name] = {"summary": text}


def summary(thing: Any) -> str:
    """The first sentence of the docstring, on one line and without markup."""
    paragraph = " ".join((inspect.getdoc(thing) or "").split("\n\n")[0].split())
    sentence = re.split(r"(?<=\.)(?<!e\.g\.)(?<! al\.)\s", paragraph, maxsplit=1)[0]
    return re.sub(r"\[(.+?)\]\(.+?\)", r"\1", sentence).replace("`", "")


def _record(kind: str, cls: type) -> Record:
    record: Record = {"summary": summary(cls)}
    if kind == "layers":
        record["group"] = _group(cls)
    arguments = {name: _argument(kind, parameter) for name, parameter in parameters_of(cls).items()}
    for name in arguments:
        if (cls.__name__, name) in REQUIRED_ANYWAY:
            arguments[name] = {"required": True}
    if arguments:
        record["arguments"] = arguments
    return record


def _group(cls: type) -> str:
    """What sort of layer this is, by the folder of Keras that it is defined in."""
    folders = cls.__module__.split(".")[3:-1]
    return GROUPS.get(folders[-1], folders[-1]) if folders else "core"


def _argument(kind: str, parameter: inspect.Parameter) -> Record:
    record: Record = {}
    default = parameter.default
    if default is parameter.empty:
        record["required"] = True
    elif isinstance(default, (bool, int, str, list, tuple, type(None))) or _is_finite(default):
        record["default"] = list(default) if isinstance(default, tuple) else default
    else:
        record["default_text"] = re.sub(r" at 0x[0-9a-f]+", "", repr(default))
    inferred = _type(parameter.name, default)
    if inferred != "any":
        record["type"] = inferred
    nested = _nested(kind, parameter.name)
    if nested:
        record["kind"] = nested
    if parameter.name in NOT_IN_YAML:
        record["callable"] = True
    return record


def _is_finite(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _type(name: str, default: object) -> str:
    if name in LISTS or isinstance(default, (list, tuple)):
        return "list"
    return type(default).__name__ if isinstance(default, (bool, int, float, str)) else "any"


def _nested(kind: str, name: str) -> str | None:
    """The kind of Keras object that an argument takes, if it takes one."""
    if kind == "optimizers":
        return {"learning_rate": "schedules", "inner_optimizer": "optimizers"}.get(name)
    if kind != "layers":
        return None
    if name in NESTED_LAYERS:
        return "layers"
    return next((nested for nested, pattern in NESTED if pattern.match(name)), None)


def as_text(content: Record) -> str:
    """The catalogue as JSON, one argument a line, so that a diff between versions can be read."""
    return "\n".join(_lines(content, 0)) + "\n"


def _lines(value: Record, depth: int) -> Iterator[str]:
    """JSON objects that hold objects are spread over lines; the innermost ones take one line each."""
    yield "{"
    last = len(value) - 1
    for number, (key, item) in enumerate(value.items()):
        head = " " * (depth + 1) + json.dumps(key) + ": "
        comma = "," if number < last else ""
        if isinstance(item, dict) and _is_branch(key, item):
            first, *rest = _lines(item, depth + 1)
            yield head + first
            yield from rest[:-1]
            yield rest[-1] + comma
        else:
            yield head + json.dumps(item, ensure_ascii=False, allow_nan=False) + comma
    yield " " * depth + "}"


def _is_branch(key: str, item: Record) -> bool:
    return bool(item) and (key in ("aliases", "arguments") or any(isinstance(i, dict) for i in item.values()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrite the catalogue, or say with the exit code whether it is current."""
    parser = argparse.ArgumentParser(prog="python -m nntrain.model.catalogue", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it is not current")
    checking = parser.parse_args(arguments).check
    fresh = as_text(catalogue())
    if PATH.exists() and PATH.read_text(encoding="utf-8") == fresh:
        sys.stdout.write(f"{PATH} is current for Keras {keras.__version__}\n")
        return 0
    if checking:
        sys.stdout.write(f"{PATH} is not what Keras {keras.__version__} takes; run without --check\n")
        return 1
    PATH.write_text(fresh, encoding="utf-8")
    sys.stdout.write(f"wrote {PATH} for Keras {keras.__version__}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
