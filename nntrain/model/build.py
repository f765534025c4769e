"""The graph as a Keras model, built layer by layer so that a misfit names its layer."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from nntrain.config.network.entries import BLOCK_INPUT
from nntrain.config.network.graph import Chain, Graph, Step, chain
from nntrain.config.network.merging import ATTENTION, LISTED, SPREAD, STATES
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import ConfigError, KeyPath, MemoryLimitError, NntrainError, Problem
from nntrain.model.backbone import make_backbone
from nntrain.model.flat import flat_note
from nntrain.model.freeze import freeze
from nntrain.model.merges import merge_misfit
from nntrain.model.misfit import advice, misfit, only_output
from nntrain.model.names import LayerNames
from nntrain.model.objects import in_float32, make
from nntrain.model.strides import stride_note
from nntrain.model.user_code import any_of, own_line

GONE = (tf.errors.UnavailableError, tf.errors.DeadlineExceededError, tf.errors.AbortedError)
"""What TensorFlow raises where another worker has ended, which is no layer's fault."""
REFUSALS = (ValueError, TypeError, ArithmeticError, IndexError, NotImplementedError, tf.errors.OpError)
"""What Keras and TensorFlow raise at a layer that does not fit its input."""

Shape = tuple[int | None, ...]


class InputSpec(NamedTuple):
    """What a network is fed."""

    shape: tuple[int, ...]
    """Of one row."""
    dtype: str
    """`float32`, or `int32` for token sequences."""


class _Value(NamedTuple):
    """What a step gives, as a symbol and for two rows of zeros: some layers fail on rows alone."""

    symbol: Any
    rows: Any


def build(
    name: str,
    graph: Graph,
    inputs: Mapping[str, InputSpec],
    *,
    trainable: Mapping[str, bool] | None = None,
    folder: Path | None = None,
    notes: list[Problem] | None = None,
) -> keras.Model:
    """Build a model with its weights.

    Args:
        name: The model's name.
        graph: The network.
        inputs: What it is fed, by the input's name.
        trainable: `model.trainable`: which layers learn, by patterns of their names.
        folder: Where the files of pretrained weights are; None leaves those weights random, for a
            model whose weights are loaded afterwards.
        notes: Takes what is no mistake and worth a word.

    Returns:
        A `keras.Sequential` where each layer reads the one before it alone, else a functional model; with
        several inputs or outputs it takes or gives mappings by name.

    Raises:
        ConfigError: A layer that Keras refuses, that does not fit what it reads, or a pattern that no layer
            has.
        DataError: Pretrained weights are missing or do not fit.
        MemoryLimitError: A layer's weights do not fit into memory.
    """
    fed = {key: keras.Input(spec.shape, dtype=spec.dtype, name=key) for key, spec in inputs.items()}
    values = {key: _Value(fed[key], tf.zeros((2, *spec.shape), spec.dtype)) for key, spec in inputs.items()}
    work = _Building(graph, folder, values)
    work.run()
    model = work.model(_legal(name), fed)
    freeze(model, work.frozen, trainable or {})
    if notes is not None:
        notes += dict.fromkeys(work.notes)
    return model


