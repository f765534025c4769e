"""The layers of a config written out into a graph: blocks repeated, names resolved, mistakes found."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nntrain.config.network.entries import (
    BLOCK_INPUT,
    MAX_STEPS,
    Call,
    Entry,
    Inputs,
    Layer,
    Repeat,
    Stack,
    size,
)
from nntrain.config.network.graph import Graph, Step
from nntrain.config.network.merging import joined
from nntrain.config.network.order import ordered, unread
from nntrain.config.text.yaml_text import MAX_PROBLEMS
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
    layers = sum(map(size, entries))
    if layers > MAX_STEPS:
        message = f"these are {layers:,} layers once repeated, more than {MAX_STEPS:,}; use fewer"
        return Graph(tuple(inputs), (), ()), [Problem(message, LAYERS, id="bad-value")]
    work = _Expansion(tuple(inputs), where)
    scope = _Scope(work.names)
    last = work.entries(entries, LAYERS, scope, _first(inputs))
    return work.graph(_named_outputs(work, scope, outputs, last))


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
    blocks: set[str] = field(default_factory=set)
    """Those of the names that are repeated blocks."""
    trainable: bool = True
    """Whether the layers written here learn."""

    def find(self, name: str) -> str | None:
        if name in self.names:
            return self.names[name]
        return self.outer.find(name) if self.outer else None

    def is_block(self, name: str) -> bool:
        if name in self.names or self.outer is None:
            return name in self.blocks
        return self.outer.is_block(name)

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
    places: dict[str, tuple[KeyPath, str]] = field(default_factory=dict)
    """Where a name was given, and what was put behind it."""

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
        name = label or f"{'/'.join(map(str, path[1:]))}{scope.suffix}"  # no config can write a slash
        if entry.inputs is None and before is None:
            self.say_which("layer", path)
        reads = (before,) if entry.inputs is None and before is not None else ()
        layer: KerasObject | Graph = NOTHING
        if isinstance(entry, Layer):
            layer = entry.object
        elif isinstance(entry, Stack):
            layer = self.stack(entry, path)
        called = entry.call if isinstance(entry, Call) else None
        trainable = scope.trainable and (not isinstance(entry, Stack) or entry.trainable)
        step = Step(name, path, reads, layer, label, trainable=trainable)
        self.raw.append(_Raw(step, scope, entry.inputs, called))
        return name

    def say_which(self, noun: str, path: KeyPath) -> None:
        """Note that one of several inputs has to be chosen."""
        message = f"the data have the inputs {listing(self.inputs)}; say which this {noun} reads: "
        self.problems.append(Problem(f"{message}inputs: {self.inputs[0]}", path, id="graph-input"))

    def label(self, written: str | None, path: KeyPath, scope: _Scope) -> str | None:
        """The Keras layer's name; enters it into the scope, and its numbered form into the outer ones."""
        if written is None:
            return None
        name = f"{written}{scope.suffix}"
        if not self.take(name, path, scope.suffix):
            return None
        scope.names[written] = name
        self.names.setdefault(name, name)
        return name

    def take(self, name: str, path: KeyPath, suffix: str) -> bool:
        """Note whose name it is; whether it was free."""
        if name in self.inputs:
            message = f"'{name}' is an input of the data; give the layer another name"
            self.problems.append(Problem(message, (*path, "name"), id="layer-name"))
        elif name in self.places:
            other, numbered = self.places[name]
            again = ", once its block is repeated" if numbered or suffix else ""
            message = f"the layer on {self.where((*other, 'name'))} is called '{name}' too{again}; "
            message += "give each its own name"
            self.problems.append(Problem(message, (*path, "name"), id="layer-name"))
        else:
            self.places[name] = (path, suffix)
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
        if entry.inputs is None and before is None:
            self.say_which("block", path)
            fed = self.inputs[0]
        if entry.inputs is not None:
            found = self.resolve(entry.inputs[0], scope, (*path, "inputs"))
            fed = found or before
            if len(entry.inputs) > 1:
                message = f"a repeated block reads one layer, and gets {len(entry.inputs)}: "
                message += joined(entry.inputs)
                self.problems.append(Problem(message, (*path, "inputs"), id="graph-input"))
        for number in range(1, entry.times + 1):
            names = {} if fed is None else {BLOCK_INPUT: fed}
            learns = scope.trainable and entry.trainable
            inner = _Scope(names, scope, f"{scope.suffix}_{number}", trainable=learns)
            fed = self.entries(entry.layers, (*path, "layers"), inner, fed)
        if entry.name is not None and fed is not None:
            self.take(f"{entry.name}{scope.suffix}", path, scope.suffix)
            scope.names[entry.name] = fed
            scope.blocks.add(entry.name)
        return fed

    def resolve(self, name: str, scope: _Scope, path: KeyPath) -> str | None:
        """The step that a name stands for; notes a problem if there is none."""
        found = scope.find(name) or self.names.get(name)
        if found is None:
            self.problems.append(Problem(self.unknown(name, scope, path), path, id="graph-name"))
        return found

    def unknown(self, name: str, scope: _Scope, path: KeyPath) -> str:
        """What to say of a name that nothing has."""
        if len(self.problems) >= MAX_PROBLEMS:
            return f"there is no layer '{name}'"  # nobody reads more
        names = {*scope.known(), *self.names}
        layers_alone = "call" in path or "outputs" in path
        known = sorted(names - {*self.inputs} if layers_alone else names)
        hint = did_you_mean(name, known[:200])
        if self.inputs == (BLOCK_INPUT,):
            takes = "calls its own layers" if layers_alone else f"reads its own layers and '{BLOCK_INPUT}'"
            return f"a nested stack {takes} alone, and none is called '{name}'{hint}"
        if name == BLOCK_INPUT:
            fed = f"'{BLOCK_INPUT}' is what a nested stack or a block is fed, and this layer is in neither"
            return f"{fed}; there {_are(known)}"
        what = "layer" if layers_alone else "layer or input"
        return f"there is no {what} '{name}'{hint or f'; there {_are(known)}'}"

    def graph(self, outputs: Sequence[str]) -> tuple[Graph, list[Problem]]:
        """Resolve every name, order the steps and look for what leads nowhere."""
        steps: dict[str, Step] = {}
        for raw in self.raw:
            assert raw.step.name not in steps
            steps[raw.step.name] = self.resolved(raw)
        for raw in self.raw:
            if raw.called is not None:
                steps[raw.step.name] = self.shared(raw, steps)
        graph = Graph(self.inputs, tuple(steps.values()), tuple(outputs))
        if all(problem.id == "layer-name" for problem in self.problems):  # every step reads something
            graph, cycles = ordered(graph)
            self.problems += cycles
        if not self.problems:
            self.problems += unread(graph)
        return graph, list(dict.fromkeys(self.problems))

    def resolved(self, raw: _Raw) -> Step:
        if raw.written is None:
            return raw.step
        path = (*raw.step.path, "inputs")
        several = len(raw.written) > 1
        found = [
            self.resolve(name, raw.scope, (*path, i) if several else path)
            for i, name in enumerate(raw.written)
        ]
        reads = tuple(name for name in found if name is not None)
        return replace(raw.step, inputs=reads, written=raw.written)

    def shared(self, raw: _Raw, steps: Mapping[str, Step]) -> Step:
        """The step with the layer that it calls."""
        step, path = steps[raw.step.name], (*raw.step.path, "call")
        name = self.resolve(str(raw.called), raw.scope, path)
        target = steps.get(name) if name else None
        wrong = name and self.no_layer(str(raw.called), name, raw.scope)
        if wrong:
            self.problems.append(Problem(wrong, path, id="graph-call"))
        return replace(step, layer=target.layer, shares=name) if target and name else step

    def no_layer(self, written: str, name: str, scope: _Scope) -> str | None:
        """Why a name stands for no layer that can be called; None if it does."""
        if name in self.inputs or written == BLOCK_INPUT:
            return f"'{written}' is an input, not a layer; name a layer"
        if scope.is_block(written):
            return f"'{written}' is a repeated block, not a layer; name a layer in it"
        first = next((raw.called for raw in self.raw if raw.step.name == name), None)
        return None if first is None else f"'{written}' is a further call of '{first}'; call '{first}' itself"


def _are(names: Sequence[str]) -> str:
    return f"are {listing(names)}" if len(names) > 1 else f"is {listing(names) or 'none with a name'}"


def _named_outputs(work: _Expansion, scope: _Scope, outputs: Sequence[str], last: str | None) -> list[str]:
    if not outputs:
        return [] if last is None else [last]
    found = []
    for i, name in enumerate(outputs):
        path: KeyPath = ("model", "outputs", i)
        step = work.resolve(name, scope, path)
        wrong = None
        if step in found:
            wrong = f"'{name}' is listed twice; remove one"
        elif step in work.inputs:
            wrong = f"'{name}' is an input; an output is a layer"
        elif scope.is_block(name):
            named = f"list '{step}'" if step in work.places else "give its last layer a name, and list that"
            wrong = f"'{name}' is a repeated block; {named}"
        elif step is not None:
            found.append(step)
        if wrong:
            work.problems.append(Problem(wrong, path, id="graph-output"))
    return found
