"""One config for each fold: the same, but for `data.split.fold`."""

from __future__ import annotations

import copy
from dataclasses import replace

from nntrain.config.load import make
from nntrain.config.schema import Config
from nntrain.config.text.source import Place, argument_source
from nntrain.errors import KeyPath

FOLD: KeyPath = ("data", "split", "fold")


def fold_argument(number: int, count: int) -> str:
    """The argument of the command line that asks for one fold: `data.split.fold=2/5`."""
    return f"data.split.fold={number}/{count}"


def fold_of(config: Config, number: int, count: int) -> Config:
    """The config of one fold, as if its argument had been given.

    Args:
        config: From `load_config`.
        number: Of the fold, from 1.
        count: Of folds.

    Raises:
        ConfigError: The data can't be divided into folds.
    """
    origin, argument = config.origin, fold_argument(number, count)
    value = copy.deepcopy(dict(origin.value))
    value["data"]["split"] = {**(value["data"].get("split") or {}), "fold": f"{number}/{count}"}
    place = Place(argument_source(argument), (1, argument.index("=") + 2), (1, 1))
    return make(
        replace(
            origin,
            value=value,
            places={**origin.places, FOLD: place},
            overrides={**origin.overrides, FOLD: argument},
        ),
        config.user_code,
    )
