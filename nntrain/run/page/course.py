"""How a training went, as numbers: what the diagnosis goes by."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from nntrain.config.dump import to_flow

Numbers = Sequence[float]
NAN = math.nan
LEAST = 1e-12
"""Stands below a division."""


@dataclass(frozen=True)
class Course:
    """The course of one training."""

    curves: Mapping[str, Numbers]
    """Values by quantity, one an epoch; NaN where an epoch has none."""
    epochs: int | None = None
    """How many were wanted."""
    best_epoch: int | None = None
    """The epoch whose weights were kept, from 1; None for the last one's."""
    stopped_early: bool = False
    diverged: bool = False
    """Whether the loss became NaN or infinite."""
    training: Mapping[str, Any] = field(default_factory=dict)
    """The section `training` of the config with every default."""

    @property
    def loss(self) -> Numbers:
        """Of the training rows."""
        return self.curves.get("loss", ())

    @property
    def watched(self) -> Numbers:
        """The loss of the validation rows; empty where there are none."""
        return self.curves.get("val_loss", ())

    @property
    def rate(self) -> float | None:
        """The learning rate that training began with."""
        found = self.curves.get("learning_rate", ())
        return found[0] if found and math.isfinite(found[0]) else None


@dataclass(frozen=True)
class Outcome:
    """What one output came to on the rows that count."""

    output: str
    """Empty for the only one."""
    task: str
    scores: Mapping[str, Any]
    """As in `metrics.json`, with its baseline."""
    names: Sequence[str] = ()
    """Of the classes or labels."""
    counts: Sequence[int] = ()
    """Training rows of each class."""

    def number(self, key: str) -> float | None:
        """One score."""
        return plain(self.scores.get(key))

    def reference(self, key: str) -> float | None:
        """The same score of the baseline."""
        baseline = self.scores.get("baseline")
        return plain(baseline.get(key)) if isinstance(baseline, Mapping) else None

    def interval(self, key: str) -> tuple[float, float] | None:
        """Where one score lies on other rows of the same kind; None where nobody measured that."""
        intervals = self.scores.get("intervals")
        found = intervals.get(key) if isinstance(intervals, Mapping) else None
        if not isinstance(found, Mapping):
            return None
        low, high = plain(found.get("low")), plain(found.get("high"))
        return None if low is None or high is None else (low, high)

    @property
    def baseline(self) -> str:
        """What the baseline is."""
        baseline = self.scores.get("baseline")
        found = baseline.get("name") if isinstance(baseline, Mapping) else None
        return found if isinstance(found, str) else "the baseline"

    @property
    def confusion(self) -> list[list[int]]:
        """Rows of actual class `i` predicted as class `j` at `[i][j]`; empty where there are no classes."""
        found = self.scores.get("confusion_matrix")
        return found if isinstance(found, list) else []


class Edit(NamedTuple):
    """A change of one key of the config."""

    key: tuple[str, ...]
    value: Any

    @property
    def text(self) -> str:
        """As it stands in the file."""
        *above, last = self.key
        lines = [f"{'  ' * depth}{part}:" for depth, part in enumerate(above)]
        return "\n".join([*lines, f"{'  ' * len(above)}{last}: {to_flow(self.value)}"])

    @property
    def argument(self) -> str:
        """As it is given on the command line."""
        return f"{'.'.join(self.key)}={to_flow(self.value)}"


def read_curves(text: str) -> dict[str, list[float]]:
    """The columns of `history.csv` but `epoch`; what is no number is NaN.

    Args:
        text: The file's content.
    """
    reader = csv.reader(io.StringIO(text))
    names = next(reader, [])
    rows = [row for row in reader if len(row) == len(names)]
    found = {name: [_number(row[i]) for row in rows] for i, name in enumerate(names)}
    return {name: values for name, values in found.items() if name != "epoch" and values}


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return NAN


def plain(value: Any) -> float | None:
    """A number that is finite, or None."""
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if known else None


def level(values: Numbers, begin: int, end: int) -> float:
    """The middle value of some epochs, which one odd epoch does not move."""
    return median(values[max(0, begin) : end])


def smooth(values: Numbers) -> list[float]:
    """The middle one of each value and its two neighbours."""
    return [level(values, i - 1, i + 2) for i in range(len(values))]


def steps(values: Numbers) -> list[float]:
    """From each value to the next."""
    return [after - before for before, after in pairwise(values)]
