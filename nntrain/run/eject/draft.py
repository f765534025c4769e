"""What a script needs besides its own lines: imports, and functions that its parts share."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from nntrain.config.schema import Config
from nntrain.data.dataset import Dataset
from nntrain.run.eject.code import text

STANDARD = frozenset({"collections", "glob", "hashlib", "json", "pathlib", "unicodedata"})
"""Modules of Python that a script imports; other modules come in a paragraph of their own."""


@dataclass
class Draft:
    """A script in the making, and what it is made of."""

    config: Config
    """With what refers to the data put in."""
    dataset: Dataset
    imports: set[str] = field(default_factory=lambda: {"import keras", "import numpy as np"})
    functions: dict[str, list[str]] = field(default_factory=dict)
    """The lines of each, by its first."""
    constants: list[str] = field(default_factory=list)
    """The lines above the functions that give a number or a list its name."""

    def need(self, *imports: str) -> None:
        """Add imports."""
        self.imports.update(imports)

    def define(self, function: str) -> None:
        """Add a function, if the script has none of that name and those arguments yet."""
        lines = function.strip("\n").splitlines()
        self.functions.setdefault(lines[0], lines)

    def path(self, written: str) -> str:
        """A path of the config as a script in the current folder finds it, quoted."""
        path = Path(self.config.origin.folder, written).resolve()
        here = Path.cwd()
        return text(os.fspath(path.relative_to(here) if path.is_relative_to(here) else path))

    @property
    def head(self) -> list[str]:
        """The imports as isort writes them."""
        own = {line for line in self.imports if line.split()[1].split(".")[0] in STANDARD}
        paragraphs = [_sorted(lines) for lines in (own, self.imports - own) if lines]
        return [line for paragraph in paragraphs for line in ("", *paragraph)][1:]


def _sorted(lines: set[str]) -> list[str]:
    return sorted(lines, key=lambda line: (line.startswith("from "), line.split()[1].lower()))


@dataclass(frozen=True)
class Source:
    """The lines that read the rows."""

    lines: list[str]
    rows: str
    """What counts the rows, such as `len(x)`."""
    divided: tuple[str, ...] = ()
    """The splits whose row numbers the lines give already; all of them, or those that the source brings."""
