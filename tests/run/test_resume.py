"""`resume` from Python: a run goes on in its directory and ends as one that was never interrupted."""

import json
import shutil
from types import SimpleNamespace

import keras
import pytest

from nntrain import evaluate, fit, load_config
from nntrain.errors import ArtefactError, ConflictError
from nntrain.run import changes
from nntrain.run import recipe as recipes
from nntrain.run.checkpoint import store
from nntrain.run.lock import RunLock
from nntrain.run.observer import Silent
from nntrain.run.processor import processor
from nntrain.run.resume import resume
from nntrain.run.signals import Interrupted
from tests.reliability.net import CONFIG, digest, history, kept, record


class StopsAt(Silent):
    """Interrupts in the first step of an epoch, and keeps what is said."""

    def __init__(self, epoch=None):
        self.epoch, self.notes = epoch, []

    def note(self, text):
        self.notes.append(text)

    def step(self, epoch, step, loss):
        if epoch == self.epoch:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("config") / "net.yaml"
    path.write_text(CONFIG)
    return path


def interrupted(file, runs, epoch, *overrides):
    """A run that was stopped in an epoch; what was said of it."""
    with pytest.raises(Interrupted) as raised:
        fit(load_config(file, overrides), runs, observer=StopsAt(epoch))
    (run,) = (path for path in (runs / "net").iterdir() if not path.is_symlink())
    return run, raised.value.message


@pytest.fixture(scope="module")
def stopped(file, tmp_path_factory):
    """A run that was stopped in its third epoch; tests copy it."""
    run, message = interrupted(file, tmp_path_factory.mktemp("stopped"), 3)
    return SimpleNamespace(path=run, message=message)


@pytest.fixture
def run(stopped, tmp_path):
    copied = tmp_path / "runs" / "net" / "copied"
    shutil.copytree(stopped.path, copied)
    return copied


@pytest.mark.parametrize("engine", ["compiled", "keras"])
def test_a_run_that_was_stopped_ends_as_one_that_was_not(file, tmp_path, engine):
    asked = f"training.engine={engine}"
    straight = fit(load_config(file, [asked]), tmp_path / "straight")
    path, message = interrupted(file, tmp_path / "stopped", 3, asked)
    epoch, step = kept(path)[-1]
    assert epoch == 2
    assert message == f"stopped after step {step} of epoch 3; go on with: nntrain resume {path}"
    assert (record(path)["status"], record(path)["epochs"]) == ("interrupted", 2)
    before = record(path)["timings"]
    told = StopsAt()
    done = resume(path, observer=told)
    assert f"going on after step {step} of epoch 3 of 4" in told.notes
    (leg,) = record(path)["resumed"]
    assert (leg["after_epoch"], leg["after_step"], leg["epoch_again"]) == (2, step, False)
    timings = record(path)["timings"]
    assert timings["total"] > before["total"] + done.seconds - 0.1
    assert timings["train"] > before["train"] > 0
    assert digest(path) == digest(straight.path)
    assert done.history == straight.history
    assert (done.best_epoch, done.path) == (straight.best_epoch, path)
    assert record(path)["status"] == "finished"
    assert len(record(path)["timings"]["epochs"]) == 4
    assert not (path / "last_epoch.keras").exists()
    assert (path.parent / "latest").resolve() == path
    assert evaluate(path).scores.to_json() == done.scores["test"].to_json()


def test_what_a_killed_process_took_is_known_from_its_epochs(file, tmp_path):
    path, _ = interrupted(file, tmp_path, 3)
    state = path / "checkpoint"
    content = json.loads((path / "run.json").read_text())
    del content["timings"]  # which nobody wrote
    (path / "run.json").write_text(json.dumps({**content, "status": "running"}))
    seconds = sum(json.loads(next(state.glob("00002-*/state.json")).read_text())["seconds"])
    done = resume(path)
    timings = record(path)["timings"]
    assert sum(timings["epochs"]) <= timings["train"] + 0.001
    assert timings["total"] > seconds + done.seconds - 0.1


def test_a_run_that_was_stopped_in_its_first_epoch_goes_on_from_there(file, tmp_path):
    straight = fit(load_config(file), tmp_path / "straight")
    path, message = interrupted(file, tmp_path / "stopped", 1)
    assert message == f"stopped after step 1 of epoch 1; go on with: nntrain resume {path}"
    assert kept(path) == [(0, 1)]
    (path / "history.csv").write_text("epoch,loss\n1,9.9\n")  # by a process that was killed after its commit
    resume(path)
    assert digest(path) == digest(straight.path)


def test_a_finished_run_is_trained_longer_to_the_bits_of_a_longer_one(file, tmp_path):
    longer = fit(load_config(file, ["training.epochs=5"]), tmp_path / "longer")
    short = fit(load_config(file, ["training.epochs=3"]), tmp_path / "short")
    with pytest.raises(ConflictError) as raised:
        resume(short.path)
    assert str(raised.value) == (
        f"{short.path} has finished its 3 epochs; to train it longer: nntrain resume {short.path} --epochs 6"
    )
    with pytest.raises(ConflictError) as raised:
        resume(short.path, ["training.epochs=2"])
    assert str(raised.value) == (
        f"{short.path} has trained 3 epochs, and training.epochs is 2; it can't be less"
    )
    resume(short.path, ["training.epochs=5"])
    assert digest(short.path) == digest(longer.path)
    assert record(short.path)["resumed"][0]["epochs"] == 5


