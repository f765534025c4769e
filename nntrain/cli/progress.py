"""Training as it is watched: a bar on a terminal, a line an epoch elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nntrain.cli.output import console, say
from nntrain.run.log import epoch_line
from nntrain.run.observer import Silent, noted
from nntrain.training.observer import Logs, Plan

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from nntrain.model.summary import ModelSummary
    from nntrain.run.balance import Balance

REFRESH = 0.1
"""Seconds between two updates of the bar."""
SHOWN_CLASSES = 12
"""Classes that are shown before training at most."""
TOLD = 4
"""Numbers beside the bar at most."""


class Notes(Silent):
    """No progress, but what the user should know."""

    def note(self, text: str) -> None:
        """Say it."""
        say(noted(text))


class Lines(Notes):
    """One plain line an epoch."""

    def __init__(self) -> None:
        self.epochs = 0

    def fold(self, number: int, count: int, what: str = "fold") -> None:
        """Say it."""
        say(f"{what} {number} of {count}")

    def classes(self, balance: Balance) -> None:
        """Print how many rows each class has."""
        show_classes(console(stderr=True), balance)

    def network(self, summary: ModelSummary) -> None:
        """Print the layers."""
        show_network(console(stderr=True), summary)

    def started(self, plan: Plan) -> None:
        """Say what is trained where."""
        self.epochs = plan.epochs
        say(plan_line(plan))

    def epoch_ended(self, epoch: int, logs: Logs, seconds: float) -> None:
        """Say the epoch's numbers."""
        say(epoch_line(epoch, self.epochs, logs, seconds))

    def stopped(self, reason: str | None) -> None:
        """Say why."""
        if reason:
            say(f"stopped early: {reason}")


def plan_line(plan: Plan) -> str:
    """What is trained, in one line."""
    return (
        f"training on {plan.rows:,} rows, {plan.steps:,} step{'s' if plan.steps != 1 else ''} "
        f"an epoch, up to {plan.epochs:,} epoch{'s' if plan.epochs != 1 else ''}, on {plan.device}"
    )


def show_classes(out: Console, balance: Balance) -> None:
    """Print the rows (of masks the pixels) of each class in each split, and their share of it."""
    from nntrain.report.data_tables import classes_table

    title = "Class" if balance.target == "target" else f"Class of {balance.target}"
    table, rest = classes_table(
        balance.classes,
        balance.rows,
        title,
        most=SHOWN_CLASSES,
        elsewhere="nntrain data",
        unit=balance.unit,
    )
    out.print(table)
    if rest:
        out.print(rest)
    out.print()


def show_network(out: Console, summary: ModelSummary) -> None:
    """Print layers, output shapes and parameters."""
    from nntrain.report.tables import model_table

    out.print(model_table(summary.layers, trainable=summary.trainable, non_trainable=summary.non_trainable))
    out.print()


def _told(logs: Logs) -> list[str]:
    """The numbers that fit beside a bar: the loss of all outputs, metrics, then single losses."""
    first = [name for name in ("loss", "val_loss") if name in logs]
    others = [name for name in logs if name not in {"epoch", "learning_rate", *first}]
    metrics = [name for name in others if not name.endswith("_loss")]
    outputs = [name for name in others if name.endswith("_loss")]
    return [*first, *metrics, *outputs][:TOLD]


class Bar:
    """A line of progress that stays at the bottom, with the epoch's numbers beside it."""

    def __init__(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self.console = console(stderr=True)
        self.progress: Progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[state]}", markup=False),
            TimeRemainingColumn(compact=True),
            console=self.console,
            transient=True,
        )
        self.task: TaskID | None = None
        self.plan = Plan(0, 0, 0, "")
        self.numbers = ""
        self._updated = 0.0

    def phase(self, text: str) -> None:
        """Show what goes on before training and after it."""
        if text == "training":
            return
        self.progress.start()
        if self.task is None:
            self.task = self.progress.add_task(text, total=None, state="")
        else:
            self.progress.update(self.task, description=text, state="")

    def note(self, text: str) -> None:
        """Say it above the bar."""
        self.progress.print(noted(text))

    def fold(self, number: int, count: int, what: str = "fold") -> None:
        """Say it above the bar."""
        self.progress.print(f"{what} {number} of {count}")

    def classes(self, balance: Balance) -> None:
        """Print how many rows each class has, above the bar."""
        show_classes(self.console, balance)

    def network(self, summary: ModelSummary) -> None:
        """Print the layers above the bar."""
        show_network(self.console, summary)

    def started(self, plan: Plan) -> None:
        """Begin the bar."""
        self.plan = plan
        self.progress.print(plan_line(plan))
        if self.task is not None:
            self.progress.remove_task(self.task)
        self.task = self.progress.add_task("epoch 1", total=plan.epochs * plan.steps, state="")
        self.progress.start()

    def step(self, epoch: int, step: int, loss: float) -> None:
        """Move the bar, ten times a second at most."""
        now = time.monotonic()
        if now - self._updated < REFRESH or self.task is None:
            return
        self._updated = now
        self._show(epoch, step, f"loss {loss:.4f}")

    def epoch_ended(self, epoch: int, logs: Logs, seconds: float) -> None:
        """Show the epoch's numbers until the next one ends."""
        self.numbers = "  ".join(f"{name} {logs[name]:.4f}" for name in _told(logs))
        if self.task is not None:
            self._show(epoch, self.plan.steps, "")

    def _show(self, epoch: int, step: int, state: str) -> None:
        if self.task is None:
            return
        done = (epoch - 1) * self.plan.steps + step
        description = f"epoch {epoch}/{self.plan.epochs}  step {step}/{self.plan.steps}"
        state = self.numbers or state
        self.progress.update(self.task, completed=done, description=description, state=state)

    def stopped(self, reason: str | None) -> None:
        """End the bar."""
        self.close()
        if reason:
            say(f"stopped early: {reason}")

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self.task is not None:
            self.progress.remove_task(self.task)
            self.task = None
        self.progress.stop()
