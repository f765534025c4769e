"""A run on rows that stay in their file, from the config to the scores."""

import numpy as np
import pytest

from nntrain.config import load_config
from nntrain.errors import ConfigError
from nntrain.run.evaluate import evaluate
from nntrain.run.fit import fit

CONFIG = """
version: 1
name: t
data:
  type: npy
  x: x.npy
  y: y.npy
  task: classification
  streaming: true
  split: {validation: 0.2, test: 0.2}
  preprocess: {numeric: {scale: standard}}
model:
  layers:
    - {type: Dense, units: 2, activation: softmax}
training: {loss: sparse_categorical_crossentropy, metrics: [accuracy], epochs: 2, batch_size: 32}
"""


@pytest.fixture
def config(tmp_path):
    def made(*overrides):
        x = np.random.default_rng(0).normal(size=(400, 5))
        np.save(tmp_path / "x.npy", x)
        np.save(tmp_path / "y.npy", (x[:, 0] > 0).astype(np.int64))
        (tmp_path / "t.yaml").write_text(CONFIG)
        return load_config(tmp_path / "t.yaml", overrides)

    return made


def test_a_run_is_scored_and_evaluated_whether_its_rows_are_in_memory_or_not(config, tmp_path, monkeypatch):
    monkeypatch.setattr("nntrain.data.streaming.decide.HELD_OUT", 0)
    monkeypatch.setattr("nntrain.data.streaming.features.CHUNK_ROWS", 50)
    streamed = fit(config("training.shuffle=false"), tmp_path / "runs")
    held = fit(config("training.shuffle=false", "data.streaming=false"), tmp_path / "others")
    assert streamed.history == held.history
    assert streamed.outputs == held.outputs
    assert evaluate(streamed.path).outputs["target"] == streamed.outputs["target"]["test"]


def test_what_takes_keras_own_loop_or_all_rows_is_refused(config, tmp_path):
    told = []
    for override in ("training.engine=keras", "training.resample=over"):
        with pytest.raises(ConfigError) as caught:
            fit(config(override), tmp_path / "runs")
        told.append(caught.value.problems[0].message)
    assert told == [
        "rows that stay in their file take the compiled engine, and this is set; set data.streaming: false",
        "draws rows out of memory, and these stay in their file; use class_weight: balanced, or set "
        "data.streaming: false",
    ]
