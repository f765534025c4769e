"""Scripts of other sources, trained here: what they print are the scores of the run."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.benchmarks.eject_parity import difference

pytest.importorskip("pandas", reason="scripts read tables by pandas: pip install pandas")
ROUNDED = 1.01e-4
"""Scripts print four digits behind the point."""

TWO = """\
name: two
seed: 4
data:
  type: csv
  path: rows.csv
  inputs: {words: [said], rest: [size, age, kind, street, note, grade]}
  targets: {cost: cost, state: state}
  dates: []
  sample_weight: trust
  split: {test: 0.2, fold: 2/4}
  preprocess:
    numeric: {impute: median, flag_missing: true, scale: standard}
    categorical: {impute: none given, unknown: zeros}
    columns:
      said: {text: {min_count: 2, empty: keep}}
      note: {text: {output: tf_idf, empty: keep}}
      size: {clip: [0, 9], log: true, scale: robust}
      grade: {encode: ordinal, unknown: own}
      street: {encode: hashing, bins: 5}
model:
  layers:
    - {name: vectors, type: Embedding, input_dim: "${data.vocabulary}", output_dim: 3, inputs: words}
    - {name: mean, type: GlobalAveragePooling1D, inputs: vectors}
    - {name: both, type: Concatenate, inputs: [mean, rest]}
    - {name: cost, type: Dense, units: 1, inputs: both}
    - {name: state, type: Dense, units: 1, activation: sigmoid, inputs: both}
  outputs: [cost, state]
training:
  loss: {cost: mean_squared_error, state: binary_crossentropy}
  loss_weights: {cost: 0.5, state: 1}
  optimizer: {type: Adam, learning_rate: 0.05}
  epochs: 2
  batch_size: 16
"""
SERIES = """\
name: tides
seed: 2
data:
  type: series
  path: rows.csv
  target: level
  time: day
  group: port
  window: 4
  horizon: 2
  split: {validation: 0.2, test: 0.2}
  preprocess: {numeric: {scale: min_max}}
model: {layers: [Flatten, {type: Dense, units: 1}]}
training: {loss: mean_squared_error, optimizer: {type: Adam, learning_rate: 0.05}, epochs: 3, batch_size: 8}
"""
MASKS = """\
name: marks
seed: 2
data: {type: images, task: segmentation, path: images, masks: masks, class_names: [ground, mark], split: {validation: 0.2, test: 0.2}, preprocess: {image: {resize: [6, 6]}, numeric: {scale: rescale, range: [0, 255]}}}
model: {layers: [{type: Conv2D, filters: 1, kernel_size: 3, padding: same, activation: sigmoid}]}
training: {loss: binary_crossentropy, optimizer: {type: Adam, learning_rate: 0.05}, epochs: 2, batch_size: 4}
"""
DRAWN = """\
name: drawn
seed: 6
data:
  type: csv
  path: rows.csv
  target: kind
  drop: [said, note, street, trust, state, grade]
  split: {validation: 0.2, test: 0.2, by_group: port}
  preprocess: {numeric: {impute: mean, scale: standard}}
model: {layers: [{type: Dense, units: 3, activation: softmax}]}
training: {loss: sparse_categorical_crossentropy, resample: over, epochs: 2, batch_size: 16}
"""


BOXES = """\
name: boxes
seed: 3
data:
  type: images
  list: list.csv
  targets: {kind: kind, box: [left, top, right, bottom]}
  split: {validation: 0.2, test: 0.25, by_group: scene}
  preprocess: {image: {resize: 6}, numeric: {scale: rescale, range: [0, 255]}}
model:
  layers:
    - {type: Conv2D, filters: 2, kernel_size: 3, trainable: false, kernel_initializer: {type: ImageKernel, kernels: [emboss, [[0, 1, 0], [1, 2, 1], [0, 1, 0]]]}}
    - {name: flat, type: Flatten}
    - {name: kind, type: Dense, units: 2, activation: softmax, inputs: flat}
    - {name: box, type: Dense, units: 4, activation: identity, inputs: flat}
  outputs: [kind, box]
