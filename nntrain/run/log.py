"""An observer that writes `log.txt` and passes everything on."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nntrain.errors import readable
from nntrain.run.files import explained
from nntrain.run.observer import Observer, noted
from nntrain.training.observer import Logs, Plan

if TYPE_CHECKING:
    from nntrain.model.summary import ModelSummary
    from nntrain.run.balance import Balance


def epoch_line(epoch: int, epochs: int, logs: Logs, seconds: float) -> str:
    """One epoch on one line: `epoch  3/20  loss 0.1234  val_loss 0.2345  0.1 s`."""
    width = len(str(epochs))
    values = [
        f"{name} {_short(value)}" for name, value in logs.items() if name not in {"epoch", "learning_rate"}
    ]
    return "  ".join([f"epoch {epoch:>{width}}/{epochs}", *values, f"{seconds:.1f} s"])


def _short(value: float) -> str:
    """Four digits that matter, or all that a large number has before its point."""
    if 1000 <= abs(value) < 1e9:
        return f"{value:,.1f}"
    return f"{value:.4f}" if 0.001 <= abs(value) < 1000 or value == 0 else f"{value:.4g}"


class LoggedObserver:
    """Tells another observer, and the log."""

    def __init__(self, observer: Observer) -> None:
        self.observer = observer
        self.path: Path | None = None
        self._early: list[str] = []
        self._epochs = 0

    def begin(self, path: Path) -> None:
        """Write to this file from now on, and what was said so far."""
        self.path = path
        early, self._early = self._early, []
        for line in early:
            self._append(line)

    def write(self, text: str) -> None:
        """Add a line with the time."""
        line = f"{datetime.now().astimezone().isoformat(timespec='seconds')} {text}\n"
        if self.path is None:
            self._early.append(line)
        else:
            self._append(line)

    def _append(self, line: str) -> None:
        if self.path is not None:
            with explained(self.path), self.path.open("a", encoding="utf-8") as stream:
                stream.write(readable(line))

    def phase(self, text: str) -> None:
        """Log and pass on."""
        self.write(text)
        self.observer.phase(text)

    def note(self, text: str) -> None:
        """Log and pass on."""
        self.write(noted(text))
        self.observer.note(text)

    def classes(self, balance: Balance) -> None:
        """Log and pass on."""
        for text in balance.texts():
            self.write(text)
        self.observer.classes(balance)

    def network(self, summary: ModelSummary) -> None:
        """Log and pass on."""
        for layer in summary.layers:
            self.write(f"layer {layer.name} ({layer.type}) {layer.output_shape} {layer.parameters}")
        self.observer.network(summary)

    def started(self, plan: Plan) -> None:
        """Log and pass on."""
        self._epochs = plan.epochs
        self.write(f"training {plan.rows} rows, {plan.steps} steps an epoch, on {plan.device}")
        self.observer.started(plan)

    def step(self, epoch: int, step: int, loss: float) -> None:
        """Pass on."""
        self.observer.step(epoch, step, loss)

    def epoch_ended(self, epoch: int, logs: Logs, seconds: float) -> None:
        """Log and pass on."""
        self.write(epoch_line(epoch, self._epochs, logs, seconds))
        self.observer.epoch_ended(epoch, logs, seconds)

    def stopped(self, reason: str | None) -> None:
        """Log and pass on."""
        if reason:
            self.write(reason)
        self.observer.stopped(reason)

    def close(self) -> None:
        """Pass on."""
        self.observer.close()
