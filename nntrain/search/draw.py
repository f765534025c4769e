"""The values of the next trial, from the space, the seed and the trials before it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from nntrain.config.search.ranges import value_at
from nntrain.config.search.section import Search
from nntrain.config.search.space import grid_point, grid_size
from nntrain.search.trial import Trial

Values = dict[str, Any]
PLAIN = frozenset({"random", "grid", "hyperband"})
"""Samplers that draw without a look at what was found before."""
USUAL = 100
"""Trials of a search that does not say how many, unless it is a grid."""


def wanted(search: Search) -> int:
    """How many trials a search has."""
    if search.sampler == "grid":
        size = grid_size(search) or 0
        return size if search.trials is None else min(size, search.trials)
    return USUAL if search.trials is None else search.trials


def next_values(search: Search, seed: int, trials: Sequence[Trial], direction: str) -> Values:
    """What the next trial tries; the same for the same trials before it.

    Args:
        search: Was checked.
        seed: Of the search.
        trials: Every trial so far, by number.
        direction: `minimize` or `maximize`.
    """
    fresh = sum(trial.again is None for trial in trials)
    source = random.Random(f"{seed} {fresh}")
    if search.sampler == "grid":
        return grid_point(search, fresh)
    if search.sampler in PLAIN:
        return {key: value_at(given, source.random()) for key, given in search.space.items()}
    if search.sampler == "cmaes":
        from nntrain.search.cmaes_draw import cmaes_values

        return cmaes_values(search, source, trials, direction)
    from nntrain.search.optuna_study import tpe_values

    return tpe_values(search, source.getrandbits(32), trials, direction)
