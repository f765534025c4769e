"""What a command tells whoever watches: a terminal, a log, a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nntrain.training.observer import Logs, Plan, TrainingObserver

if TYPE_CHECKING:
    from nntrain.model.summary import ModelSummary
    from nntrain.run.balance import Balance


class Observer(TrainingObserver, Protocol):
    """Receives what happens during a command, in order."""

    def phase(self, text: str) -> None:
        """A part of the command begins, such as reading the data."""

    def note(self, text: str) -> None:
        """Something the user should know."""

    def classes(self, balance: Balance) -> None:
        """The classes of a target are counted, split by split."""

    def network(self, summary: ModelSummary) -> None:
        """The model is built."""

    def close(self) -> None:
        """The command ends, however it went."""


class Silent:
    """Watches nothing."""

    def phase(self, text: str) -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""

    def classes(self, balance: Balance) -> None:
        """Ignore it."""

    def network(self, summary: ModelSummary) -> None:
        """Ignore it."""

    def started(self, plan: Plan) -> None:
        """Ignore it."""

    def step(self, epoch: int, step: int, loss: float) -> None:
        """Ignore it."""

    def epoch_ended(self, epoch: int, logs: Logs, seconds: float) -> None:
        """Ignore it."""

    def stopped(self, reason: str | None) -> None:
        """Ignore it."""

    def close(self) -> None:
        """Nothing is open."""
