"""The folder of checkpoints: what is committed is whole, and what is damaged is noticed."""

import errno
import hashlib
import json
import re
import shutil

import numpy as np
import pytest

from nntrain.errors import ArtefactError, MachineError
from nntrain.run import failpoints
from nntrain.run.checkpoint import store as module
from nntrain.run.checkpoint.store import Store
from nntrain.training.state import Snapshot
from tests.reliability.net import kept, reopened


def snapshot(epoch, losses=None, step=0):
    rows = [
        {"epoch": i + 1, "loss": loss} for i, loss in enumerate(losses or [1 / (i + 1) for i in range(epoch)])
    ]
    arrays = {"weights/0000": np.full((3, 2), epoch, np.float32), "python": np.arange(4, dtype=np.uint64)}
    engine = {"name": "compiled", "xla": False, "parts": 1}
    return Snapshot(epoch, False, arrays, {"callbacks": []}, engine, rows, [0.1] * epoch, step, step / 10)


@pytest.fixture
def run(tmp_path):
    return tmp_path / "run"


@pytest.fixture
def store(run):
    run.mkdir()
    return Store(run)


def entries(run):
    return sorted(entry.name for entry in (run / "checkpoint").iterdir())


def nothing(text):
    raise AssertionError(text)


def test_a_state_comes_back_as_it_was(store):
    store.commit(snapshot(1))
    store.commit(snapshot(2))
    found = Store(store.run).newest(nothing)
    assert (found.epoch, found.stopped, found.history, found.seconds) == (
        2, False, [{"epoch": 1, "loss": 1.0}, {"epoch": 2, "loss": 0.5}], [0.1, 0.1],
    )  # fmt: skip
    assert found.engine == {"name": "compiled", "xla": False, "parts": 1}
    assert {name: array.tobytes() for name, array in found.arrays.items()} == {
        name: array.tobytes() for name, array in snapshot(2).arrays.items()
    }


def test_the_newest_stay_and_that_of_the_lowest_loss(run, store):
    losses = [3, 1, 2, 2, 2, 2]
    for epoch in range(1, 7):
        store.commit(snapshot(epoch, losses[:epoch]))
    assert kept(run) == [2, 5, 6]
    assert entries(run) == ["00002", "00005", "00006"]


def test_epochs_are_committed_once_a_second_and_the_last_one_always(run, store, monkeypatch):
    clock = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: clock)
    store = Store(run, keep=9)
    for epoch, moment in enumerate((100.2, 101.1, 101.5, 102.0, 102.2), 1):
        clock = moment
        store.offer(snapshot(epoch), for_good=False)
    assert kept(run) == [2, 5]
    store.offer(snapshot(6), for_good=True)
    store.offer(snapshot(6), for_good=True)
    assert kept(run) == [2, 5, 6]


def test_a_slow_disk_is_written_to_less_often(run, store, monkeypatch):
    times = iter([0.0, 2.0, 2.0, 2.1, 9.5, 9.7, 9.7, 9.8])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(times))
    store = Store(run, keep=9)  # 0.0
    store.offer(snapshot(1), for_good=False)  # due at 2.0, took 0.1 s: the next one comes after 7.5 s
    store.offer(snapshot(2), for_good=False)  # 9.5
    store.offer(snapshot(3), for_good=False)  # 9.7
    assert kept(run) == [1, 3]


def test_the_first_commit_of_a_large_state_waits_until_it_is_cheap(run, store, monkeypatch):
    clock = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: clock)
    monkeypatch.setattr(module, "BYTES_A_SECOND", 560)  # so that the state's 56 bytes take 0.1 s
    store = Store(run, keep=9)
    for epoch, moment in enumerate((101.5, 107.4, 107.6, 108.5, 108.7), 1):
        clock = moment
        store.offer(snapshot(epoch), for_good=False)
    assert kept(run) == [
        3,
        5,
    ]  # the first took no time by this clock, so that the next one comes after a second


def test_every_third_epoch_is_committed_if_that_is_asked_for(run, store, monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.0)
    monkeypatch.setattr(module, "SHARE", 0)
    store = Store(run, epochs=3, keep=9)
    for epoch in range(1, 9):
        store.offer(snapshot(epoch), for_good=epoch == 8)
    assert kept(run) == [3, 6, 8]


