"""From `type` and arguments to a Keras object: Keras itself is the registry."""

from __future__ import annotations

import re
from typing import Any

import keras

from nntrain.config.catalogue import REFUSED
from nntrain.config.keras_object import SINGULAR, KerasObject
from nntrain.errors import ConfigError, KeyPath, Problem, did_you_mean

MODULES = {
    "layers": (keras.layers, keras.layers.Layer),
    "optimizers": (keras.optimizers, keras.optimizers.Optimizer),
    "schedules": (keras.optimizers.schedules, keras.optimizers.schedules.LearningRateSchedule),
    "losses": (keras.losses, keras.losses.Loss),
    "metrics": (keras.metrics, keras.metrics.Metric),
    "initializers": (keras.initializers, keras.initializers.Initializer),
    "regularizers": (keras.regularizers, keras.regularizers.Regularizer),
    "constraints": (keras.constraints, keras.constraints.Constraint),
    "callbacks": (keras.callbacks, keras.callbacks.Callback),
}
"""Where each kind of object is looked up, and what it must be."""


def make(spec: KerasObject, path: KeyPath) -> Any:
    """Build `keras.<kind>.<type>(**arguments)`; a name that Keras resolves itself stays a name.

    Args:
        spec: The object as the config has it.
        path: Its place in the config, for errors.

    Raises:
        ConfigError: No such public class, or its constructor refused the arguments; carries Keras'
            own words.
    """
    if spec.kind == "activations" or _only_a_function(spec):
        return spec.type
    arguments = {key: _argument(value, (*path, key)) for key, value in spec.arguments.items()}
    if spec.name == "PiecewiseConstantDecay":
        arguments["values"] = [float(value) for value in arguments["values"]]  # it fails on 1 beside 0.1
    try:
        return _class_of(spec, path)(**arguments)
    except (TypeError, ValueError, ArithmeticError, KeyError) as error:
        inner = spec.arguments.get("layer")
        if spec.name == "Bidirectional" and "deserialized" in str(error) and isinstance(inner, KerasObject):
            reason = f"Bidirectional needs a recurrent layer, such as LSTM, and gets {inner.name}"
            raise ConfigError(Problem(reason, (*path, "layer"), id="keras-refused")) from error
        message = f"Keras refuses this {SINGULAR[spec.kind]}: {first_sentence(error)}"
        raise ConfigError(Problem(message, path, id="keras-refused")) from error


def _argument(value: Any, path: KeyPath) -> Any:
    if isinstance(value, KerasObject):
        return make(value, path)
    if isinstance(value, (list, tuple)):
        items = [_argument(item, (*path, i)) for i, item in enumerate(value)]
        return items if any(isinstance(item, KerasObject) for item in value) else tuple(items)
    return value


def _only_a_function(spec: KerasObject) -> bool:
    """Whether Keras knows the name as a function alone, such as the metric `accuracy`."""
    module, _ = MODULES[spec.kind]
    return not spec.arguments and not isinstance(getattr(module, spec.name, None), type)


def _class_of(spec: KerasObject, path: KeyPath) -> Any:
    module, base = MODULES[spec.kind]
    found = getattr(module, spec.name, None)
    if isinstance(found, type) and issubclass(found, base) and spec.name not in REFUSED.get(spec.kind, {}):
        return found
    names = [name for name in dir(module) if isinstance(getattr(module, name), type)]
    message = f"Keras has no {SINGULAR[spec.kind]} named '{spec.type}'{did_you_mean(spec.type, names)}"
    raise ConfigError(Problem(message, path, id="unknown-name"))


def first_sentence(error: BaseException) -> str:
    """Keras' reason without its repetitions: the first paragraph that says something, on one line."""
    text = re.sub(
        r"\x1b\[\d*m|\{\{.*?\}\} | \[Op:\w+\]", "", str(error.args[0]) if error.args else str(error)
    )
    said = [part for part in text.strip().split("\n\n") if not part.startswith("Exception encountered when")]
    return " ".join((said[0] if said else text).split())[:300]