def test_a_run_that_is_in_an_epoch_has_to_train_it(run, stopped):
    with pytest.raises(ConflictError) as raised:
        resume(run, ["training.epochs=2"])
    assert str(raised.value) == f"{run} has begun epoch 3, and training.epochs is 2; it can't be less"


def test_an_epoch_that_began_again_does_so_until_there_is_another_checkpoint(run, monkeypatch):
    class Died(Exception):
        pass

    def dies(*given, **options):
        raise Died

    monkeypatch.setattr("nntrain.training.train.train", dies)
    with pytest.raises(Died):
        resume(run, ["training.batch_size=20"], force=True)
    monkeypatch.undo()
    told = StopsAt()
    assert len(resume(run, observer=told).history) == 4
    assert any(note.startswith("epoch 3 begins again, with the weights of its step ") for note in told.notes)


def test_a_run_that_early_stopping_ended_does_not_go_on(file, tmp_path):
    asked = ["training.epochs=9", "training.early_stopping={monitor: loss, patience: 1, min_delta: 9}"]
    done = fit(load_config(file, asked), tmp_path)
    assert len(done.history) == 2
    with pytest.raises(ConflictError) as raised:
        resume(done.path, ["training.epochs=20"])
    assert str(raised.value) == (
        f"{done.path} was ended by early stopping after epoch 2, and more epochs would not change that; "
        "train anew with a larger training.early_stopping.patience"
    )
    longer = ["training.epochs=3", "training.early_stopping.patience=8"]
    assert len(resume(done.path, longer, force=True).history) == 3


def test_what_changed_is_named_and_refused_or_forced_and_recorded(run, stopped, monkeypatch):
    shape = json.loads((run / "run.json").read_text())
    shape["data"]["fingerprint"] = 64 * "0"
    shape["threads"]["intra"] += 1
    (run / "run.json").write_text(json.dumps(shape))
    now = changes.versions()
    monkeypatch.setattr(changes, "versions", lambda: {**now, "keras": "9.9"})
    with pytest.raises(ConflictError) as raised:
        resume(run, ["training.batch_size=20", "training.epochs=6"])
    assert str(raised.value) == (
        f"{run} would not go on as it began: training.batch_size: 16 -> 20; keras was {now['keras']} and is "
        "9.9. Undo that, or add --force to go on all the same"
    )
    assert record(run)["status"] == "interrupted"
    monkeypatch.setattr(changes, "versions", lambda: now)
    with pytest.raises(ConflictError) as raised:
        resume(run)
    told = str(raised.value)
    assert told.startswith(
        f"{run} would not go on as it began: the data's SHA-256 was 000000000000... and is "
    )
    inter = shape["threads"]["inter"]
    intra = shape["threads"]["intra"]
    assert f"; TensorFlow's threads within and between operations were {intra} and {inter} and are " in told
    watcher = StopsAt()
    resume(run, ["training.batch_size=20"], force=True, observer=watcher)
    assert "going on all the same: training.batch_size: 16 -> 20" in watcher.notes
    _, step = kept(stopped.path)[-1]
    assert f"epoch 3 begins again, with the weights of its step {step}" in watcher.notes
    assert record(run)["resumed"][0]["epoch_again"]
    forced = record(run)["resumed"][0]["forced"]
    assert forced[0] == "training.batch_size: 16 -> 20"
    assert [text.split()[0] for text in forced[1:]] == ["the", "TensorFlow's"]
    assert len(history(run)) == 4
    assert evaluate(run).split == "test"


def test_another_cpu_is_named_and_refused(run):
    recorded = record(run)
    instructions = recorded["machine"]["instructions"]
    recorded["machine"] |= {"cpu": "Abacus", "instructions": f"{instructions} avx9"}
    recorded["deterministic"] = not recorded["deterministic"]
    (run / "run.json").write_text(json.dumps(recorded))
    with pytest.raises(ConflictError) as raised:
        resume(run)
    here = processor()["cpu"]
    assert str(raised.value) == (
        f"{run} would not go on as it began: the CPU was Abacus and is {here}; the CPU's instructions lack "
        "avx9. Undo that, or add --force to go on all the same"
    )
    told = StopsAt()
    resume(run, force=True, observer=told)
    states = {True: "on", False: "off"}
    before, now = states[recorded["deterministic"]], states[not recorded["deterministic"]]
    assert record(run)["resumed"][0]["forced"] == [
        f"the CPU was Abacus and is {here}",
        "the CPU's instructions lack avx9",
        f"TensorFlow's determinism was {before} and is {now}",
    ]
    assert record(run)["machine"]["cpu"] == here
    assert not record(run)["resumed"][0]["epoch_again"]


