"""`fit`: read, build, train, score, and leave a run that says what it is."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nntrain.config.dump import to_yaml
from nntrain.config.schema import Config
from nntrain.config.training import Device
from nntrain.errors import ArtefactError
from nntrain.run.directory import CODE, RunDirectory
from nntrain.run.endings import interrupted, told_in_the_record
from nntrain.run.environment import environment
from nntrain.run.files import explained
from nntrain.run.imports_ahead import import_ahead
from nntrain.run.lesson import Lesson, lesson_of
from nntrain.run.log import LoggedObserver
from nntrain.run.manifest import seal
from nntrain.run.memory import told_as_memory
from nntrain.run.observer import Observer, Silent
from nntrain.run.pretrained import pretrained
from nntrain.run.reading import read_data
from nntrain.run.results import FitResult, metrics_json
from nntrain.run.session import LAST_EPOCH, METRICS, Session
from nntrain.run.signals import StopSwitch, stop_switch
from nntrain.run.startup import start_with_data

if TYPE_CHECKING:
    from nntrain.data.dataset import Rows
    from nntrain.run.experiment import Experiment
    from nntrain.run.scoring import Scored
    from nntrain.training.train import Halted, Trained


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
    """
    session = Session(config, Path(runs_dir), LoggedObserver(observer or Silent()))
    check_writable(session.runs)
    with stop_switch() as stop:
        return fit_session(session, device, allow_code, stop)


def fit_session(session: Session, device: Device | None, allow_code: bool, stop: StopSwitch) -> FitResult:
    """Train and score one run, as `fit` says."""
    try:
        experiment = prepare_session(session, device, allow_code)
        from nntrain.model.user_code import blamed_on_code

        lesson = lesson_of(session, experiment)
        session.run = _open_run(session, experiment, lesson)
        memory = told_as_memory(session.config.training.batch_size, "training")
        with told_in_the_record(session), blamed_on_code(), memory:
            trained = _train(session, experiment, lesson, stop)
            with _weights_kept(session, experiment):
                scored = _save_and_score(session, experiment)
                return _finish(session, experiment, trained, scored)
    except KeyboardInterrupt as error:
        raise interrupted(session, stop) from error


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


def prepare_session(session: Session, device: Device | None, allow_code: bool) -> Experiment:
    """Everything that can be wrong before training is found here, before a directory is made."""
    config, log = session.config, session.log
    for warning in config.warnings:
        log.note(warning)
    log.phase("reading the data and starting TensorFlow")
    with session.timed("start"):
        started, dataset = start_with_data(config, read_data, device, allow_code)
    session.started = started
    session.timings["import_tensorflow"] = round(started.import_seconds, 3)
    from nntrain.model.summary import summary
    from nntrain.run.balance import balances
    from nntrain.run.experiment import prepare
    from nntrain.run.recipe import without_effect

    log.phase("building the network")
    with session.timed("prepare"):
        experiment = prepare(config, dataset, pretrained=True)
    session.config = experiment.config
    for note in (*started.notes, *without_effect(experiment, started.device), *experiment.dataset.notes):
        log.note(note)
    for balance in balances(experiment.dataset):
        log.classes(balance)
    log.network(summary(experiment.model))
    return experiment


def _open_run(session: Session, experiment: Experiment, lesson: Lesson) -> RunDirectory:
    config, dataset = session.config, experiment.dataset
    now = datetime.now().astimezone()
    record = {
        "seed": config.seed,
        "started": now.isoformat(timespec="seconds"),
        **session.computing.to_json(),
        "precision": config.training.precision,
        "config": {
            "file": str(config.origin.file),
            "files": [str(file.path) for file in config.origin.files],
            "overrides": list(config.origin.overrides.values()),
        },
        "data": {
            "source": dataset.description,
            "fingerprint": dataset.fingerprint,
            "rows": {name: len(rows) for name, rows in dataset.splits.items()},
        },
        "facts": dataset.facts,
        "targets": [target.to_json() for target in experiment.predicted.values()],
        "parameters": experiment.model.count_params(),
        **environment(config.origin.folder),
        **session.origin,
    }
    if lesson.resampled is not None:
        record["resample"] = lesson.resampled
    weights = pretrained(config)
    if weights:
        record["pretrained"] = weights
    code = config.user_code
    if code is not None:
        record["code"] = {"file": str(code.file), "sha256": code.sha256}
    run = session.open_directory(record, now)
    session.log.begin(run.path / "log.txt")
    run.write("config.yaml", config.origin.file_bytes)
    run.write("resolved.yaml", to_yaml(config, code=CODE).encode())
    if code is not None:
        run.write(CODE, code.content)
    run.write_json("preprocess.json", dict(dataset.preprocess))
    run.update({})
    return run


