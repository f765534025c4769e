"""The layers of a config written out into a graph: blocks repeated, names resolved, mistakes found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nntrain.config.network.entries import BLOCK_INPUT, Call, Entry, Inputs, Layer, Repeat, Stack
from nntrain.config.network.graph import Graph, Step
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import KeyPath, Problem, did_you_mean, listing

LAYERS: KeyPath = ("model", "layers")
NOTHING = KerasObject("")
"""Stands for the layer of a step that calls another's."""
Where = Callable[[KeyPath], str]
"""The line of a key, in words."""


def expand(
    entries: Sequence[Entry], inputs: Sequence[str], outputs: Sequence[str], where: Where
) -> tuple[Graph, list[Problem]]:
    """Write the entries of `model.layers` out.

    Args:
        entries: As the config has them.
        inputs: Names of the data's inputs.
        outputs: `model.outputs`; the last layer if it is empty.
        where: Gives the line of a key, for messages.

    Returns:
        The graph, and what is wrong with it; with problems, the graph may lack steps.
    """
    work = _Expansion(tuple(inputs), where)
    last = work.entries(entries, LAYERS, _Scope(work.names), _first(inputs))
    return work.graph(_named_outputs(work, outputs, last))


def _first(inputs: Sequence[str]) -> str | None:
    return inputs[0] if len(inputs) == 1 else None


@dataclass
class _Scope:
    """The names that `inputs` can say at one place."""

    names: dict[str, str]
    """From the name as it is written to the step's name."""
    outer: _Scope | None = None
    suffix: str = ""
    """What is put behind the names of a repeated block."""

    def find(self, name: str) -> str | None:
        if name in self.names:
            return self.names[name]
        return self.outer.find(name) if self.outer else None

    def known(self) -> list[str]:
        return [*self.names, *(self.outer.known() if self.outer else ())]


@dataclass
class _Raw:
    """A step whose names are still as they were written."""

    step: Step
    scope: _Scope
    written: Inputs
    """None where the step reads the one before it."""
    called: str | None = None


@dataclass
class _Expansion:
    """Collects the steps of one graph and what is wrong with them."""

    inputs: tuple[str, ...]
    where: Where
    raw: list[_Raw] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    places: dict[str, KeyPath] = field(default_factory=dict)
    """Where a name was given."""

    def __post_init__(self) -> None:
        self.names = {name: name for name in self.inputs}

    def entries(
        self, entries: Sequence[Entry], path: KeyPath, scope: _Scope, before: str | None
    ) -> str | None:
        """Add entries, each after the one before it; the name of the last step."""
        for i, entry in enumerate(entries):
            before = self.entry(entry, (*path, i), scope, before)
        return before

    def entry(self, entry: Entry, path: KeyPath, scope: _Scope, before: str | None) -> str | None:
        if isinstance(entry, Repeat):
            return self.block(entry, path, scope, before)
        label = self.label(entry.name, path, scope)
        name = label or f"{'.'.join(map(str, path[1:]))}{scope.suffix}"
        if entry.inputs is None and before is None:
            message = f"the data have the inputs {listing(self.inputs)}; say which this layer reads: "
            message += f"inputs: {self.inputs[0]}"
            self.problems.append(Problem(message, path, id="graph-input"))
        reads = (before,) if entry.inputs is None and before is not None else ()
        layer: KerasObject | Graph = NOTHING
        if isinstance(entry, Layer):
            layer = entry.object
        elif isinstance(entry, Stack):
            layer = self.stack(entry, path)
        called = entry.call if isinstance(entry, Call) else None
        trainable = entry.trainable if isinstance(entry, Stack) else True
        step = Step(name, path, reads, layer, label, None, trainable)
        self.raw.append(_Raw(step, scope, entry.inputs, called))
        return name

    def label(self, written: str | None, path: KeyPath, scope: _Scope) -> str | None:
        """The Keras layer's name; enters it into the scope, and its numbered form into the outer ones."""
        if written is None:
            return None
        name = f"{written}{scope.suffix}"
        if not self.take(name, path):
            return None
        scope.names[written] = name
        self.names.setdefault(name, name)
        return name

    def take(self, name: str, path: KeyPath) -> bool:
        """Note whose name it is; whether it was free."""
        if name in self.inputs:
            message = f"'{name}' is an input of the data; give the layer another name"
            self.problems.append(Problem(message, (*path, "name"), id="layer-name"))
        elif name in self.places:
            self.problems.append(
                Problem(
                    f"the layer on {self.where((*self.places[name], 'name'))} is called '{name}' too; "
                    "give each its own name",
                    (*path, "name"),
                    id="layer-name",
                )
            )
        else:
            self.places[name] = path
            return True
        return False

    def stack(self, entry: Stack, path: KeyPath) -> Graph:
        inside = _Expansion((BLOCK_INPUT,), self.where)
        last = inside.entries(entry.layers, (*path, "layers"), _Scope(inside.names), BLOCK_INPUT)
        graph, problems = inside.graph(() if last is None else (last,))
        self.problems += problems
        return graph

    def block(self, entry: Repeat, path: KeyPath, scope: _Scope, before: str | None) -> str | None:
        fed: str | None = before
        if entry.inputs is not None:
            found = self.resolve(entry.inputs[0], scope, (*path, "inputs"))
            fed = found or before
            if len(entry.inputs) > 1:
                message = "a repeated block reads one thing; join several before it"
                self.problems.append(Problem(message, (*path, "inputs"), id="graph-input"))
        for number in range(1, entry.times + 1):
            names = {} if fed is None else {BLOCK_INPUT: fed}
            inner = _Scope(names, scope, f"{scope.suffix}_{number}")
            fed = self.entries(entry.layers, (*path, "layers"), inner, fed)
        if entry.name is not None and fed is not None:
            self.take(f"{entry.name}{scope.suffix}", path)
            scope.names[entry.name] = fed
        return fed

    def resolve(self, name: str, scope: _Scope, path: KeyPath) -> str | None:
        """The step that a name stands for; notes a problem if there is none."""
        found = scope.find(name) or self.names.get(name)
        if found is None:
            known = sorted({*scope.known(), *self.names})
            hint = did_you_mean(name, known) or f"; there are {listing(known)}"
            self.problems.append(Problem(f"there is no layer or input '{name}'{hint}", path, id="graph-name"))
        return found

    def graph(self, outputs: Sequence[str]) -> tuple[Graph, list[Problem]]:
        """Resolve every name, order the steps and look for what leads nowhere."""
        steps: dict[str, Step] = {}
        for raw in self.raw:
            steps.setdefault(raw.step.name, self.resolved(raw))
        for raw in self.raw:
            if raw.called is not None:
                steps[raw.step.name] = self.shared(raw, steps)
        graph = Graph(self.inputs, tuple(steps.values()), tuple(outputs))
        if self.names_are_known():
            graph = self.ordered(graph)
        if self.names_are_known():
            self.problems += _unread(graph)
        return graph, list(dict.fromkeys(self.problems))

    def names_are_known(self) -> bool:
        """Whether every step reads something, so that more can be said of the whole."""
        return all(problem.id == "layer-name" for problem in self.problems)

    def resolved(self, raw: _Raw) -> Step:
        if raw.written is None:
            return raw.step
        path = (*raw.step.path, "inputs")
        several = len(raw.written) > 1
        found = [
            self.resolve(name, raw.scope, (*path, i) if several else path)
            for i, name in enumerate(raw.written)
        ]
        return replace(raw.step, inputs=tuple(name for name in found if name is not None))

    def shared(self, raw: _Raw, steps: Mapping[str, Step]) -> Step:
        """The step with the layer that it calls."""
        step, path = steps[raw.step.name], (*raw.step.path, "call")
        name = self.resolve(str(raw.called), raw.scope, path)
        target = steps.get(name) if name else None
        if name is not None and (target is None or target.layer == NOTHING):
            message = f"'{raw.called}' is no layer of its own; name one that has a type"
            self.problems.append(Problem(message, path, id="graph-call"))
        return replace(step, layer=target.layer, shares=name) if target and name else step

    def ordered(self, graph: Graph) -> Graph:
        """The steps, each after what it reads."""
        waiting = {step.name: step for step in graph.steps}
        done: dict[str, Step] = {}
        known = set(graph.inputs)
        while waiting:
            ready = [s for s in waiting.values() if known.issuperset({*s.inputs, *_own(s)})]
            if not ready:
                self.problems.append(_cycle(waiting))
                break
            for step in ready:
                done[step.name] = waiting.pop(step.name)
                known.add(step.name)
        return replace(graph, steps=tuple(done.values()))