def test_a_long_epoch_is_committed_every_few_minutes(run, store, monkeypatch):
    clock = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: clock)
    store = Store(run, every=10)
    for step, moment in enumerate((699, 700, 701, 1299, 1300, 1899, 1900), 1):
        clock = float(moment)
        if store.due():
            store.offer(snapshot(0, step=step), for_good=False)
    assert kept(run) == [(0, 5), (0, 7)]
    assert entries(run) == ["00000-0000005", "00000-0000007"]
    clock = 1901.0
    store.offer(snapshot(1), for_good=False)
    clock = 2500.9
    assert not store.due()
    found = Store(run).newest(nothing)
    assert (found.epoch, found.step) == (1, 0)
    assert kept(run) == [(0, 7), 1]


def test_within_an_epoch_too_a_slow_disk_is_written_to_less_often(run, store, monkeypatch):
    times = iter([0.0, 0.9, 1.0, 1.0, 1.0, 1.0, 1.1, 8.5, 8.7])
    monkeypatch.setattr(module.time, "monotonic", lambda: next(times))
    store = Store(run, every=1e-9)
    assert not store.due()
    assert store.due()
    store.offer(snapshot(0, step=3), for_good=False)  # took 0.1 s: the next one comes after 7.5 s
    assert not store.due()
    assert store.due()


def test_a_loss_that_is_no_number_is_not_the_lowest(run, store):
    losses = [float("nan"), 0.3, 0.9, float("nan"), 0.8]
    for epoch in range(1, 6):
        store.commit(snapshot(epoch, losses))
    assert entries(run) == ["00002", "00004", "00005"]


def test_a_state_within_an_epoch_comes_back_and_is_kept_beside_the_best_whole_one(run, store):
    losses = [1, 2, 2]
    for at in ((1, 0), (1, 4), (2, 0), (3, 0), (3, 5), (3, 8)):
        store.commit(snapshot(at[0], losses, at[1]))
    assert kept(run) == [1, (3, 5), (3, 8)]
    found = Store(run).newest(nothing)
    assert (found.epoch, found.step, found.elapsed) == (3, 8, 0.8)
    assert len(found.history) == 3
    (run / "checkpoint" / "00003-0000008" / "state.json").unlink()
    notes = []
    assert Store(run).newest(notes.append).step == 5
    assert notes == [
        "the checkpoint after step 8 of epoch 4 is damaged: state.json: No such file or directory"
    ]


def test_a_checkpoint_of_before_there_were_any_within_epochs_can_be_read(run, store):
    store.commit(snapshot(1))
    folder = run / "checkpoint" / "00001"
    state = json.loads((folder / "state.json").read_text())
    manifest = json.loads((folder / "manifest.json").read_text())
    del state["step"], state["elapsed"], manifest["step"]
    content = json.dumps(state).encode()
    (folder / "state.json").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    manifest["files"]["state.json"] = {"bytes": len(content), "sha256": digest}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    found = Store(run).newest(nothing)
    assert (found.epoch, found.step, found.elapsed) == (1, 0, 0.0)


def flipped(content, at):
    return content[:at] + bytes([content[at] ^ 0x10]) + content[at + 1 :]


def damages(content):
    """The content with a flipped bit, or cut off, at many places."""
    places = sorted({int(len(content) * i / 15) for i in range(15)})
    return [*(flipped(content, at) for at in places), *(content[:at] for at in places)]


@pytest.mark.parametrize("name", ["arrays.npz", "state.json", "manifest.json"])
def test_every_damage_is_noticed_and_the_checkpoint_before_is_taken(run, store, name):
    store.commit(snapshot(1))
    store.commit(snapshot(2))
    file = run / "checkpoint" / "00002" / name
    whole = file.read_bytes()
    for content in damages(whole):
        notes = []
        shutil.copytree(run, run.parent / "copy")
        (run.parent / "copy" / "checkpoint" / "00002" / name).write_bytes(content)
        assert reopened(run.parent / "copy", notes.append).epoch == 1
        assert len(notes) == 1
        seen = name if name != "manifest.json" else ""  # whose digests, if wrong, speak of other files
        assert notes[0].startswith(f"the checkpoint after epoch 2 is damaged: {seen}")
        assert kept(run.parent / "copy") == [1]
        shutil.rmtree(run.parent / "copy")


