"""The run's network as it is handed on: preprocessing before it, and what only training needs left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from nntrain.run.experiment import one_or_all
from nntrain.run.export.ask import Port, Quantize
from nntrain.run.export.steps import Feeds, Inside

ONLY_IN_TRAINING = {"ElasticDeformation", "MixUp", "CutMix", "AugMix", "RandAugment"}
"""Layers that give back what they get outside training, beside those called Random-something."""
AT_ALL_TIMES = {"RandomCrop"}
"""Called so, and not of that kind: it takes the middle."""
Runner = Callable[[Feeds], Mapping[str, Any]]
"""Runs an exported network on some rows: outputs by name."""


@dataclass(frozen=True)
class Made:
    """A network that is ready to be written."""

    model: keras.Model
    """From what the ports take to what the run's own network gives."""
    insides: Mapping[str, Inside]
    """How each input of the run's network is fed."""
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    about: bytes
    """JSON on inputs and outputs, which goes with the network."""
    preprocess: bytes | None
    """The run's `preprocess.json`, where preprocessing stays outside."""
    examples: Feeds
    """Training rows."""
    quantize: Quantize | None

    @property
    def rows(self) -> int | None:
        """Rows that TensorFlow Lite is given at once: its loops over time take a fixed number."""
        return 1 if loops_over_time(self.model) else None

    def called(self, inputs: Any) -> dict[str, Any]:
        """The network on some rows, as a function that formats are made of."""
        given = self.model(inputs, training=False)
        names = [port.name for port in self.outputs]
        named = {name: given[name] for name in names} if isinstance(given, Mapping) else {names[0]: given}
        return {name: tf.cast(value, tf.float32) for name, value in named.items()}

    def specs(self, rows: int | None = None) -> Any:
        """What that function is to know of its argument."""
        return one_or_all(
            {
                port.name: tf.TensorSpec((rows, *port.shape[1:]), port.dtype, name=port.name)
                for port in self.inputs
            }
        )


def loops_over_time(model: keras.Model) -> bool:
    """Whether some layer is recurrent: a loop, to the formats."""
    return any(isinstance(layer, keras.layers.RNN) for layer in layers_of(model))


def layers_of(model: keras.Model) -> list[Any]:
    """All layers, those of nested networks and those that others wrap among them."""
    return [layer for layer in model._flatten_layers(include_self=False) if layer is not model]


def without_augmentation(model: keras.Model) -> keras.Model:
    """The same network, with the same weights, without layers that only change training rows."""
    if not any(map(_is_augmentation, layers_of(model))):
        return model

    def kept(layer: Any) -> Any:
        return without_augmentation(layer) if isinstance(layer, keras.Model) else layer

    def called(layer: Any, *arguments: Any, **named: Any) -> Any:
        return arguments[0] if _is_augmentation(layer) else layer(*arguments, **named)

    whole = keras.Model(model.inputs if len(model.inputs) > 1 else model.inputs[0], model.outputs[0])
    if len(model.inputs) > 1 or len(model.outputs) > 1:
        whole = model
    return keras.models.clone_model(whole, clone_function=kept, call_function=called)


def _is_augmentation(layer: Any) -> bool:
    name = type(layer).__name__
    return name in ONLY_IN_TRAINING or (name.startswith("Random") and name not in AT_ALL_TIMES)


def assembled(model: keras.Model, insides: Mapping[str, Inside]) -> keras.Model:
    """A network from what is fed to what the run's network gives."""
    if all(one.graph is None for one in insides.values()):
        return model
    ports = ports_of(insides.values())
    fed = {port.name: keras.Input(port.shape[1:], dtype=port.dtype, name=port.name) for port in ports}
    prepared = {name: one.graph(fed) if one.graph else fed[name] for name, one in insides.items()}
    return keras.Model(one_or_all(fed), model(one_or_all(prepared)), name=f"{model.name}_with_preprocessing")


def ports_of(insides: Any) -> tuple[Port, ...]:
    """What the network takes, in order."""
    return tuple(port for one in insides for port in one.ports)


def own_layers(model: keras.Model) -> Sequence[Any]:
    """Layers that are not Keras' own."""
    return [layer for layer in layers_of(model) if not type(layer).__module__.startswith("keras.")]