def test_a_damaged_checkpoint_is_passed_over_with_a_word(file, tmp_path, monkeypatch):
    monkeypatch.setattr(store, "PAUSE", 0.0)
    monkeypatch.setattr(store, "SHARE", 0)
    straight = fit(load_config(file), tmp_path / "straight")
    run, _ = interrupted(file, tmp_path / "stopped", 3)
    *_, whole, (epoch, step) = kept(run)
    assert (whole, epoch) == (2, 2)
    damaged = run / "checkpoint" / f"00002-{step:07}" / "state.json"
    damaged.write_bytes(damaged.read_bytes()[:-9])
    told = StopsAt()
    resume(run, observer=told)
    assert told.notes[0].startswith(
        f"the checkpoint after step {step} of epoch 3 is damaged: state.json: has "
    )
    assert "going on after epoch 2 of 4" in told.notes
    assert digest(run) == digest(straight.path)


def test_a_finished_run_whose_last_checkpoint_is_damaged_is_as_finished_as_before(
    file, tmp_path, monkeypatch
):
    monkeypatch.setattr(store, "PAUSE", 0.0)
    monkeypatch.setattr(store, "SHARE", 0)
    longer = fit(load_config(file, ["training.epochs=5"]), tmp_path / "longer")
    run = fit(load_config(file, ["training.epochs=3"]), tmp_path / "short").path
    damaged = run / "checkpoint" / "00003" / "arrays.npz"
    damaged.write_bytes(damaged.read_bytes()[:-9])
    before = {path: path.read_bytes() for path in run.rglob("*") if path.is_file()}
    for epochs, refusal in ((3, "has finished its 3 epochs; to train"), (2, "has trained 3 epochs, and")):
        with pytest.raises(ConflictError, match=refusal):
            resume(run, [f"training.epochs={epochs}"])
    assert {path: path.read_bytes() for path in run.rglob("*") if path.is_file()} == before
    told = StopsAt()
    resume(run, ["training.epochs=5"], observer=told)
    assert told.notes[0].startswith("the checkpoint after epoch 3 is damaged: arrays.npz: has ")
    assert told.notes[1:3] == [
        "the last epoch is trained again, and then 2 more",
        "going on after epoch 2 of 5",
    ]
    assert digest(run) == digest(longer.path)


def test_a_run_that_a_callback_ended_does_not_go_on(file, tmp_path, monkeypatch):
    class Enough(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    make = recipes.make
    monkeypatch.setattr(
        recipes, "make", lambda spec, path: Enough() if spec.kind == "callbacks" else make(spec, path)
    )
    asked = ["training.epochs=9", "training.callbacks=[SwapEMAWeights]", "~training.early_stopping"]
    done = fit(load_config(file, asked), tmp_path)
    assert len(done.history) == 2
    with pytest.raises(ConflictError) as raised:
        resume(done.path, ["training.epochs=20"])
    assert str(raised.value) == (
        f"{done.path} was ended by a callback after epoch 2, and more epochs would not change that; train anew "
        "without it"
    )


def test_early_stopping_ended_a_run_though_the_checkpoint_that_says_so_is_damaged(
    file, tmp_path, monkeypatch
):
    monkeypatch.setattr(store, "PAUSE", 0.0)
    monkeypatch.setattr(store, "SHARE", 0)
    asked = ["training.epochs=9", "training.early_stopping={monitor: loss, patience: 1, min_delta: 9}"]
    run = fit(load_config(file, asked), tmp_path).path
    (run / "checkpoint" / "00002" / "state.json").unlink()
    with pytest.raises(
        ConflictError, match="was ended by early stopping after epoch 2, and more epochs would"
    ):
        resume(run, ["training.epochs=20"])


def test_a_run_that_is_going_on_is_left_alone(run):
    with RunLock(run, run), pytest.raises(ConflictError, match=f"{run} is being trained by process "):
        resume(run)


def test_a_run_without_checkpoints_can_not_go_on(file, tmp_path):
    run, message = interrupted(file, tmp_path, 3, "training.checkpoint=false")
    assert message == f"stopped after epoch 2; history and weights up to there are in {run}"
    assert not (run / "checkpoint").exists()
    with pytest.raises(ArtefactError) as raised:
        resume(run)
    assert str(raised.value) == (
        f"{run}: has no checkpoint to go on from: it was ended before one was written; "
        "train it again with nntrain fit"
    )
    with pytest.raises(ArtefactError, match="so it has no scores; train it again with nntrain fit"):
        evaluate(run)


def test_a_run_that_was_killed_before_its_files_were_written_says_that(run):
    shutil.rmtree(run / "checkpoint")
    (run / "resolved.yaml").unlink()
    with pytest.raises(ArtefactError) as raised:
        resume(run)
    assert str(raised.value) == (
        f"{run}: has no checkpoint to go on from: it was ended before one was written; "
        "train it again with nntrain fit"
    )


def test_other_data_files_of_the_run_are_refused_if_changed(run):
    (run / "resolved.yaml").write_text((run / "resolved.yaml").read_text() + "# mine\n")
    with pytest.raises(ArtefactError, match="the file was changed after the run: its SHA-256 is "):
        resume(run)
