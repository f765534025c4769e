"""A small training in which everything that a resume must put back is at work."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from nntrain.run.checkpoint.folder import committed
from nntrain.run.checkpoint.store import Store
from tests.reliability.forks import begun

CONFIG = """\
name: net
seed: 5
data:
  type: sklearn
  name: make_blobs
  n_samples: 90
  centers: 3
  cluster_std: 2.0
  split: {validation: 0.2, test: 0.2}
model:
  layers:
    - {type: GaussianNoise, stddev: 0.1}
    - {type: Dense, units: 6, activation: relu}
    - {type: BatchNormalization}
    - {type: Dropout, rate: 0.3}
    - {type: Dense, units: 3, activation: softmax}
training:
  loss: sparse_categorical_crossentropy
  optimizer: {type: Adam, learning_rate: 0.05}
  metrics: [accuracy]
  epochs: 4
  batch_size: 16
  early_stopping: {monitor: val_loss, patience: 3}
  callbacks:
    - {type: ReduceLROnPlateau, monitor: loss, patience: 1, min_delta: 0.5, factor: 0.5}
"""


def alone(arguments, folder: Path) -> subprocess.Popen[str]:
    """Start `nntrain` in a process of its own, with a checkpoint after every epoch."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.reliability.eager", *map(str, arguments)],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip


def command(arguments, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `nntrain`, begun as a fork, with a checkpoint after every epoch."""
    going = begun(arguments, folder, **environment)
    code = going.wait()
    return subprocess.CompletedProcess(arguments, code, going.stdout, going.stderr)


def only_run(folder: Path) -> Path:
    """The directory of the one run in a folder."""
    (run,) = (path for path in (folder / "runs" / "net").iterdir() if not path.is_symlink())
    return run


def digest(run: Path) -> dict[str, str]:
    """What two runs must have in common, to the last bit."""
    import keras

    model = keras.models.load_model(run / "model.keras")
    weights = hashlib.sha256(b"".join(np.asarray(w.numpy()).tobytes() for w in model.weights)).hexdigest()
    files = ("history.csv", "metrics.json", "predictions.csv", "preprocess.json", "resolved.yaml")
    return {"weights": weights, **{name: (run / name).read_text() for name in files}}


def kept(run: Path):
    """Where a run has checkpoints: 3 after the third epoch, (3, 5) after five steps of the fourth."""
    return [tuple(at) if at.step else at.epoch for at in committed(run)]


def record(run: Path):
    return json.loads((run / "run.json").read_text())


def history(run: Path):
    with (run / "history.csv").open() as stream:
        return list(csv.DictReader(stream))


def reopened(run, note):
    """The state that `resume` goes on from, once it has removed what never was whole or no longer is."""
    store = Store(run)
    found = store.newest(note)
    store.sweep()
    return found
