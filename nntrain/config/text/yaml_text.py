"""Strict YAML: PyYAML's safe parser under the rules of YAML 1.2, with a place for every key and value.

PyYAML parses the text into events; what they mean is decided here, because `yaml.safe_load` reads
`1e-3` as text and `no` as false, lets the last of two equal keys win, and expands alias bombs.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from nntrain.config.spelling import spelled
from nntrain.config.text.masking import mask, unmask
from nntrain.config.text.source import COMMAND_LINE, LINE_BREAK, Place, Source
from nntrain.config.text.yaml_complaints import Position, explain, position, short_tag
from nntrain.errors import ConfigError, KeyPath, Location, Problem

MAX_NODES = 20_000
MAX_ALIASED_NODES = 10_000
MAX_ALIASED_TEXT = 256 * 1024
MAX_DEPTH = 40
MAX_PROBLEMS = 100
MAX_INTEGER = 2**63 - 1
MAX_DIGITS = 400

INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
SPECIAL = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}


@dataclass(frozen=True)
class Document:
    """A parsed file: plain values, and the place of each."""

    source: Source
    value: Any
    places: dict[KeyPath, Place] = field(default_factory=dict)


def parse(text: str, source: str, folder: Path = Path()) -> Document:
    """Parse a config file's text.

    Args:
        text: The text.
        source: The file, for messages.
        folder: The file's folder.

    Raises:
        ConfigError: With every misuse of YAML that can be told apart, or the first syntax error.
    """
    document = _Composer(text, source, folder).document()
    if document.value is None:
        message = "the file is empty; it needs data, model and training sections, as nntrain init writes them"
        raise ConfigError(Problem(message, location=Location(source), id="empty-config"))
    if not isinstance(document.value, dict):
        message = f"the file must be a mapping (key: value), got {spelled(document.value)}"
        raise ConfigError(Problem(message, location=document.places[()].location(), id="no-mapping"))
    return document


def parse_value(text: str) -> Any:
    """The value of one scalar or flow collection, as in `key=value`.

    Raises:
        ConfigError: The text is no YAML value.
    """
    return _Composer(text, COMMAND_LINE, None).document().value


def resolve(text: str) -> Any:
    """The value of an unquoted scalar by the core schema of YAML 1.2: `010` is ten, `no` is text."""
    if text in SPECIAL:
        return SPECIAL[text]
    if INTEGER.fullmatch(text):
        if len(text) > MAX_DIGITS:
            return text  # past what Python turns into a number
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text[2:] if base != 10 else text, base)
    if FLOAT.fullmatch(text):
        return float(text)
    return text


def text_in(value: Any) -> int:
    """Characters of all keys and texts in a value."""
    if isinstance(value, dict):
        return sum(len(key) + text_in(inner) for key, inner in value.items())
    if isinstance(value, list):
        return sum(map(text_in, value))
    return len(value) if isinstance(value, str) else 0


class _Composer:
    """Turns PyYAML's events into a `Document`."""

    def __init__(self, text: str, source: str, folder: Path | None) -> None:
        self.text, self.masked = mask(text)
        self.source = Source(source, tuple(LINE_BREAK.split(text)), folder)
        self.problems: list[Problem] = []
        self.places: dict[KeyPath, Place] = {}
        self.placed: list[tuple[KeyPath, Place]] = []
        self.anchors: dict[str, tuple[Any, list[tuple[KeyPath, Place]], int] | None] = {}
        self.nodes = 0
        self.aliased = self.aliased_text = 0

    def document(self) -> Document:
        try:
            value = self.compose_stream(yaml.parse(self.text, Loader=yaml.SafeLoader))
        except yaml.MarkedYAMLError as error:
            message, at = explain(error, list(self.source.lines))
            self.fail(self.plain(message), at)
        except yaml.reader.ReaderError as error:
            code = error.character if isinstance(error.character, int) else ord(error.character)
            self.fail(f"the character U+{code:04X} can't stand in a YAML file", self.offset(error.position))
        if self.problems:
            raise ConfigError(*self.problems)
        return Document(self.source, value, self.places)

    def plain(self, text: str) -> str:
        """Text of the file as it was before references were masked."""
        return unmask(text) if self.masked else text

    def compose_stream(self, events: Iterator[yaml.Event]) -> Any:
        value = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.fail(
                        "a second document starts here; a config is one document, remove the '---'",
                        position(event.start_mark),
                    )
                value = self.compose(next(events), events, (), None)
        return value

    def compose(self, event: Any, events: Iterator[yaml.Event], path: KeyPath, key: Position | None) -> Any:
        at = position(event.start_mark)
        first = len(self.placed)
        self.place(path, Place(self.source, at, key))
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.fail(f"the file has more than {MAX_NODES:,} values", at)
        if len(path) > MAX_DEPTH:
            self.fail(f"values are nested more than {MAX_DEPTH} levels deep; take some of them away", at)
        if isinstance(event, yaml.AliasEvent):
            return self.expand(str(event.anchor), path, at)
        if event.tag is not None:
            fix = "remove it" if event.tag.startswith("tag:") else "remove it, or put the value in quotes"
            self.note(f"the tag '{short_tag(event.tag)}' is not allowed; {fix}", at, "yaml-tag")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.SequenceStartEvent):
            value: Any = self.sequence(events, path)
        elif isinstance(event, yaml.MappingStartEvent):
            value = self.mapping(events, path)
        else:
            value = self.scalar(event, at)
        if event.anchor is not None:
            inside = [(p[len(path) :], q) for p, q in self.placed[first:]]
            self.anchors[event.anchor] = (value, inside, text_in(value))
        return value

    def sequence(self, events: Iterator[yaml.Event], path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self.compose(event, events, (*path, len(items)), None))
        return items

    def mapping(self, events: Iterator[yaml.Event], path: KeyPath) -> dict[str, Any]:
        members: dict[str, Any] = {}
        first: dict[str, Position] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            at = position(event.start_mark)
            if not isinstance(event, yaml.ScalarEvent):
                self.fail("a key must be plain text", at)
            name = self.plain(event.value)
            if name == "<<" and event.implicit[0]:
                self.note("merge keys ('<<') are not supported; write the keys out", at, "yaml-merge")
            elif name == "":
                self.note("a key is missing before ':'", at)
            elif name in members:
                line = first[name][0]
                where = f"here and on line {line}" if line != at[0] else "twice on this line"
                self.note(
                    f"the key '{name}' stands {where}; keep one of them", at, "duplicate-key", (*path, name)
                )
            value = self.compose(next(events), events, (*path, name), at)
            members[name] = value
            first.setdefault(name, at)
        return members

    def scalar(self, event: yaml.ScalarEvent, at: Position) -> Any:
        text = self.plain(event.value)
        if not event.implicit[0]:
            return text
        if INTEGER.fullmatch(text) and (len(text) > 20 or abs(resolve(text)) > MAX_INTEGER):
            self.note(
                f"the number {text[:12]}... is too large" if len(text) > 20 else f"{text} is too large", at
            )
            return 0
        return resolve(text)

    def expand(self, anchor: str, path: KeyPath, at: Position) -> Any:
        if anchor not in self.anchors:
            self.fail(f"the alias '*{anchor}' has no anchor '&{anchor}' above it", at)
        target = self.anchors[anchor]
        if target is None:
            self.fail(f"the alias '*{anchor}' stands inside its own anchor", at)
        value, inside, text = target
        self.aliased += len(inside)
        if self.aliased > MAX_ALIASED_NODES:
            self.fail(f"aliases expand to more than {MAX_ALIASED_NODES:,} values; use fewer of them", at)
        self.aliased_text += text
        if self.aliased_text > MAX_ALIASED_TEXT:
            self.fail("aliases expand to more than 256 KiB of text; use fewer of them", at)
        for below, place in inside[1:]:
            self.place((*path, *below), place)
        return copy.deepcopy(value)

    def place(self, path: KeyPath, place: Place) -> None:
        self.places[path] = place
        self.placed.append((path, place))

    def offset(self, position: int) -> Position:
        before = LINE_BREAK.split(self.text[:position])
        return len(before), len(before[-1]) + 1

    def note(self, message: str, at: Position, id: str = "yaml", key: KeyPath = ()) -> None:
        self.problems.append(Problem(message, key, self.source.location(at), id))
        if len(self.problems) == MAX_PROBLEMS:
            raise ConfigError(*self.problems)

    def fail(self, message: str, at: Position) -> NoReturn:
        self.note(message, at)
        raise ConfigError(*self.problems)
