"""What the steps of one resume do: they compare, prepare, reopen the run and train on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nntrain.config.dump import to_yaml
from nntrain.config.schema import Config
from nntrain.errors import ConflictError, Problem
from nntrain.run.changes import (
    DATA,
    WORKERS,
    begun_on,
    changes_of_config,
    changes_of_processor,
    changes_of_start,
    changes_of_versions,
    changes_of_workers,
    early_end,
    refused,
)
from nntrain.run.checkpoint.folder import committed
from nntrain.run.directory import CODE, RunDirectory
from nntrain.run.endings import interrupted, told_in_the_record
from nntrain.run.environment import environment
from nntrain.run.fit import described, prepare_session, store_of
from nntrain.run.lesson import lesson_of
from nntrain.run.libraries import load_ahead
from nntrain.run.manifest import MANIFEST
from nntrain.run.results import FitResult
from nntrain.run.session import METRICS, Session
from nntrain.run.signals import Interrupted, StopSwitch
from nntrain.training.threads import Threads

if TYPE_CHECKING:
    from nntrain.run.checkpoint.store import Store
    from nntrain.run.experiment import Experiment
    from nntrain.training.state import Snapshot


class Resumption:
    """What the steps of one resume share."""

    def __init__(
        self,
        session: Session,
        run: RunDirectory,
        own: Config,
        force: bool,
        allow_code: bool,
        opened: Callable[[], None] | None = None,
    ) -> None:
        """Change nothing yet.

        Args:
            session: With the config to go on with, and the run's lock.
            run: The run.
            own: Its config.
            force: Whether changes are refused, or recorded.
            allow_code: Whether the user's own code may be run.
            opened: Is called once it is known that the run can go on.
        """
        self.session, self.run, self.own = session, run, own
        self.force, self.allow_code, self.opened = force, allow_code, opened
        self.forced: list[str] = []
        self.again = False
        """Whether the epoch that was begun has other batches now."""

    def done(self, stop: StopSwitch) -> FitResult:
        """Go on, and finish the run."""
        session = self.session
        try:
            of_config = [*changes_of_config(self.run, self.own, session.config)]
            of_machine = [*changes_of_versions(self.run), *changes_of_processor(self.run.record)]
            of_machine += changes_of_workers(self.run.record, session.team)
            self._agree([*of_config, *of_machine])
            load_ahead(session.config.graph)
            from nntrain.run.checkpoint.store import Store

            store = Store(self.run.path)
            begin = self._state(store)
            session.earlier = _spent(self.run.record, begin)
            session.timings |= (
                {"pretrain": session.earlier["pretrain"]} if "pretrain" in session.earlier else {}
            )
            experiment = self._prepared()
            from nntrain.run.completion import complete, help_train

            if of_config or self._changed(DATA, WORKERS):
                self.again = begin is not None and begin.step > 0
            chosen_anew = self._changed("training.xla", "training.split_batch")
            lesson = lesson_of(session, experiment, None if chosen_anew or not begin else begin.engine)
            if session.team is not None and not session.writes:
                begin = begin and self._in_epoch(begin)
                raise help_train(session, session.team, experiment, lesson, stop, begin)
            store.sweep()
            if self.opened is not None:
                self.opened()
            session.run = self.run
            if session.team is not None:
                session.team.run = self.run.path
            with told_in_the_record(session):
                self._reopen(experiment, begin)
            begin = begin and self._in_epoch(begin)
            return complete(session, experiment, lesson, stop, store_of(session), begin)
        except Interrupted:
            raise
        except KeyboardInterrupt as error:
            raise interrupted(session, stop) from error
        finally:
            session.release()

    def _agree(self, changes: Sequence[str]) -> None:
        """Refuse changes, or keep in mind that they were forced."""
        if changes and not self.force:
            raise refused(self.run.path, changes)
        for change in changes:
            self.session.log.note(f"going on all the same: {change}")
        self.forced += changes

    def _changed(self, *keys: str) -> bool:
        """Whether other values of one of these keys were forced."""
        return any(change.lstrip("+- ").startswith(keys) for change in self.forced)

    def _state(self, store: Store) -> Snapshot | None:
        """The newest checkpoint, if there is more to train; None where all begins with pretraining again."""
        from nntrain.run.checkpoint.store import position_of

        session = self.session
        if not committed(self.run.path):
            session.log.note("no epoch was kept, so the layers are pretrained again")
            return None
        begin = store.newest(session.log.note)
        if self._changed("training.early_stopping"):
            begin = replace(begin, stopped=False)
        if self._changed("training.optimizer.learning_rate"):
            begin = replace(begin, new_rate=True)
        self._check_epochs(begin)
        for name in begin.lost:
            session.log.note(f"{name} can't be kept in a checkpoint, and begins anew")
        session.log.note(f"going on after {position_of(begin)} of {session.config.training.epochs:,}")
        if session.team is not None:
            session.team.goes_on_from = f"{position_of(begin)} of {self.run.path.name}"
        return begin

    def _check_epochs(self, begin: Snapshot) -> None:
        """Refuse what leaves nothing to train; say what is trained twice."""
        run, epochs = self.run, self.session.config.training.epochs
        finished = run.record["status"] == "finished"
        trained = run.record["epochs"] if finished else begin.epoch
        damaged = trained > begin.epoch
        """Whether the checkpoint that the run ended with is."""
        stopped = begin.stopped or (
            damaged and run.record["stopped_early"] and not self._changed("training.early_stopping")
        )
        message = None
        if trained > epochs:
            message = f"has trained {trained:,} epochs, and training.epochs is {epochs:,}; it can't be less"
        elif begin.epoch == epochs and begin.step:
            message = f"has begun epoch {epochs + 1:,}, and training.epochs is {epochs:,}; it can't be less"
        elif finished and stopped:
            what, why = early_end(self.own)
            message = f"was ended by {what} after epoch {trained:,}, and {why}"
        elif finished and trained == epochs:
            again = f"nntrain resume {run.path} --epochs {2 * epochs}"
            count = "1 epoch" if epochs == 1 else f"{epochs:,} epochs"
            message = f"has finished its {count}; to train it longer: {again}"
        if message is not None:
            raise _conflict(run, message, "run-finished")
        if damaged:
            lost = trained - begin.epoch
            epochs_are = "the last epoch is" if lost == 1 else f"the last {lost:,} epochs are"
            self.session.log.note(f"{epochs_are} trained again, and then {epochs - trained:,} more")

    def _in_epoch(self, begin: Snapshot) -> Snapshot:
        """The state, at the begin of its epoch if that may have other batches since."""
        told = [leg for leg in self.run.record.get("resumed", ()) if leg.get("epoch_again")]
        places = {(leg["after_epoch"], leg["after_step"]) for leg in told}
        if not self.again and (begin.epoch, begin.step) not in places:
            return begin
        epoch = begin.epoch + 1
        self.session.log.note(f"epoch {epoch:,} begins again, with the weights of its step {begin.step:,}")
        return replace(begin, step=0)

    def _prepared(self) -> Experiment:
        """Data and model, as they were."""
        record = self.run.record
        pools = self.run.told("threads")
        experiment = prepare_session(
            self.session,
            begun_on(record["device"]),
            self.allow_code,
            threads=Threads(pools["intra"], pools["inter"]),
            pretrained=False,
        )
        fingerprint = experiment.dataset.fingerprint
        self._agree([*changes_of_start(self.run, self.session.computing, fingerprint)])
        return experiment

    def _reopen(self, experiment: Experiment, begin: Snapshot | None) -> None:
        """Say that the run goes on, and put its files back to where the checkpoint was made."""
        session, run, now = self.session, self.run, datetime.now().astimezone()
        session.log.begin(run.path / "log.txt")
        here = environment(session.config.origin.folder)
        leg: dict[str, Any] = {
            "at": now.isoformat(timespec="seconds"),
            "after_epoch": begin.epoch if begin else 0,
            "after_step": begin.step if begin else 0,
            "epoch_again": self.again,
            "process": here["process"],
            "host": here["machine"]["host"],
            "command": here["command"],
            "epochs": session.config.training.epochs,
            "forced": list(self.forced),
        }
        changes: dict[str, Any] = {"status": "running", "resumed": [*run.record.get("resumed", ()), leg]}
        if self.forced:
            changes |= {**described(session, experiment), "versions": here["versions"]}
            run.write_json("preprocess.json", dict(experiment.dataset.preprocess))
            code = session.config.user_code
            if code is not None:
                run.write(CODE, code.content)
                changes["code"] = {"file": str(code.file), "sha256": code.sha256}
        run.drop(METRICS)
        run.drop(MANIFEST)
        run.record.pop("failure", None)
        run.record.pop("expectations", None)
        run.record["process"] = here["process"]
        run.record["machine"] = here["machine"]
        run.write("resolved.yaml", to_yaml(session.config, code=CODE).encode())
        run.update(changes)
        run.restore_history(begin.history if begin else ())


def _spent(record: Mapping[str, Any], begin: Snapshot | None) -> dict[str, float]:
    """Seconds that a run has cost so far: as its record says, or at least what its epochs took."""
    told = record.get("timings", {})
    found: dict[str, float] = {name: told[name] for name in ("pretrain", "train", "total") if name in told}
    if begin is not None:  # a process that was killed wrote nothing down
        found["train"] = max(found.get("train", 0.0), sum(begin.seconds) + begin.elapsed)
        found["total"] = max(found.get("total", 0.0), found["train"])
    return found


def _conflict(run: RunDirectory, message: str, id: str) -> ConflictError:
    return ConflictError(Problem(f"{run.path} {message}", id=id))
