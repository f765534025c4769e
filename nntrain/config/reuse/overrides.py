"""`key.path=value` and `~key.path` from the command line, applied to the parsed file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import getitem
from typing import Any, TypeVar

from nntrain.config.reuse.merge import ORDERED
from nntrain.config.text.keypath import item_number, split_keys
from nntrain.config.text.source import COMMAND_LINE, Place, argument_source
from nntrain.config.text.yaml_text import MAX_INTEGER, Document, parse_value, resolve
from nntrain.config.training import Training
from nntrain.config.vocabulary.bare_names import takes_arguments
from nntrain.errors import ConfigError, KeyPath, Location, Problem, did_you_mean, dotted

Found = TypeVar("Found")
DOTTED = frozenset({"expect"})
"""Sections whose own keys hold dots."""


def apply(document: Document, arguments: Sequence[str]) -> dict[KeyPath, str]:
    """Change the document's value in place, argument by argument, and forget the places of what is gone.

    Returns:
        The argument that set each key path.

    Raises:
        ConfigError: With every argument that can't be applied.
    """
    applied: dict[KeyPath, str] = {}
    problems: list[Problem] = []
    for argument in arguments:
        try:
            if argument.startswith("~"):
                path = _remove(document.value, _keys(argument[1:], argument), argument)
                _forget(applied, path, close_gap=True)
                _forget(document.places, path, close_gap=True)
            else:
                path = _set(document.value, argument)
                _forget(applied, path)
                _forget(document.places, path)
                applied[path] = argument
                _place(document.places, path, argument)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(*problems)
    return applied


def texts(document: Document, applied: Mapping[KeyPath, str]) -> dict[KeyPath, str]:
    """What stands right of the '=' of each argument that set a single value other than text.

    Args:
        document: The config that the arguments were applied to.
        applied: The argument that set each key path.
    """
    values = {path: reduce(getitem, path, document.value) for path in applied}
    return {
        path: applied[path].partition("=")[2]
        for path, value in values.items()
        if not isinstance(value, (dict, list, str))
    }


def _place(places: dict[KeyPath, Place], path: KeyPath, argument: str) -> None:
    """Remember where a value stands, and that the sections around it, if they are new, were made for it."""
    source = argument_source(argument)
    places[path] = Place(source, (1, argument.index("=") + 2), (1, 1))
    for length in range(len(path) - 1, 0, -1):
        places.setdefault(path[:length], Place(source, (1, 1), (1, 1)))


def _set(value: dict[str, Any], argument: str) -> KeyPath:
    name, equals, text = argument.partition("=")
    if not equals:
        raise _error("an override is written key=value, or ~key to remove one", argument)
    return put(value, name, lambda: _value(text, argument), argument)


def put(value: dict[str, Any], name: str, given: Callable[[], Any], argument: str) -> KeyPath:
    """Set what a dotted key names, as an argument of the command line does.

    Args:
        value: The config's values, which are changed in place.
        name: The key.
        given: Makes its new value.
        argument: What to show of a key that leads nowhere.

    Returns:
        The key's path.

    Raises:
        ConfigError: The key leads nowhere.
    """
    keys = _keys(name, argument)
    if keys[0] == "extends":
        raise _error("'extends' is read before arguments are; change it in the file", argument)
    parent, path = _walk(value, keys[:-1], argument, create=True)
    last = _step(parent, keys[-1], path, argument)
    if isinstance(parent, list) and not (isinstance(last, int) and last < len(parent)):
        raise _missing(parent, keys[-1], path, argument)
    made = given()
    if path in ORDERED and isinstance(parent, dict):
        parent.pop(keys[-1], None)
    parent[last] = made
    return (*path, last)


def _remove(value: dict[str, Any], keys: list[str], argument: str) -> KeyPath:
    parent, path = _walk(value, keys[:-1], argument, create=False)
    last = _step(parent, keys[-1], path, argument)
    if (isinstance(parent, dict) and last not in parent) or (
        isinstance(parent, list) and not (isinstance(last, int) and last < len(parent))
    ):
        raise _missing(parent, keys[-1], path, argument)
    del parent[last]
    return (*path, last)


def _forget(found: dict[KeyPath, Found], path: KeyPath, close_gap: bool = False) -> None:
    """Drop what was found at a path and below it; the items behind a removed one move up when `close_gap`."""
    *parent, last = path
    depth = len(parent)
    kept = {p: f for p, f in found.items() if p[: depth + 1] != path}
    found.clear()
    for p, f in kept.items():
        number = p[depth] if len(p) > depth and p[:depth] == tuple(parent) else None
        moved = close_gap and isinstance(number, int) and isinstance(last, int) and number > last
        found[(*parent, int(p[depth]) - 1, *p[depth + 1 :]) if moved else p] = f


def _keys(name: str, argument: str) -> list[str]:
    keys = split_keys(name)
    if keys is None:
        raise _error("an override starts with a key, as in training.epochs=10", argument)
    return [keys[0], ".".join(keys[1:])] if keys[0] in DOTTED and keys[1:] else keys


def _walk(value: Any, keys: list[str], argument: str, create: bool) -> tuple[Any, KeyPath]:
    """The container that the keys lead to; missing mappings on the way are made when `create`."""
    path: KeyPath = ()
    for key in keys:
        step = _step(value, key, path, argument)
        if isinstance(value, dict):
            if step not in value and not create:
                raise _missing(value, key, path, argument)
            inner = value.get(step)
            if create and inner is None:
                inner = _DEFAULTS.get(str(step))
                inner = value[step] = {} if inner is None else {"type": inner}
            elif create and takes_arguments(step, inner):
                inner = value[step] = {"type": inner}
        else:
            if not (isinstance(step, int) and step < len(value)):
                raise _missing(value, key, path, argument)
            inner = value[step]
            if create and isinstance(inner, str) and path[-1] in _LISTS_OF_OBJECTS:
                inner = value[step] = {"type": inner}
        path = (*path, step)
        value = inner
    return value, path


_DEFAULTS: dict[str, str] = {"optimizer": Training.model_fields["optimizer"].default.type}
"""What an argument is added to where the config leaves the object out."""
_LISTS_OF_OBJECTS = frozenset({"layers", "metrics", "callbacks"})


def _step(container: Any, key: str, path: KeyPath, argument: str) -> str | int:
    if isinstance(container, dict):
        return key
    if isinstance(container, list):
        number = item_number(key)
        if number is not None:
            return number
        raise _error(
            f"{dotted(path)} is a list; name an item by its number, from 0, not by '{key}'", argument
        )
    raise _error(f"{dotted(path)} is a single value; it has no '{key}'", argument)


def _missing(container: Any, key: str, path: KeyPath, argument: str) -> ConfigError:
    if isinstance(container, list):
        count = len(container)
        have = f"has {count} item{'s' if count != 1 else ''}" + (f", 0 to {count - 1}" if count else "")
        return _error(f"{dotted(path)} {have}; there is no item {key}", argument)
    where = f"{dotted(path)} has" if path else "the config has"
    return _error(f"{where} no '{key}' to remove{did_you_mean(key, container)}", argument)


def _value(text: str, argument: str) -> Any:
    """What the text means: a collection or quoted text if it starts like one, spaces alone, else a scalar."""
    start = argument.index("=") + 2
    bare = text.strip()
    if text and not bare:
        return text
    if not bare.startswith(("[", "{", "'", '"')):
        scalar = resolve(bare)
        if isinstance(scalar, int) and abs(scalar) > MAX_INTEGER:
            raise _error(f"the number {bare[:12]}... is too large", argument, start)
        return text if isinstance(scalar, str) else scalar
    try:
        return parse_value(text)
    except ConfigError as error:
        problem = error.problems[0]
        column = problem.location.column if problem.location else None
        raise _error(
            f"the value is not YAML: {problem.message}", argument, start + (column or 1) - 1
        ) from None


def _error(message: str, argument: str, column: int = 1) -> ConfigError:
    return ConfigError(
        Problem(message, location=Location(COMMAND_LINE, None, column, argument), id="override")
    )
