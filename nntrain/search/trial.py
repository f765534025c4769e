"""What is known of a trial: its values, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

State = Literal["running", "finished", "pruned", "diverged", "failed", "interrupted", "lost"]
COUNTED = frozenset({"running", "finished", "pruned", "diverged", "failed"})
"""States of trials that count; the others are tried again."""
MOST_LOST = 3
"""How often values may end the process that tries them before they count as failed."""


@dataclass(frozen=True)
class Trial:
    """One set of values that was tried, or is being tried."""

    number: int
    """From 1."""
    values: Mapping[str, Any]
    """By the keys of the space."""
    state: State = "running"
    value: float | None = None
    """What the objective came to; of a trial that was ended early, its last."""
    steps: tuple[float, ...] = ()
    """What the objective was after each epoch, where that was asked for."""
    marks: Mapping[str, float] = field(default_factory=dict)
    """What the pruner noted."""
    seconds: float | None = None
    why: str | None = None
    """Why it failed."""
    worker: str = ""
    """Who tries it."""
    again: int | None = None
    """The trial whose values are tried again, because it was lost or interrupted."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "number": self.number,
            "state": self.state,
            "value": self.value,
            "values": dict(self.values),
            "seconds": self.seconds,
            "why": self.why,
        }


def best_of(trials: Iterable[Trial], direction: str) -> Trial | None:
    """The best of those that finished, the first of equals; None if none did."""
    done = [trial for trial in trials if trial.state == "finished" and trial.value is not None]
    sign = -1 if direction == "maximize" else 1
    return min(done, key=lambda trial: sign * (trial.value or 0.0), default=None)


def to_be_tried_again(trials: Iterable[Trial]) -> list[Trial]:
    """Trials that were broken off, and whose values nobody has taken up since."""
    known = list(trials)
    taken = {trial.again for trial in known}
    return [t for t in known if t.state in {"lost", "interrupted"} and t.number not in taken]


def times_lost(trials: Iterable[Trial], trial: Trial) -> int:
    """How often these values have ended the process that tried them."""
    by_number = {known.number: known for known in trials}
    count, at = 0, trial
    while True:
        count += at.state == "lost"
        if at.again is None:
            return count
        at = by_number[at.again]
