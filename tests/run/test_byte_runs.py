"""Bytes or the floats they stand for: a run is the same to the last bit."""

import json

import numpy as np
import pytest

from nntrain import evaluate, fit, load_config
from nntrain.run.smoke import smoke

CLASSES = """\
name: images
seed: 3
data:
  type: npz
  path: t.npz
  split: {validation: 0.2, test: 0.25}
  preprocess: {numeric: {scale: rescale, range: [0, 255]}}
model:
  layers:
    - {type: Flatten}
    - {type: Dense, units: 8, activation: relu}
    - {type: Dropout, rate: 0.1}
    - {type: Dense, units: 2, activation: softmax}
training: {loss: sparse_categorical_crossentropy, optimizer: Adam, metrics: [accuracy], epochs: 2, batch_size: 16}
"""
GIVEN_BACK = """\
name: pictures
seed: 3
data:
  type: npz
  path: t.npz
  task: reconstruction
  split: {validation: 0.2, test: 0.25}
  preprocess: {numeric: {scale: min_max}}
model:
  layers:
    - {type: Flatten}
    - {type: Dense, units: 72, activation: sigmoid}
    - {type: Reshape, target_shape: [9, 8]}
training: {loss: mean_squared_error, optimizer: Adam, metrics: [mae], epochs: 2, batch_size: 16}
"""


@pytest.mark.parametrize("text", [CLASSES, GIVEN_BACK], ids=["classes", "reconstruction"])
def test_a_run_on_bytes_is_the_run_on_their_numbers(tmp_path, text):
    images = np.random.default_rng(0).integers(0, 256, (120, 9, 8), np.uint8)
    results = []
    for kind in (np.uint8, np.float64):
        folder = tmp_path / np.dtype(kind).name
        folder.mkdir()
        np.savez(folder / "t.npz", x=images.astype(kind), y=np.arange(120) % 2)
        (folder / "c.yaml").write_text(text)
        config = load_config(folder / "c.yaml")
        run = fit(config, folder / "runs").path
        metrics = json.loads((run / "metrics.json").read_text())
        for rows in ({"split": "training"}, {"data": folder / "t.npz"}):
            metrics[str([*rows])] = evaluate(run, **rows).scores.to_json()
        targets = json.loads((run / "run.json").read_text())["targets"]
        checks = smoke(config).to_json()
        tables = [(run / file).read_text() for file in ("history.csv", "predictions.csv")]
        results.append((metrics, targets, checks, tables))
    assert results[0] == results[1]
