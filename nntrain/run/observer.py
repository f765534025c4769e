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

    def fold(self, number: int, count: int, what: str = "fold") -> None:
        """The run of a fold, or of another part of a parent, begins; counted from 1."""

    def classes(self, balance: Balance) -> None:
        """The classes of a target are counted, split by split."""

    def network(self, summary: ModelSummary) -> None:
        """The model is built."""

    def close(self) -> None:
        """The command ends, however it went."""


def noted(text: str) -> str:
    """A note as a line for people; a leak or a warning says so itself."""
    return text if text.startswith(("leak: ", "warning: ")) else f"note: {text}"


class Silent:
    """Watches nothing."""

    def phase(self, text: str) -> None:
        """Ignore it."""

    def note(self, text: str) -> None:
        """Ignore it."""

    def fold(self, number: int, count: int, what: str = "fold") -> None:
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


class Once(Silent):
    """Passes on what several runs tell, but the network, the classes and each note once."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self._folds = 0
        self._notes: set[str] = set()

    def fold(self, number: int, count: int, what: str = "fold") -> None:
        """Pass on."""
        self._folds += 1
        self.observer.fold(number, count, what)

    def phase(self, text: str) -> None:
        """Pass on."""
        self.observer.phase(text)

    def note(self, text: str) -> None:
        """Pass on what was not said before."""
        if text not in self._notes:
            self._notes.add(text)
            self.observer.note(text)

    def classes(self, balance: Balance) -> None:
        """Pass on those of the first run."""
        if self._folds <= 1:
            self.observer.classes(balance)

    def network(self, summary: ModelSummary) -> None:
        """Pass on that of the first run."""
        if self._folds <= 1:
            self.observer.network(summary)

    def started(self, plan: Plan) -> None:
        """Pass on."""
        self.observer.started(plan)

    def step(self, epoch: int, step: int, loss: float) -> None:
        """Pass on."""
        self.observer.step(epoch, step, loss)

    def epoch_ended(self, epoch: int, logs: Logs, seconds: float) -> None:
        """Pass on."""
        self.observer.epoch_ended(epoch, logs, seconds)

    def stopped(self, reason: str | None) -> None:
        """Pass on."""
        self.observer.stopped(reason)

    def close(self) -> None:
        """Pass on."""
        self.observer.close()
