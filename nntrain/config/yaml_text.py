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
from nntrain.config.yaml_complaints import Position, explain, position, short_tag
from nntrain.errors import ConfigError, KeyPath, Location, MachineError, Problem, UsageError, did_you_mean

MAX_BYTES = 256 * 1024
"""PyYAML takes up to three seconds for a megabyte."""
MAX_NODES = 20_000
MAX_ALIASED_NODES = 10_000
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
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True)
class Place:
    """Where a value stands, and the key that it belongs to."""

    value: Position
    key: Position | None = None


@dataclass(frozen=True)
class Document:
    """A parsed file: plain values, and the place of each."""

    source: str
    lines: list[str]
    value: Any
    places: dict[KeyPath, Place] = field(default_factory=dict)

    def location(self, position: Position) -> Location:
        """The position as something an error can show."""
        line, column = position
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return Location(self.source, line, column, text)


def read_content(path: Path, shown: str) -> bytes:
    """The file's bytes.

    Args:
        path: The file.
        shown: The path as the user wrote it, for messages.

    Raises:
        UsageError: There is no such file.
        MachineError: It may not be read.
        ConfigError: It is larger than a config can be.
    """
    try:
        if path.is_dir():
            raise UsageError(f"{shown} is a folder; name a config file in it")
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no file {shown}{did_you_mean(path.name, _siblings(path))}") from None
    except OSError as error:
        raise MachineError(f"{shown} can't be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{shown!r} can't be the name of a file") from None
    if len(content) > MAX_BYTES:
        message = "the file is larger than 256 KiB; a config is a small text file"
        raise ConfigError(Problem(message, location=Location(shown)))
    return content


def _siblings(path: Path) -> list[str]:
    try:
        return [p.name for p in path.parent.iterdir() if p.suffix in {".yaml", ".yml"}]
    except OSError:
        return []


def decode(content: bytes, shown: str) -> str:
    """The text of a config file, without its byte order mark.

    Raises:
        ConfigError: It is not UTF-8.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError(Problem("the file is UTF-16; save it as UTF-8", location=Location(shown)))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", "replace")
        line = len(LINE_BREAK.split(before))
        message = f"the file is not UTF-8 at byte {error.start} (line {line}); save it as UTF-8"
        raise ConfigError(Problem(message, location=Location(shown))) from None


def parse(text: str, source: str) -> Document:
    """Parse a config file's text.

    Raises:
        ConfigError: With every misuse of YAML that can be told apart, or the first syntax error.
    """
    document = _Composer(text, source).document()
    place = Location(source)
    if document.value is None:
        raise ConfigError(
            Problem("the file is empty; it needs data, model and training sections", location=place)
        )
    if not isinstance(document.value, dict):
        message = f"the file must be a mapping (key: value), got {spelled(document.value)}"
        raise ConfigError(Problem(message, location=document.location(document.places[()].value)))
    return document


def parse_value(text: str) -> Any:
    """The value of one scalar or flow collection, as in `key=value`.

    Raises:
        ConfigError: The text is no YAML value.
    """
    return _Composer(text, "command line").document().value


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


class _Composer:
    """Turns PyYAML's events into a `Document`."""

    def __init__(self, text: str, source: str) -> None:
        self.text = text
        self.result = Document(source, LINE_BREAK.split(text), None)
        self.problems: list[Problem] = []
        self.placed: list[tuple[KeyPath, Place]] = []
        self.anchors: dict[str, tuple[Any, list[tuple[KeyPath, Place]]] | None] = {}
        self.nodes = 0
        self.aliased = 0

    def document(self) -> Document:
        try:
            value = self.compose_stream(yaml.parse(self.text, Loader=yaml.SafeLoader))
        except yaml.MarkedYAMLError as error:
            self.fail(*explain(error, self.result.lines))
        except yaml.reader.ReaderError as error:
            code = error.character if isinstance(error.character, int) else ord(error.character)
            self.fail(f"the character U+{code:04X} can't stand in a YAML file", self.offset(error.position))
        if self.problems:
            raise ConfigError(*self.problems)
        return Document(self.result.source, self.result.lines, value, self.result.places)

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
        self.place(path, Place(at, key))
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.fail(f"the file has more than {MAX_NODES:,} values", at)
        if len(path) > MAX_DEPTH:
            self.fail(f"values are nested more than {MAX_DEPTH} levels deep", at)
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
            self.anchors[event.anchor] = (value, [(p[len(path) :], q) for p, q in self.placed[first:]])
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
            name = event.value
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
        text: str = event.value
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
        value, inside = target
        self.aliased += len(inside)
        if self.aliased > MAX_ALIASED_NODES:
            self.fail(f"aliases expand to more than {MAX_ALIASED_NODES:,} values", at)
        for below, place in inside[1:]:
            self.place((*path, *below), place)
        return copy.deepcopy(value)

    def place(self, path: KeyPath, place: Place) -> None:
        self.result.places[path] = place
        self.placed.append((path, place))

    def offset(self, position: int) -> Position:
        before = LINE_BREAK.split(self.text[:position])
        return len(before), len(before[-1]) + 1

    def note(self, message: str, at: Position, id: str = "yaml", key: KeyPath = ()) -> None:
        self.problems.append(Problem(message, key, self.result.location(at), id))
        if len(self.problems) == MAX_PROBLEMS:
            raise ConfigError(*self.problems)

    def fail(self, message: str, at: Position) -> NoReturn:
        self.note(message, at)
        raise ConfigError(*self.problems)
