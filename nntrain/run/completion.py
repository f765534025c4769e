"""From a lesson to a finished run: train, save, score, and write what came of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from nntrain.config.folds import parts_in
from nntrain.errors import ArtefactError, DivergedError, Helped
from nntrain.report.expectations import sentence
from nntrain.run.endings import told_in_the_record
from nntrain.run.expectations import Outcome, judged_alone, numbers_of, outcomes, outcomes_json
from nntrain.run.failpoints import reached
from nntrain.run.imports_ahead import import_ahead
from nntrain.run.lesson import Lesson
from nntrain.run.manifest import seal
from nntrain.run.memory import told_as_memory
from nntrain.run.results import FitResult, exchanged, metrics_json
from nntrain.run.session import LAST_EPOCH, METRICS, Session
from nntrain.run.signals import Interrupted, StopSwitch
from nntrain.run.team import Team
from nntrain.run.tracking.track import Tracking
from nntrain.run.tracking.trackers import tracked
from nntrain.training.observer import Logs

if TYPE_CHECKING:
    from nntrain.data.dataset import Rows
    from nntrain.evaluation import SplitScores
    from nntrain.run.checkpoint.store import Store
    from nntrain.run.experiment import Experiment
    from nntrain.run.scoring import Scored
    from nntrain.training.state import Snapshot
    from nntrain.training.train import Halted, Trained


def complete(
    session: Session,
    experiment: Experiment,
    lesson: Lesson,
    stop: StopSwitch,
    store: Store | None,
    begin: Snapshot | None = None,
) -> FitResult:
    """Train and score one run, whose directory is there.

    Args:
        session: With the run, whose lock is held.
        experiment: What is trained.
        lesson: How.
        stop: Says when to break off.
        store: Takes checkpoints, if any are wanted.
        begin: The state to go on from.

    Raises:
        NntrainError: What `fit` raises once there is a directory; the run says so.
        KeyboardInterrupt: A signal came.
    """
    from nntrain.model.user_code import blamed_on_code

    memory = told_as_memory(session.config.training.batch_size, "training")
    told = tracked(session, begin.history if begin else ())
    with told_in_the_record(session), blamed_on_code(), memory, told as tracking:
        trained = _train(session, experiment, lesson, stop, store, begin, tracking)
        reached("run.trained")
        with _weights_kept(session, experiment):
            if stop():  # after the last step nobody asked
                raise KeyboardInterrupt
            scored = _save_and_score(session, experiment)
            done = _finish(session, experiment, trained, scored, tracking)
    if session.team is not None:
        session.team.finish()
    return done


def help_train(
    session: Session,
    team: Team,
    experiment: Experiment,
    lesson: Lesson,
    stop: StopSwitch,
    begin: Snapshot | None = None,
) -> Helped:
    """Train with the other workers, and write nothing; what to raise when the first one has the results.

    Raises:
        DivergedError: The loss became NaN or infinite.
        NntrainError: What else ends training.
        Interrupted: One of the workers was told to stop.
    """
    from nntrain.model.user_code import blamed_on_code
    from nntrain.training.watch import Diverged

    memory = told_as_memory(session.config.training.batch_size, "training")
    try:
        with blamed_on_code(), memory:
            _train(session, experiment, lesson, stop, None, begin, None)
    except Diverged as loss:
        raise DivergedError(
            f"the loss became {loss.loss:g} in step {loss.step} of epoch {loss.epoch}"
        ) from None
    except KeyboardInterrupt:
        stop.ending = True
        raise Interrupted("stopped; worker 0 says how far training came", stop.cause) from None
    team.finish()
    return Helped(team.who.index, len(team.who.workers))


def _train(
    session: Session,
    experiment: Experiment,
    lesson: Lesson,
    stop: StopSwitch,
    store: Store | None,
    begin: Snapshot | None,
    tracking: Tracking | None,
) -> Trained:
    from nntrain.training.state import never
    from nntrain.training.together import ALONE
    from nntrain.training.train import Halted, train

    def on_epoch(row: Logs) -> None:
        if tracking is not None:
            session.directory.append_history(row)
            tracking.epoch(row)
        else:
            reached("worker.epoch")

    import_ahead()
    stop.patient = True
    try:
        if begin is None and experiment.config.pretrain is not None:
            from nntrain.run.pretraining import pretrain

            with session.timed("pretrain"):
                pretrain(session, experiment, lesson, stop)
        session.log.phase("training")
        team = session.team
        together = ALONE if team is None else team.together
        with session.timed("train"), nullcontext() if team is None else team.told():
            return train(
                experiment.model,
                lesson.rows,
                lesson.watched,
                lesson.recipe,
                session.log,
                on_epoch,
                stop,
                keep=None if store is None else store.offer,
                due=never if store is None else store.due,
                begin=begin,
                together=together,
            )
    except Halted as halt:
        if session.writes:
            _keep_last_epoch(session, experiment, halt)
        raise halt.cause from None
    finally:
        stop.give_way()


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
    from nntrain.run.thresholds import with_thresholds

    run = session.directory
    found: dict[str, dict[str, Scored]] = {}
    session.log.phase("evaluating")
    with session.timed("evaluate"):
        saved, restored = save(run, experiment)
        reached("run.saved")
        targets = with_thresholds(
            experiment.config, experiment.predicted, restored, experiment.dataset.validation
        )
        run.record["targets"] = [target.to_json() for target in targets.values()]
        for name, rows in experiment.scored_rows.items():
            scored = score(experiment.config, targets, restored, rows)
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
    session: Session,
    experiment: Experiment,
    trained: Trained,
    scored: Mapping[str, Mapping[str, Scored]],
    tracking: Tracking,
) -> FitResult:
    from nntrain.run.artefacts import write_plots, write_predictions
    from nntrain.run.pictured import planned
    from nntrain.run.scoring import worse_than_baseline
    from nntrain.run.thresholds import chosen_note

    run = session.directory
    targets = {name: found.target for name, found in next(iter(scored.values())).items()}
    splits = {name: {o: found.scores for o, found in split.items()} for name, split in scored.items()}
    main = "test" if "test" in scored else next(iter(scored))
    told = (*chosen_note(targets), *worse_than_baseline(splits[main], f"{main} rows"))
    for note in told:
        session.log.note(note)
    with session.timed("report"):
        write_predictions(run, "predictions.csv", scored[main])
        if session.pictures:
            write_plots(run, planned(trained, scored[main], main, experiment))
    seconds = time.perf_counter() - session.began
    session.timings["epochs"] = [round(s, 4) for s in trained.seconds]
    session.timings["total"] = session.total
    history = run.path / "history.csv"
    run.write("history.csv", history.read_bytes())
    run.drop(LAST_EPOCH)
    reached("run.scored")
    found = _expected(session, trained, splits)
    tracking.finish(splits)
    run.write_json(METRICS, metrics_json(targets, splits))
    reached("run.measured")
    seal(
        run,
        {
            "status": "finished",
            "epochs": len(trained.history),
            "best_epoch": trained.best_epoch,
            "stopped_early": trained.stopped_early,
            "engine": trained.engine.to_json(),
            "timings": session.timings,
            **outcomes_json(found),
        },
    )
    if session.place is None and parts_in(run.record) is None:
        refused = run.link_latest()
        for note in refused:
            session.log.observer.note(note)  # the log is one of the files that the manifest has seen
        told = (*told, *refused)
    return FitResult(
        run.path,
        session.config.name,
        exchanged(splits),
        tuple(trained.history),
        trained.best_epoch,
        seconds,
        (*session.config.warnings, *session.computing.notes, *experiment.dataset.notes, *told),
        found,
    )


def _expected(
    session: Session, trained: Trained, splits: Mapping[str, Mapping[str, SplitScores]]
) -> tuple[Outcome, ...]:
    """What became of the config's `expect`; of a fold's or seed's run nothing, for the mean is judged."""
    record = {**session.directory.record, "epochs": len(trained.history), "timings": session.timings}
    if not judged_alone(record):
        return ()
    found = outcomes(session.config, [exchanged(splits)], [numbers_of(record)])
    for outcome in found:
        if not outcome.met:
            session.log.write(f"expectation missed: {sentence(outcome)}")
    return found
