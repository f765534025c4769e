"""What training tells whoever watches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

Logs = Mapping[str, float]


@dataclass(frozen=True)
class Plan:
    """What is about to be trained."""

    epochs: int
    steps: int
    """Steps of the optimizer in one epoch."""
    rows: int
    """Training rows."""
    device: str


class TrainingObserver(Protocol):
    """Receives what happens while a model is trained, in order."""

    def note(self, text: str) -> None:
        """Something the user should know."""

    def started(self, plan: Plan) -> None:
        """Training begins."""

    def step(self, epoch: int, step: int, loss: float) -> None:
        """A step ended; `epoch` and `step` count from 1, `loss` is the epoch's mean so far. Must be fast."""

    def epoch_ended(self, epoch: int, logs: Logs, seconds: float) -> None:
        """An epoch ended, counted from 1."""

    def stopped(self, reason: str | None) -> None:
        """Training ended; `reason` says why before the last epoch, if so."""
