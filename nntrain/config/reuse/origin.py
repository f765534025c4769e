"""Where each value of a config came from: a line of one of its files, or an argument of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nntrain.config.text.source import COMMAND_LINE, ConfigFile, Place, Source
from nntrain.errors import KeyPath, Location


@dataclass(frozen=True)
class Origin:
    """The files behind a config, and what the command line and the environment changed."""

    file: Path
    """The config file; paths inside the config are relative to its folder."""
    source: Source
    """The text of that file."""
    files: tuple[ConfigFile, ...]
    """The files that took part: the config file, the one that it extends, and so on."""
    value: Mapping[str, Any]
    """What is written in them and on the command line, with references put in."""
    places: Mapping[KeyPath, Place]
    """Where each value stands, by its key path."""
    overrides: Mapping[KeyPath, str] = field(default_factory=dict)
    """The command-line argument that set a value."""
    texts: Mapping[KeyPath, str] = field(default_factory=dict)
    """The text that a value was read from, where the command line or the environment gave it."""
    variables: Mapping[KeyPath, tuple[str, ...]] = field(default_factory=dict)
    """The environment variables that a value was made of; those that were not set end in `?`."""

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self.file.parent

    @property
    def file_bytes(self) -> bytes:
        """The config file as it was read."""
        return self.files[0].content

    def place(self, path: KeyPath) -> tuple[Place, int] | None:
        """The place of a value, or of the nearest section that is written down, and that section's depth."""
        for length in range(len(path), -1, -1):
            found = self.places.get(path[:length])
            if found is not None:
                return found, length
        return None

    def location(self, path: KeyPath, of_key: bool = False) -> Location:
        """The place of a value, or of the nearest section that is written down.

        Args:
            path: Keys from the top of the config.
            of_key: Point at the key rather than at its value.
        """
        found = self.place(path)
        if found is None or found[1] == 0:
            return Location(self.source.name)
        place, depth = found
        return place.location(of_key or (depth < len(path) and not place.source.is_argument))

    def where(self, path: KeyPath) -> str:
        """The place of a value in words: `line 5`, `line 5 of base.yaml`, or `the command line`."""
        place = self.location(path)
        if place.line is None:
            return "the command line" if place.source == COMMAND_LINE else place.source
        return f"line {place.line}" + ("" if place.source == self.source.name else f" of {place.source}")
