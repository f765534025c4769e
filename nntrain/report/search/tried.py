"""The trials of a search as its pictures need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from nntrain.report.history import LOG_DECADES, decades
from nntrain.report.search.axis import Axis


@dataclass(frozen=True)
class Tried:
    """One trial."""

    number: int
    state: str
    value: float | None
    at: tuple[float, ...]
    """Where its values lie on each axis, from 0 to 1."""


@dataclass(frozen=True)
class Found:
    """A search."""

    objective: str
    maximize: bool
    axes: Sequence[Axis]
    trials: Sequence[Tried]

    @cached_property
    def finished(self) -> list[Tried]:
        """Trials with a value that can be compared, by number."""
        return [trial for trial in self.trials if trial.state == "finished" and trial.value is not None]

    @cached_property
    def values(self) -> list[float]:
        """The objective of the finished trials."""
        return [trial.value for trial in self.finished if trial.value is not None]

    @cached_property
    def is_logarithmic(self) -> bool:
        """Whether the objective is taken on a logarithmic scale: an error that spans decades."""
        return not self.maximize and decades(self.values) > LOG_DECADES

    @property
    def best(self) -> Tried | None:
        """The best of the finished trials, the first of equals."""
        sign = -1.0 if self.maximize else 1.0
        return min(self.finished, key=lambda trial: sign * (trial.value or 0.0), default=None)

    def better(self, one: float, other: float) -> bool:
        """Whether the first is better."""
        return one > other if self.maximize else one < other
