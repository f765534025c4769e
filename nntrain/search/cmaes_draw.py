"""CMA-ES: a cloud of points that moves and stretches towards what was good, generation by generation."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

from nntrain.config.search.ranges import share_of, value_at
from nntrain.config.search.section import Search
from nntrain.search.trial import Trial

WIDTH = 1 / 6
"""How far the first cloud reaches, as a share of each range."""
BELOW_ONE = math.nextafter(1.0, 0.0)


def cmaes_values(
    search: Search, source: random.Random, trials: Sequence[Trial], direction: str
) -> dict[str, Any]:
    """What CMA-ES tries next: a point of the cloud that the generations so far have left.

    Args:
        search: Ranges of numbers, two or more.
        source: Of the trial's own randomness.
        trials: Every trial so far, by number.
        direction: `minimize` or `maximize`.
    """
    import numpy as np
    from cmaes import CMA

    keys = list(search.space)
    bounds = np.tile([0.0, 1.0], (len(keys), 1))
    cloud = CMA(mean=np.full(len(keys), 0.5), sigma=WIDTH, bounds=bounds, seed=0)
    sign = -1.0 if direction == "maximize" else 1.0
    judged = [trial for trial in trials if trial.state in {"finished", "pruned", "diverged"}]
    told = [trial.value for trial in judged if trial.value is not None]
    worst = max((sign * value for value in told), default=0.0)
    size = cloud.population_size
    for begin in range(0, len(judged) - size + 1, size):
        cloud.tell(
            [
                (
                    np.array([share_of(search.space[key], trial.values[key]) for key in keys]),
                    worst if trial.value is None else sign * trial.value,
                )
                for trial in judged[begin : begin + size]
            ]
        )
    cloud.reseed_rng(source.getrandbits(32))
    drawn = dict(zip(keys, map(float, cloud.ask()), strict=True))
    return {key: value_at(given, min(max(drawn[key], 0.0), BELOW_ONE)) for key, given in search.space.items()}
