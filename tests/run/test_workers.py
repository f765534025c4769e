"""Two processes on this machine train one network; one of them is stopped, then killed, and both go on.

One network has two parts that share nothing: what one process learns can be compared with in one of them, and
in the other all that is drawn by each worker for itself.
"""

import csv
import json
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from nntrain.distribution.local import launch

CONFIG = """\
name: pair
seed: 3
data:
  type: sklearn
  name: iris
  inputs: {sepal: [sepal length (cm), sepal width (cm)], petal: [petal length (cm)]}
  targets: {species: target, width: petal width (cm)}
  split: {validation: 0.2, test: 0.1}
  preprocess: {numeric: {scale: standard}}
model:
  layers:
    - {name: plain, type: Dense, units: 8, activation: relu, kernel_regularizer: l2, inputs: sepal}
    - {name: species, type: Dense, units: 3, activation: softmax, inputs: plain}
    - {name: drawn, type: Dense, units: 8, activation: relu, inputs: petal}
    - {name: shared, type: BatchNormalization, synchronized: true, inputs: drawn}
    - {name: dropped, type: Dropout, rate: 0.4, inputs: shared}
    - {name: width, type: Dense, units: 1, inputs: dropped}
  outputs: [species, width]
training:
  loss: {species: sparse_categorical_crossentropy, width: mean_squared_error}
  metrics: {species: [accuracy], width: [mae]}
  optimizer: {type: Adam, learning_rate: 0.02}
  callbacks: [{type: ReduceLROnPlateau, monitor: val_species_loss, patience: 1}]
  epochs: 8
  batch_size: 16
"""
"""105 rows: the last batch of an epoch has 9, which two workers share as 4 and 5."""


def launched(folder, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-m", "nntrain", "launch", "--workers", "2", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", **environment},
        timeout=600,
        check=False,
    )
    return SimpleNamespace(code=done.returncode, out=done.stdout, err=done.stderr)


def the_run(runs):
    (run,) = (path.parent for path in runs.glob("pair/2*/run.json"))
    return run


def state(run):
    """The weights of the newest checkpoint by name."""
    newest = max((run / "checkpoint").iterdir())
    names = json.loads((newest / "state.json").read_text())["described"]["weights"]
    with np.load(newest / "arrays.npz") as arrays:
        return {name: arrays[f"weights/{i:04}"] for i, (name, *_) in enumerate(names)}


def history(run):
    with (run / "history.csv").open() as stream:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(stream)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("workers")
    (path / "pair.yaml").write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def straight(folder):
    done = launched(folder, "pair.yaml", "--runs-dir", "straight", "--json")
    assert done.code == 0, done.err
    return SimpleNamespace(path=the_run(folder / "straight"), **vars(done))


STOPS = """\
import os, signal
from nntrain.training import pace, watch
pace.SLICE = 0.0  # a step a call
told = watch.Watch.advanced
def advanced(self, step, loss):
    told(self, step, loss)
    if (self._epoch, step) == (3, 4) and '"index": 1' in os.environ["TF_CONFIG"]:
        os.kill(os.getpid(), signal.SIGTERM)
watch.Watch.advanced = advanced
from nntrain.cli.main import main
main()
"""


@pytest.fixture(scope="module")
def stopped(folder):
    """Worker 1 is asked to end after step 4 of epoch 3."""
    command = ["fit", "pair.yaml", "training.distribute=workers", "--runs-dir", "stopped"]
    script = f"import os; os.chdir({str(folder)!r})\n{STOPS}"
    code = launch(2, [sys.executable, "-c", script, *command], lambda line: None).code
    run = the_run(folder / "stopped")
    return SimpleNamespace(path=run, code=code, record=json.loads((run / "run.json").read_text()))


@pytest.fixture(scope="module")
def killed(folder, stopped):
    """Worker 1 dies after epoch 4, as `kill -9` does it: the second that it trained since it went on."""
    begin = stopped.path.relative_to(folder)
    done = launched(folder, "--resume", begin, NNTRAIN_FAILPOINT="worker.epoch:2")
    run = stopped.path
    return SimpleNamespace(
        path=run, record=json.loads((run / "run.json").read_text()), rows=history(run), **vars(done)
    )


@pytest.fixture(scope="module")
def resumed(folder, killed):
    done = launched(folder, "--resume", killed.path.relative_to(folder))
    assert done.code == 0, done.err
    return SimpleNamespace(path=killed.path, **vars(done))


def test_two_workers_learn_what_one_process_learns(straight, folder):
    from nntrain import fit, load_config

    alone = fit(load_config(folder / "pair.yaml"), folder / "alone").path
    ours, theirs = state(straight.path), state(alone)
    of_one = [name for name in ours if name.startswith(("plain/", "species/"))]
    assert len(of_one) == 4
    for name in of_one:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5, atol=1e-5)
    for row, expected in zip(history(straight.path), history(alone), strict=True):
        for name in ("species_loss", "species_accuracy", "val_species_loss", "val_species_accuracy"):
            assert row[name] == pytest.approx(expected[name], rel=1e-5)


def test_one_run_is_written_and_its_result_is_printed_once(straight, folder):
    printed = json.loads(straight.out)
    assert printed["ok"]
    assert printed["command"] == "fit"
    record = json.loads((straight.path / "run.json").read_text())
    assert record["status"] == "finished"
    assert len(record["workers"]) == 2
    assert record["engine"]["replicas"] == 2
    assert "worker 1" not in straight.err


def test_a_stop_within_an_epoch_is_kept_with_what_all_have_summed_up(stopped):
    assert stopped.code == 130  # the first worker got no signal itself
    assert stopped.record["status"] == "interrupted"
    assert (stopped.path / "checkpoint" / "00002-0000004").is_dir()


def test_a_worker_that_is_gone_ends_all_with_its_name(killed):
    assert killed.code == 7
    told = re.search(
        r"worker 1 \(127\.0\.0\.1:\d+\) ended before the others had trained; "
        r"go on with: nntrain launch --workers 2 --resume (\S+)",
        killed.err,
    )
    assert told
    assert killed.path.as_posix().endswith(told[1])
    assert killed.record["status"] == "failed"
    assert killed.record["failure"] == {"exit": 7, "message": told[0]}
    assert len(killed.rows) in {3, 4}  # of the epoch in which it ended, the chief may not have written yet


def test_both_go_on_to_the_bits_of_workers_that_never_stopped(straight, resumed):
    assert history(resumed.path) == history(straight.path)
    weights = [(run / "weights.safetensors").read_bytes() for run in (resumed.path, straight.path)]
    assert weights[0] == weights[1]
    scores = [json.loads((run / "metrics.json").read_text()) for run in (resumed.path, straight.path)]
    assert scores[0] == scores[1]
