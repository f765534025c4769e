"""`${...}` in a config: values of other keys and of the environment are put in where they are referred to."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from nntrain.config.reuse.paths import relocated
from nntrain.config.reuse.referable import as_mapping, default_of, why_not
from nntrain.config.reuse.template import MalformedError, Reference, take_apart
from nntrain.config.reuse.waiting import Waiting, check_waiting, settled
from nntrain.config.spelling import spelled
from nntrain.config.text.keypath import item_number
from nntrain.config.text.source import MAX_BYTES, Place, pointed_at
from nntrain.config.text.yaml_text import (
    MAX_ALIASED_NODES,
    MAX_DEPTH,
    MAX_INTEGER,
    MAX_PROBLEMS,
    Document,
    resolve,
)
from nntrain.errors import ConfigError, KeyPath, Location, Problem, dotted

MAX_CHAIN = 16
"""References that lead from one to the next."""
TOO_DEEP = f"values are nested more than {MAX_DEPTH} levels deep; take some of them away"


@dataclass
class Resolved:
    """A config's values with references put in."""

    value: dict[str, Any] = field(default_factory=dict)
    texts: dict[KeyPath, str] = field(default_factory=dict)
    """The text that a value was read from, where the command line or the environment gave it."""
    variables: dict[KeyPath, tuple[str, ...]] = field(default_factory=dict)
    """The environment variables that a value was made of; those that were not set end in `?`."""


def put_in(document: Document, texts: Mapping[KeyPath, str], environment: Mapping[str, str]) -> Resolved:
    """Put in what references mean.

    Args:
        document: The merged config, after the command line's changes.
        texts: The text of each value that the command line set.
        environment: Environment variables.

    Raises:
        ConfigError: With every reference that means nothing.
    """
    work = _Resolver(document, texts, environment)
    work.result.value = work.resolved((), document.value)
    problems = work.problems or check_waiting(work.result.value)
    if problems:
        placed = (p if p.location else replace(p, location=work.location(p.key)) for p in problems)
        raise ConfigError(*list(placed)[:MAX_PROBLEMS])
    work.result.value = settled(work.result.value)
    return work.result


class _BrokenError(Exception):
    """The value that is asked for could not be made; why has been noted."""