def _train(session: Session, experiment: Experiment, lesson: Lesson, stop: StopSwitch) -> Trained:
    from nntrain.training.train import Halted, train

    session.log.phase("training")
    import_ahead()
    stop.patient = True
    try:
        with session.timed("train"):
            return train(
                experiment.model,
                lesson.rows,
                lesson.watched,
                lesson.recipe,
                session.log,
                session.directory.append_history,
                stop,
            )
    except Halted as halt:
        _keep_last_epoch(session, experiment, halt)
        raise halt.cause from None
    finally:
        stop.patient = False


def _keep_last_epoch(session: Session, experiment: Experiment, halt: Halted) -> None:
    """Save what is good of a training that broke off."""
    from nntrain.run.experiment import model_bytes

    run = session.directory
    session.timings["epochs"] = [round(seconds, 4) for seconds in halt.seconds]
    run.record["epochs"] = len(halt.history)
    if halt.has_weights:
        run.write(LAST_EPOCH, model_bytes(experiment.model))


@contextmanager
def _weights_kept(session: Session, experiment: Experiment) -> Iterator[None]:
    """A trained model survives an interruption while it is scored."""
    from nntrain.run.experiment import model_bytes

    try:
        yield
    except KeyboardInterrupt:
        session.directory.write(LAST_EPOCH, model_bytes(experiment.model))
        raise


def _save_and_score(session: Session, experiment: Experiment) -> dict[str, dict[str, Scored]]:
    """Save the model, load it back, and let the loaded one make the scores, by split and output.

    Raises:
        ArtefactError: The loaded model's outputs are not those of the trained one, or its file is damaged.
    """
    from nntrain.run.experiment import score
    from nntrain.run.model_files.saving import check_export, save

    run = session.directory
    found: dict[str, dict[str, Scored]] = {}
    session.log.phase("evaluating")
    with session.timed("evaluate"):
        saved, restored = save(run, experiment)
        for name, rows in experiment.scored_rows.items():
            scored = score(experiment.config, experiment.predicted, restored, rows)
            gap = _gap(experiment, scored, rows)
            if gap:
                raise ArtefactError(
                    f"{saved} does not reproduce the trained model: outputs on the {name} rows differ "
                    f"by up to {gap:g}; a layer keeps state that is not saved"
                )
            found[name] = scored
        check_export(run, experiment, restored)
    return found


def _gap(experiment: Experiment, scored: Mapping[str, Scored], rows: Rows) -> float:
    """The largest difference between the outputs that were scored and those of the trained model."""
    import numpy as np

    from nntrain.run.experiment import predictions

    expected = predictions(experiment.config, experiment.model, rows)
    return max(float(np.abs(found.outputs - expected[name]).max()) for name, found in scored.items())


def _finish(
    session: Session, experiment: Experiment, trained: Trained, scored: Mapping[str, Mapping[str, Scored]]
) -> FitResult:
    from nntrain.run.artefacts import write_plots, write_predictions
    from nntrain.run.scoring import worse_than_baseline

    run, targets = session.directory, experiment.predicted
    splits = {name: {o: found.scores for o, found in split.items()} for name, split in scored.items()}
    main = "test" if "test" in scored else next(iter(scored))
    worse = worse_than_baseline(splits[main], f"{main} rows")
    for note in worse:
        session.log.note(note)
    with session.timed("report"):
        write_predictions(run, "predictions.csv", scored[main])
        write_plots(run, trained, scored[main], main)
    seconds = time.perf_counter() - session.began
    session.timings["epochs"] = [round(s, 4) for s in trained.seconds]
    session.timings["total"] = round(seconds, 3)
    history = run.path / "history.csv"
    run.write("history.csv", history.read_bytes())
    run.write_json(METRICS, metrics_json(targets, splits))
    seal(
        run,
        {
            "status": "finished",
            "epochs": len(trained.history),
            "best_epoch": trained.best_epoch,
            "stopped_early": trained.stopped_early,
            "engine": trained.engine.to_json(),
            "timings": session.timings,
        },
    )
    if session.place is None:
        run.link_latest()
    return FitResult(
        run.path,
        session.config.name,
        {output: {name: split[output] for name, split in splits.items()} for output in targets},
        tuple(trained.history),
        trained.best_epoch,
        seconds,
        (*session.config.warnings, *session.computing.notes, *experiment.dataset.notes, *worse),
    )
