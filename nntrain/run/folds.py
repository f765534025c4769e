"""`fit --folds`: a whole run for each fold, under a parent run that holds what they say together."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from nntrain.config.folds import fold_of
from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.errors import MachineError, NntrainError
from nntrain.run.directory import RunDirectory
from nntrain.run.environment import environment
from nntrain.run.fit import check_writable, fit_session
from nntrain.run.folds_results import FOLDS_SCHEMA, FoldsResult
from nntrain.run.log import LoggedObserver
from nntrain.run.manifest import seal
from nntrain.run.observer import Observer, Once, Silent
from nntrain.run.reading import read_data
from nntrain.run.results import FitResult
from nntrain.run.session import METRICS, Session
from nntrain.run.signals import Interrupted, StopSwitch, stop_switch


def fit_folds(
    config: Config,
    folds: int,
    runs_dir: str | Path = "runs",
    *,
    device: Device | None = None,
    allow_code: bool = False,
    observer: Observer | None = None,
) -> FoldsResult:
    """Train a model for each fold: the rows without the test rows are dealt into folds, each held out once.

    A fold's rows are the validation split of its run, so every such row is scored by a model that did not
    learn from it; the test rows stay the same and are scored by each model.

    Args:
        config: From `load_config`.
        folds: How many, 2 or more.
        runs_dir: The folder of all runs.
        device: Overrides `training.device`.
        allow_code: Whether the file that the config's `code` names may be run.
        observer: Is told what happens; nobody by default.

    Raises:
        ConfigError: The data can't be divided into folds, or what `fit` raises.
        DataError: The data are missing or unfit, in any of the folds. Nothing is written.
        NntrainError: What else `fit` raises; the parent says so, and finished folds are kept.
        Interrupted: Ctrl-C or a signal; finished folds are kept.
    """
    configs = [fold_of(config, number, folds) for number in range(1, folds + 1)]
    parent = _Parent(Path(runs_dir), configs)
    told = Once(observer or Silent())
    with stop_switch() as stop, parent.told_in_the_record(stop):
        for number, own in enumerate(configs, 1):
            told.fold(number, folds)
            session = Session(own, parent.runs, LoggedObserver(told), place=parent.place)
            parent.keep(fit_session(session, device, allow_code, stop))
        return parent.finish()


class _Parent:
    """The parent run: made when the first fold has shown that config, data and model are good."""

    def __init__(self, runs: Path, configs: list[Config]) -> None:
        self.runs = runs
        self.configs = configs
        self.done: list[FitResult] = []
        self.run: RunDirectory | None = None
        self.began = time.perf_counter()
        check_writable(runs)

    @property
    def directory(self) -> RunDirectory:
        """The parent's directory, once it is there."""
        if self.run is None:
            raise RuntimeError("the parent run has no directory yet")
        return self.run

    def place(self, record: Mapping[str, Any], now: datetime) -> RunDirectory:
        """Make the directory of the fold at hand; before the first one, look at the rows of all folds.

        Raises:
            DataError: The rows of another fold are unfit.
        """
        number, count = len(self.done) + 1, len(self.configs)
        if self.run is None:
            for config in self.configs[1:]:
                read_data(config)
            self.run = self._create(now)
        own = {**record, "fold": {"number": number, "of": count}}
        return RunDirectory.within(self.run.path, f"fold-{number}", self.configs[0].name, own)

    def _create(self, now: datetime) -> RunDirectory:
        config = self.configs[0]
        record = {
            "folds": len(self.configs),
            "runs": [],
            "seed": config.seed,
            "started": now.isoformat(timespec="seconds"),
            **environment(config.origin.folder),
        }
        run = RunDirectory.create(self.runs, config.name, record, now)
        run.write("config.yaml", config.origin.file_bytes)
        run.update({})
        return run

    def keep(self, done: FitResult) -> None:
        """Note that a fold is finished."""
        self.done.append(done)
        self.directory.update({"runs": [run.path.name for run in self.done]})

    def finish(self) -> FoldsResult:
        """Write what the folds say together."""
        run, seconds = self.directory, time.perf_counter() - self.began
        notes = dict.fromkeys(note for done in self.done for note in done.notes)
        result = FoldsResult(
            run.path, self.configs[0].name, tuple(self.done), seconds, (*notes, *_chosen(self.configs[0]))
        )
        content = {"schema": FOLDS_SCHEMA, "folds": len(self.done), "splits": result.metrics()}
        run.write_json(METRICS, content)
        seal(run, {"status": "finished", "timings": {"total": round(seconds, 3)}})
        run.link_latest()
        return result

    @contextmanager
    def told_in_the_record(self, stop: StopSwitch) -> Iterator[None]:
        """Whatever ends the folds early is written into the parent's record before it goes on its way."""
        try:
            yield
        except KeyboardInterrupt as error:
            if self.run is None:
                raise
            self._end({"status": "interrupted"})
            raise self._interrupted(stop) from error
        except NntrainError as error:
            self._end({"status": "failed", "failure": {"exit": error.exit_code, "message": str(error)}})
            raise
        except BaseException as error:
            failure = {"exit": 1, "message": f"{type(error).__name__}: {error}"}
            self._end({"status": "failed", "failure": failure})
            raise

    def _end(self, changes: Mapping[str, Any]) -> None:
        if self.run is not None:
            with suppress(MachineError):  # a full disk may have no room for the word of it
                self.run.update(changes)

    def _interrupted(self, stop: StopSwitch) -> Interrupted:
        done, count = len(self.done), len(self.configs)
        kept = f"{done} finished fold{'s are' if done != 1 else ' is'} kept in" if done else "see"
        where = f"in fold {min(done + 1, count)} of {count}"
        return Interrupted(f"stopped {where}; {kept} {self.directory.path}", stop.cause)


def _chosen(config: Config) -> tuple[str, ...]:
    """A word on scores of rows that had a say in which weights were kept."""
    stopping = config.training.early_stopping
    if stopping is None or not stopping.monitor.startswith("val_"):
        return ()
    return ("early stopping chose each fold's epoch by the rows that score it, so validation scores flatter",)
