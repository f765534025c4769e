"""The order of a graph's steps, and what is wrong with it: cycles, and what leads nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from heapq import heapify, heappop, heappush
from itertools import pairwise

from nntrain.config.network.entries import BLOCK_INPUT
from nntrain.config.network.graph import Graph, Step
from nntrain.errors import KeyPath, Problem, dotted

LONGEST = 6
"""Hops of a cycle that a message tells."""


def ordered(graph: Graph) -> tuple[Graph, list[Problem]]:
    """The steps as they are written, but each after what it reads; and the cycle that prevents it."""
    place = {step.name: i for i, step in enumerate(graph.steps)}
    waits = {step.name: {name for name in _needs(step) if name in place} for step in graph.steps}
    readers: dict[str, list[str]] = {}
    for name, needed in waits.items():
        for other in needed:
            readers.setdefault(other, []).append(name)
    ready = [place[name] for name, needed in waits.items() if not needed]
    heapify(ready)
    done: list[Step] = []
    while ready:
        step = graph.steps[heappop(ready)]
        done.append(step)
        for reader in readers.get(step.name, ()):
            waits[reader].discard(step.name)
            if not waits[reader]:
                heappush(ready, place[reader])
    waiting = {step.name: step for step in graph.steps if waits[step.name]}
    return replace(graph, steps=tuple(done)), [_cycle(waiting)] if waiting else []


def _needs(step: Step) -> tuple[str, ...]:
    return (*step.inputs, step.shares) if step.shares else step.inputs


def _cycle(waiting: Mapping[str, Step]) -> Problem:
    """One cycle among steps that all wait for one another."""
    name = next(iter(waiting))
    seen: dict[str, int] = {}
    while name not in seen:
        seen[name] = len(seen)
        name = next(read for read in _needs(waiting[name]) if read in waiting)
    ring = [*list(seen)[seen[name] :], name]
    start = waiting[name]
    key = "inputs" if ring[1] in start.inputs else "call"
    if len(ring) == 2:
        verb = "reads" if key == "inputs" else "calls"
        message = f"{_said(start)} {verb} itself; name another layer"
    else:
        hops = [_does(waiting[a], waiting[b]) for a, b in pairwise(ring)]
        if len(hops) > LONGEST:
            hops = [*hops[: LONGEST - 1], f"leads over {len(hops) - LONGEST} more to {_said(start)}"]
        words = ", which ".join(hops)
        message = f"{_said(start)} {words}: a cycle; let one of them read something else"
    return Problem(message, (*start.path, key), id="graph-cycle")


def _does(step: Step, other: Step) -> str:
    return f"{'reads' if other.name in step.inputs else 'calls'} {_said(other)}"


def _said(step: Step) -> str:
    """The name of a step in words; its place where the config gives none."""
    return f"'{step.name}'" if step.label else dotted(step.path)


def unread(graph: Graph) -> Iterator[Problem]:
    """Steps and inputs that lead to no output."""
    leads = set(graph.outputs)
    taken = {name for step in graph.steps for name in _needs(step)}
    for step in reversed(graph.steps):
        if step.name in leads:
            leads |= {*_needs(step)}
    nested = graph.inputs == (BLOCK_INPUT,)
    told: dict[KeyPath, Step] = {}
    for step in graph.steps:
        if step.name not in leads and step.name not in taken:
            told.setdefault(step.path, step)
    for path, step in told.items():
        fix = "let the layer after it read it (give both a name), or remove it"
        if step.label:
            fix = "let a layer read it, or remove it"
            fix = fix if nested else f"name it in model.outputs, {fix}"
        what = f"'{step.name}'" if step.label else "this layer"
        yield Problem(f"nobody reads {what}; {fix}", path, id="graph-unread")
    for name in graph.inputs:
        if name not in leads and name != BLOCK_INPUT:
            message = f"no layer reads the input '{name}'; name it in a layer's inputs, or remove it"
            yield Problem(message, ("data", "inputs", name), id="graph-unread")
