"""One config laid over another: mappings merge, lists and values replace, `~key:` removes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from nntrain.config.text.yaml_text import MAX_PROBLEMS, Document
from nntrain.config.vocabulary.bare_names import holds_losses, same_type, takes_arguments
from nntrain.errors import ConfigError, KeyPath, Problem, did_you_mean

ORDERED: tuple[KeyPath, ...] = (("model", "trainable"),)
"""Mappings in which a later key wins: one that is given again moves to the end."""


def merge(base: Document, child: Document) -> Document:
    """The child laid over its base; every value keeps the place where it was written.

    Raises:
        ConfigError: With every `~key` that removes nothing.
    """
    work = _Merger(child, "this value replaces the whole one of the extended config")
    value = work.mapping(base.value, child.value, ())
    work.finish()
    places = {path: place for path, place in base.places.items() if not _within(path, work.gone)}
    places.update({(*path, "type"): base.places[path] for path in work.named if path in base.places})
    places.update((path, place) for path, place in child.places.items() if not _removes(path))
    return replace(child, value=value, places=places)


def check_alone(document: Document) -> None:
    """A config that extends nothing has nothing to remove.

    Raises:
        ConfigError: It holds a `~key`.
    """
    work = _Merger(document, "this file has no 'extends'")
    work.nothing_to_remove(document.value, ())
    work.finish()


def _within(path: KeyPath, gone: set[KeyPath]) -> bool:
    return any(path[:length] in gone for length in range(1, len(path) + 1))


def _removes(path: KeyPath) -> bool:
    return any(isinstance(part, str) and part.startswith("~") for part in path)


class _Merger:
    """Collects what was replaced, and the mistakes."""

    def __init__(self, child: Document, reason: str) -> None:
        self.child = child
        self.reason = reason
        """Why a value that replaces has nothing to remove."""
        self.gone: set[KeyPath] = set()
        """Values of the base that are no more."""
        self.named: list[KeyPath] = []
        """Bare names of the base that arguments are added to."""
        self.problems: list[Problem] = []

    def finish(self) -> None:
        if self.problems:
            raise ConfigError(*self.problems[:MAX_PROBLEMS])

    def mapping(self, base: dict[str, Any], child: dict[str, Any], path: KeyPath) -> dict[str, Any]:
        result = dict(base)
        for key, value in child.items():
            if key.startswith("~"):
                self.remove(key, value, base, child, path)
                result.pop(key[1:], None)
                self.gone.add((*path, key[1:]))
        for key, value in child.items():
            if not key.startswith("~"):
                if path in ORDERED:
                    result.pop(key, None)
                result[key] = self.member(key, base.get(key), value, (*path, key))
        return result

    def member(self, key: str, base: Any, child: Any, path: KeyPath) -> Any:
        adds = isinstance(child, dict) and "type" not in child and takes_arguments(key, base)
        if adds and not (key == "loss" and child and holds_losses(base, child)):
            base = {"type": base}
            self.named.append(path)
        if isinstance(base, dict) and isinstance(child, dict):
            unlike = "type" in child and not same_type(key, base.get("type"), child["type"])
            if not unlike:
                return self.mapping(base, child, path)
        self.gone.add(path)
        self.nothing_to_remove(child, path)
        return child

    def remove(
        self, key: str, value: Any, base: dict[str, Any], child: dict[str, Any], path: KeyPath
    ) -> None:
        name = key[1:]
        if value is not None:
            self.note(f"'{key}' removes a key and takes no value; write '{key}:' alone", (*path, key))
        elif name in child:
            self.note(f"'{key}' removes what '{name}' sets here; keep one of them", (*path, key))
        elif name not in base:
            message = f"the extended config has no such key to remove{self.meant(name, base)}"
            self.note(message, (*path, key))

    def meant(self, name: str, known: Iterable[str]) -> str:
        return did_you_mean(name, list(known)[:200]) if len(self.problems) < MAX_PROBLEMS else ""

    def nothing_to_remove(self, value: Any, path: KeyPath) -> None:
        """Note every `~key` in a value that replaces, or stands alone."""
        if isinstance(value, dict):
            for key, inner in value.items():
                if key.startswith("~") and len(key) > 1 and inner is None:
                    message = f"'{key}' has nothing to remove, because {self.reason}; remove this line"
                    self.note(message, (*path, key))
                self.nothing_to_remove(inner, (*path, key))
        elif isinstance(value, list):
            for i, inner in enumerate(value):
                self.nothing_to_remove(inner, (*path, i))

    def note(self, message: str, path: KeyPath) -> None:
        place = self.child.places.get(path)
        location = place.location(of_key=True) if place else None
        key: KeyPath = (*path[:-1], str(path[-1])[1:])
        self.problems.append(Problem(message, key, location, "remove"))
