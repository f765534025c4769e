"""Event files, read back by TensorBoard's own library."""

import errno
import json
import os
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from nntrain import fit, load_config
from nntrain.run.resume import resume
from nntrain.run.signals import Interrupted
from nntrain.run.tracking.tensorboard import TensorBoard, curves
from nntrain.run.verify import verify
from tests.conftest import BLOBS
from tests.run.breaker import Breaker

accumulator = pytest.importorskip(
    "tensorboard.backend.event_processing.event_accumulator", reason="needs tensorboard, which dev installs"
)
TRACKED = f"{BLOBS}  tensorboard: true\n"


def events(run, rows):
    """Steps and values by tag, of the training or the validation rows."""
    found = accumulator.EventAccumulator(str(run / "tensorboard" / rows)).Reload()
    return {
        tag: [(event.step, tf.make_ndarray(event.tensor_proto).item()) for event in found.Tensors(tag)]
        for tag in found.Tags()["tensors"]
    }


def expected(history, prefix=""):
    """The same of a history."""
    names = [name for name in history[0] if name != "epoch" and name.startswith("val_") == bool(prefix)]
    return {
        name.removeprefix(prefix): [(row["epoch"], float(np.float32(row[name]))) for row in history]
        for name in names
    }


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A run that was interrupted in its second epoch; tests copy it."""
    folder = tmp_path_factory.mktemp("tracked")
    file = folder / "blobs.yaml"
    file.write_text(TRACKED)
    with pytest.raises(Interrupted):
        fit(load_config(file), folder / "runs", observer=Breaker(0))
    (path,) = (run for run in (folder / "runs" / "blobs").iterdir() if not run.is_symlink())
    return path


@pytest.fixture(scope="module")
def finished(stopped, tmp_path_factory):
    """The same, gone on with; files hold what a killed process leaves: epochs after the checkpoint, half an event."""
    path = tmp_path_factory.mktemp("finished") / "runs" / "blobs" / "run"
    shutil.copytree(stopped, path)
    kept = events(path, "train")["loss"]
    late = TensorBoard(path.parent, "")
    late.begin([{"epoch": epoch, "loss": 9.0} for epoch in (1, 2, 3, 4)])
    late.close("failed")
    (lost,) = (path.parent / "tensorboard" / "train").iterdir()
    shutil.copy(lost, path / "tensorboard" / "train")
    (own,) = (path / "tensorboard" / "validation").iterdir()
    own.write_bytes(own.read_bytes()[:-7])
    return SimpleNamespace(path=path, result=resume(path), kept=kept)


def test_each_epoch_of_a_run_that_went_on_stands_there_once(finished):
    history = finished.result.history
    assert [epoch for epoch, _ in finished.kept] == [1, 2]
    train = events(finished.path, "train")
    config = train.pop("config")
    assert train == expected(history)
    assert set(train) == {"loss", "accuracy", "learning_rate"}
    assert events(finished.path, "validation") == expected(history, "val_")
    assert [
        len(list((finished.path / "tensorboard" / rows).iterdir())) for rows in ("train", "validation")
    ] == [1, 1]
    ((step, text),) = config
    assert (step, text.decode()) == (0, f"```yaml\n{(finished.path / 'resolved.yaml').read_text()}\n```")


def test_a_tracked_run_has_the_bits_of_one_that_is_not(finished, finished_run):
    assert finished.result.history == finished_run.result.history
    assert finished.result.to_json()["metrics"] == finished_run.result.to_json()["metrics"]


def test_the_files_are_part_of_the_run(finished):
    assert verify(finished.path).error is None
    record = json.loads((finished.path / "run.json").read_text())
    assert record["tracking"] == {"tensorboard": {"folder": "tensorboard"}}


def test_files_that_can_not_be_written_end_with_a_note_and_training_goes_on(
    tmp_path, monkeypatch, finished_run
):
    real = TensorBoard.epoch

    def full(self, row):
        if row["epoch"] == 3:
            raise tf.errors.OutOfRangeError(
                None, None, f"{{{{function_node x}}}} {os.strerror(errno.ENOSPC)}\n\tmore"
            )
        real(self, row)

    monkeypatch.setattr(TensorBoard, "epoch", full)
    (tmp_path / "blobs.yaml").write_text(TRACKED)
    told = Breaker()
    done = fit(load_config(tmp_path / "blobs.yaml"), tmp_path / "runs", observer=told)
    assert done.history == finished_run.result.history
    lost = (
        "TensorBoard's event files can't be written any more, and training goes on: No space left on device"
    )
    assert told.told.count(lost) == 1
    record = json.loads((done.path / "run.json").read_text())
    assert (record["status"], record["tracking"]["tensorboard"]["failed"]) == (
        "finished",
        "No space left on device",
    )
    assert [epoch for epoch, _ in events(done.path, "train")["loss"]] == [1, 2]


def test_a_quantity_of_both_rows_is_one_chart():
    row = {"epoch": 3, "loss": 0.5, "val_loss": 0.25, "learning_rate": 0.01}
    assert list(curves(row)) == [
        ("train", "loss", 0.5),
        ("validation", "loss", 0.25),
        ("train", "learning_rate", 0.01),
    ]


def test_nothing_is_written_unless_it_is_asked_for(finished_run):
    assert load_config(finished_run.config).training.tensorboard is False
    assert not (finished_run.path / "tensorboard").exists()
    assert "tracking" not in json.loads((finished_run.path / "run.json").read_text())
