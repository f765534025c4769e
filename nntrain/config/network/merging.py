"""How many inputs a layer reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nntrain.config.network.graph import Graph, Step
from nntrain.errors import Problem

JOINING = frozenset({"Add", "Average", "Concatenate", "Maximum", "Minimum", "Multiply", "HashedCrossing"})
PAIRS = frozenset({"Dot", "Subtract"})
ATTENTION = frozenset({"Attention", "AdditiveAttention"})
SPREAD = frozenset({"MultiHeadAttention", "GroupQueryAttention"})
"""Layers that take query, value and key as arguments of their own."""
LISTED = JOINING | PAIRS | ATTENTION
"""Layers that take their inputs as one list."""
STATES = {"SimpleRNN": 1, "GRU": 1, "LSTM": 2}
"""Recurrent layers that can read their first state, and how many tensors that is."""


def check_inputs(graph: Graph) -> Iterator[Problem]:
    """Layers that are given more or fewer inputs than they read."""
    for step in graph.steps:
        wrong = _wrong_number(step)
        if wrong:
            path = (*step.path, "inputs") if len(step.inputs) > 1 else step.path
            yield Problem(wrong, path, id="graph-input")
        if isinstance(step.layer, Graph) and step.shares is None:
            yield from check_inputs(step.layer)


def _wrong_number(step: Step) -> str | None:
    count = len(step.inputs)
    if isinstance(step.layer, Graph):
        return _not_one("a nested stack", step)
    if step.layer.registered:
        return None  # its own code knows what it reads
    name = step.layer.name
    if name in JOINING and count < 2:
        return f"{name} joins several layers; name them: inputs: [a, b]"
    if name in PAIRS and count != 2:
        return f"{name} reads two layers, and gets {count}; name two: inputs: [a, b]"
    if name in ATTENTION | SPREAD and count > 3:
        return f"{name} reads a query, a value and a key, and gets {count}; name at most three"
    if name in STATES and count not in {1, 1 + STATES[name]}:
        states = "its first state" if STATES[name] == 1 else f"the {STATES[name]} parts of its first state"
        fit = f"name 1 or {1 + STATES[name]}"
        return f"{name} reads one layer, or one and {states}, and gets {count}; {fit}"
    takes_several = name in LISTED | SPREAD or name in STATES
    return None if takes_several else _not_one(name, step)


def _not_one(noun: str, step: Step) -> str | None:
    if len(step.inputs) == 1:
        return None
    return f"{noun} reads one layer, and gets {len(step.inputs)}: {joined(step.written or step.inputs)}"


def joined(names: Sequence[str]) -> str:
    """The edit that makes one of several."""
    return f"join them before it, with {{type: Concatenate, inputs: [{', '.join(names)}]}}"
