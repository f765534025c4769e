"""What is asked of the disk, and in which order: a power cut would show what a killed process can't."""

from datetime import datetime
from pathlib import PurePath

import pytest

from nntrain.run.checkpoint import content
from nntrain.run.checkpoint.store import Store
from nntrain.run.directory import RunDirectory
from nntrain.run.files import write_whole
from tests.reliability.disk import Disk
from tests.reliability.writer import FILES, snapshot


@pytest.fixture
def calls(tmp_path):
    """The calls of the third commit of a run, which removes the first checkpoint."""
    for epoch in (1, 2):
        Store(tmp_path).commit(snapshot(epoch, 3000))
    with Disk(tmp_path / "checkpoint") as disk:
        Store(tmp_path, keep=1).commit(snapshot(3, 3000))
    return disk.calls


def last(calls, call, place):
    """Where the last call of a kind on a place stands."""
    return max(i for i, told in enumerate(calls) if told == (call, place))


def unfinished(calls):
    """The folder that is written before it gets its name, and where it gets it."""
    (folder,) = {path for call, path in calls if call == "mkdir" and path}
    return folder, calls.index(("rename", folder))


def test_every_file_of_a_checkpoint_is_on_the_disk_before_it_has_its_name(calls):
    folder, renamed = unfinished(calls)
    assert folder.startswith(".tmp-00003-")
    for name in FILES:
        written, synced = (last(calls, call, f"{folder}/{name}") for call in ("write", "fsync"))
        assert written < synced < renamed


def test_the_folder_of_a_checkpoint_is_on_the_disk_before_it_has_its_name(calls):
    folder, renamed = unfinished(calls)
    opened = max(last(calls, "open", f"{folder}/{name}") for name in FILES)
    assert opened < last(calls, "fsync", folder) < renamed


def test_the_name_of_a_checkpoint_is_on_the_disk_before_an_older_one_goes(calls):
    _, renamed = unfinished(calls)
    going = calls.index(("rename", "00001"))
    assert renamed < calls.index(("fsync", "")) < going


def test_nothing_is_written_under_the_name_of_a_checkpoint(calls):
    written = {PurePath(path).parts[0] for call, path in calls if call in {"open", "write", "unlink"}}
    assert all(name.startswith(".tmp-") for name in written)
    assert any(name.startswith(".tmp-gone-00001-") for name in written)


def test_the_folder_of_checkpoints_is_on_the_disk_before_there_is_one_in_it(tmp_path):
    with Disk(tmp_path) as disk:
        Store(tmp_path).commit(snapshot(1))
        first = disk.calls.copy()
        Store(tmp_path).commit(snapshot(2))
    assert first[:2] == [("mkdir", "checkpoint"), ("fsync", "")]
    assert ("fsync", "") not in disk.calls[len(first) :]


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_file_is_on_the_disk_before_it_has_its_name_and_its_name_after(tmp_path, before):
    if before:
        (tmp_path / "run.json").write_bytes(before)
    with Disk(tmp_path) as disk:
        write_whole(tmp_path / "run.json", b"new")
    other = disk.calls[0][1]
    assert other not in {"run.json", ""}
    assert disk.calls == [
        ("open", other), ("write", other), ("fsync", other), ("rename", other), ("fsync", ""),
    ]  # fmt: skip


def test_a_row_of_the_history_is_on_the_disk_before_the_next_epoch(tmp_path):
    run = RunDirectory(tmp_path)
    with Disk(tmp_path) as disk:
        run.append_history({"epoch": 1, "loss": 0.5})
        run.append_history({"epoch": 2, "loss": 0.4})
    row = [(call, "history.csv") for call in ("open", "write", "fsync")]
    assert disk.calls == [*row, ("fsync", ""), *row]


def test_the_directory_of_a_run_is_on_the_disk_before_it_is_trained(tmp_path):
    with Disk(tmp_path) as disk:
        run = RunDirectory.create(tmp_path / "runs", "net", {}, datetime(2026, 1, 2))
    place = f"runs/net/{run.path.name}"
    made = [path for call, path in disk.calls if call == "mkdir"]
    assert made[-1] == place
    for folder in ("runs/net", "runs"):
        assert disk.calls.index(("mkdir", place)) < disk.calls.index(("fsync", folder))


def test_what_is_to_be_written_is_read_back_first(monkeypatch):
    right = content.arrays_of

    def broken_memory(stored):
        arrays = right(stored)
        return {**arrays, "python": arrays["python"] + 1}

    monkeypatch.setattr(content, "arrays_of", broken_memory)
    with pytest.raises(content.Damaged) as raised:
        content.files_of(snapshot(1))
    assert str(raised.value) == "arrays.npz: python is not what was written"
