"""From `type` and arguments to a Keras object: Keras itself is the registry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from nntrain.config.vocabulary.catalogue import REFUSED
from nntrain.config.vocabulary.hints import SINGULAR
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import ConfigError, KeyPath, Problem, did_you_mean
from nntrain.model.own import ALIASES, OWN
from nntrain.model.reasons import first_sentence
from nntrain.model.user_code import any_of, own_line

REFUSALS = (TypeError, ValueError, ArithmeticError, KeyError)
"""What Keras' constructors raise."""
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
    if spec.registered:
        found = registered(spec, path)
        if not isinstance(found, type):
            return found
    elif spec.kind == "activations":
        return OWN["activations"].get(spec.name) or ALIASES["activations"].get(spec.type, spec.type)
    elif _only_a_function(spec):
        return spec.type
    arguments = {key: _argument(value, (*path, key)) for key, value in spec.arguments.items()}
    if spec.name == "PiecewiseConstantDecay":
        arguments["values"] = [float(value) for value in arguments["values"]]  # it fails on 1 beside 0.1
    try:
        made = _class_of(spec, path)(**arguments)
        if spec.registered and spec.kind != "callbacks":
            keras.saving.serialize_keras_object(made)  # a model that can't be saved is not worth training
        return made
    except any_of(spec, REFUSALS) as error:
        where = own_line(error)
        if where:
            raise ConfigError(Problem(f"{spec.type} fails: {where}", path, id="own-code")) from error
        inner = spec.arguments.get("layer")
        if spec.name == "Bidirectional" and "deserialized" in str(error) and isinstance(inner, KerasObject):
            reason = f"Bidirectional needs a recurrent layer, such as LSTM, and gets {inner.name}"
            raise ConfigError(Problem(reason, (*path, "layer"), id="keras-refused")) from error
        message = f"Keras refuses this {SINGULAR[spec.kind]}: {first_sentence(error)}"
        raise ConfigError(Problem(message, path, id="keras-refused")) from error


def in_float32(spec: KerasObject) -> KerasObject:
    """A layer of Keras that computes in float32, and so does the layer that it wraps."""
    arguments = {**spec.arguments, "dtype": "float32"}
    inner = spec.arguments.get("layer")
    if isinstance(inner, KerasObject) and not inner.registered and "dtype" not in inner.arguments:
        arguments["layer"] = in_float32(inner)
    return replace(spec, arguments=arguments)


def _argument(value: Any, path: KeyPath) -> Any:
    if isinstance(value, KerasObject):
        return make(value, path)
    if isinstance(value, (list, tuple)):
        items = [_argument(item, (*path, i)) for i, item in enumerate(value)]
        return items if any(isinstance(item, KerasObject) for item in value) else tuple(items)
    return value


def _only_a_function(spec: KerasObject) -> bool:
    """Whether Keras knows the name as a function alone, such as the metric `accuracy`."""
    return not spec.arguments and not isinstance(_named(spec), type)


def _named(spec: KerasObject) -> Any:
    """What has the name: something of our own, or of Keras; None if nothing has it."""
    return OWN.get(spec.kind, {}).get(spec.name) or getattr(MODULES[spec.kind][0], spec.name, None)


def registered(spec: KerasObject, path: KeyPath) -> Any:
    """The user's own class or function, once its file has run.

    Raises:
        ConfigError: The class is nothing that can be used here.
    """
    found = keras.saving.get_registered_object(spec.registered)
    if found is None:
        message = f"'{spec.type}' is not registered: the code file has not run"
        raise ConfigError(Problem(message, path, id="own-code"))
    if isinstance(found, type):
        base = MODULES[spec.kind][1] if spec.kind in MODULES else None
        if base is None:
            reason = "it is a class, and an activation is a function"
        elif issubclass(found, base):
            return found
        else:
            reason = f"it does not derive from keras.{spec.kind}.{base.__name__}"
        message = f"'{spec.type}' is no {SINGULAR[spec.kind]}: {reason}"
        raise ConfigError(Problem(message, path, id="own-code"))
    return found


def _class_of(spec: KerasObject, path: KeyPath) -> Any:
    if spec.registered:
        return registered(spec, path)
    module, base = MODULES[spec.kind]
    found = _named(spec)
    if isinstance(found, type) and issubclass(found, base) and spec.name not in REFUSED.get(spec.kind, {}):
        return found
    names = [name for name in dir(module) if isinstance(getattr(module, name), type)]
    message = f"Keras has no {SINGULAR[spec.kind]} named '{spec.type}'{did_you_mean(spec.type, names)}"
    raise ConfigError(Problem(message, path, id="unknown-name"))
