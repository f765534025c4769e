"""nntrain's own engine, started and called as `fit` does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from nntrain.config import load_config
from nntrain.errors import DivergedError, Problem
from nntrain.run.bench.protocol import Channel, Job, Turns
from nntrain.run.fit import prepare_session
from nntrain.run.lesson import lesson_of
from nntrain.run.log import LoggedObserver
from nntrain.run.observer import Silent
from nntrain.run.session import Session


class _Notes(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def note(self, text: str) -> None:
        """Keep it."""
        self.kept.append(text)


def train(job: Job, channel: Channel) -> None:
    """Train without validation, callbacks and early stopping.

    Raises:
        DivergedError: The loss became NaN or infinite.
    """
    notes = _Notes()
    session = Session(load_config(job.file, job.overrides), Path(), LoggedObserver(notes))
    experiment = prepare_session(session, job.device, job.allow_code)
    lesson = lesson_of(session, experiment)
    from nntrain.run.bench.plain import ENDLESS, threads
    from nntrain.training import train as training
    from nntrain.training.watch import Diverged

    turns = Turns(channel)
    notes.kept = turns.notes
    recipe = replace(lesson.recipe, epochs=ENDLESS, callbacks=[], early_stopping=None)
    turns.begin(threads=threads())
    try:
        training.train(
            experiment.model,
            lesson.rows,
            None,
            recipe,
            session.log,
            lambda row: turns.epoch_ended(row["loss"]),
            lambda: False,
        )
    except training.Halted as halt:
        if not isinstance(halt.cause, Diverged):
            raise
        raise _diverged(halt.cause) from None


def _diverged(loss: Any) -> DivergedError:
    return DivergedError(
        Problem(
            f"the loss became {loss.loss:g} in step {loss.step} of epoch {loss.epoch}, at learning rate "
            f"{loss.learning_rate:g}. Lower training.optimizer.learning_rate, or set clipnorm: 1 on the "
            "optimizer",
            id="diverged",
        )
    )
