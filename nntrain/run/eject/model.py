"""The part of the script that builds the network."""

from __future__ import annotations

import re

from nntrain.config.network.graph import Graph, Step
from nntrain.config.network.merging import LISTED
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.run.eject.code import Call, Expression, keras_object, lines, listed, on_one_line

TAKEN = frozenset(
    {"batches", "classes", "keras", "model", "np", "targets", "test", "tf", "train", "validation", "x", "y"}
)
"""Names that mean something else in the script."""


def building(graph: Graph, shape: tuple[int, ...], dtype: str) -> list[str]:
    """The lines that give `model`.

    Args:
        graph: The network, with one input.
        shape: Of a prepared row.
        dtype: Of the input.
    """
    sizes = f"({shape[0]},)" if len(shape) == 1 else str(shape)
    more = {} if dtype == "float32" else {"dtype": f'"{dtype}"'}
    fed = Call("keras.Input", [sizes], more)
    if graph.is_stack and not any(_reads_twice(step) for step in graph.steps):
        layers: list[Expression] = [fed, *(_layer(step) for step in graph.steps)]
        return lines("model = ", Call("keras.Sequential", [listed(layers)]))
    names = {graph.inputs[0]: "inputs"}
    found = [f"inputs = {on_one_line(fed)}"]
    for number, step in enumerate(graph.steps, 1):
        read = [names[name] for name in step.inputs]
        passed_on = _readers(graph, step) <= {one.name for one in graph.steps[number : number + 1]}
        names[step.name] = "z" if passed_on else _variable(step, number, {*names.values()})
        layer = step.layer
        assert isinstance(layer, KerasObject)
        given = f"[{', '.join(read * 2 if len(read) == 1 else read)}]" if layer.name in LISTED else read[0]
        found += lines(f"{names[step.name]} = ", _layer(step), f"({given})")
    return [*found, f"model = keras.Model(inputs, {names[graph.outputs[0]]})"]


def _reads_twice(step: Step) -> bool:
    return isinstance(step.layer, KerasObject) and step.layer.name in LISTED


def _readers(graph: Graph, step: Step) -> set[str]:
    return {other.name for other in graph.steps if step.name in other.inputs}


def _layer(step: Step) -> Expression:
    assert isinstance(step.layer, KerasObject)
    named = {} if step.label is None else {"name": step.label}
    return keras_object(step.layer, **named)


def _variable(step: Step, number: int, taken: set[str]) -> str:
    """A name for what a layer gives."""
    assert isinstance(step.layer, KerasObject)
    stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", step.layer.name).lower()
    name = re.sub(r"\W+", "_", step.label or stem)
    return f"{name}_{number}" if name in TAKEN | taken or not name.isidentifier() else name
