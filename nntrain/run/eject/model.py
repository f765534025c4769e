"""The part of the script that builds the network."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nntrain.config.network.graph import Graph, Step
from nntrain.config.network.merging import LISTED
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.run.eject.code import Call, Expression, keras_object, lines, listed, mapping, on_one_line, text

TAKEN = frozenset(
    {
        *(
            "arrays",
            "batches",
            "callbacks",
            "classes",
            "columns",
            "data",
            "days",
            "drawn",
            "features",
            "files",
        ),
        *(
            "fold",
            "groups",
            "inputs",
            "keras",
            "length",
            "lengths",
            "mask",
            "model",
            "names",
            "np",
            "numbers",
        ),
        *("part", "pd", "pixels", "rows", "seen", "sequences", "series", "shown", "some", "starts", "table"),
        *(
            "target",
            "targets",
            "test",
            "texts",
            "tf",
            "times",
            "train",
            "validation",
            "weights",
            "x",
            "y",
            "z",
        ),
    }
)
"""Names that mean something else in the script."""
Fed = tuple[tuple[int, ...], str]
"""The shape of a prepared row, and its dtype."""


def building(graph: Graph, inputs: Mapping[str, Fed]) -> list[str]:
    """The lines that give `model`.

    Args:
        graph: The network.
        inputs: What each input is fed, in the order of the graph's inputs.
    """
    fed = {name: _fed(inputs[name], name if len(inputs) > 1 else None) for name in graph.inputs}
    if graph.is_stack and not any(_reads_twice(step) for step in graph.steps):
        layers: list[Expression] = [*fed.values(), *(_layer(step) for step in graph.steps)]
        return lines("model = ", Call("keras.Sequential", [listed(layers)]))
    if len(fed) == 1:
        names = dict.fromkeys(fed, "inputs")
        found = [f"inputs = {on_one_line(one)}" for one in fed.values()]
    else:
        names = {name: f"inputs[{text(name)}]" for name in fed}
        found = lines("inputs = ", mapping(fed))
    for number, step in enumerate(graph.steps, 1):
        read = [names[name] for name in step.inputs]
        passed_on = _readers(graph, step) <= {one.name for one in graph.steps[number : number + 1]}
        passed_on = passed_on and (step.name not in graph.outputs or len(graph.outputs) == 1)
        names[step.name] = "z" if passed_on else _variable(step, number, {*names.values()})
        layer = step.layer
        assert isinstance(layer, KerasObject)
        given = f"[{', '.join(read * 2 if len(read) == 1 else read)}]" if layer.name in LISTED else read[0]
        found += lines(f"{names[step.name]} = ", _layer(step), f"({given})")
    if len(graph.outputs) == 1:
        return [*found, f"model = keras.Model(inputs, {names[graph.outputs[0]]})"]
    outputs = mapping({name: names[name] for name in graph.outputs})
    return [*found, *lines("model = ", Call("keras.Model", ["inputs", outputs]))]


def _fed(fed: Fed, name: str | None) -> Call:
    shape, dtype = fed
    sizes = f"({shape[0]},)" if len(shape) == 1 else str(shape)
    more = {} if dtype == "float32" else {"dtype": f'"{dtype}"'}
    return Call("keras.Input", [sizes], more if name is None else {**more, "name": text(name)})


def _reads_twice(step: Step) -> bool:
    return isinstance(step.layer, KerasObject) and step.layer.name in LISTED


def _readers(graph: Graph, step: Step) -> set[str]:
    return {other.name for other in graph.steps if step.name in other.inputs}


def _layer(step: Step) -> Expression:
    assert isinstance(step.layer, KerasObject)
    named: dict[str, object] = {} if step.label is None else {"name": step.label}
    if not step.trainable:
        named["trainable"] = False
    return keras_object(step.layer, **named)


def _variable(step: Step, number: int, taken: set[str]) -> str:
    """A name for what a layer gives."""
    assert isinstance(step.layer, KerasObject)
    stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", step.layer.name).lower()
    name = re.sub(r"\W+", "_", step.label or stem)
    return f"{name}_{number}" if name in TAKEN | taken or not name.isidentifier() else name
