"""`fit`: read, build, train, score, and leave a run that says what it is."""

from __future__ import annotations

import os
import tempfile
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntrain.config.dump import to_yaml
from nntrain.config.reuse.provenance import written
from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.run.directory import CODE
from nntrain.run.endings import interrupted, told_in_the_record
from nntrain.run.environment import environment
from nntrain.run.files import explained
from nntrain.run.lesson import Lesson, lesson_of
from nntrain.run.lock import RunLock
from nntrain.run.log import LoggedObserver
from nntrain.run.observer import Observer, Silent
from nntrain.run.pretrained import pretrained as pretrained_files
from nntrain.run.reading import read_data
from nntrain.run.results import FitResult
from nntrain.run.session import Session
from nntrain.run.signals import Interrupted, StopSwitch, stop_switch
from nntrain.run.startup import start_with_data
from nntrain.run.team import Team
from nntrain.run.tracking.mlflow import check_installed
from nntrain.training.threads import Threads

if TYPE_CHECKING:
    from nntrain.run.checkpoint.store import Store
    from nntrain.run.experiment import Experiment


def fit(
    config: Config,
    runs_dir: str | Path = "runs",
    *,
    device: Device | None = None,
    allow_code: bool = False,
    observer: Observer | None = None,
) -> FitResult:
    """Train the model that a config describes, and write its run.

    Args:
        config: From `load_config`.
        runs_dir: The folder of all runs.
        device: Overrides `training.device`.
        allow_code: Whether the file that the config's `code` names may be run.
        observer: Is told what happens; nobody by default.

    Raises:
        DataError: The data are missing or unfit. Nothing is written.
        ConfigError: The network does not fit the data, or the config's code may not be run or fails.
            Nothing is written, unless it fails while training.
        DivergedError: The loss became NaN or infinite. The run says so, and keeps the weights of its
            last whole epoch.
        MachineError: The runs folder can't be written, the disk is full, or the device is not there.
        ArtefactError: The saved model does not reproduce the trained one.
        MemoryLimitError: The network does not fit into memory, or memory ran out.
        Interrupted: Ctrl-C or a signal; the run keeps its history.
        ConflictError: Another worker was given something else.
        Helped: This is a worker that is not the first, and has done its part.
    """
    team = Team.of(config)
    if team is not None and not team.leads:
        observer = None  # the first worker shows what is shown
    session = Session(config, Path(runs_dir), LoggedObserver(observer or Silent()), team=team)
    if session.writes:
        check_writable(session.runs)
    with stop_switch() as stop:
        return fit_session(session, device, allow_code, stop)


def fit_session(
    session: Session,
    device: Device | None,
    allow_code: bool,
    stop: StopSwitch,
    threads: Threads | None = None,
) -> FitResult:
    """Train and score one run, as `fit` says, with these pools of threads or those that suit it."""
    try:
        experiment = prepare_session(session, device, allow_code, threads=threads)
        from nntrain.run.completion import complete, help_train

        lesson = lesson_of(session, experiment)
        if session.team is not None and not session.writes:
            raise help_train(session, session.team, experiment, lesson, stop)
        _open_run(session, experiment, lesson)
        return complete(session, experiment, lesson, stop, store_of(session))
    except Interrupted:
        raise
    except KeyboardInterrupt as error:
        raise interrupted(session, stop) from error
    finally:
        session.release()


def check_writable(runs: Path) -> None:
    """Find out before an hour of training that its results have no place.

    Raises:
        MachineError: The folder can't be made or written.
    """
    with explained(runs):
        runs.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writable-", dir=runs)
        os.close(handle)
        Path(name).unlink()


