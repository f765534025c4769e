"""The trials of a study in a database, for workers of many machines: Optuna's tables, nntrain's rules.

A worker tells the database every few seconds that it lives. A trial whose worker was silent for `GRACE`
seconds is lost, and its values wait there for the next worker; of two that find it, one is let take it.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

from nntrain.config.search.section import Search
from nntrain.errors import MachineError
from nntrain.run.files import explained, write_whole
from nntrain.run.search.address import Address, patiently, reached
from nntrain.run.search.database import known_as, study_of
from nntrain.run.search.heartbeat import GRACE, Heartbeat
from nntrain.run.search.ledger import GONE, TRIALS, WORKERS, Choose, Worker, is_at_work, lines_of
from nntrain.run.search.stored_trial import (
    BEGUN,
    ENDED,
    SURPLUS,
    finished_elsewhere,
    trial_of,
)
from nntrain.search.optuna_study import distributions, param_of, quiet
from nntrain.search.trial import MOST_LOST, Trial, times_lost

PAUSE = 0.05
"""Seconds to wait for another worker that is choosing its values."""


class StorageLedger:
    """What `Ledger` is for a file."""

    look = 1.0
    """Seconds between two looks at it."""

    def __init__(self, study: Path, address: Address, search: Search, made: Any) -> None:
        """Of a study that Optuna has opened; `open` does that.

        Args:
            study: The directory on this machine.
            address: Of the database.
            search: The section.
            made: Optuna's study.
        """
        self._path, self._address, self._search = study, address, search
        self._optuna, self._storage = made, made._storage
        self._study = made._storage.get_study_id_from_name(made.study_name)
        self.id = ""
        """What the study is known by, wherever its database is."""
        self._ids: dict[int, int] = {}
        self._seen: dict[int, float] = {}
        self._heartbeat = Heartbeat(self._beat)
        self._begun: int | None = None  # by its id, what was begun and may not be whole

    @classmethod
    def open(
        cls, study: Path, address: Address, search: Search, name: str, direction: str, sha256: str
    ) -> StorageLedger:
        """The trials of a study, which is made where it is not there.

        Args:
            study: Its directory on this machine.
            address: Of the database.
            search: The section.
            name: What the study is called there.
            direction: `minimize` or `maximize`.
            sha256: The fingerprint of its config.

        Raises:
            UsageError: The address is none, or its driver is not installed.
            MachineError: The database can't be reached.
            ConflictError: The database has a study of this name that is another config's.
        """
        found: list[StorageLedger] = []
        with quiet(), reached(address):
            made = study_of(address, name, direction, lambda trial: found[0]._again(trial))
            found.append(cls(study, address, search, made))
            found[0].id = known_as(made, address, sha256)
        return found[0]

    @cached_property
    def _place(self) -> str:
        """A word for the study's directory: only who shares it can see whether its workers live."""
        file = self._path / WORKERS / ".place"
        with explained(file):
            file.parent.mkdir(exist_ok=True)
            if not file.exists():
                write_whole(file, uuid.uuid4().hex.encode())
            return file.read_text()

    @property
    def trials(self) -> list[Trial]:
        """Every trial that was begun, by number, as the database has it now.

        Raises:
            MachineError: The database can't be reached.
        """
        return patiently(self._trials)

    def _trials(self) -> list[Trial]:
        with quiet(), reached(self._address):
            return self._known(self._all())

    def _all(self) -> list[Any]:
        found: list[Any] = self._storage.get_all_trials(self._study, deepcopy=False)
        return found

    def _known(self, frozen: list[Any]) -> list[Trial]:
        found = [trial for each in frozen if (trial := trial_of(each)) is not None]
        self._ids |= {each.number + 1: each._trial_id for each in frozen}
        return [
            replace(trial, state="failed", why=GONE)
            if trial.state == "lost" and times_lost(found, trial) >= MOST_LOST
            else trial
            for trial in found
        ]

    def begin(self, worker: Worker, choose: Choose) -> Trial | None:
        """Take up a trial: values that wait to be tried again, or new ones.

        Args:
            worker: Who does.
            choose: Gives the values of a new one.

        Returns:
            The trial; None where nothing is left to be taken up.

        Raises:
            MachineError: The database can't be reached.
        """
        self.find_lost()
        return patiently(lambda: self._begin(worker, choose))

    def _begin(self, worker: Worker, choose: Choose) -> Trial | None:
        with quiet(), reached(self._address):
            self._give_up()
            trial = self._taken_up(worker, choose)
        self._begun = None
        return trial

    def _give_up(self) -> None:
        """Leave to the next what this worker had begun when the database went away."""
        from optuna.trial import TrialState

        if self._begun is None:
            return
        self._heartbeat.end(self._begun)
        with contextlib.suppress(finished_elsewhere()):
            self._storage.set_trial_state_values(self._begun, TrialState.FAIL)
            self._again(self._storage.get_trial(self._begun))
        self._begun = None

    def _taken_up(self, worker: Worker, choose: Choose) -> Trial | None:
        from optuna.trial import TrialState

        for each in self._all():
            if each.state != TrialState.WAITING:
                continue
            self._storage.record_heartbeat(each._trial_id)  # a worker that is killed now is found out by it
            with contextlib.suppress(finished_elsewhere()):
                if self._storage.set_trial_state_values(each._trial_id, TrialState.RUNNING):
                    self._begun = each._trial_id
                    return self._taken(each._trial_id, worker, each.user_attrs[BEGUN])
        if choose(self._known(self._all())) is None:
            return None
        self._begun = number = self._storage.create_new_trial(self._study)
        self._storage.record_heartbeat(number)
        values = choose(self._before(number))
        if values is None:
            self._storage.set_trial_user_attr(number, BEGUN, SURPLUS)
            self._storage.set_trial_state_values(number, TrialState.FAIL)
            return None
        for key, kind in distributions(self._search).items():
            told = kind.to_internal_repr(param_of(self._search.space[key], values[key]))
            self._storage.set_trial_param(number, key, told, kind)
        return self._taken(number, worker, {"values": dict(values), "again": None})

    def _before(self, number: int) -> list[Trial]:
        """The trials with smaller numbers, once each has its values, so that no two draw alike."""
        from optuna.trial import TrialState

        mine, began = self._storage.get_trial(number).number, time.monotonic()
        while True:
            earlier = [each for each in self._all() if each.number < mine]
            bare = [
                each for each in earlier if each.state == TrialState.RUNNING and BEGUN not in each.user_attrs
            ]
            for each in bare:
                if time.monotonic() - began > GRACE:  # its worker died while it chose
                    with contextlib.suppress(finished_elsewhere()):
                        self._storage.set_trial_state_values(each._trial_id, TrialState.FAIL)
            if not bare:
                return self._known(earlier)
            time.sleep(PAUSE)

    def _taken(self, number: int, worker: Worker, begun: dict[str, Any]) -> Trial:
        """Note who tries it, and give signs of life from now on."""
        begun = {**begun, "worker": worker.name, "place": self._place}
        self._storage.record_heartbeat(number)
        self._storage.set_trial_user_attr(number, BEGUN, begun)
        self._heartbeat.begin(number)
        trial = trial_of(self._storage.get_trial(number))
        assert trial is not None
        self._ids[trial.number] = number
        return trial

    def _beat(self, number: int) -> None:
        with contextlib.suppress(MachineError), reached(self._address):
            self._storage.record_heartbeat(number)

    def end(self, trial: Trial) -> None:
        """Note what became of a trial; what another worker has taken for lost stays lost.

        Raises:
            MachineError: The database can't be reached.
        """
        number = self._ids[trial.number]
        patiently(lambda: self._end(trial, number))
        self._heartbeat.end(number)

    def _end(self, trial: Trial, number: int) -> None:
        from optuna.trial import TrialState

        told = {"state": trial.state, "value": trial.value, "seconds": trial.seconds, "why": trial.why}
        has_value = trial.state == "finished" and trial.value is not None
        state = TrialState.COMPLETE if has_value else TrialState.FAIL
        if trial.state in {"pruned", "diverged"}:
            state = TrialState.PRUNED
        with quiet(), reached(self._address), contextlib.suppress(finished_elsewhere()):
            for epoch, value in enumerate(trial.steps, 1):
                self._storage.set_trial_intermediate_value(number, epoch, value)
            self._storage.set_trial_user_attr(number, ENDED, {**told, "marks": dict(trial.marks)})
            self._storage.set_trial_state_values(number, state, [trial.value] if has_value else None)
            if trial.state == "interrupted":
                self._again(self._storage.get_trial(number))

    def find_lost(self) -> None:
        """Put back what processes left behind: of this machine those that ended, of others the silent ones.

        Raises:
            MachineError: The database can't be reached.
        """
        patiently(self._find_lost)

    def _find_lost(self) -> None:
        import optuna
        from optuna.trial import TrialState

        with quiet(), reached(self._address):
            for each in self._all():
                begun = each.user_attrs.get(BEGUN, {})
                if each.state != TrialState.RUNNING or begun.get("place") != self._place:
                    continue
                if not is_at_work(self._path / WORKERS / begun["worker"]):
                    with contextlib.suppress(finished_elsewhere()):
                        self._storage.set_trial_state_values(each._trial_id, TrialState.FAIL)
                        self._again(each)
            optuna.storages.fail_stale_trials(self._optuna)
            self._find_orphans()

    def _find_orphans(self) -> None:
        """Put back what was given up by a worker that died before it could do so."""
        every = self._all()
        taken = {each.user_attrs.get(BEGUN, {}).get("again") for each in every}
        for trial, each in ((trial, each) for each in every if (trial := trial_of(each)) is not None):
            left = trial.state in {"lost", "interrupted"} and trial.number not in taken
            if left and time.monotonic() - self._seen.setdefault(trial.number, time.monotonic()) > GRACE:
                self._again(each)

    def _again(self, frozen: Any) -> None:
        """Have the values of a trial wait for the next worker, unless they have ended three processes."""
        from optuna.trial import TrialState, create_trial

        trial = trial_of(frozen)
        if trial is None or (ENDED in frozen.user_attrs and trial.state != "interrupted"):
            return
        trial = replace(trial, state="interrupted" if ENDED in frozen.user_attrs else "lost")
        others = [known for known in self._known(self._all()) if known.number != trial.number]
        if times_lost([*others, trial], trial) >= MOST_LOST:
            return
        template = create_trial(
            state=TrialState.WAITING,
            params=dict(frozen.params),
            distributions=dict(frozen.distributions),
            user_attrs={BEGUN: {"values": dict(trial.values), "again": trial.number}},
        )
        self._storage.create_new_trial(self._study, template)

    def keep(self) -> None:
        """Write a copy of the trials into the study's directory, for pages and pictures.

        Raises:
            MachineError: The database can't be reached, or the file can't be written.
        """
        write_whole(self._path / TRIALS, lines_of(self.trials))
