"""`extends: base.yaml`: a config file and those below it, laid over one another."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from nntrain.config.reuse.merge import check_alone, merge
from nntrain.config.spelling import spelled
from nntrain.config.text.source import MAX_BYTES, ConfigFile, decode, located, read_content
from nntrain.config.text.yaml_text import Document, parse
from nntrain.errors import ConfigError, KeyPath, Location, MachineError, Problem, UsageError

MAX_LEVELS = 10
VERSION = 1
EXTENDS: KeyPath = ("extends",)


def read(path: Path, shown: str) -> tuple[Document, tuple[ConfigFile, ...]]:
    """A config file laid over what it extends, and the files that took part, itself first.

    Args:
        path: The file.
        shown: The path as the user wrote it, for messages.

    Raises:
        UsageError: There is no such file.
        MachineError: One of the files can't be read.
        ConfigError: A file is no config, or `extends` leads nowhere or in a circle.
    """
    files: list[ConfigFile] = []
    return _read(path, shown, files, None), tuple(files)


def _read(path: Path, shown: str, files: list[ConfigFile], extended_at: Location | None) -> Document:
    content = read_content(path, shown)
    files.append(ConfigFile(shown, path, content))
    if sum(len(file.content) for file in files) > MAX_BYTES:
        message = "the files that extend one another are together larger than 256 KiB"
        raise ConfigError(Problem(message, EXTENDS, extended_at, "extends"))
    document = parse(decode(content, shown), shown, path.parent)
    place = document.places.get(("version",))
    check_version(document.value, place.location() if place else None)
    name = document.value.pop("extends", None)
    if name is None:
        check_alone(document)
        return document
    location = document.places[EXTENDS].location()
    base = _base(name, path, shown, files, location)
    places = {p: place for p, place in document.places.items() if p[:1] != EXTENDS}
    return merge(base, replace(document, places=places))


def check_version(value: dict[str, Any], location: Location | None) -> None:
    """Refuse a config that was written for another nntrain.

    Raises:
        ConfigError: `version` is there, and not the one that is read here.
    """
    version = value.get("version", VERSION)
    if type(version) is int and version == VERSION:
        return
    newer = type(version) is int and version > VERSION
    fix = "update nntrain, or rewrite the config for that version" if newer else f"write 'version: {VERSION}'"
    message = f"this nntrain reads version {VERSION}, got {spelled(version)}; {fix}"
    raise ConfigError(Problem(message, ("version",), location, "version"))


def _base(name: Any, path: Path, shown: str, files: list[ConfigFile], location: Location) -> Document:
    """What a file extends."""

    def problem(message: str) -> Problem:
        return Problem(message, EXTENDS, location, "extends")

    if not isinstance(name, str):
        raise ConfigError(problem(f"must be the path of one config file, got {spelled(name)}"))
    if not name:
        raise ConfigError(problem("must not be empty; name a config file"))
    if "${" in name:
        raise ConfigError(problem("can't hold a reference; write the path of the config file out"))
    below = located(name, path.parent)
    shown_below = name if name.startswith("~") else os.path.normpath(Path(shown).parent / name)
    chain = [*files, ConfigFile(shown_below, below, b"")]
    try:
        known = [os.path.realpath(file.path) for file in chain]
    except ValueError:
        raise ConfigError(problem(f"{name!r} can't be the name of a file")) from None
    if known[-1] in known[:-1]:
        circle = chain[known.index(known[-1]) :]
        shown_circle = " -> ".join(file.shown for file in circle)
        if len(circle) == 2:
            raise ConfigError(problem("a config can't extend itself; remove this line"))
        message = f"the files extend one another in a circle: {shown_circle}; remove one of these links"
        raise ConfigError(problem(message))
    if len(files) > MAX_LEVELS:
        raise ConfigError(problem(f"goes more than {MAX_LEVELS} files deep; join some of them"))
    try:
        return _read(below, shown_below, files, location)
    except (UsageError, MachineError) as error:
        if error.problems[0].location is not None:
            raise
        kind = ConfigError if isinstance(error, UsageError) else MachineError
        raise kind(problem(error.problems[0].message)) from None
