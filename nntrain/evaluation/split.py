"""Scores of one split beside those of its baselines."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from nntrain.evaluation.bootstrap import Interval
from nntrain.evaluation.card import Card
from nntrain.evaluation.recorded import RecordedScores

Numbers = Mapping[str, float | None]
LESS_IS_BETTER = frozenset({"log loss", "Hamming loss", "MAE", "MSE", "RMSE", "MAPE"})
"""Scores of the headline that measure what is wrong, as the terminal names them."""
NOISE = 1e-6
"""Difference from the baseline that is rounding: relative, and of shares absolute."""


class ScoreRow(NamedTuple):
    """One score for the terminal."""

    title: str
    value: float | None
    interval: Interval | None
    references: tuple[float | None, ...]
    """What each baseline has; None where that is not defined."""


@dataclass(frozen=True)
class SplitScores:
    """A model and a baseline, scored on the same rows by the same functions."""

    model: Card
    baseline: Card
    baseline_name: str
    """What the baseline always answers."""
    others: Mapping[str, Numbers] = field(default_factory=dict)
    """Single numbers of further baselines, by what they answer and then by the names in files."""

    @classmethod
    def from_json(cls, scores: Mapping[str, Any]) -> SplitScores:
        """The scores that `to_json` wrote, without what can only be told from the rows."""
        ours = {name: value for name, value in scores.items() if name not in ("baseline", "other_baselines")}
        reference = {name: value for name, value in scores["baseline"].items() if name != "name"}
        others = {
            baseline["name"]: {name: value for name, value in baseline.items() if name != "name"}
            for baseline in scores.get("other_baselines", ())
        }
        baseline = RecordedScores.of({"rows": ours["rows"], **reference})
        return cls(RecordedScores.of(ours), baseline, scores["baseline"]["name"], others)

    def to_json(self) -> dict[str, Any]:
        """The scores, and the single numbers of the baselines; `undefined` explains each None."""
        mine, reference = _finite(self.model.to_json()), _finite(self.baseline.to_json())
        names = ("rows", *self.baseline.numbers(), "undefined")
        kept = {name: reference[name] for name in names}
        others = [
            {"name": name, **{key: value if _is_number(value) else None for key, value in numbers.items()}}
            for name, numbers in self.others.items()
        ]
        return {**mine, "baseline": {"name": self.baseline_name, **kept}, "other_baselines": others}

    def headline(self) -> list[tuple[str, float | None, float | None]]:
        """Name, the model's value and the baseline's, in the order in which they are printed."""
        pairs = zip(self.model.headline(), self.baseline.headline(), strict=True)
        return [(name, value, reference) for (name, value), (_, reference) in pairs]

    def rows(self, *, everything: bool = False) -> list[ScoreRow]:
        """The headline, or everything, with intervals and each baseline's value."""
        references = [self.baseline.numbers(), *self.others.values()]
        lines = {line.key: line for line in self.model.lines()}
        return [
            ScoreRow(
                lines[key].title,
                lines[key].value,
                self.model.intervals.get(key),
                tuple(numbers.get(key) for numbers in references),
            )
            for key in (lines if everything else self.model.chief)
        ]

    @property
    def baseline_names(self) -> tuple[str, ...]:
        """What each baseline answers; the first is the one that the model is set beside."""
        return (self.baseline_name, *self.others)

    def unknown(self, *, everything: bool = False) -> dict[str, list[str]]:
        """Why scores are None, with what they are called on the terminal."""
        found: dict[str, list[str]] = {}
        for line in self.model.lines():
            if line.value is None and (everything or line.key in self.model.chief):
                found.setdefault(self.model.undefined[line.key], []).append(line.title)
        return found

    def worse(self) -> list[str]:
        """The scores of the headline on which the model does worse than the baseline."""
        found = []
        for name, value, reference in self.headline():
            if value is None or reference is None:
                continue
            error = name in LESS_IS_BETTER
            alike = math.isclose(value, reference, rel_tol=NOISE, abs_tol=0.0 if error else NOISE)
            if not alike and (value > reference) == error:
                found.append(name)
        return found


def _finite(scores: dict[str, Any]) -> dict[str, Any]:
    """Put None, and a word on it, in place of a score that overflowed."""
    undefined = dict(scores["undefined"])
    for name, value in scores.items():
        if isinstance(value, float) and not math.isfinite(value):
            scores[name], undefined[name] = None, "too large for a number"
    for column in scores.get("per_column", ()):
        column.update(
            {name: None for name, value in column.items() if not _is_number(value) and name != "name"}
        )
    scores["undefined"] = undefined
    return scores


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