class _Resolver:
    """Makes each text once, whoever asks for it first."""

    def __init__(
        self, document: Document, texts: Mapping[KeyPath, str], environment: Mapping[str, str]
    ) -> None:
        self.document = document
        self.environment = environment
        self.result = Resolved(texts=dict(texts))
        self.problems: list[Problem] = []
        self.done: dict[KeyPath, Any] = {}
        self.broken: set[KeyPath] = set()
        self.chain: list[KeyPath] = []
        self.depth = 0
        """Collections inside collections on the way along the chain."""
        self.nodes = 0
        self.characters = 0

    def resolved(self, path: KeyPath, value: Any) -> Any:
        """A value with everything in it put in; what could not be made is left as it is."""
        if isinstance(value, (dict, list)):
            return self.collection(path, value)
        if not isinstance(value, str):
            return value
        if self.chain:
            return self.text(path, value)
        try:
            return self.text(path, value)
        except _BrokenError:
            return value

    def collection(self, path: KeyPath, value: Any) -> Any:
        if self.chain:
            if self.depth == MAX_DEPTH:
                self.fail(TOO_DEEP)
            self.depth += 1
        else:
            for key in value if isinstance(value, dict) else ():
                if "${" in key:
                    self.note("a reference can't stand in a key", (*path, key), of_key=True)
        try:
            if isinstance(value, dict):
                return {key: self.resolved((*path, key), inner) for key, inner in value.items()}
            return [self.resolved((*path, i), inner) for i, inner in enumerate(value)]
        finally:
            self.depth -= bool(self.chain)

    def text(self, path: KeyPath, text: str) -> Any:
        """What a text becomes."""
        if path in self.done:
            return copy.deepcopy(self.done[path])
        if path in self.broken:
            raise _BrokenError
        if path in self.chain:
            circle = [*self.chain[self.chain.index(path) :], path]
            self.fail(f"refers to itself: {' -> '.join(map(dotted, circle))}")
        self.chain.append(path)
        try:
            if len(self.chain) > MAX_CHAIN:
                self.fail(f"more than {MAX_CHAIN} references lead from one to the next")
            self.done[path] = self.made(path, text)
        finally:
            self.chain.pop()
        return self.done[path]

    def made(self, path: KeyPath, text: str) -> Any:
        place = self.place(path)
        if "${" not in text:
            return self.relocated(path, text, place)
        try:
            parts = take_apart(text)
        except MalformedError as error:
            self.fail(str(error), error.written)
        if len(parts) == 1 and isinstance(parts[0], Reference):
            value = self.alone(path, parts[0])
            if parts[0].keys or not isinstance(value, str):
                return value
        else:
            pieces = [part if isinstance(part, str) else self.inside(part) for part in parts]
            whole = "".join(pieces)
            value = Waiting(whole) if any(isinstance(piece, Waiting) for piece in pieces) else whole
        if isinstance(value, Waiting):
            return value
        return self.relocated(path, value, place)

    def relocated(self, path: KeyPath, text: str, place: Place) -> str:
        """A value that names a file, as it is named from the config file's folder."""
        return relocated(path, text, self.document.value, place.source, self.document.source)

    def alone(self, path: KeyPath, reference: Reference) -> Any:
        """The value of a reference that is a whole value: it keeps its type."""
        value, text, came_from = self.found(reference)
        if text is not None:
            self.result.texts[path] = text
        if isinstance(value, (dict, list)):
            for below, leaf in _leaves(value, ()):
                self.count(reference, 1, len(leaf) if isinstance(leaf, str) else 0)
                if len(path) + len(below) > MAX_DEPTH:
                    self.fail(TOO_DEEP, reference.written)
                known = self.result.texts.get((*came_from, *below))
                if known is not None:
                    self.result.texts[(*path, *below)] = known
        return value

    def inside(self, reference: Reference) -> str:
        """The value of a reference as part of a longer text."""
        value, text, _ = self.found(reference)
        if isinstance(value, (dict, list)):
            what = "a mapping" if isinstance(value, dict) else "a list"
            name = dotted(_path(reference))
            self.fail(f"{name} is {what}, which can't stand inside text; remove the text", reference.written)
        if text is None:
            text = value if isinstance(value, str) else "null" if value is None else spelled(value)
        self.count(reference, 0, len(text))
        return text

    def found(self, reference: Reference) -> tuple[Any, str | None, KeyPath]:
        """What is meant, the text that it was read from, and its key path."""
        if reference.variable:
            return (*self.variable(reference), ())
        if reference.fact:
            return Waiting(f"${{{reference.fact}}}"), None, ()
        value, path = self.look_up(reference)
        return value, self.result.texts.get(path), path

    def variable(self, reference: Reference) -> tuple[Any, str]:
        name, path = reference.variable, self.chain[-1]
        given = self.environment.get(name)
        used = given if given or reference.default is None else reference.default
        if used is None:
            message = f"the environment variable {name} is not set; set it, or write ${{env:{name}:-default}}"
            self.fail(message, reference.written)
        known = self.result.variables.get(path, ())
        self.result.variables[path] = (*known, name if used is given else f"{name}?")
        value = resolve(used.strip())
        if isinstance(value, int) and abs(value) > MAX_INTEGER:
            self.fail(f"the environment variable {name} holds a number that is too large", reference.written)
        return (used if isinstance(value, str) else value), used

    def look_up(self, reference: Reference) -> tuple[Any, KeyPath]:
        """The value of a key, or its default, and its path."""
        value: Any = self.document.value
        path: KeyPath = ()
        ready = False
        for i, key in enumerate(reference.keys):
            if isinstance(value, str) and not ready:
                value, ready = self.text(path, value), True
            value = as_mapping(path, value)
            if isinstance(value, dict) and key in value:
                path, value = (*path, key), value[key]
                continue
            number = item_number(key)
            if isinstance(value, list) and number is not None and number < len(value):
                path, value = (*path, number), value[number]
                continue
            default = default_of(self.document.value, path, value, key) if isinstance(value, dict) else None
            if default is None:
                reason = why_not(self.document.value, path, value, reference.keys[i:])
                self.fail(f"there is no {dotted(_path(reference))} to refer to{reason}", reference.written)
            path, value, ready = (*path, key), default[0], True
        return (value if ready else self.resolved(path, value)), path

    def count(self, reference: Reference, nodes: int, characters: int) -> None:
        self.nodes += nodes
        self.characters += characters
        if self.nodes > MAX_ALIASED_NODES:
            self.stop(f"references expand to more than {MAX_ALIASED_NODES:,} values", reference.written)
        if self.characters > MAX_BYTES:
            self.stop("references expand to more than 256 KiB of text", reference.written)

    def place(self, path: KeyPath) -> Place:
        """The place of the nearest section that is written down."""
        return next(p for n in range(len(path), -1, -1) if (p := self.document.places.get(path[:n])))

    def location(self, path: KeyPath, written: str = "${") -> Location:
        """The place of a reference in a value, or of the value."""
        return pointed_at(self.place(path).location(), written)

    def note(self, message: str, path: KeyPath, written: str = "${", of_key: bool = False) -> None:
        location = self.place(path).location(of_key=True) if of_key else self.location(path, written)
        self.problems.append(Problem(message, path, location, "reference"))
        if len(self.problems) == MAX_PROBLEMS:
            raise ConfigError(*self.problems)

    def fail(self, message: str, written: str = "${") -> NoReturn:
        """Note what is wrong with the text that is being made; those that wait for it are broken too."""
        self.broken.update(self.chain)
        self.note(message, self.chain[-1], written)
        raise _BrokenError

    def stop(self, message: str, written: str) -> NoReturn:
        """Give up."""
        self.note(message, self.chain[-1], written)
        raise ConfigError(*self.problems)


def _path(reference: Reference) -> KeyPath:
    """The keys of a reference with list items as numbers."""
    return tuple(key if (number := item_number(key)) is None else number for key in reference.keys)


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """Every value in a value, with its path; collections too."""
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _leaves(inner, (*path, key))
