"""A run on image files, and new folders of images for it."""

import shutil

import numpy as np
import pytest
from PIL import Image

from nntrain import fit, load_config
from nntrain.run.evaluate import evaluate

CONFIG = """\
name: bars
seed: 1
data:
  type: images
  path: bars
  split: {validation: 0.2, test: 0.2}
  preprocess: {numeric: {scale: rescale, range: [0, 255]}, image: {resize: [6, 6]}}
model:
  layers:
    - {type: Flatten}
    - {type: Dense, units: 2, activation: softmax}
training:
  loss: sparse_categorical_crossentropy
  metrics: [accuracy]
  epochs: 3
"""


def draw(folder, count):
    """Bright columns and bright rows."""
    random = np.random.default_rng(0)
    for kind in ("across", "down"):
        (folder / kind).mkdir(parents=True)
        for i in range(count):
            pixels = random.integers(0, 60, (6, 6), np.uint8)
            line = i % 6
            pixels[(line, slice(None)) if kind == "across" else (slice(None), line)] = 255
            Image.fromarray(pixels).save(folder / kind / f"{i}.png")


@pytest.fixture
def run(write_config, tmp_path, monkeypatch):
    monkeypatch.setenv("NNTRAIN_CACHE_HOME", str(tmp_path / "cache"))
    draw(tmp_path / "bars", 20)
    return fit(load_config(write_config(CONFIG, "bars.yaml")), tmp_path / "runs").path


def test_a_folder_called_like_a_split_is_not_taken_for_it(run, tmp_path):
    draw(tmp_path / "test", 3)
    first = evaluate(run)
    second = evaluate(run, data=tmp_path / "test")
    assert first.written.name == "test.json"
    assert second.written.name == "test_folder.json"
    assert first.scores.model.rows == 8
    assert second.scores.model.rows == 6


def test_a_run_knows_its_images_again(run, tmp_path):
    whole = evaluate(run, data=tmp_path / "bars")
    assert whole.scores.model.rows == 40
    shutil.copy(tmp_path / "bars/down/1.png", tmp_path / "bars/down/x.png")
    with pytest.raises(Exception, match="the data are not those that"):
        evaluate(run)
