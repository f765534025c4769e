"""The keys of a search: where they lead in a config, and the arguments that give a trial its values."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from nntrain.config.dump import to_flow
from nntrain.config.problems import from_pydantic
from nntrain.config.reuse.overrides import put
from nntrain.config.schema import Config
from nntrain.config.search.ranges import count_points, ends_of, kind_of, points
from nntrain.config.search.section import Range, Search
from nntrain.config.text.keypath import item_number, split_keys
from nntrain.errors import ConfigError, KeyPath, Problem, dotted

SPACE: KeyPath = ("search", "space")
WITHOUT = "~search"
"""The argument that leaves a trial without a search of its own."""
Values = Mapping[str, Any]
"""What a trial tries, by the keys of the space."""


def arguments(values: Values) -> list[str]:
    """What the command line of a trial says: `training.epochs=5`, and that it searches nothing."""
    return [WITHOUT, *(f"{key}={to_flow(value)}" for key, value in values.items())]


def path_of(key: str) -> KeyPath | None:
    """The path that a key of the space means; None if it is none."""
    keys = split_keys(key)
    return None if keys is None else tuple(k if (n := item_number(k)) is None else n for k in keys)


def short_keys(keys: list[str]) -> dict[str, str]:
    """By key its shortest ending that no other key has: `learning_rate`, `0.units`."""
    found = {}
    for key in keys:
        parts = key.split(".")
        endings = [".".join(parts[-n:]) for n in range(1, len(parts) + 1)]
        alone = (end for end in endings if not any(k != key and f".{k}".endswith(f".{end}") for k in keys))
        found[key] = next((end for end in alone if not end.isdecimal()), key)
    return found


def grid_size(search: Search) -> int | None:
    """How many points a grid has; None where a range has no steps."""
    counts = [count_points(given) for given in search.space.values()]
    return None if None in counts else math.prod(count or 1 for count in counts)


def grid_point(search: Search, number: int) -> dict[str, Any]:
    """A point of the grid: the last key changes first.

    Args:
        search: With steps for every range.
        number: Of the point, from 0.
    """
    found = {}
    for key, given in reversed(search.space.items()):
        every = points(given) or ()
        number, at = divmod(number, len(every))
        found[key] = every[at]
    return dict(reversed(found.items()))


def refused(config: Config) -> Iterator[Problem]:
    """Keys of the space that are none, and values that their keys do not take."""
    assert config.search is not None
    for key, given in config.search.space.items():
        for at, value in _probes(given):
            problem = _refused(config, key, (*SPACE, key, *at), value)
            if problem is None:
                continue
            if at[0] in {"float", "log"} and problem.message.startswith("must be a whole number"):
                low, high = ends_of(given)
                message = f"only whole numbers fit here; write int: [{low:.0f}, {high:.0f}]"
                yield Problem(message, (*SPACE, key, at[0]), id="range")
                break
            yield problem
            if problem.location == config.key_location((*SPACE, key)):
                break  # it is the key that is wrong, whatever its value


def _probes(given: Range) -> Iterator[tuple[KeyPath, Any]]:
    """The values that stand for a range, each with its place in it: both ends, or every choice."""
    kind = kind_of(given)
    values = (given.choice or ()) if kind == "choice" else ends_of(given)
    for i, value in enumerate(values):
        yield (kind, i), value


def _refused(config: Config, key: str, place: KeyPath, value: Any) -> Problem | None:
    """What the schema has against a value; with the key's place where the key is at fault."""
    of_key = config.key_location((*SPACE, key))
    values = copy.deepcopy(dict(config.origin.value))
    del values["search"]
    try:
        path = put(values, key, lambda: copy.deepcopy(value), key)
    except ConfigError as error:
        return Problem(error.problems[0].message, (*SPACE, key), of_key, "range")
    code = config.user_code
    try:
        Config.model_validate(values, context={"warnings": [], "faults": [], "code": code})
    except ValidationError as error:
        found = from_pydantic(error.errors(include_url=False), values, config.origin)
        for problem in found:
            if problem.key[: len(path)] == path or path[: len(problem.key)] == problem.key:
                unknown = problem.id in {"unknown-key", "unknown-argument"}
                if unknown and len(problem.key) <= len(path):
                    above = "" if problem.key == path else f"{dotted(problem.key)}: "
                    return Problem(f"{above}{problem.message}", (*SPACE, key), of_key, problem.id)
                inside = (*place, *problem.key[len(path) :])
                at = config.key_location(inside) if unknown else config.origin.location(inside)
                return Problem(problem.message, inside, at, problem.id)
    return None
