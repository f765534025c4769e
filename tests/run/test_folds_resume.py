"""`resume` of a parent run from Python: which folds go on, and what is refused."""

import json
import shutil
from types import SimpleNamespace

import pytest

from nntrain import evaluate, fit_folds, load_config
from nntrain.errors import ArtefactError, ConflictError
from nntrain.run import changes
from nntrain.run.lock import RunLock
from nntrain.run.resume import resume
from nntrain.run.signals import Interrupted
from nntrain.run.verify import verify
from tests.conftest import BLOBS
from tests.run.breaker import Breaker
from tests.run.test_folds import QUICK, record


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Three folds that were stopped in the second epoch of the second one; tests copy it."""
    folder = tmp_path_factory.mktemp("ended")
    (folder / "blobs.yaml").write_text(QUICK)
    with pytest.raises(Interrupted):
        fit_folds(load_config(folder / "blobs.yaml"), 3, folder / "runs", observer=Breaker(2))
    (path,) = (folder / "runs" / "blobs").iterdir()
    return SimpleNamespace(path=path, config=folder / "blobs.yaml")


@pytest.fixture
def parent(ended, tmp_path):
    copied = tmp_path / "runs" / "blobs" / "copied"
    shutil.copytree(ended.path, copied)
    return copied


def test_more_epochs_train_every_fold_longer_to_the_bits_of_longer_ones(ended, parent, tmp_path):
    longer = fit_folds(load_config(ended.config, ["training.epochs=3"]), 3, tmp_path / "longer")
    told = Breaker()
    done = resume(parent, ["training.epochs=3"], observer=told)
    assert told.told[0] == "0 of 3 folds are finished"
    assert (parent / "metrics.json").read_bytes() == (longer.path / "metrics.json").read_bytes()
    assert [len(run.history) for run in done.runs] == [3, 3, 3]
    assert record(parent)["resumed"][0]["epochs"] == 3
    with pytest.raises(ConflictError) as raised:
        resume(parent)
    assert str(raised.value) == (
        f"{parent} has finished its 3 folds of 3 epochs; to train them longer: nntrain resume {parent} "
        "--epochs 6"
    )
    with pytest.raises(ConflictError) as raised:
        resume(parent, ["training.epochs=2"])
    assert str(raised.value) == (
        f"{parent}/fold-1 has trained 3 epochs, and training.epochs is 2; it can't be less: nntrain resume "
        f"{parent} --epochs 3"
    )
    with pytest.raises(ConflictError) as raised:
        resume(parent / "fold-2", ["training.epochs=9"])
    assert str(raised.value) == (
        f"{parent}/fold-2 is fold 2 of 3 of {parent}, which has finished; to train all of its folds longer: "
        f"nntrain resume {parent} --epochs N"
    )
    assert record(parent)["status"] == "finished"
    assert verify(parent).problems == ()
    assert evaluate(parent).metrics()["test"] == done.metrics()["test"]


def test_a_fold_that_went_on_by_itself_is_one_that_is_finished(parent):
    alone = resume(parent / "fold-2")
    assert not (parent / "latest").exists()
    told = Breaker()
    done = resume(parent, observer=told)
    assert told.told[:2] == ["2 of 3 folds are finished", "fold 3 of 3"]
    inside = done.runs[1]
    assert inside.history == alone.history
    assert inside.to_json()["metrics"] == alone.to_json()["metrics"]
    assert done.to_json()["folds"][1]["epochs"] == 2
    assert [row[0] for row in inside.scores["test"].headline()][:1] == ["accuracy"]
    assert (parent.parent / "latest").resolve() == parent


def test_what_changed_is_named_and_nothing_is_touched(ended, parent, monkeypatch):
    before = (parent / "run.json").read_bytes()
    with pytest.raises(ConflictError) as raised:
        resume(parent, ["training.batch_size=20"], force=True)
    assert str(raised.value) == (
        f"{parent} would not go on as it began: training.batch_size: 16 -> 20. Undo that: all of its folds "
        "learn with the same config; for another one train anew: nntrain fit CONFIG --folds N"
    )
    config = load_config(ended.config, ["training.shuffle=false"])
    with pytest.raises(ConflictError, match=r"training\.shuffle: true -> false"):
        resume(parent, config=config)
    now = changes.versions()
    monkeypatch.setattr(changes, "versions", lambda: {**now, "keras": "9.9"})
    with pytest.raises(ConflictError) as raised:
        resume(parent)
    assert str(raised.value) == (
        f"{parent} would not go on as it began: keras was {now['keras']} and is 9.9. Undo that, or add "
        "--force to go on all the same"
    )
    monkeypatch.setattr(changes, "versions", lambda: now)
    resume(parent / "fold-2")
    shape = record(parent / "fold-1")
    shape["data"]["fingerprint"] = 64 * "0"
    (parent / "fold-1" / "run.json").write_text(json.dumps(shape))
    with pytest.raises(
        ConflictError, match="fold-1 would not go on as it began: the data's SHA-256 was 0000"
    ):
        resume(parent)
    assert (parent / "run.json").read_bytes() == before
    assert not (parent / "fold-3").exists()
    told = Breaker()
    resume(parent, force=True, observer=told)
    assert any(text.startswith("going on all the same: the data's SHA-256 was 0000") for text in told.told)
    assert record(parent)["resumed"][0]["forced"][0].startswith("the data's SHA-256 was 0000")


def test_a_parent_or_a_fold_that_is_going_on_is_left_alone(parent):
    for held, asked in ((parent, parent), (parent, parent / "fold-2"), (parent / "fold-2", parent)):
        with RunLock(held, held), pytest.raises(ConflictError, match=f"{held} is being trained by process "):
            resume(asked)
    running = {**record(parent), "status": "running"}
    (parent / "run.json").write_text(json.dumps(running))
    with RunLock(parent, parent), pytest.raises(ConflictError) as raised:
        evaluate(parent)
    assert str(raised.value) == f"the run {parent} is still going; wait until it has finished"


def test_finished_folds_must_be_as_they_were_written(parent):
    (parent / "fold-1" / "metrics.json").write_text("{}")
    with pytest.raises(ArtefactError, match=r"fold-1/metrics\.json: the file was changed after the run: "):
        resume(parent)


def test_folds_that_early_stopping_ended_stay_as_they_are(tmp_path):
    (tmp_path / "blobs.yaml").write_text(
        f"{BLOBS}  early_stopping: {{monitor: loss, patience: 1, min_delta: 9}}\n"
    )
    done = fit_folds(load_config(tmp_path / "blobs.yaml"), 2, tmp_path / "runs")
    with pytest.raises(ConflictError) as raised:
        resume(done.path, ["training.epochs=9"])
    assert str(raised.value) == (
        f"early stopping ended all 2 folds of {done.path}, and more epochs would not change that; train anew "
        "with a larger training.early_stopping.patience"
    )
    assert record(done.path)["status"] == "finished"
