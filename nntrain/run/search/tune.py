"""`tune`: try values until there are enough, with what was found written down trial by trial."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from nntrain.config.schema import Config
from nntrain.config.search.objective import Objective
from nntrain.errors import MachineError, Problem, TrialsError, UsageError
from nntrain.run.fit import check_writable
from nntrain.run.search.ledger import Worker
from nntrain.run.search.study import Study, join_study, open_study
from nntrain.run.signals import Interrupted, stop_switch
from nntrain.search.draw import next_values, wanted
from nntrain.search.trial import COUNTED, State, Trial, best_of


class Watcher(Protocol):
    """Is told what happens during a search, in order."""

    def opened(self, study: Study, trials: list[Trial], wanted: int) -> None:
        """The study is there, with the trials of earlier commands."""

    def began(self, trial: Trial) -> None:
        """A trial begins."""

    def ended(self, trial: Trial, trials: list[Trial]) -> None:
        """A trial ended; `trials` are all that there are."""

    def close(self) -> None:
        """The search ends, however it went."""


@dataclass(frozen=True)
class TuneResult:
    """What a search found."""

    path: Path
    """The study's directory."""
    name: str
    objective: Objective
    trials: tuple[Trial, ...]
    wanted: int
    seconds: float
    """Of this command."""

    @property
    def best(self) -> Trial | None:
        """The best trial; None if none finished."""
        return best_of(self.trials, self.objective.direction)

    @property
    def counts(self) -> dict[State, int]:
        """How many trials are in each state that any is in."""
        found: dict[State, int] = {}
        for trial in self.trials:
            found[trial.state] = found.get(trial.state, 0) + 1
        return found

    @property
    def error(self) -> TrialsError | None:
        """What to end with; None where no trial failed."""
        failed = [trial for trial in self.trials if trial.state == "failed"]
        if self.best is None and self.trials:
            last = self.trials[-1]
            message = f"none of {len(self.trials)} trials finished; trial {last.number} {last.state}"
            return TrialsError(Problem(f"{message}: {last.why}" if last.why else message, id="trials"))
        if not failed:
            return None
        first = failed[0]
        which = f"{len(failed)} of {len(self.trials)} trials failed"
        return TrialsError(Problem(f"{which}; trial {first.number}: {first.why}", id="trials"))

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        best = self.best
        return {
            "study": str(self.path),
            "name": self.name,
            "objective": {"name": self.objective.name, "direction": self.objective.direction},
            "wanted": self.wanted,
            "counts": dict(self.counts),
            "best": None if best is None else {**best.to_json(), "run": str(run_of(self.path, best))},
            "trials": [trial.to_json() for trial in self.trials],
            "seconds": round(self.seconds, 3),
        }


def run_of(study: Path, trial: Trial) -> Path:
    """The run of a trial."""
    return study / f"trial-{trial.number}"


def tune(
    config: Config,
    runs_dir: str | Path = "runs",
    *,
    watcher: Watcher,
    device: str | None = None,
    allow_code: bool = False,
    jobs: int = 1,
    storage: str | None = None,
) -> TuneResult:
    """Search as a config says, or go on with its search.

    Args:
        config: From `load_config`, with a `search`.
        runs_dir: The folder of all runs.
        watcher: Is told what happens.
        device: Overrides `training.device`.
        allow_code: Whether the file that the config's `code` names may be run.
        jobs: Processes that try values at once; more than one train with a thread each.
        storage: A database that keeps the trials, for workers of many machines; None for the directory.

    Raises:
        UsageError: The config has no `search`, or Optuna is needed and not installed.
        ConflictError: Another config has a study of this name.
        NntrainError: What would end every trial, such as data that are missing.
        Interrupted: Ctrl-C or a signal; the study goes on with the same command.
    """
    if config.search is None:
        raise UsageError(f"{config.origin.source.name} has no 'search', so there is nothing to tune")
    check_installed(config, storage)
    runs = Path(runs_dir)
    check_writable(runs)
    study = open_study(config, runs, storage)
    with _kept(study):
        if jobs > 1:
            from nntrain.run.search.workers import with_workers

            return with_workers(study, watcher, device, allow_code, jobs)
        return work(study, watcher, device, allow_code)


