"""One config for each run of a parent: the same, but for the fold, or for the seed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nntrain.config.load import make
from nntrain.config.schema import Config
from nntrain.config.text.source import Place, argument_source
from nntrain.errors import KeyPath, dotted

FOLD: KeyPath = ("data", "split", "fold")
SEED: KeyPath = ("seed",)
SPLIT_SEED: KeyPath = ("data", "split", "seed")


@dataclass(frozen=True)
class Parts:
    """What the runs of a parent are for."""

    one: str
    """The word for one of them; with a number also its directory."""
    several: str
    """The word for all, and the key under which the parent's record has their number."""
    mark: str
    """The key under which a run's own record says which one it is."""
    values: Callable[[Config, int, int], Mapping[KeyPath, int | str]]
    """What the config of one holds, from that of all, its number from 1 and their count."""

    @property
    def option(self) -> str:
        """The option of `fit`."""
        return f"--{self.several}"

    def folder(self, number: int) -> str:
        """The directory of a run, in that of its parent."""
        return f"{self.one}-{number}"

    def arguments(self, config: Config, number: int, count: int) -> dict[KeyPath, str]:
        """What the command line of one run would say: `data.split.fold=2/5`."""
        return {key: f"{dotted(key)}={value}" for key, value in self.values(config, number, count).items()}

    def of(self, config: Config, number: int, count: int) -> Config:
        """The config of one run, as if its arguments had been given.

        Args:
            config: From `load_config`.
            number: Of the run, from 1.
            count: Of runs.

        Raises:
            ConfigError: The data can't be divided into folds.
        """
        origin, arguments = config.origin, self.arguments(config, number, count)
        value, places = copy.deepcopy(dict(origin.value)), dict(origin.places)
        for key, own in self.values(config, number, count).items():
            _put(value, key, own)
            places[key] = Place(argument_source(arguments[key]), (1, arguments[key].index("=") + 2), (1, 1))
        overrides = {**origin.overrides, **arguments}
        return make(replace(origin, value=value, places=places, overrides=overrides), config.user_code)


def _fold(config: Config, number: int, count: int) -> dict[KeyPath, int | str]:
    return {FOLD: f"{number}/{count}"}


def _seed(config: Config, number: int, count: int) -> dict[KeyPath, int | str]:
    """The config's seed and those that follow it; the split is drawn by the config's own for all."""
    return {SEED: (config.seed + number - 1) % 2**32, SPLIT_SEED: config.split_seed}


FOLDS = Parts("fold", "folds", "fold", _fold)
SEEDS = Parts("seed", "seeds", "part", _seed)


def parts_of(record: Mapping[str, Any]) -> Parts | None:
    """What the runs are for that a run's record says it holds; None if it holds none."""
    return next((parts for parts in (FOLDS, SEEDS) if parts.several in record), None)


def parts_in(record: Mapping[str, Any]) -> Parts | None:
    """What a run is for that belongs to a parent, by its own record; None if it belongs to none."""
    return next((parts for parts in (FOLDS, SEEDS) if parts.mark in record), None)


def _put(value: dict[str, Any], key: KeyPath, own: int | str) -> None:
    *folders, last = map(str, key)
    for part in folders:
        value[part] = dict(value.get(part) or {})
        value = value[part]
    value[last] = own
