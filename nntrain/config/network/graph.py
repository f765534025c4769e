"""The network as a graph: who reads whom, with blocks written out and names resolved.

Nothing here knows shapes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import KeyPath


@dataclass(frozen=True)
class Step:
    """One call of a layer."""

    name: str
    """Unique; made up from the place, with slashes, where the config gives none."""
    path: KeyPath
    """The entry's place in the config."""
    inputs: tuple[str, ...]
    """Names of the steps and inputs that it reads."""
    layer: KerasObject | Graph
    """What is called: a layer, or a nested stack."""
    label: str | None = None
    """The name that the Keras layer gets; None leaves it to Keras."""
    written: tuple[str, ...] | None = None
    """Its inputs' names as the config has them; None where it reads the step before it."""
    shares: str | None = None
    """The step whose layer is called again here."""
    trainable: bool = True
    """False where the nested stack that it is, or a block that it is in, keeps it from learning."""


@dataclass(frozen=True)
class Graph:
    """Steps in an order in which each comes after what it reads."""

    inputs: tuple[str, ...]
    steps: tuple[Step, ...]
    outputs: tuple[str, ...]

    @property
    def is_stack(self) -> bool:
        """Whether each step reads the one before it alone, and the last one is the output."""
        names = [*self.inputs, *(step.name for step in self.steps)]
        one_each = all(
            step.inputs == (before,) and step.shares is None and isinstance(step.layer, KerasObject)
            for step, before in zip(self.steps, names, strict=False)
        )
        return len(self.inputs) == 1 and one_each and self.outputs == (names[-1],)

    def step(self, name: str) -> Step | None:
        """The step of a name; None for an input."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Step]:
        return {step.name: step for step in self.steps}


@dataclass(frozen=True)
class Link:
    """A layer of a chain, and its place in the config."""

    path: KeyPath
    layer: KerasObject


Chain = tuple[Link, ...]
"""Layers that each read the one before alone."""


def chain(graph: Graph, name: str) -> Chain:
    """The layers that lead straight to a step, as far back as each reads one other alone."""
    links: list[Link] = []
    step = graph.step(name)
    while step is not None:
        if isinstance(step.layer, Graph):
            inner = chain(step.layer, step.layer.outputs[0])
            links[:0] = inner
            if len(inner) < len(step.layer.steps):
                break
        else:
            links.insert(0, Link(step.path, step.layer))
        step = graph.step(step.inputs[0]) if len(step.inputs) == 1 else None
    return tuple(links)
