"""Whether a run reached what its config expects of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nntrain.config.checks.expectations import named
from nntrain.config.expect import RUN_NUMBERS, Comparison, comparison
from nntrain.config.folds import parts_in
from nntrain.config.schema import Config
from nntrain.errors import ExpectationError, Problem
from nntrain.evaluation import SplitScores
from nntrain.evaluation.spread import Spread
from nntrain.report.expectations import sentence

Scores = Mapping[str, Mapping[str, SplitScores]]
"""By output and split."""
NOTHING: Mapping[str, float | None] = {}


@dataclass(frozen=True)
class Outcome:
    """What became of one expectation."""

    name: str
    """The key in `expect`, such as `test.accuracy`."""
    expected: str
    """The comparison as it is written."""
    value: float | None
    """What was reached, to the last digit; of several runs the mean. None where it is no number."""
    baseline: float | None = None
    """What the baseline reaches, if it is compared with that."""
    why: str | None = None
    """Why there is no number."""

    @property
    def comparison(self) -> Comparison:
        """The comparison, read."""
        return comparison(self.expected)

    @property
    def met(self) -> bool:
        """Whether it is as expected."""
        return self.comparison.holds(self.value, self.baseline)

    @property
    def difference(self) -> float | None:
        """How far the number lies above the nearest limit, below 0 if it lies below."""
        if self.value is None:
            return None
        limit = self.comparison.nearest(self.value, self.baseline)
        return None if limit is None else self.value - limit

    def to_json(self) -> dict[str, Any]:
        """For files and `--json`."""
        return {
            "name": self.name,
            "expected": self.expected,
            "value": self.value,
            "met": self.met,
            "difference": self.difference,
            **({} if self.baseline is None else {"baseline": self.baseline}),
            **({} if self.why is None else {"why": self.why}),
        }


def outcomes_json(found: Sequence[Outcome]) -> dict[str, Any]:
    """`expectations` for files and `--json`, if there are any."""
    return {"expectations": [outcome.to_json() for outcome in found]} if found else {}


def missed(found: Sequence[Outcome]) -> ExpectationError | None:
    """The error that ends a command; None if all is as expected."""
    wrong = [outcome for outcome in found if not outcome.met]
    if not wrong:
        return None
    count = f"{len(wrong)} of {len(found)} expectations missed" if found[1:] else "the expectation is missed"
    told = "; ".join(map(sentence, wrong))
    return ExpectationError(Problem(f"{count}: {told}", id="expectation"))


def numbers_of(record: Mapping[str, Any]) -> dict[str, float | None]:
    """What can be expected of a finished run as a whole, from its `run.json`."""
    found = (record.get("parameters"), record.get("epochs"), record.get("timings", {}).get("total"))
    return dict(zip(RUN_NUMBERS, found, strict=True))


def outcomes(
    config: Config, each: Sequence[Scores], numbers: Sequence[Mapping[str, float | None]]
) -> tuple[Outcome, ...]:
    """Judge a run, or the mean of several; what there are no scores of is left out.

    Args:
        config: With what is expected.
        each: Of each run its scores, of the splits that were scored.
        numbers: Of each run what `numbers_of` says, or less.
    """
    return tuple(_judged(config, each, numbers))


def judged_alone(record: Mapping[str, Any]) -> bool:
    """Whether a run is judged by itself, rather than its parent by the mean, or a search by its best."""
    return parts_in(record) is None and "trial" not in record


def not_checked(config: Config, found: Sequence[Outcome]) -> tuple[str, ...]:
    """A sentence on what is expected of other rows than those that were scored."""
    done = {outcome.name for outcome in found}
    others = sorted({named(key).split for key in config.expect if key not in done and key not in RUN_NUMBERS})
    again = " and ".join(f"--split {split}" for split in others)
    return (f"what is expected of other rows is not checked; score them with {again}",) if others else ()


def _judged(
    config: Config, each: Sequence[Scores], numbers: Sequence[Mapping[str, float | None]]
) -> Iterator[Outcome]:
    for key, text in config.expect.items():
        if key in RUN_NUMBERS:
            if all(key in known for known in numbers):
                yield _outcome(key, text, [known[key] for known in numbers], (), "it was not recorded")
            continue
        wanted = named(key)
        found = [scores[wanted.output or next(iter(scores))] for scores in each]
        if all(wanted.split in splits for splits in found):
            cards = [splits[wanted.split] for splits in found]
            ours = [card.model.numbers().get(wanted.score) for card in cards]
            theirs = [card.baseline.numbers().get(wanted.score) for card in cards]
            reasons = (card.model.undefined.get(wanted.score) for card in cards)
            why = next(filter(None, reasons), "these rows have no such score")
            yield _outcome(key, text, ours, theirs, why)


def _outcome(
    key: str, text: str, ours: Sequence[float | None], theirs: Sequence[float | None], why: str
) -> Outcome:
    value = _mean(ours)
    against = comparison(text).limit is None
    baseline = _mean(theirs) if against else None
    if value is not None and against and baseline is None:
        return Outcome(key, text, value, None, "the baseline has no such score")
    return Outcome(key, text, value, baseline, why if value is None else None)


def _mean(values: Sequence[float | None]) -> float | None:
    """Of several runs the mean, if all have the number."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    return Spread(tuple(known)).mean if len(known) == len(values) else None
