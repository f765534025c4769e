"""Runs as their files, made without training."""

import csv
import io
import json
import os

import pytest

from nntrain.run.directory import RunDirectory
from nntrain.run.files import json_bytes

TARGET = {
    "name": "target",
    "task": "classification",
    "names": ["a", "b"],
    "shape": [],
    "train_counts": [4, 4],
}
CONFIG = """\
version: 1
name: small
seed: 3
data: {type: sklearn, name: iris}
model:
  layers:
  - {type: Dense, units: 3, activation: softmax}
training:
  loss: sparse_categorical_crossentropy
  metrics:
  - accuracy
  epochs: 20
"""


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The folder of all runs, from where the user stands."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


@pytest.fixture
def make_run(runs):
    """Write a run that looks like one that was trained."""

    def make(
        path="small/2026-11-20_10-00-00",
        *,
        status="finished",
        scores=None,
        rows=None,
        config=CONFIG,
        **record,
    ):
        folder = runs / path
        folder.mkdir(parents=True)
        (folder / ".lock").touch()
        stamp = folder.name
        run = RunDirectory(folder)
        run.update(
            {
                "schema": "nntrain.run/1",
                "status": status,
                "name": folder.parent.name,
                "seed": 3,
                "started": f"{stamp[:10]}T{stamp[11:].replace('-', ':')[:8]}+00:00",
                "config": {"file": str(runs.parent / "small.yaml"), "files": [], "overrides": []},
                "data": {"source": "eight rows", "fingerprint": "f" * 64, "rows": {"train": 8, "test": 4}},
                "targets": [TARGET],
                "parameters": 15,
                "device": "CPU",
                "machine": {"host": "here"},
                "versions": {"nntrain": "1"},
                "timings": {"train": 1.5, "total": 4.0},
                **({"epochs": 20} if status == "finished" else {}),
                "process": os.getpid(),
                **record,
            }
        )
        run.write("resolved.yaml", config.encode())
        run.write("history.csv", b"epoch,loss,val_loss\n1,0.9,1\n2,0.5,0.7\n")
        if status == "finished":
            found = (
                {"test": {"rows": 4, "accuracy": 0.75, "average": "macro", "f1": 0.5}}
                if scores is None
                else scores
            )
            run.write_json("metrics.json", {"schema": "nntrain.metrics/1", "splits": found})
            run.write(
                "predictions.csv", table(rows or [(0, "a", "a"), (1, "b", "b"), (4, "a", "b"), (6, "b", "b")])
            )
        run.update({})
        return folder

    return make


def table(rows, header=("row", "actual", "predicted")):
    """The content of `predictions.csv`."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def change(folder, **changes):
    """Change the record of a run."""
    file = folder / "run.json"
    file.write_bytes(json_bytes({**json.loads(file.read_text()), **changes}))
