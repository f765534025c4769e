"""What only the data tell, put into a config: `units: ${data.classes}` becomes `units: 3`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from nntrain.config.load import make
from nntrain.config.reuse.template import WAITING
from nntrain.config.reuse.waiting import holds_objects
from nntrain.config.schema import Config
from nntrain.config.text.source import pointed_at
from nntrain.errors import ConfigError, KeyPath, Problem, listing


def data_facts_used(config: Config) -> dict[str, KeyPath]:
    """The facts that a config waits for, such as `data.classes`, and where each is first referred to."""
    used: dict[str, KeyPath] = {}
    for path, text in _texts(config.origin.value, ()):
        for found in WAITING.finditer(text):
            used.setdefault(found[1], path)
    return used


def with_data_facts(config: Config, facts: Mapping[str, int]) -> Config:
    """The config with the facts put in; it comes from where the given one came from.

    Args:
        config: A loaded config.
        facts: `data.classes` and `data.features`, or `data.classes.<output>` and `data.features.<input>`.

    Raises:
        ConfigError: A fact is referred to that the data don't have, or a value does not fit with it.
    """
    missing = {name: path for name, path in data_facts_used(config).items() if name not in facts}
    if missing:
        raise ConfigError(*(_missing(config, name, path, facts) for name, path in missing.items()))
    origin = config.origin
    return make(replace(origin, value=_filled(origin.value, (), facts)), config.user_code)


def with_facts_of_run(config: Config, facts: Mapping[str, int]) -> Config:
    """The config with the facts that a run knows put in; as it is, if it waits for others or they don't fit.

    Args:
        config: A loaded config.
        facts: As for `with_data_facts`.
    """
    if not data_facts_used(config).keys() <= facts.keys():
        return config
    try:
        return with_data_facts(config, facts)
    except ConfigError:
        return config


def _missing(config: Config, name: str, path: KeyPath, facts: Mapping[str, int]) -> Problem:
    have = f"; they have {listing(sorted(facts))}" if facts else ""
    location = pointed_at(config.origin.location(path), f"${{{name}}}")
    return Problem(f"the data have no {name}{have}", path, location, "data-fact")


def _texts(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Every text in a Keras object."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from _texts(inner, (*path, i))
    elif isinstance(value, str) and holds_objects(path):
        yield path, value


def _filled(value: Any, path: KeyPath, facts: Mapping[str, int]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, (*path, key), facts) for key, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, (*path, i), facts) for i, inner in enumerate(value)]
    if not isinstance(value, str) or not holds_objects(path):
        return value
    alone = WAITING.fullmatch(value)
    return facts[alone[1]] if alone else WAITING.sub(lambda found: str(facts[found[1]]), value)