def join(
    path: str | Path,
    watcher: Watcher,
    device: str | None = None,
    allow_code: bool = False,
    storage: str | None = None,
) -> TuneResult:
    """Work on a study that is there, beside whoever else does, until nothing is left to be taken up.

    Raises:
        NntrainError: What `tune` raises.
    """
    if storage is not None:
        check_installed(None, storage)
    study = join_study(Path(path), storage)
    check_installed(study.config, study.storage)
    with _kept(study):
        return work(study, watcher, device, allow_code)


@contextmanager
def _kept(study: Study) -> Iterator[None]:
    """Have the study's directory hold all that is known at the end, however that comes."""
    try:
        yield
    except BaseException:
        with suppress(MachineError):  # what ended the search is what is told
            study.ledger.keep()
        raise
    study.ledger.keep()


def check_installed(config: Config | None, storage: str | None) -> None:
    """Find out before the first trial whether what draws and keeps values is there.

    Args:
        config: With a search; None where only the storage is asked for.
        storage: The address of a database.

    Raises:
        UsageError: It is not.
    """
    from importlib.util import find_spec

    if storage is not None and find_spec("optuna") is None:
        raise UsageError(
            "--storage needs optuna, which is not installed, whatever the sampler; run pip install "
            "'nntrain[tune]', or leave out --storage"
        )
    if config is None:
        return
    search = config.search
    assert search is not None
    needed = {"tpe": ["optuna"], "cmaes": ["cmaes"]}.get(search.sampler, [])
    needed += ["optuna"] if search.prunes != "none" else []
    missing = [name for name in dict.fromkeys(needed) if find_spec(name) is None]
    if missing:
        which = (
            f"sampler: {search.sampler}" if search.sampler in {"tpe", "cmaes"} else f"pruner: {search.prunes}"
        )
        raise UsageError(
            f"{which} needs {missing[0]}, which is not installed; run pip install 'nntrain[tune]', or "
            "search with sampler: random and pruner: none"
        )


def work(
    study: Study,
    watcher: Watcher,
    device: str | None,
    allow_code: bool,
    *,
    threads: int | None = None,
    most: int | None = None,
    deadline: float | None = None,
) -> TuneResult:
    """Try values in this process until nothing is left to be taken up.

    Args:
        study: Is there.
        watcher: Is told what happens.
        device: Overrides `training.device`.
        allow_code: Whether the user's own code may be run.
        threads: To compute with; None for those that suit each network.
        most: Trials after which the process makes room for a fresh one.
        deadline: The time, by `time.time`, after which no trial begins; None for that of `time_limit`.
    """
    from nntrain.run.search.trial import Means, try_values
    from nntrain.training.threads import Threads

    began = time.perf_counter()
    end = deadline_of(study) if deadline is None else deadline
    worker = Worker(study.path)
    try:
        study.ledger.find_lost()
        watcher.opened(study, study.ledger.trials, wanted(study.search))
        with stop_switch() as stop:
            means = Means(device, allow_code, stop, None if threads is None else Threads(threads, threads))
            done = 0
            while (most is None or done < most) and time.time() < end:
                trial = study.ledger.begin(worker, chooser(study))
                if trial is None:
                    break
                watcher.began(trial)
                ended = try_values(study, trial, means)
                watcher.ended(ended, study.ledger.trials)
                done += 1
                if ended.state == "interrupted":
                    raise interrupted(study, stop.cause)
    finally:
        watcher.close()
        worker.close()
    return result_of(study, time.perf_counter() - began)


def deadline_of(study: Study) -> float:
    """The time after which no trial begins, for a command that begins now."""
    limit = study.search.time_limit
    return float("inf") if limit is None else time.time() + limit


def chooser(study: Study) -> Any:
    """What gives the values of a new trial."""

    def choose(trials: list[Trial]) -> Mapping[str, Any] | None:
        if sum(trial.state in COUNTED for trial in trials) >= wanted(study.search):
            return None
        return next_values(study.search, study.seed, trials, study.objective.direction)

    return choose


def result_of(study: Study, seconds: float) -> TuneResult:
    """What the study has found by now."""
    trials = tuple(study.ledger.trials)
    return TuneResult(study.path, study.config.name, study.objective, trials, wanted(study.search), seconds)


def interrupted(study: Study, signum: int) -> Interrupted:
    """What to raise where a signal broke off a search."""
    trials = study.ledger.trials
    done = sum(trial.state in COUNTED for trial in trials)
    again = f"go on with: nntrain tune {study.config.origin.file}"
    return Interrupted(f"stopped after {done} of {wanted(study.search)} trials; {again}", signum)
