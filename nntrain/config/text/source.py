"""The texts that values are read from, files and arguments of the command line, and places in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from nntrain.config.text.yaml_complaints import Position
from nntrain.errors import ConfigError, Location, MachineError, Problem, UsageError, did_you_mean_file

MAX_BYTES = 256 * 1024
"""PyYAML takes up to three seconds for a megabyte."""
LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
COMMAND_LINE = "command line"


@dataclass(frozen=True)
class Source:
    """One text."""

    name: str
    """The file's path as the user wrote it, or `command line`."""
    lines: tuple[str, ...]
    folder: Path | None = None
    """The folder that relative paths in a file start from; None for an argument."""

    @property
    def is_argument(self) -> bool:
        """Whether this is an argument of the command line."""
        return self.folder is None

    def location(self, position: Position) -> Location:
        """The position as something an error can show."""
        line, column = position
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        return Location(self.name, None if self.is_argument else line, column, text)


def located(path: str, folder: Path) -> Path:
    """The file that a path in a config means: relative to a folder, `~` being the user's home."""
    return folder / at_home(path)


def at_home(path: str) -> Path:
    """A path, `~` being the user's home; as it is where nobody knows that, or no user has the name behind."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def argument_source(argument: str) -> Source:
    """An argument of the command line."""
    return Source(COMMAND_LINE, (argument,))


@dataclass(frozen=True)
class Place:
    """Where a value stands, and the key that it belongs to."""

    source: Source
    value: Position
    key: Position | None = None

    def location(self, of_key: bool = False) -> Location:
        """The place of the value, or of its key."""
        return self.source.location(self.key if of_key and self.key else self.value)


def pointed_at(location: Location, words: str) -> Location:
    """A value's place, moved to some words of the value where they stand in its line."""
    found = (location.text or "").find(words, (location.column or 1) - 1)
    return location if found < 0 else replace(location, column=found + 1)


@dataclass(frozen=True)
class ConfigFile:
    """A file that took part in a config."""

    shown: str
    """The path as the user wrote it."""
    path: Path
    content: bytes
    """The file as it was read."""


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
            raise _unusable(f"{shown or 'the working directory'} is a folder; name a config file in it")
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        hint = did_you_mean_file(path.name, _siblings(path))
        raise _unusable(f"there is no file {shown}{hint}") from None
    except OSError as error:
        raise MachineError(Problem(f"{shown} can't be read: {error.strerror}", id="permission")) from None
    except ValueError:
        raise _unusable(f"{shown!r} can't be the name of a file") from None
    if len(content) > MAX_BYTES:
        message = "the file is larger than 256 KiB; a config is a small text file"
        raise ConfigError(Problem(message, location=Location(shown), id="config-size"))
    return content


def _unusable(message: str) -> UsageError:
    return UsageError(Problem(message, id="no-config"))


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
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:2] != b"\0\0":
        problem = Problem("the file is UTF-16; save it as UTF-8", location=Location(shown), id="encoding")
        raise ConfigError(problem)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = LINE_BREAK.split(content[: error.start].decode("utf-8-sig", "replace"))
        lines = LINE_BREAK.split(content.decode("utf-8-sig", "replace"))
        line, column = len(before), len(before[-1]) + 1
        message = f"not UTF-8 at byte {error.start} (0x{content[error.start]:02x}); save the file as UTF-8"
        place = Location(shown, line, column, lines[line - 1])
        raise ConfigError(Problem(message, location=place, id="encoding")) from None