training:
  loss: {kind: sparse_categorical_crossentropy, box: mean_squared_error}
  metrics: {box: [BoxIoU]}
  optimizer: {type: Adam, learning_rate: 0.05}
  rows: 20
  epochs: 2
  batch_size: 8
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_rows(rows=96):
    random = np.random.default_rng(3)
    words = np.array(["It's", "Old", "new,", "(red)", "NA", "blue!"])
    names = "size,age,kind,street,note,grade,said,trust,port,cost,state"
    lines = [names]
    for i in range(rows):
        size = "" if random.random() < 0.1 else f"{random.exponential(4):.2f}"
        said = " ".join(random.choice(words, random.integers(0, 5))).replace(",", ";")
        kind, grade = random.choice(["a", "b", "c"], p=[0.5, 0.3, 0.2]), random.choice(["A", "B", ""])
        place = f"street {i % 7},{said},{grade},{said},{random.random():.2f},p{i % 8}"
        lines.append(
            f"{size},{i % 13},{kind},{place},{i / rows + random.random():.3f},{random.choice(['no', 'off'])}"
        )
    Path("rows.csv").write_text("\n".join(lines) + "\n")


def away(folder, text):
    (folder / "c.yaml").write_text(text)
    found, largest = difference(folder / "c.yaml", folder)
    assert found
    return largest


def test_two_inputs_and_outputs_with_words_columns_weights_and_folds(here):
    write_rows()
    assert away(here, TWO) < ROUNDED


def test_groups_and_classes_drawn_anew(here):
    write_rows()
    assert away(here, DRAWN) < ROUNDED


def test_windows_of_several_series(here):
    lines = ["port,day,level"]
    for day in range(40):
        lines += [f"{port},{day},{np.sin(day + n):.3f}" for n, port in enumerate("xy")]
    (here / "rows.csv").write_text("\n".join(lines) + "\n")
    assert away(here, SERIES) < ROUNDED


def test_masks(here):
    random = np.random.default_rng(5)
    for folder in ("images", "masks"):
        (here / folder).mkdir()
    for i in range(20):
        mask = np.zeros((8, 8), np.uint8)
        mask[i % 4 : i % 4 + 4, 2:6] = 255
        Image.fromarray(mask // 2 + random.integers(0, 90, (8, 8), np.uint8)).save(
            here / f"images/{i:02}.png"
        )
        Image.fromarray(mask).save(here / f"masks/{i:02}.png")
    assert away(here, MASKS) < ROUNDED


def test_a_list_of_coloured_images_with_boxes_kernels_and_fewer_rows(here):
    random = np.random.default_rng(5)
    lines = ["file,kind,left,top,right,bottom,scene"]
    for i in range(48):
        Image.fromarray(random.integers(0, 256, (9, 8, 3), np.uint8)).save(here / f"{i}.png")
        left, top = random.random(2) / 2
        lines.append(f"{i}.png,{'ab'[i % 2]},{left:.2f},{top:.2f},{left + 0.4:.2f},{top + 0.5:.2f},0{i % 9}")
    (here / "list.csv").write_text("\n".join(lines) + "\n")
    assert away(here, BOXES) < ROUNDED


def test_sequences_and_their_labels(here):
    rows = [{"x": [1 + i % 5] * (1 + i % 4), "y": "up" if i % 5 > 2 else "down"} for i in range(60)]
    (here / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    text = (
        "name: s\ndata: {type: sequences, path: rows.jsonl, padding: pre, split: {validation: 0, test: 0.3}}\n"
        'model: {layers: [{type: Embedding, input_dim: "${data.vocabulary}", output_dim: 2}, '
        "GlobalAveragePooling1D, {type: Dense, units: 1, activation: sigmoid}]}\n"
        "training: {loss: binary_crossentropy, epochs: 2, shuffle: false}\n"
    )
    assert away(here, text) < ROUNDED
