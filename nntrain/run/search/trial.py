"""One trial: a run like any other, but for the test rows, which it never sees."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from nntrain.config.schema import Config
from nntrain.config.search.objective import Objective
from nntrain.data.dataset import Dataset
from nntrain.errors import ArtefactError, DataError, DivergedError, MachineError, NntrainError
from nntrain.run.directory import RunDirectory
from nntrain.run.fit import fit_session
from nntrain.run.log import LoggedObserver
from nntrain.run.observer import Silent
from nntrain.run.reading import read_data
from nntrain.run.results import FitResult
from nntrain.run.search.study import Study
from nntrain.run.session import Session
from nntrain.run.signals import StopSwitch
from nntrain.search.trial import Trial
from nntrain.training.observer import Logs
from nntrain.training.threads import Threads


@dataclass
class Means:
    """What the trials of one process are trained with."""

    device: str | None
    allow_code: bool
    stop: StopSwitch
    threads: Threads | None = None
    _read: tuple[Any, Dataset] | None = None
    """The rows that were read last, and what they were read for."""

    def read(self, config: Config) -> Dataset:
        """The rows of a trial, without the test rows; read once for trials that have the same."""
        plain = config.plain()
        key = plain["data"], plain["training"]["loss"], config.split_seed
        if self._read is None or self._read[0] != key:
            self._read = key, replace(read_data(config), test=None)
        return self._read[1]


class Watching(Silent):
    """Notes the objective after each epoch, and asks a trial to stop that leads nowhere."""

    def __init__(self, study: Study, trial: Trial, epochs: int, stop: StopSwitch) -> None:
        self._column, self._stop = study.objective.watched, stop
        self.steps: list[float] = []
        self._pruning = None
        if study.search.prunes != "none":
            from nntrain.search.optuna_study import Pruning

            direction = study.objective.direction
            self._pruning = Pruning(study.search, study.ledger.trials, trial.number, direction, epochs)

    def epoch_ended(self, epoch: int, logs: Logs, seconds: float) -> None:
        """Note it."""
        if self._column is None or self._column not in logs:
            return
        value = float(logs[self._column])
        self.steps.append(value if math.isfinite(value) else math.nan)
        if self._pruning is not None and self._pruning.tell(epoch, self.steps[-1]):
            self._stop.asked = True

    @property
    def marks(self) -> Mapping[str, float]:
        """What the pruner noted."""
        return {} if self._pruning is None else self._pruning.marks


def try_values(study: Study, trial: Trial, means: Means) -> Trial:
    """Train a trial and say what became of it.

    Args:
        study: That it belongs to.
        trial: With its values; it was begun.
        means: What it is trained with.

    Returns:
        The trial as it ended; one that a signal broke off is `interrupted`.

    Raises:
        NntrainError: What would end every trial, such as data that are missing.
    """
    began = time.perf_counter()
    watching: Watching | None = None
    ended = trial
    try:
        config = study.config_of(trial.values)
        watching = Watching(study, trial, config.training.epochs, means.stop)
        done = _trained(study, config, trial, watching, means)
        ended = _judged(trial, study.objective, done)
    except DivergedError as error:
        ended = replace(trial, state="diverged", why=_said(error))
    except NntrainError as error:
        ended = replace(trial, state="failed", why=_said(error))
        if _ends_all(study, error):
            study.ledger.end(replace(trial, state="interrupted"))
            raise
    except KeyboardInterrupt:
        pruned = means.stop.asked and means.stop.signum is None
        ended = replace(trial, state="pruned" if pruned else "interrupted")
        if pruned and watching is not None and math.isfinite(watching.steps[-1]):
            ended = replace(ended, value=watching.steps[-1])
    finally:
        means.stop.asked = means.stop.ending = means.stop.patient = False
    if watching is not None:
        ended = replace(ended, steps=tuple(watching.steps), marks=watching.marks)
    ended = replace(ended, seconds=round(time.perf_counter() - began, 3))
    study.ledger.end(ended)
    return ended


def _trained(study: Study, config: Config, trial: Trial, watching: Watching, means: Means) -> FitResult:
    def place(record: Mapping[str, Any], now: datetime) -> RunDirectory:
        own = {**record, "trial": {"number": trial.number, "values": dict(trial.values)}}
        return RunDirectory.within(study.path, study.run_of(trial.number).name, config.name, own)

    session = Session(
        config, study.path, LoggedObserver(watching), place=place, read=means.read, pictures=False
    )
    return fit_session(session, means.device, means.allow_code, means.stop, means.threads)


def _judged(trial: Trial, objective: Objective, done: FitResult) -> Trial:
    """A trial that was trained to its end, with what the objective came to, if it came to anything."""
    value = _value(objective, done)
    if value is not None:
        return replace(trial, state="finished", value=value)
    if objective.is_score:
        return replace(trial, state="failed", why=f"the validation rows give no {objective.name}")
    return replace(trial, state="diverged", why=f"{objective.name} is not a finite number after any epoch")


def _value(objective: Objective, done: FitResult) -> float | None:
    """What it came to: a score of the kept weights, or the best epoch's; None where that is no number."""
    if not objective.is_score:
        every = (float(row[objective.name]) for row in done.history)
        best = max if objective.direction == "maximize" else min
        return best((value for value in every if math.isfinite(value)), default=None)
    _, _, rest = objective.name.partition(".")
    output, _, score = rest.rpartition(".")
    scores = done.outputs[output] if output else done.scores
    found = scores["validation"].to_json().get(score)
    return None if found is None else float(found)


def _said(error: NntrainError) -> str:
    return error.problems[0].message


def _ends_all(study: Study, error: NntrainError) -> bool:
    """Whether a mistake is none of the values that were tried."""
    touched = any(key.startswith("data") for key in study.search.space)
    return isinstance(error, MachineError | ArtefactError) or (isinstance(error, DataError) and not touched)
