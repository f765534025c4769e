"""Paths that no file can have, folders where a file is to be written, and names that are no UTF-8."""

import json
import os
from pathlib import Path

import pytest

from tests.conftest import BLOBS

CAFE = os.fsdecode(b"caf\xe9")


def test_a_run_in_such_a_folder_is_trained_listed_and_scored(nntrain, tmp_path, monkeypatch):
    place = tmp_path / CAFE
    place.mkdir()
    (place / f"{CAFE}.yaml").write_text(BLOBS)
    monkeypatch.chdir(place)
    done = nntrain("fit", f"{CAFE}.yaml", "training.epochs=1", "-q", "--runs-dir", CAFE)
    assert (done.code, done.out[:21]) == (0, "wrote caf\\xe9/blobs/2")
    run = place / CAFE / "blobs" / "latest"
    record = json.loads((run / "run.json").read_bytes())
    assert (record["folder"], record["config"]["file"]) == (str(place), str(place / f"{CAFE}.yaml"))
    assert nntrain("evaluate", run, "-q").code == 0
    assert nntrain("report", run).code == 0
    (listed,) = json.loads(nntrain("runs", "--runs-dir", CAFE, "--json").out)["runs"]
    assert listed["run"].startswith(f"{CAFE}/blobs/")


def test_what_is_not_there_is_told_in_text(nntrain, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert nntrain("check", f"{CAFE}.yaml").err == "there is no file caf\\xe9.yaml\n"


LONG = "x" * 300
LAYERS = f"model.layers=[{', '.join(['{type: Dense, units: 3, activation: softmax}'] * 8)}]"


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", LONG],
        ["evaluate", LONG],
        ["diff", LONG, "blobs.yaml"],
        ["runs", LONG],
        ["schema", "--output", LONG],
        ["init", "cnn", "--output", LONG],
        ["fit", "blobs.yaml", "--junit", LONG],
    ],
)
def test_a_path_that_is_too_long_is_told(nntrain, arguments):
    done = nntrain(*arguments)
    assert (done.code, done.err) == (2, f"'{'x' * 60}...' is too long for the name of a file; name another\n")


def test_a_path_that_is_too_long_is_an_object_under_json(nntrain):
    found = json.loads(nntrain("show", LONG, "--json").out)
    assert (found["exit"], found["error"]["id"]) == (2, "usage")


def test_a_long_value_of_a_key_is_no_path(nntrain, write_config, tmp_path):
    write_config(BLOBS, "blobs.yaml")
    assert nntrain("check", "blobs.yaml", LAYERS, cwd=tmp_path).code == 0
    done = nntrain("fit", LAYERS, "--resume", "nowhere", cwd=tmp_path)
    assert (done.code, done.err) == (5, "there is no run at nowhere\n")


def test_a_folder_that_may_not_be_looked_into_is_told(nntrain, monkeypatch):
    def closed(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", closed)
    done = nntrain("show", "closed/run")
    assert (done.code, done.err) == (7, "'closed/run' may not be looked at: Permission denied\n")


@pytest.mark.parametrize("place", [".", "..", "/", "sub"])
@pytest.mark.parametrize("command", [["schema"], ["init", "cnn", "--force"]])
def test_a_folder_is_no_file_to_write(nntrain, tmp_path, command, place):
    (tmp_path / "sub").mkdir()
    done = nntrain(*command, "--output", place, cwd=tmp_path)
    assert (done.code, done.err) == (2, f"--output {place} is a folder; name a file in it\n")
    assert [file.name for file in tmp_path.iterdir()] == ["sub"]


def test_a_config_without_a_name_is_the_working_directory(nntrain):
    done = nntrain("check", "")
    assert (done.code, done.err) == (2, "the working directory is a folder; name a config file in it\n")