class _Building:
    """Applies the steps of one graph."""

    def __init__(
        self,
        graph: Graph,
        folder: Path | None,
        values: Mapping[str, _Value],
        before: Chain = (),
        outermost: bool = True,
    ) -> None:
        self.graph, self.folder, self.before = graph, folder, before
        self.outermost = outermost
        """Whether what the graph gives is what the network gives."""
        self.values = dict(values)
        self.layers: dict[str, Any] = {}
        self.frozen: list[Any] = []
        """Nested stacks, backbones and layers of blocks that the config keeps from learning."""
        self.notes: list[Problem] = []
        self.names = LayerNames([*graph.inputs, *(step.label for step in graph.steps if step.label)])

    def run(self) -> None:
        for step in self.graph.steps:
            read = [self.values[name] for name in step.inputs]
            if step.shares is not None:
                self.layers[step.name] = self.layers[step.shares]
            elif isinstance(step.layer, Graph):
                self.layers[step.name] = self.stack(step, step.layer, read)
            elif step.layer.kind == "applications":
                self.layers[step.name] = self.backbone(step, step.layer, read)
            else:
                made = self.layer(step, _labelled(step.layer, step))
                self.names.give(made, step.layer, step.label)
                self.layers[step.name] = made
            if not step.trainable and step.shares is None:
                self.frozen.append(self.layers[step.name])
            self.values[step.name] = self.apply(step, read)

    def layer(self, step: Step, spec: KerasObject) -> Any:
        """A layer; one that gives an output of a mixed network does so in float32."""
        mixed = keras.config.dtype_policy().name.startswith("mixed")
        if not mixed or not self.gives(step) or "dtype" in spec.arguments:
            return make(spec, step.path)
        made = make(spec if spec.registered else in_float32(spec), step.path)
        if spec.registered:
            made.dtype_policy = "float32"
        return made

    def gives(self, step: Step) -> bool:
        """Whether an output of the network is this layer's, called here or again."""
        last = [found for found in map(self.graph.step, self.graph.outputs) if found]
        return self.outermost and step.name in {found.shares or found.name for found in last}

    def model(self, name: str | None, fed: Mapping[str, Any]) -> keras.Model:
        if _is_sequential(self.graph):
            (key, symbol), *_ = fed.items()
            first = keras.Input(symbol.shape[1:], dtype=symbol.dtype, name=key)
            return keras.Sequential([first, *self.layers.values()], name=name)
        outputs = {key: self.values[key].symbol for key in self.graph.outputs}
        return keras.Model(_one_or_all(fed), _one_or_all(outputs), name=name)

    def stack(self, step: Step, graph: Graph, read: Sequence[_Value]) -> keras.Model:
        """A nested stack as a model of its own."""
        (value,) = read
        (key,) = graph.inputs
        fed = keras.Input(value.symbol.shape[1:], dtype=value.symbol.dtype, name=key)
        begun = {key: _Value(fed, value.rows)}
        inner = _Building(graph, self.folder, begun, self.chain_before(step), self.gives(step))
        name = step.label or self.names.free("sequential" if _is_sequential(graph) else "functional")
        with keras.name_scope(name):  # so that no two weights have one path
            inner.run()
        self.notes += inner.notes
        made = inner.model(name, {key: fed})
        self.frozen += inner.frozen
        return made

    def backbone(self, step: Step, spec: KerasObject, read: Sequence[_Value]) -> keras.Model:
        """A network of `keras.applications`."""
        shape = tuple(read[0].symbol.shape)
        fed = self.graph.step(step.inputs[0])
        grey = step.inputs[0] if fed is None else fed.label
        made = make_backbone(_labelled(spec, step), step.path, shape, self.folder, grey)
        self.names.give(made, spec, step.label)
        if spec.argument("trainable") is False:
            self.frozen.append(made)
        return made

    def chain_before(self, step: Step) -> Chain:
        return (*self.before, *chain(self.graph, step.inputs[0])) if len(step.inputs) == 1 else ()

    def apply(self, step: Step, read: Sequence[_Value]) -> _Value:
        layer, path = self.layers[step.name], step.path
        spec = step.layer if isinstance(step.layer, KerasObject) else None
        shapes = [tuple(value.symbol.shape) for value in read]
        wrong = self.misfit(step, spec, read)
        if wrong:
            raise ConfigError(Problem(wrong, path, id="shape"))
        noun = spec.name if spec else "the nested stack"
        try:
            symbol = _called(layer, spec, [value.symbol for value in read])
            _check_value(spec or KerasObject(noun), shapes[0], symbol, path)
            if spec:
                self.note(spec, shapes[0], path)
            return _Value(symbol, _computed(layer, spec, [value.rows for value in read], symbol))
        except (tf.errors.ResourceExhaustedError, MemoryError) as error:
            message = f"{noun} does not fit into memory: its input is {shapes[0]}; make either smaller"
            raise MemoryLimitError(Problem(message, path, id="memory")) from error
        except (NntrainError, *GONE):
            raise
        except any_of(spec, REFUSALS) as error:
            where = own_line(error)
            gets = ", ".join(map(str, shapes))
            blamed = f"{noun} fails on {gets}: {where}" if where else None
            message = (
                blamed
                or self.called_again(step, noun, shapes)
                or advice(spec or KerasObject(noun), shapes[0], error)
            )
            raise ConfigError(Problem(message, path, id="shape")) from error

    def note(self, spec: KerasObject, shape: Shape, path: KeyPath) -> None:
        """Note what a layer does that nobody may have meant."""
        found = {"stride": stride_note(spec, shape), "flat": flat_note(spec)}
        self.notes += [Problem(text, path, id=word) for word, text in found.items() if text]

    def called_again(self, step: Step, noun: str, shapes: Sequence[Shape]) -> str | None:
        """What is wrong where a layer is called with another shape than at first."""
        first = self.graph.step(step.shares) if step.shares else None
        before = [tuple(self.values[name].symbol.shape) for name in first.inputs] if first else list(shapes)
        if before == list(shapes):
            return None
        gets = ", ".join(map(str, shapes))
        built = f"{noun} '{step.shares}' takes {', '.join(map(str, before))} where it stands"
        return f"{built}, and gets {gets} here: give it the same shape, or use a layer of its own here"

    def misfit(self, step: Step, spec: KerasObject | None, read: Sequence[_Value]) -> str | None:
        """What is wrong with a step, as far as names and shapes tell."""
        if spec is None or spec.kind == "applications":
            return None
        shapes = [tuple(value.symbol.shape) for value in read]
        if len(read) > 1 and spec.name in LISTED:
            return self.merge_misfit(step, spec, shapes)
        if len(read) > 1 and spec.name in SPREAD | set(STATES):
            wrong = self.merge_misfit(step, spec, shapes)
            if wrong:
                return wrong
        symbol = read[0].symbol
        links = (*self.chain_before(step), chain(self.graph, step.name)[-1])
        return misfit(links, shapes[0], keras.backend.standardize_dtype(symbol.dtype))

    def merge_misfit(self, step: Step, spec: KerasObject, shapes: Sequence[Shape]) -> str | None:
        names = step.written or step.inputs
        return merge_misfit(spec, dict(zip(names, shapes, strict=True)), {*self.graph.inputs, BLOCK_INPUT})


