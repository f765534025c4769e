"""Ejected scripts, run here: the same outputs for the same rows as the run's own."""

import contextlib
import csv
import io
import os
import sys
from types import ModuleType

import numpy as np

from nntrain import fit, load_config
from nntrain.run.eject.eject import eject

WEIGHTED = """\
name: weighted
seed: 5
data: {type: npz, path: rows.npz, split: {validation: 0.2, test: 0.25}, preprocess: {numeric: {impute: median, clip: [0, null], log: true, scale: robust}}}
model:
  layers:
    - {name: first, type: Dense, units: 6, activation: relu}
    - {name: second, type: Dense, units: 6, activation: tanh}
    - {type: Add, inputs: [first, second]}
    - {type: Dropout, rate: 0.1}
    - {type: Dense, units: 1, activation: sigmoid}
training:
  loss: binary_crossentropy
  optimizer: {type: Adam, learning_rate: 0.05}
  epochs: 6
  batch_size: 16
  class_weight: balanced
  early_stopping: {monitor: val_loss, patience: 1}
  callbacks: [{type: ReduceLROnPlateau, monitor: val_loss, patience: 0}]
"""


def executed(script):
    """The names that a script leaves, and what it printed."""
    names, printed = {}, io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script, "train.py", "exec"), names)  # what a user would do with it
    return names, printed.getvalue()


def test_a_script_gives_the_outputs_of_the_run(finished_run):
    names, printed = executed(eject(str(finished_run.config)))
    with (finished_run.path / "predictions.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert names["test"].tolist() == [int(row["row"]) for row in rows]
    expected = np.array([[float(value) for key, value in row.items() if key[:2] == "p("] for row in rows])
    np.testing.assert_allclose(names["outputs"], expected, atol=1e-5)
    accuracy = finished_run.result.scores["test"].model.numbers()["accuracy"]
    assert f"\naccuracy {accuracy:.4f}\n" in printed


def test_a_run_is_ejected_as_its_config_is(finished_run):
    assert eject(str(finished_run.path)) == eject(str(finished_run.config))


class Noisy(ModuleType):
    """The module that brings TensorFlow, which tells the error stream about itself."""

    @property
    def eject(self):
        os.write(2, b"oneDNN custom operations are on\n")
        return "# {}".format


def test_what_tensorflow_says_as_it_is_imported_is_held_back(nntrain, monkeypatch):
    monkeypatch.setitem(sys.modules, "nntrain.run.eject.eject", Noisy("eject"))
    done = nntrain("eject", "c.yaml")
    assert (done.out, done.err) == ("# c.yaml\n", "")


def test_gaps_weights_branches_and_stopping_are_the_same_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(1)
    x, y = random.exponential(2, (160, 3)), random.integers(0, 3, 160) > 0
    x[:, 0] += 2 * y
    x[random.random(x.shape) < 0.1] = np.nan
    np.savez("rows.npz", x=x, y=y.astype(int))
    (tmp_path / "weighted.yaml").write_text(WEIGHTED)
    run = fit(load_config("weighted.yaml"), "runs")
    names, _ = executed(eject("weighted.yaml"))
    with (run.path / "predictions.csv").open() as file:
        expected = [float(row["p(1)"]) for row in csv.DictReader(file)]
    np.testing.assert_allclose(names["outputs"][:, 0], expected, atol=1e-5)
