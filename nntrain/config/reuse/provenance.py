"""Where each value of a config came from: default, line of a file, environment or command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from nntrain.config.dump import to_yaml
from nntrain.config.reuse.origin import Origin
from nntrain.config.schema import Config
from nntrain.config.text.yaml_text import parse
from nntrain.errors import KeyPath, dotted

WIDEST = 72
"""Longest line that the column of comments makes room for."""


@dataclass(frozen=True)
class Cause:
    """Where one value came from."""

    kind: Literal["default", "file", "environment", "command line"]
    file: str | None = None
    line: int | None = None
    words: str = ""
    """The environment variable, or the argument."""

    def __str__(self) -> str:
        """As a comment beside the value."""
        place = f"{self.file}:{self.line}" if self.file else ""
        text = ", ".join(word for word in (self.words, place) if word) or self.kind
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

    def as_json(self) -> dict[str, object]:
        """The same for `--json`; what does not apply is left out."""
        facts = {"kind": self.kind, "file": self.file, "line": self.line, "words": self.words or None}
        return {name: value for name, value in facts.items() if value is not None}


def causes(config: Config) -> dict[str, Cause]:
    """The cause of every value, by its key."""
    values = parse(to_yaml(config), "").value
    return {dotted(path): cause_of(config.origin, path) for path in _leaves(values, ())}


def written(config: Config) -> dict[str, str]:
    """The cause of every value that is no default, by its key."""
    value = config.origin.value
    return {dotted(path): str(cause_of(config.origin, path)) for path in _leaves(dict(value), ())}


def annotated(config: Config) -> str:
    """The whole config as YAML that loads to the same config, with each value's cause beside it."""
    text = to_yaml(config)
    document = parse(text, "")
    lines = text.splitlines()
    comments = {
        document.places[path].value[0] - 1: str(cause_of(config.origin, path))
        for path in _leaves(document.value, ())
    }
    width = max((len(lines[i]) for i in comments if len(lines[i]) <= WIDEST), default=0)
    for i, comment in comments.items():
        lines[i] = f"{lines[i]:<{width}}  # {comment}"
    return "\n".join(lines) + "\n"


def cause_of(origin: Origin, path: KeyPath) -> Cause:
    """Where the value at a key path came from."""
    if not _is_written(origin.value, path):
        return Cause("default")
    found = origin.place(path)
    if found is None or found[1] == 0:
        return Cause("default")
    if found[0].source.is_argument:
        place = Cause("command line", words="command line")
    else:
        place = Cause("file", found[0].source.name, found[0].value[0])
    for length in range(len(path), 0, -1):
        variables = origin.variables.get(path[:length])
        if variables:
            return _from_environment(variables, place)
    return place


def _from_environment(variables: tuple[str, ...], place: Cause) -> Cause:
    words = [f"${name[:-1]} is not set" if name.endswith("?") else f"${name}" for name in variables]
    return Cause("environment", place.file, place.line, ", ".join(dict.fromkeys(words)))


def _is_written(value: Any, path: KeyPath) -> bool:
    """Whether a value is in the config; a bare name stands for the mapping that it is short for."""
    for part in path:
        if isinstance(value, dict):
            if part not in value:
                return False
            value = value[part]
        elif isinstance(value, list) and isinstance(part, int):
            if part >= len(value):
                return False
            value = value[part]
        else:
            return value is not None
    return True


def _leaves(value: Any, path: KeyPath) -> list[KeyPath]:
    """The path of every single value and of every empty collection."""
    if not value or not isinstance(value, (dict, list)):
        return [path]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [leaf for key, inner in items for leaf in _leaves(inner, (*path, key))]
