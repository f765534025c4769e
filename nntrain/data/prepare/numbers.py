"""Numbers that are prepared alike: a column of a table, or all features of an array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Numeric
from nntrain.data.dataset import Array
from nntrain.data.prepare.statistics import Statistics, Vector, as_floats, shape

VECTORS = {
    "missing": "missing",
    "filling": "filling",
    "mean": "mean",
    "std": "std",
    "min": "low",
    "max": "high",
}
"""The statistics by their names in `preprocess.json`."""
QUARTILES = ("quartile_1", "median", "quartile_3")
OF_ONE_FEATURE = {*VECTORS, *QUARTILES}
"""Keys whose values are lists of one value a feature."""


@dataclass(frozen=True)
class Numbers:
    """The steps of `k` features, and what was learnt for them."""

    steps: Numeric
    statistics: Statistics

    @property
    def flagged(self) -> NDArray[np.intp]:
        """The features whose gaps get a column of their own: those with gaps in the training rows."""
        return np.flatnonzero(self.statistics.missing if self.steps.flag_missing else ())

    @cached_property
    def affine(self) -> tuple[Vector, Vector]:
        """What to subtract from each feature and what to divide it by."""
        return self.statistics.affine(self.steps)

    @cached_property
    def _moves(self) -> bool:
        return bool((self.affine[0] != 0).any() or (self.affine[1] != 1).any())

    def prepared(self, block: Array) -> Vector:
        """A block of shape `(rows, k)`, or `(rows,)` of one feature, after all steps; gaps may be left."""
        numbers = as_floats(block, self.statistics.filling)
        shape(numbers, self.steps)
        if self._moves:
            numbers -= self.affine[0]
            numbers /= self.affine[1]
        return numbers

    @property
    def fills(self) -> bool:
        """Whether gaps are filled."""
        return self.statistics.filling is not None

    @property
    def constant(self) -> bool:
        """Whether no feature varies in the training rows."""
        return bool(self.statistics.constant.all())

    def to_json(self) -> dict[str, Any]:
        """Settings, and statistics as lists of one value a feature."""
        found = {key: getattr(self.statistics, field) for key, field in VECTORS.items()}
        quartiles = self.statistics.quartiles
        found |= dict(zip(QUARTILES, [None] * 3 if quartiles is None else quartiles, strict=True))
        return self.steps.model_dump(mode="json") | {
            key: None if vector is None else vector.tolist() for key, vector in found.items()
        }


def read(document: Mapping[str, Any]) -> Numbers:
    """What `Numbers.to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: It did not write that.
    """
    vectors: dict[str, Any] = {
        field: None
        if document[key] is None
        else np.array(document[key], np.int64 if key == "missing" else np.float64)
        for key, field in VECTORS.items()
    }
    quartiles = [document[key] for key in QUARTILES]
    vectors["quartiles"] = None if None in quartiles else np.array(quartiles, np.float64)
    steps = Numeric(**{key: document[key] for key in Numeric.model_fields})
    return Numbers(steps, Statistics(**vectors))


def without_lists(document: Mapping[str, Any]) -> dict[str, Any]:
    """The statistics of one feature as values, as a column of a table has them."""
    return {key: v[0] if key in OF_ONE_FEATURE and v is not None else v for key, v in document.items()}


def with_lists(document: Mapping[str, Any]) -> dict[str, Any]:
    """The reverse of `without_lists`."""
    return {key: [v] if key in OF_ONE_FEATURE and v is not None else v for key, v in document.items()}


def beyond(numbers: Sequence[Numbers]) -> str:
    """That training rows lie beyond the range to rescale, in words; nothing where they don't.

    Args:
        numbers: Of one range, or of none.
    """
    declared = numbers[0].steps.range
    low = min(steps.statistics.low.min() for steps in numbers)
    high = max(steps.statistics.high.max() for steps in numbers)
    if declared is None or (declared[0] <= low and high <= declared[1]):
        return ""
    told = f"{declared[0]:g} to {declared[1]:g}"
    return f"the training rows go from {low:g} to {high:g}, outside the range {told} to rescale"


def below_zero(values: Array, steps: Numeric) -> NDArray[np.bool_] | None:
    """Which numbers have no logarithm once they are clipped; None where all have."""
    low = None if steps.clip is None else steps.clip[0]
    if not steps.log or (low is not None and low >= 0):
        return None
    below: NDArray[np.bool_] = values < 0
    return below if below.any() else None