def test_what_is_wrong_with_a_checkpoint_is_said(run, store):
    store.commit(snapshot(1))
    for epoch in (2, 3, 4, 5):
        shutil.copytree(run / "checkpoint" / "00001", run / "checkpoint" / f"{epoch:05}")
    folder = run / "checkpoint"
    (folder / "00002" / "state.json").unlink()
    content = (folder / "00003" / "arrays.npz").read_bytes()
    (folder / "00003" / "arrays.npz").write_bytes(content[:-1])
    (folder / "00004" / "state.json").write_bytes(flipped((folder / "00004" / "state.json").read_bytes(), 5))
    notes = []
    assert Store(run).newest(notes.append).epoch == 1
    recorded = json.loads((folder / "00001" / "manifest.json").read_text())["files"]["state.json"]["sha256"]
    assert notes[0] == "the checkpoint after epoch 5 is damaged: manifest.json: is of epoch 1"
    assert notes[1].startswith("the checkpoint after epoch 4 is damaged: state.json: its SHA-256 is ")
    assert notes[1].endswith(f"..., recorded is {recorded[:12]}...")
    size = len(content)
    assert notes[2:] == [
        f"the checkpoint after epoch 3 is damaged: arrays.npz: has {size - 1:,} bytes, and {size:,} were written",
        "the checkpoint after epoch 2 is damaged: state.json: No such file or directory",
    ]


def test_a_run_without_a_checkpoint_says_why(run, store):
    with pytest.raises(ArtefactError) as raised:
        store.newest(nothing)
    assert str(raised.value) == (
        f"{run}: has no checkpoint to go on from: it was ended before one was written; "
        "train it again with nntrain fit"
    )
    store.commit(snapshot(1))
    (run / "checkpoint" / "00001" / "manifest.json").write_text("{}")
    with pytest.raises(ArtefactError) as raised:
        Store(run).newest(nothing)
    assert str(raised.value) == (
        f"{run}: has no checkpoint to go on from: the checkpoint after epoch 1 is damaged: "
        "manifest.json: is not the manifest of a checkpoint; train it again with nntrain fit"
    )
    assert kept(run) == [1]


def test_what_was_never_finished_is_removed(run, store):
    store.commit(snapshot(1))
    (run / "checkpoint" / ".tmp-00002-77").mkdir()
    (run / "checkpoint" / ".tmp-00002-77" / "arrays.npz").write_bytes(b"half")
    assert Store(run).newest(nothing).epoch == 1
    assert entries(run) == [".tmp-00002-77", "00001"]
    assert reopened(run, nothing).epoch == 1
    assert entries(run) == ["00001"]


POINTS = [
    "checkpoint.mkdir",
    *(f"checkpoint.{step}.{name}" for step in ("open", "half", "sync") for name in ("arrays.npz", "state.json", "manifest.json")),
    "checkpoint.sync-folder",
    "checkpoint.rename",
]  # fmt: skip


@pytest.mark.parametrize("point", POINTS)
def test_a_write_that_fails_leaves_the_checkpoint_before(run, store, monkeypatch, point):
    store.commit(snapshot(1))
    monkeypatch.setattr(failpoints, "_ARMED", failpoints._Armed(f"{point}:EIO"))
    with pytest.raises(MachineError) as raised:
        store.commit(snapshot(2))
    assert str(raised.value) == (
        f"the checkpoint {run}/checkpoint/00002 can't be written: Input/output error; mend that, "
        f"then go on with: nntrain resume {run}"
    )
    assert entries(run) == ["00001"]
    monkeypatch.undo()
    assert Store(run).newest(nothing).epoch == 1


@pytest.mark.parametrize("point", [*POINTS, "checkpoint.renamed", "checkpoint.committed"])
def test_a_commit_that_a_signal_breaks_off_can_be_made_again(run, store, monkeypatch, point):
    def broken_off(name):
        if name == point:
            raise KeyboardInterrupt

    store.commit(snapshot(1))
    monkeypatch.setattr(module, "reached", broken_off)
    with pytest.raises(KeyboardInterrupt):
        store.offer(snapshot(2), for_good=True)
    monkeypatch.undo()
    store.offer(snapshot(2), for_good=True)
    assert entries(run) == ["00001", "00002"]
    assert Store(run).newest(nothing).epoch == 2


def test_a_full_disk_says_how_much_is_needed(run, store, monkeypatch):
    store.commit(snapshot(1))
    monkeypatch.setattr(failpoints, "_ARMED", failpoints._Armed("checkpoint.half.state.json:ENOSPC"))
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10, 10, 2**10))
    with pytest.raises(MachineError) as raised:
        store.commit(snapshot(2))
    assert raised.value.__cause__.errno == errno.ENOSPC
    assert re.sub(r"takes \d\.\d\d KiB", "takes so much", str(raised.value)) == (
        f"the disk is full: the checkpoint {run}/checkpoint/00002 takes so much, and 1.00 KiB are free; "
        f"make room, then go on with: nntrain resume {run}"
    )