def _is_sequential(graph: Graph) -> bool:
    """Whether the network is built as a `keras.Sequential`."""
    return graph.is_stack and not any(map(_reads_itself, graph.steps))


def _reads_itself(step: Step) -> bool:
    """Whether the layer is given its one input several times, which no `keras.Sequential` can do."""
    return isinstance(step.layer, KerasObject) and step.layer.name in ATTENTION | SPREAD


def _legal(name: str) -> str:
    """A config's name as TensorFlow takes it for a model."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name).lstrip("_") or "model"


def _labelled(spec: KerasObject, step: Step) -> KerasObject:
    """The layer with the name that it has in the graph, numbered in a repeated block."""
    if step.label is None or spec.arguments.get("name") == step.label:
        return spec
    return replace(spec, arguments={**spec.arguments, "name": step.label})


def _one_or_all(values: Mapping[str, Any]) -> Any:
    return next(iter(values.values())) if len(values) == 1 else dict(values)


def _called(layer: Any, spec: KerasObject | None, values: list[Any], **how: Any) -> Any:
    """Call a layer as its kind takes several inputs."""
    name = spec.name if spec else ""
    if name in SPREAD:
        return layer(*(values * 2 if len(values) == 1 else values), **how)
    if len(values) > 1 and name in STATES:
        return layer(values[0], initial_state=values[1:], **how)
    if len(values) > 1 or name in LISTED:
        return layer(values if len(values) > 1 else values * 2, **how)
    return layer(values[0], **how)


def _check_value(layer: KerasObject, shape: Shape, value: Any, path: KeyPath) -> None:
    """Refuse what the next layer can't take: several outputs, or none at all."""
    noun = layer.name
    if not isinstance(value, keras.KerasTensor):
        message = f"{noun} gives several outputs, and a layer passes on one: {only_output(layer)}"
        raise ConfigError(Problem(message, path, id="shape"))
    if any(size == 0 for size in value.shape[1:]):
        message = f"{noun} leaves nothing of {shape}: its output is {tuple(value.shape)}"
        raise ConfigError(Problem(message + "; use a smaller window or padding: same", path, id="shape"))


def _computed(layer: Any, spec: KerasObject | None, rows: list[Any], symbol: Any) -> Any:
    """The layer's values for some rows; nothing random is drawn and no state changes."""
    if spec is None or spec.kind == "applications" or spec.name == "IntegerLookup":
        # Each layer inside was tried; and zero may be a number that IntegerLookup does not know.
        return tf.zeros(
            (2, *(size or 1 for size in symbol.shape[1:])), keras.backend.standardize_dtype(symbol.dtype)
        )
    evaluating = {"training": False} if "training" in inspect.signature(layer.call).parameters else {}
    return _called(layer, spec, rows, **evaluating)
