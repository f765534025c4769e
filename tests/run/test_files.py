"""Files are whole or absent, also when the disk is full."""

import errno
import json
import os

import pytest

from nntrain import fit, load_config
from nntrain.errors import MachineError
from nntrain.run import files
from nntrain.run.files import json_bytes, write_whole


def fail_with(number):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    return fail


def test_a_full_disk_leaves_the_old_file_and_no_temporary_one(tmp_path, monkeypatch):
    file = tmp_path / "a.json"
    write_whole(file, b"old")
    monkeypatch.setattr(files.os, "fsync", fail_with(errno.ENOSPC))
    with pytest.raises(MachineError) as raised:
        write_whole(file, b"new")
    assert str(raised.value) == (
        f"the disk is full: {file} could not be written; make room, or choose another --runs-dir"
    )
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.EROFS, "can't be written: Read-only file system; choose another --runs-dir"),
        (errno.EACCES, "can't be written: Permission denied; choose another --runs-dir"),
        (errno.EIO, "can't be written: Input/output error"),
    ],
)
def test_the_systems_reason_is_told(tmp_path, monkeypatch, number, text):
    monkeypatch.setattr(files.os, "fsync", fail_with(number))
    with pytest.raises(MachineError) as raised:
        write_whole(tmp_path / "x", b"")
    assert str(raised.value) == f"{tmp_path / 'x'} {text}"


def test_a_disk_that_fills_during_training_fails_the_run_and_keeps_its_history(
    write_config, tmp_path, monkeypatch
):
    from nntrain.run.directory import RunDirectory

    append = RunDirectory.append_history

    def full_after_two(run, row):
        if row["epoch"] == 3:
            monkeypatch.setattr(files.os, "fsync", fail_with(errno.ENOSPC))
        append(run, row)

    monkeypatch.setattr(RunDirectory, "append_history", full_after_two)
    with pytest.raises(MachineError) as raised:
        fit(load_config(write_config()), tmp_path / "runs")
    (run,) = (tmp_path / "runs" / "blobs").iterdir()
    assert str(raised.value).startswith(f"the disk is full: {run}/history.csv could not be written")
    assert (run / "history.csv").read_text().splitlines()[2].startswith("2,")
    assert not (run / "metrics.json").exists()
    assert [p.name for p in run.iterdir() if p.name.endswith(".tmp")] == []


def test_json_keeps_plain_lists_on_one_line_and_means_the_same():
    value = {"a": [1.5, None, "x, [y]"], "b": [[1, 2], [3, 4]], "c": [], "d": {"e": ["p  q", "r"]}}
    text = json_bytes(value).decode()
    assert json.loads(text) == value
    assert "[1, 2]" in text
    assert '"p  q", "r"]' in text


def test_a_name_that_is_no_utf_8_comes_back_from_json():
    value = {"folder": os.fsdecode(b"/srv/caf\xe9"), "name": "café"}
    assert json.loads(json_bytes(value)) == value
    assert json_bytes(value).decode() == '{\n  "folder": "/srv/caf\\udce9",\n  "name": "café"\n}\n'
