"""`fit --folds` and `--seeds`: a whole run for each, under a parent run that holds what they say together."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from nntrain.config.dump import to_yaml
from nntrain.config.folds import FOLDS, SEEDS, Parts
from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.errors import MachineError, NntrainError
from nntrain.run.checkpoint.folder import go_on
from nntrain.run.directory import CODE, RunDirectory
from nntrain.run.environment import environment
from nntrain.run.expectations import numbers_of, outcomes, outcomes_json
from nntrain.run.fit import check_writable, described_config, fit_session
from nntrain.run.folds_results import FOLDS_SCHEMA, FoldsResult
from nntrain.run.links import link_all
from nntrain.run.lock import RunLock
from nntrain.run.log import LoggedObserver
from nntrain.run.manifest import seal
from nntrain.run.observer import Observer, Once, Silent
from nntrain.run.reading import read_data
from nntrain.run.results import FitResult
from nntrain.run.session import METRICS, Session
from nntrain.run.signals import Interrupted, StopSwitch, stop_switch
from nntrain.run.team import refuse_workers


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
    return _fit_parts(FOLDS, config, folds, runs_dir, device, allow_code, observer)


def fit_seeds(
    config: Config,
    seeds: int,
    runs_dir: str | Path = "runs",
    *,
    device: Device | None = None,
    allow_code: bool = False,
    observer: Observer | None = None,
) -> FoldsResult:
    """Train a model for each of several seeds: the config's own and those that follow it.

    Initial weights, the order of rows, dropout and resampling are drawn anew; the splits stay those of the
    config's own seed (`data.split.seed`), so that all runs learn from and are scored on the same rows.

    Args:
        config: From `load_config`.
        seeds: How many, 2 or more.
        runs_dir: The folder of all runs.
        device: Overrides `training.device`.
        allow_code: Whether the file that the config's `code` names may be run.
        observer: Is told what happens; nobody by default.

    Raises:
        NntrainError: What `fit` raises; the parent says so, and finished runs are kept.
        Interrupted: Ctrl-C or a signal; finished runs are kept.
    """
    return _fit_parts(SEEDS, config, seeds, runs_dir, device, allow_code, observer)


def _fit_parts(
    parts: Parts,
    config: Config,
    count: int,
    runs_dir: str | Path,
    device: Device | None,
    allow_code: bool,
    observer: Observer | None,
) -> FoldsResult:
    """Train the runs of a parent."""
    refuse_workers(config, f"--{parts.several} trains several runs")
    configs = [parts.of(config, number, count) for number in range(1, count + 1)]
    parent = Parent(Path(runs_dir), configs, parts)
    check_writable(parent.runs)
    told = Once(observer or Silent())
    with stop_switch() as stop, parent.told_in_the_record(stop):
        for number, own in enumerate(configs, 1):
            told.fold(number, count, parts.one)
            session = Session(own, parent.runs, LoggedObserver(told), place=parent.place)
            parent.keep(fit_session(session, device, allow_code, stop))
        return parent.finish(told)


class Parent:
    """The parent run: made when the first fold has shown that config, data and model are good."""

    def __init__(self, runs: Path, configs: Sequence[Config], parts: Parts) -> None:
        """Make nothing yet.

        Args:
            runs: The folder of all runs.
            configs: Of fold 1, 2, ...
            parts: What the runs are for.
        """
        self.runs, self.configs, self.parts = runs, configs, parts
        self.done: list[FitResult] = []
        self.run: RunDirectory | None = None
        self.began = time.perf_counter()
        self._lock: RunLock | None = None

    @property
    def config(self) -> Config:
        """The first fold's, which the parent keeps: those of the others differ in fold or seed alone."""
        return self.configs[0]

    @property
    def directory(self) -> RunDirectory:
        """The parent's directory, once it is there."""
        if self.run is None:
            raise RuntimeError("the parent run has no directory yet")
        return self.run

    def open(self, now: datetime) -> None:
        """Make the directory, if it is not there; before that, look at the rows of all folds.

        Raises:
            DataError: The rows of another fold are unfit.
        """
        if self.run is None:
            for config in self.configs[1:] if self.parts is FOLDS else ():
                read_data(config)
            self.run = self._create(now)

    def place(self, record: Mapping[str, Any], now: datetime) -> RunDirectory:
        """Make the directory of the fold at hand.

        Raises:
            DataError: The rows of another fold are unfit.
        """
        self.open(now)
        number = len(self.done) + 1
        own = {**record, self.parts.mark: {"number": number, "of": len(self.configs)}}
        return RunDirectory.within(self.directory.path, self.parts.folder(number), self.config.name, own)

    def _create(self, now: datetime) -> RunDirectory:
        config, code = self.config, self.config.user_code
        record: dict[str, Any] = {
            self.parts.several: len(self.configs),
            "runs": [],
            "seed": config.seed,
            "started": now.isoformat(timespec="seconds"),
            "config": described_config(config),
            **environment(config.origin.folder),
        }
        if code is not None:
            record["code"] = {"file": str(code.file), "sha256": code.sha256}
        run = RunDirectory.create(self.runs, config.name, record, now)
        self._lock = RunLock(run.path, run.path)
        run.write("config.yaml", config.origin.file_bytes)
        run.write("resolved.yaml", to_yaml(config, code=CODE).encode())
        if code is not None:
            run.write(CODE, code.content)
        run.update({})
        return run

    def keep(self, done: FitResult) -> None:
        """Note that a fold is finished."""
        self.done.append(done)
        self.directory.update({"runs": [run.path.name for run in self.done]})

    def finish(self, told: Observer) -> FoldsResult:
        """Write what the folds say together.

        Args:
            told: Hears of links that can't be made.
        """
        run, seconds = self.directory, time.perf_counter() - self.began
        notes = dict.fromkeys(note for done in self.done for note in done.notes)
        notes |= dict.fromkeys(_chosen(self.config, self.parts))
        numbers = [numbers_of(RunDirectory.open(done.path).record) for done in self.done]
        result = FoldsResult(
            run.path,
            self.config.name,
            tuple(self.done),
            seconds,
            tuple(notes),
            self.parts,
            outcomes(self.config, [done.outputs for done in self.done], numbers),
        )
        refused: tuple[str, ...] = ()
        content = {"schema": FOLDS_SCHEMA, self.parts.several: len(self.done), "splits": result.metrics()}
        if result.median is not None:
            run.record["median"] = result.median.path.name
            refused = link_all((run.path / "median",), result.median.path)
        run.write_json(METRICS, content)
        total = run.record.get("timings", {}).get("total", 0.0) + seconds
        ending = {"status": "finished", "timings": {"total": round(total, 3)}}
        run.record.pop("expectations", None)
        seal(run, {**ending, **outcomes_json(result.expectations)})
        refused += run.link_latest()
        for note in refused:
            told.note(note)
        return replace(result, notes=(*result.notes, *refused))

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
        finally:
            if self._lock is not None:
                self._lock.release()

    def _end(self, changes: Mapping[str, Any]) -> None:
        if self.run is None:
            return
        total = self.run.record.get("timings", {}).get("total", 0.0) + time.perf_counter() - self.began
        with suppress(MachineError):  # a full disk may have no room for the word of it
            self.run.update({**changes, "timings": {"total": round(total, 3)}})

    def _interrupted(self, stop: StopSwitch) -> Interrupted:
        count = len(self.configs)
        where = f"in {self.parts.one} {min(len(self.done) + 1, count)} of {count}"
        return Interrupted(f"stopped {where}; go on with: {go_on(self.directory.path)}", stop.cause)


def _chosen(config: Config, parts: Parts) -> tuple[str, ...]:
    """A word on scores of rows that had a say in which weights were kept."""
    stopping = config.training.early_stopping
    if stopping is None or not stopping.monitor.startswith("val_"):
        return ()
    whose = f"each {parts.one}'s epoch by the rows that score it"
    return (f"early stopping chose {whose}, so validation scores flatter",)
