"""Networks for tests, straight from the text of their layers."""

import yaml

from nntrain.config.network.entries import Layer
from nntrain.config.network.expand import expand
from nntrain.config.network.merging import check_inputs
from nntrain.config.schema import Model
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import ConfigError
from nntrain.model import build as builder
from nntrain.model.build import InputSpec


def entries(text):
    """Reads `{type: Dense, units: 2}, Flatten` as a config does."""
    return Model(layers=yaml.safe_load(f"[{text}]")).layers


def graph_of(layers, inputs=("features",), outputs=()):
    found, problems = expand(layers, inputs, outputs, lambda path: "line 1")
    problems += check_inputs(found)
    if problems:
        raise ConfigError(*problems)
    return found


def build(name, layers, shape, dtype):
    """The network of a stack whose rows have one shape."""
    found = graph_of([Layer(e) if isinstance(e, KerasObject) else e for e in layers])
    return builder.build(name, found, {"features": InputSpec(shape, dtype)})


def build_graph(text, outputs=(), trainable=None, folder=None, **shapes):
    """The network of several inputs, given as `name=shape`."""
    specs = {key: InputSpec(shape, "float32") for key, shape in shapes.items()}
    graph = graph_of(entries(text), tuple(specs), outputs)
    return builder.build("net", graph, specs, trainable=trainable, folder=folder)
