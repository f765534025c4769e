"""`resume` of a parent run: finished folds stay, the one that was ended goes on, the others begin."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from nntrain.config.dump import to_yaml
from nntrain.config.folds import FOLDS, Parts, parts_in
from nntrain.config.schema import Config
from nntrain.errors import ConflictError, Problem, dotted
from nntrain.evaluation import SplitScores
from nntrain.run.changes import (
    begun_on,
    changes_of_config,
    changes_of_start,
    changes_of_versions,
    early_end,
    refused,
)
from nntrain.run.checkpoint.folder import committed
from nntrain.run.directory import CODE, RECORD, RunDirectory
from nntrain.run.environment import environment
from nntrain.run.evaluate_folds import kind_of
from nntrain.run.files import explained
from nntrain.run.fit import fit_session
from nntrain.run.folds import Parent
from nntrain.run.folds_results import FoldsResult
from nntrain.run.lock import RunLock
from nntrain.run.log import LoggedObserver
from nntrain.run.manifest import MANIFEST
from nntrain.run.observer import Observer, Once
from nntrain.run.results import FitResult
from nntrain.run.resumption import Resumption
from nntrain.run.scoring import worse_than_baseline
from nntrain.run.session import METRICS, Session
from nntrain.run.signals import StopSwitch, stop_switch
from nntrain.run.trained import run_config
from nntrain.training.threads import Threads


def resume_folds(
    shown: Path,
    overrides: Sequence[str],
    config: Config | None,
    force: bool,
    allow_code: bool,
    observer: Observer,
) -> FoldsResult:
    """Go on with a parent run, as `resume` says; more `training.epochs` train every fold longer.

    Args:
        shown: Its directory, as messages name it.
        overrides: Values that replace those of the run's config.
        config: Takes the place of the run's own config.
        force: Go on though the data, versions or threads are not those of the beginning.
        allow_code: Whether the run's copy of the user's own code may be run.
        observer: Is told what happens.

    Raises:
        ConflictError: It is finished or going on, or something changed.
        NntrainError: What else `fit_folds` and `resume` raise.
    """
    with RunLock(shown, shown), stop_switch() as stop:
        run = RunDirectory(shown, RunDirectory.open(shown).record)
        own = run_config(run)
        wanted = config or (run_config(run, overrides) if overrides else own)
        parts = kind_of(run)
        count = run.record[parts.several]
        configs = [_as_written(run, parts.of(wanted, number, count)) for number in range(1, count + 1)]
        changes = list(changes_of_config(run, own, configs[0]))
        if changes:
            raise _other_config(shown, changes, parts)
        parent = _Reopened(run, configs, parts, Once(observer), force, allow_code)
        with parent.told_in_the_record(stop):
            return parent.go_on(stop)


@contextmanager
def parent_held(fold: Path, record: dict[str, Any]) -> Iterator[None]:
    """Keep others from the parent of a fold's run while that goes on by itself.

    Args:
        fold: The run's directory, as messages name it.
        record: Its `run.json`.

    Raises:
        ConflictError: The parent is going on, or has finished.
    """
    parent = fold.parent
    if not (parent / RECORD).exists():  # the fold was copied elsewhere
        yield
        return
    with RunLock(parent, parent):
        if RunDirectory.open(parent).record.get("status") == "finished":
            parts = parts_in(record) or FOLDS
            number, count = record[parts.mark]["number"], record[parts.mark]["of"]
            message = (
                f"{fold} is {parts.one} {number} of {count} of {parent}, which has finished; to train all of "
                f"its {parts.several} longer: nntrain resume {parent} --epochs N"
            )
            raise ConflictError(Problem(message, id="run-finished"))
        yield


class _Reopened(Parent):
    """A parent run that was ended, or is to be trained longer."""

    def __init__(
        self,
        run: RunDirectory,
        configs: Sequence[Config],
        parts: Parts,
        told: Once,
        force: bool,
        allow_code: bool,
    ) -> None:
        super().__init__(run.path.parent.parent, configs, parts)
        self.found, self.told = run, told
        self.force, self.allow_code = force, allow_code
        self.forced: list[str] = []
        self.epochs = configs[0].training.epochs

    def go_on(self, stop: StopSwitch) -> FoldsResult:
        """Finish every fold, and write what they say together.

        Raises:
            ConflictError: There is nothing to do, or something changed.
        """
        folds = [self._fold(number) for number in range(1, len(self.configs) + 1)]
        ended = [fold is not None and self._is_done(fold) for fold in folds]
        if all(ended) and self.found.record["status"] == "finished":
            raise self._nothing_to_do()
        self._agree(self.found.path, list(changes_of_versions(self.found)))
        self.told.note(f"{sum(ended)} of {len(folds)} {self.parts.several} are finished")
        for number, (fold, is_done) in enumerate(zip(folds, ended, strict=True), 1):
            if fold is not None and is_done:
                self.done.append(_recorded(fold, self.config.name))
                continue
            self.told.fold(number, len(folds), self.parts.one)
            self.keep(self._trained(number, fold, stop))
        self.open(datetime.now().astimezone())
        return self.finish(self.told)

    def _fold(self, number: int) -> RunDirectory | None:
        """A fold's run, if it can be gone on with; one that was ended before its first checkpoint can't."""
        path = self.found.path / self.parts.folder(number)
        if not (path / RECORD).exists():
            return None
        run = RunDirectory(path, RunDirectory.open(path).record)
        return run if run.record["status"] == "finished" or committed(path) else None

    def _is_done(self, fold: RunDirectory) -> bool:
        """Whether a fold has nothing left to learn.

        Raises:
            ConflictError: It has learnt for longer than is asked for.
        """
        record = fold.record
        trained = record["epochs"] if record["status"] == "finished" else committed(fold.path)[-1].epoch
        if trained > self.epochs:
            message = (
                f"has trained {trained:,} epochs, and training.epochs is {self.epochs:,}; it can't be less: "
                f"nntrain resume {self.found.path} --epochs {trained}"
            )
            raise ConflictError(Problem(f"{fold.path} {message}", id="run-finished"))
        whole = record["status"] == "finished"
        return whole and (trained == self.epochs or record["stopped_early"])

    def _nothing_to_do(self) -> ConflictError:
        path, count, several = self.found.path, len(self.configs), self.parts.several
        message = (
            f"{path} has finished its {count} {several} of {self.epochs:,} epochs; to train them longer: "
            f"nntrain resume {path} --epochs {2 * self.epochs}"
        )
        if all(self._stopped_early(number) for number in range(1, count + 1)):
            what, why = early_end(self.config)
            message = f"{what} ended all {count} {several} of {path}, and {why}"
        return ConflictError(Problem(message, id="run-finished"))

    def _stopped_early(self, number: int) -> bool:
        fold = self._fold(number)
        return fold is not None and bool(fold.record["stopped_early"])

    def _trained(self, number: int, fold: RunDirectory | None, stop: StopSwitch) -> FitResult:
        """Train one fold, from its newest checkpoint if it has one."""
        config, log = self.configs[number - 1], LoggedObserver(self.told)
        if fold is not None:
            session = Session(config, self.runs, log, lock=RunLock(fold.path, fold.path))
            opened = partial(self.open, datetime.now().astimezone())
            resumption = Resumption(session, fold, run_config(fold), self.force, self.allow_code, opened)
            return resumption.done(stop)
        self._clear(number)
        session = Session(config, self.runs, log)
        session.place = lambda record, now: self._placed(session, record, now)
        first = self._first()
        if first is None:
            return fit_session(session, None, self.allow_code, stop)
        pools = first.record["threads"]
        threads = Threads(pools["intra"], pools["inter"])
        return fit_session(session, begun_on(first.record["device"]), self.allow_code, stop, threads)

    def _first(self) -> RunDirectory | None:
        """The first fold's run, whose data and machine are the others' too."""
        return self._fold(1)

    def _clear(self, number: int) -> None:
        """Remove what a fold left that was ended before its first checkpoint.

        Raises:
            ConflictError: Another process trains it.
        """
        path = self.found.path / self.parts.folder(number)
        if path.exists():
            self.told.note(
                f"{self.parts.one} {number} was ended before its first checkpoint, and begins anew"
            )
            with RunLock(path, path), explained(path):
                shutil.rmtree(path)

    def _placed(self, session: Session, record: Mapping[str, Any], now: datetime) -> RunDirectory:
        """Make the directory of a fold that begins, if what it learns from is what the others did."""
        first = self._first()
        if first is not None:
            fingerprint = record["data"]["fingerprint"]
            self._agree(first.path, list(changes_of_start(first, session.computing, fingerprint)))
        arguments = self.parts.arguments(self.config, len(self.done) + 1, len(self.configs))
        given, own = self.found.record["config"], tuple(f"{dotted(key)}=" for key in arguments)
        overrides = [*(text for text in given["overrides"] if not text.startswith(own)), *arguments.values()]
        return self.place({**record, "config": {**given, "overrides": overrides}}, now)

    def _agree(self, run: Path, changes: Sequence[str]) -> None:
        """Refuse changes, or keep in mind that they were forced."""
        if changes and not self.force:
            raise refused(run, changes)
        for change in changes:
            self.told.note(f"going on all the same: {change}")
        self.forced += [change for change in changes if change not in self.forced]

    def open(self, now: datetime) -> None:
        """Say that the run goes on, once."""
        if self.run is not None:
            return
        run, here = self.found, environment(self.config.origin.folder)
        leg = {
            "at": now.isoformat(timespec="seconds"),
            "after_folds": len(self.done),
            "process": here["process"],
            "host": here["machine"]["host"],
            "command": here["command"],
            "epochs": self.epochs,
            "forced": list(self.forced),
        }
        run.drop(METRICS)
        run.drop(MANIFEST)
        run.record.pop("failure", None)
        run.write("resolved.yaml", to_yaml(self.config, code=CODE).encode())
        run.update(
            {
                "status": "running",
                "runs": [done.path.name for done in self.done],
                "process": here["process"],
                "machine": here["machine"],
                "resumed": [*run.record.get("resumed", ()), leg],
            }
        )
        self.run = run


def _as_written(run: RunDirectory, config: Config) -> Config:
    """A config whose file is the one that the user wrote, of which the parent has a copy."""
    origin = config.origin
    first = replace(origin.files[0], content=run.read("config.yaml"))
    config._origin = replace(origin, files=(first, *origin.files[1:]))
    return config


def _other_config(run: Path, changes: Sequence[str], parts: Parts) -> ConflictError:
    message = (
        f"{run} would not go on as it began: {'; '.join(changes)}. Undo that: all of its {parts.several} "
        f"learn with the same config; for another one train anew: nntrain fit CONFIG {parts.option} N"
    )
    return ConflictError(Problem(message, id="run-changed"))


def _recorded(fold: RunDirectory, name: str) -> FitResult:
    """What a finished fold came to, from its files.

    Raises:
        ArtefactError: One of them was changed, or is missing.
    """
    record = fold.record
    rows = csv.DictReader(io.StringIO(fold.read("history.csv").decode()))
    history = tuple({key: float(value) for key, value in row.items() if value} for row in rows)
    splits = json.loads(fold.read(METRICS))["splits"]
    outputs: dict[str, dict[str, SplitScores]] = {target["name"]: {} for target in record["targets"]}
    for split, scores in splits.items():
        each = scores["outputs"] if len(outputs) > 1 else {next(iter(outputs)): scores}
        for output, found in each.items():
            outputs[output][split] = SplitScores.from_json(found)
    main = "test" if "test" in splits else next(iter(splits))
    notes = worse_than_baseline({output: each[main] for output, each in outputs.items()}, f"{main} rows")
    seconds = record["timings"]["total"]
    return FitResult(fold.path, name, outputs, history, record["best_epoch"], seconds, notes)