def prepare_session(
    session: Session,
    device: Device | None,
    allow_code: bool,
    *,
    threads: Threads | None = None,
    pretrained: bool = True,
) -> Experiment:
    """Everything that can be wrong before training is found here, before a directory is made.

    Args:
        session: Takes what was started.
        device: Overrides the config's.
        allow_code: Whether the user's own code may be run.
        threads: The pools to compute with; None for those that suit the model.
        pretrained: Whether files of pretrained weights are read.
    """
    config, log = session.config, session.log
    check_installed(config)
    for warning in config.warnings:
        log.note(f"warning: {warning}")
    log.phase("reading the data and starting TensorFlow")
    with session.timed("start"):
        read = session.read or read_data
        started, dataset = start_with_data(config, read, device, allow_code, threads, session.team)
    session.started = started
    session.timings["import_tensorflow"] = round(started.import_seconds, 3)
    from nntrain.model.summary import summary
    from nntrain.run.balance import balances
    from nntrain.run.experiment import prepare
    from nntrain.run.recipe import without_effect
    from nntrain.run.scale import unscaled

    log.phase("building the network")
    with session.timed("prepare"):
        team = session.team
        with nullcontext() if team is None else team.told():
            experiment = prepare(
                config, dataset, pretrained=pretrained, strategy=None if team is None else team.strategy
            )
    session.config = experiment.config
    of_machine = (*started.notes, *without_effect(experiment, started.device))
    for note in (*of_machine, *experiment.dataset.notes, *unscaled(experiment.config, experiment.dataset)):
        log.note(note)
    for balance in balances(experiment.dataset):
        log.classes(balance)
    log.network(summary(experiment.model))
    return experiment


def _open_run(session: Session, experiment: Experiment, lesson: Lesson) -> None:
    """Make the run's directory and say in it what is trained; from then on it is the session's."""
    config, dataset = session.config, experiment.dataset
    now = datetime.now().astimezone()
    record = {
        "seed": config.seed,
        "started": now.isoformat(timespec="seconds"),
        "precision": config.training.precision,
        "config": described_config(config),
        **described(session, experiment),
        **environment(config.origin.folder),
        **session.origin,
    }
    if lesson.resampled is not None:
        record["resample"] = lesson.resampled
    weights = pretrained_files(config)
    if weights:
        record["pretrained"] = weights
    code = config.user_code
    if code is not None:
        record["code"] = {"file": str(code.file), "sha256": code.sha256}
    run = session.run = session.open_directory(record, now)
    if session.team is not None:
        session.team.run = run.path
    with told_in_the_record(session):
        session.lock = RunLock(run.path, run.path)
        session.log.begin(run.path / "log.txt")
        run.write("config.yaml", config.origin.file_bytes)
        run.write("resolved.yaml", to_yaml(config, code=CODE).encode())
        if code is not None:
            run.write(CODE, code.content)
        run.write_json("preprocess.json", dict(dataset.preprocess))
        run.update({})


def described_config(config: Config) -> dict[str, Any]:
    """What a run's record says of the files that its config came from, and where each value stood."""
    origin = config.origin
    return {
        "file": str(origin.file),
        "files": [str(file.path) for file in origin.files],
        "overrides": list(origin.overrides.values()),
        "why": written(config),
    }


def described(session: Session, experiment: Experiment) -> dict[str, Any]:
    """What a run's record says of the data, the network and what computes."""
    dataset = experiment.dataset
    return {
        **session.computing.to_json(),
        "data": {
            "source": dataset.description,
            "fingerprint": dataset.fingerprint,
            "rows": {name: len(rows) for name, rows in dataset.splits.items()},
        },
        "facts": dataset.facts,
        "targets": [target.to_json() for target in experiment.predicted.values()],
        "parameters": experiment.model.count_params(),
        **({} if session.team is None else {"workers": list(session.team.who.workers)}),
    }


def store_of(session: Session) -> Store | None:
    """Where the run's checkpoints go; None if none are wanted."""
    from nntrain.run.checkpoint.store import Store

    wanted = session.config.training.checkpoint
    if not wanted:
        return None
    return Store(session.directory.path, every=wanted.every, epochs=wanted.epochs, keep=wanted.keep)
