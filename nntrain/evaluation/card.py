"""What the scores of every task share: single numbers by name, their intervals, and words on them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nntrain.config.vocabulary.scores import CHIEF, title
from nntrain.evaluation.bootstrap import Interval
from nntrain.evaluation.words import quoted

LITTLE_SUPPORT = 10
"""Rows of a class below which it is flagged: one row more or less then moves its recall by more than 0.1."""


class Line(NamedTuple):
    """One number of the scores."""

    key: str
    """Its name in files."""
    title: str
    """Its name on the terminal."""
    value: float | None


class ClassScores(NamedTuple):
    """One class against the rest, or one label; each score in [0, 1]."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    """Rows of this class, or that have this label."""
    roc_auc: float | None = None
    """None where all rows, or none, are of the class."""
    average_precision: float | None = None


class AverageScores(NamedTuple):
    """Scores of the classes or labels as one number each, in [0, 1]."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, kw_only=True)
class Card(ABC):
    """Scores of some rows."""

    rows: int
    undefined: Mapping[str, str]
    """Why a score is None, by its name."""
    notes: tuple[str, ...] = ()
    """What one should know to read the scores, one sentence each."""
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    """Where scores lie on other rows of the same kind, by their names in files."""

    @property
    @abstractmethod
    def task(self) -> str:
        """What the model does."""

    @property
    def chosen(self) -> object:
        """The average that the run reports; None where there is none."""
        return None

    @abstractmethod
    def numbers(self) -> dict[str, float | None]:
        """The single numbers by their names in files, the most looked at first."""

    @property
    def chief(self) -> tuple[str, ...]:
        """Names of the scores that the terminal shows unasked, the most looked at first."""
        return tuple(key for key in CHIEF[self.task] if key in self.numbers())

    def lines(self) -> list[Line]:
        """Every single number with its title."""
        return [Line(key, title(key, self.chosen, self.task), value) for key, value in self.numbers().items()]

    def details(self) -> dict[str, Any]:
        """What else a file of scores holds: scores by class, the confusion matrix and the like."""
        return {}

    def headline(self) -> list[tuple[str, float | None]]:
        """Names and values for the terminal, the most looked at first."""
        found = {line.key: (line.title, line.value) for line in self.lines()}
        return [found[key] for key in self.chief]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "rows": self.rows,
            **self.numbers(),
            **self.details(),
            "intervals": {name: interval._asdict() for name, interval in self.intervals.items()},
            "undefined": dict(self.undefined),
            "notes": list(self.notes),
        }


def little(names: Sequence[str], support: Sequence[int]) -> list[str]:
    """The classes or labels that some rows have, and fewer than `LITTLE_SUPPORT`."""
    return [name for name, rows in zip(names, support, strict=True) if 0 < rows < LITTLE_SUPPORT]


def little_note(few: Sequence[str], one: str, several: str) -> tuple[str, ...]:
    """A sentence on the classes or labels of little support, if there are any."""
    if not few:
        return ()
    why = f"fewer than {LITTLE_SUPPORT} rows, so that one row moves the recall by more than 0.1"
    return (f"{why}: {quoted(few, one, several)}",)


def defined(value: float, name: str, undefined: dict[str, str], why: str) -> float | None:
    """The value, or None with the reason where it is no number."""
    if value == value:
        return float(value)
    undefined[name] = why
    return None
