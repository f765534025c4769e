"""The numeric steps of preprocessing with the operations that formats carry.

The arithmetic is that of `data.prepare` in 32 bits. A mean is subtracted in two parts, so that it is not
rounded: of a column of years the difference would be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from keras import ops
from numpy.typing import NDArray

from nntrain.data.prepare.numbers import Numbers


@dataclass(frozen=True)
class Numeric:
    """The steps of features that lie along the last axis; one value where they are alike."""

    filling: NDArray[np.float64] | None
    """NaN where a gap stays."""
    low: NDArray[np.float64] | None
    high: NDArray[np.float64] | None
    log: NDArray[np.bool_]
    shift: NDArray[np.float64]
    divisor: NDArray[np.float64]
    order: tuple[int, ...] | None
    """Where flags stand among the features: positions in the features with all flags behind them."""

    @classmethod
    def of(cls, several: Sequence[Numbers]) -> Numeric:
        """The steps of one after another."""
        sizes = [len(one.statistics.mean) for one in several]
        count = sum(sizes)

        def joined(values: Callable[[Numbers], Any]) -> Any:
            return np.concatenate(
                [np.broadcast_to(values(one), size) for one, size in zip(several, sizes, strict=True)]
            )

        filling = joined(lambda one: np.nan if one.statistics.filling is None else one.statistics.filling)
        low = joined(lambda one: _bound(one, 0, -np.inf))
        high = joined(lambda one: _bound(one, 1, np.inf))
        order, start = [], 0
        for one, size in zip(several, sizes, strict=True):
            order += [*range(start, start + size), *(count + start + one.flagged).tolist()]
            start += size
        return cls(
            None if np.isnan(filling).all() else filling,
            None if np.isinf(low).all() else low,
            None if np.isinf(high).all() else high,
            joined(lambda one: one.steps.log),
            joined(lambda one: one.affine[0]),
            joined(lambda one: one.affine[1]),
            tuple(order) if len(order) > count else None,
        )

    def applied(self, raw: Any) -> Any:
        """The steps on a tensor of shape `(..., features)`, float32."""
        missing = None
        numbers = raw
        if self.filling is not None or self.order is not None:
            missing = ops.not_equal(raw, raw)  # no format lacks that, and some lack isnan
        if self.filling is not None:
            numbers = ops.where(missing, _single(self.filling), numbers)
        if self.low is not None:
            numbers = ops.maximum(numbers, _single(self.low))
        if self.high is not None:
            numbers = ops.minimum(numbers, _single(self.high))
        if self.log.any():
            positive = numbers if self.log.all() else ops.where(self.log, numbers, np.float32(0))
            logged = ops.log(ops.add(positive, np.float32(1)))
            numbers = logged if self.log.all() else ops.where(self.log, logged, numbers)
        for part in _in_two(self.shift):
            if part.any():
                numbers = ops.subtract(numbers, part)
        if (self.divisor != 1).any():
            numbers = ops.divide(numbers, _single(self.divisor))
        if self.order is None:
            return numbers
        flags = ops.cast(missing, "float32")
        return ops.take(ops.concatenate([numbers, flags], axis=-1), np.array(self.order, np.int32), axis=-1)


def _bound(one: Numbers, end: int, none: float) -> float:
    bound = None if one.steps.clip is None else one.steps.clip[end]
    return none if bound is None else bound


def _single(values: NDArray[np.float64]) -> NDArray[np.float32]:
    return values.astype(np.float32)


def _in_two(values: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two float32 arrays whose sum is nearer than one could be."""
    first = _single(values)
    return first, _single(values - first)
