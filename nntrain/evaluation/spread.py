"""Scores of several folds as their mean and how far they spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

ROUNDING = 1e-12
"""Deviation, as a share of the values, below which they are the same."""
KEPT = ("name", "average")
"""Texts among scores that are the same for every fold, or left out."""
LEFT_OUT = ("undefined", "intervals")
"""What of each fold alone makes sense."""


@dataclass(frozen=True)
class Spread:
    """One score of every fold."""

    values: tuple[float | None, ...]
    """Of fold 1, 2, ...; None where it is undefined."""

    @property
    def known(self) -> list[float]:
        """The values that are defined."""
        return [value for value in self.values if value is not None]

    @property
    def mean(self) -> float | None:
        """Of the defined values; None where there are none."""
        return float(np.mean(self.known)) if self.known else None

    @property
    def std(self) -> float | None:
        """Standard deviation of the sample (divided by one less than the values); None of fewer than two."""
        if len(self.known) < 2:
            return None
        std = float(np.std(self.known, ddof=1))
        return std if std > ROUNDING * max(map(abs, self.known)) else 0.0

    def to_json(self, each: str = "folds") -> dict[str, Any]:
        """For a file of scores; `each` is what the values are called."""
        return {"mean": self.mean, "std": self.std, each: list(self.values)}


def spreads(found: Sequence[Mapping[str, Any]], each: str = "folds") -> dict[str, Any]:
    """Every number of the scores of each fold as its spread.

    Args:
        found: The same scores as JSON for each fold. Of scores by class or label each is met again; lists of
            numbers, such as the confusion matrix, and sentences are left out.
        each: What the values of one score are called.
    """
    result: dict[str, Any] = {}
    for key in found[0]:
        values = [scores.get(key) for scores in found]
        if key in KEPT:
            if len(set(values)) == 1:
                result[key] = values[0]
        elif all(isinstance(value, Mapping) for value in values):
            if any(values) and key not in LEFT_OUT:
                result[key] = spreads([value for value in values if value is not None], each)
        elif all(isinstance(value, list) for value in values):
            if values[0] and isinstance(values[0][0], Mapping):
                result[key] = [
                    spreads(rows, each) for rows in zip(*map(list, filter(None, values)), strict=False)
                ]
        elif all(value is None or isinstance(value, (int, float)) for value in values):
            result[key] = Spread(tuple(values)).to_json(each)
    return result