def _own(step: Step) -> tuple[str, ...]:
    return (step.shares,) if step.shares else ()


def _cycle(waiting: Mapping[str, Step]) -> Problem:
    """One cycle among steps that all wait for one another."""
    name = next(iter(waiting))
    seen: list[str] = []
    while name not in seen:
        seen.append(name)
        name = next(read for read in (*waiting[name].inputs, *_own(waiting[name])) if read in waiting)
    ring = seen[seen.index(name) :]
    start = waiting[ring[0]]
    words = " reads ".join(f"'{member}'" for member in (*ring, ring[0]))
    key = "inputs" if start.inputs else "call"
    return Problem(
        f"is a cycle: {words}; let one of them read something else", (*start.path, key), id="graph-cycle"
    )


def _unread(graph: Graph) -> Iterator[Problem]:
    """Steps and inputs that lead to no output."""
    read = set(graph.outputs)
    for step in reversed(graph.steps):
        if step.name in read:
            read |= {*step.inputs, *_own(step)}
    for step in graph.steps:
        if step.name not in read and not any(step.name in {*s.inputs, *_own(s)} for s in graph.steps):
            what = f"'{step.name}'" if step.label else "this layer"
            fix = (
                "name it in model.outputs, let a layer read it, or remove it"
                if step.label
                else ("let the layer after it read it (give both a name), or remove it")
            )
            yield Problem(f"nobody reads {what}; {fix}", step.path, id="graph-unread")
    for name in graph.inputs:
        if name not in read and name != BLOCK_INPUT:
            message = f"no layer reads the input '{name}'; name it in a layer's inputs, or remove it"
            yield Problem(message, ("data", "inputs", name), id="graph-unread")


def _named_outputs(work: _Expansion, outputs: Sequence[str], last: str | None) -> list[str]:
    if not outputs:
        return [] if last is None else [last]
    found = []
    for i, name in enumerate(outputs):
        step = work.resolve(name, _Scope(work.names), ("model", "outputs", i))
        if step in found:
            message = f"'{name}' is listed twice; remove one"
            work.problems.append(Problem(message, ("model", "outputs", i), id="graph-output"))
        elif step in work.inputs:
            message = f"'{name}' is an input; an output is a layer"
            work.problems.append(Problem(message, ("model", "outputs", i), id="graph-output"))
        elif step is not None:
            found.append(step)
    return found
