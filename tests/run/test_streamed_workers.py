"""Two processes train on a Parquet file of which each reads a stretch; one process is given the same batches."""

import sys

import numpy as np
import pyarrow
import pytest
import tensorflow as tf
from pyarrow import parquet

from nntrain import fit, load_config
from nntrain.distribution.local import launch
from nntrain.training.shares import Share
from nntrain.training.sources import Block
from nntrain.training.stored import FromFile
from tests.run.test_workers import history, state, the_run

CONFIG = """\
name: pair
seed: 3
data:
  type: parquet
  path: rows.parquet
  target: y
  sample_weight: w
  streaming: true
  split: {validation: 0.2, test: 0.1}
  preprocess: {numeric: {scale: standard}}
model:
  layers:
    - {name: plain, type: Dense, units: 8, activation: relu, kernel_regularizer: l2, inputs: features}
    - {name: level, type: Discretization, bin_boundaries: [-1, 0, 1, 2], inputs: features}
    - {name: looked_up, type: Embedding, input_dim: 5, output_dim: 4, inputs: level}
    - {name: flat, type: Flatten, inputs: looked_up}
    - {name: both, type: Concatenate, inputs: [plain, flat]}
    - {name: y, type: Dense, units: 1, inputs: both}
training:
  loss: mse
  metrics: [mae]
  optimizer: {type: Adam, learning_rate: 0.02, clipnorm: 0.5}
  epochs: 4
  batch_size: 14
"""
"""Of 601 rows 433 are learnt from: each worker has 7 rows of a batch, and of an epoch's last one has 6, one 7.
Every row looks up some of five vectors, whose gradients have many slices of each."""
CHUNK = 50
"""Rows that are read at once, so that each worker has pools of several chunks."""
SCRIPT = """\
import os; os.chdir({folder!r})
from nntrain.data.streaming import features
features.CHUNK_ROWS = {chunk}
from nntrain.cli.main import main
main()
"""


class OfBoth:
    """What two workers learn from, for one process: of every batch first the one's rows, then the other's."""

    def __init__(self, *told):
        self.parts = [FromFile(*told, share=Share(worker, 2)) for worker in range(2)]
        self.layout, self.count, self._batch = self.parts[0].layout, self.parts[0].count, told[1]

    def epoch(self, number, done=0):
        for one, other in zip(*(part.epoch(number, done) for part in self.parts), strict=True):
            assert (one.first, one.steps) == (other.first, other.steps)
            tensors = [tf.concat(pair, 0) for pair in zip(one.tensors, other.tensors, strict=True)]
            behind = np.where(other.order >= 0, other.order + len(one.tensors[0]), -1)
            both = np.maximum(one.order, behind)  # each row is one worker's, and -1 to the other
            assert (both >= 0).all()
            yield Block(tensors, tf.constant(both, tf.int64), one.first, one.steps)


@pytest.fixture
def folder(tmp_path):
    x = np.random.default_rng(0).normal(size=(601, 3))
    columns = {f"x{i}": x[:, i] for i in range(3)} | {"y": np.sin(x[:, 0]) + x[:, 1] * x[:, 2]}
    columns["w"] = np.linspace(0.5, 2, 601)
    parquet.write_table(pyarrow.table(columns), tmp_path / "rows.parquet")
    (tmp_path / "pair.yaml").write_text(CONFIG)
    return tmp_path


def test_two_workers_learn_from_a_file_what_one_process_learns_from_their_batches(folder, monkeypatch):
    script = SCRIPT.format(folder=str(folder), chunk=CHUNK)
    command = ["fit", "pair.yaml", "training.distribute=workers", "--runs-dir", "both", "-q"]
    assert launch(2, [sys.executable, "-c", script, *command], lambda line: None).code == 0
    monkeypatch.setattr("nntrain.data.streaming.features.CHUNK_ROWS", CHUNK)
    monkeypatch.setattr(
        "nntrain.training.train.from_file",
        lambda rows, recipe, _: OfBoth(rows, recipe.batch_size, recipe.seed, recipe.shuffle),
    )
    monkeypatch.chdir(folder)
    alone = fit(load_config("pair.yaml"), "alone").path
    ours, theirs = state(the_run(folder / "both")), state(alone)
    assert ours.keys() == theirs.keys()
    for name in ours:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-5, atol=1e-5, err_msg=name)
    for row, expected in zip(history(the_run(folder / "both")), history(alone), strict=True):
        assert row == pytest.approx(expected, rel=1e-5)
