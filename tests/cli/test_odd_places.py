"""Commands in folders whose names are no UTF-8, where results are written in strict UTF-8."""

import json
import os

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
