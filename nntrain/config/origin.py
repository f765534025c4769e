"""Where each value of a config came from: a line of its file, or an argument of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nntrain.config.yaml_text import Document
from nntrain.errors import KeyPath, Location


@dataclass(frozen=True)
class Origin:
    """The file behind a config, and what the command line changed."""

    document: Document
    file: Path
    """The config file; paths inside the config are relative to its folder."""
    file_bytes: bytes = b""
    """The file as it was read."""
    overrides: Mapping[KeyPath, str] = field(default_factory=dict)
    """The command-line argument that set a value, by the value's key path."""

    @property
    def folder(self) -> Path:
        """The folder that relative paths start from."""
        return self.file.parent

    def location(self, path: KeyPath, of_key: bool = False) -> Location:
        """The place of a value, or of the nearest section that is written down.

        Args:
            path: Keys from the top of the config.
            of_key: Point at the key rather than at its value.
        """
        for length in range(len(path), -1, -1):
            prefix = path[:length]
            if prefix in self.overrides:
                return _in_argument(self.overrides[prefix], of_key)
            place = self.document.places.get(prefix)
            if place is not None:
                key_asked = of_key or length < len(path)
                position = place.key if key_asked and place.key else place.value
                return self.document.location(position) if prefix else Location(self.document.source)
            made_by = [argument for key, argument in self.overrides.items() if key[:length] == prefix]
            if made_by:
                return _in_argument(made_by[0], of_key=True)
        return Location(self.document.source)


def _in_argument(argument: str, of_key: bool) -> Location:
    column = 1 if of_key else argument.find("=") + 2
    return Location("command line", None, column, argument)
