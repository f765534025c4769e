"""Texts, sequences and series from the file to the scores of new rows."""

import json

import numpy as np
import pytest

from nntrain import evaluate, fit, load_config
from nntrain.errors import ConfigError

CLASSES = """\
model:
  layers:
    - {type: Embedding, input_dim: "${data.vocabulary}", output_dim: 4}
    - {type: GlobalAveragePooling1D}
    - {type: Dense, units: 1, activation: sigmoid}
training: {loss: binary_crossentropy, optimizer: {type: Adam, learning_rate: 0.1}, epochs: 20}
"""
NUMBERS = """\
model:
  layers:
    - {type: Flatten}
    - {type: Dense, units: 2}
training: {loss: mse, optimizer: {type: Adam, learning_rate: 0.05}, epochs: 30}
"""


def write_texts(folder, count):
    for name in ("good", "bad"):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            (folder / name / f"{i}.txt").write_text(f"This one is {name}, number {i}.")


def test_texts_in_folders_are_learnt_and_new_folders_scored(tmp_path):
    write_texts(tmp_path / "old", 40)
    write_texts(tmp_path / "new", 5)
    config = tmp_path / "c.yaml"
    config.write_text(f"data: {{type: text, path: old}}\n{CLASSES}")
    done = fit(load_config(config), tmp_path / "runs")
    assert done.scores["test"].model.accuracy == 1
    again = evaluate(done.path)
    assert again.scores.to_json() == done.scores["test"].to_json()
    new = evaluate(done.path, data=tmp_path / "new")
    assert (new.scores.model.rows, new.scores.model.accuracy) == (10, 1)
    assert new.written.name == "new.json"
    state = json.loads((done.path / "preprocess.json").read_text())["inputs"]["features"]
    assert state["text"]["words"][:4] == ["is", "number", "one", "this"]


def test_sequences_are_learnt_and_scored(tmp_path):
    rows = [{"x": [1 + i % 3, 4 + i % 2][: 1 + i % 2] + [4 + i % 2] * (i % 3), "y": i % 2} for i in range(60)]
    (tmp_path / "s.jsonl").write_text("\n".join(map(json.dumps, rows)))
    config = tmp_path / "c.yaml"
    config.write_text(f"data: {{type: sequences, path: s.jsonl}}\n{CLASSES}")
    done = fit(load_config(config), tmp_path / "runs")
    assert evaluate(done.path, data=tmp_path / "s.jsonl").scores.model.rows == 60


def test_a_forecast_of_several_steps_names_each(tmp_path):
    (tmp_path / "s.csv").write_text("hour,level\n" + "".join(f"{i},{i % 8}\n" for i in range(200)))
    config = tmp_path / "c.yaml"
    keys = "{type: series, path: s.csv, target: level, time: hour, window: 8, steps: 2}"
    config.write_text(f"data: {keys}\n{NUMBERS}")
    done = fit(load_config(config), tmp_path / "runs")
    scores = done.scores["test"].model
    assert scores.r2 > 0.9
    assert [column.name for column in scores.per_column] == ["level+1", "level+2"]
    new = evaluate(done.path, data=tmp_path / "s.csv").scores
    assert new.model.rows == 191
    assert new.baseline_name == done.scores["test"].baseline_name == "the last value, repeated"
    levels = np.arange(200) % 8
    gaps = [[abs(levels[i + 8 + step] - levels[i + 7]) for step in (0, 1)] for i in range(191)]
    assert new.baseline.mae == pytest.approx(np.mean(gaps))
    means, medians = new.others
    assert means.startswith("the means of the training targets, level+1 ")
    assert medians.startswith("the medians of the training targets, level+1 ")
    assert evaluate(done.path).scores.to_json() == done.scores["test"].to_json()


def test_columns_of_words_have_no_vocabulary_for_an_embedding(tmp_path):
    write_texts(tmp_path / "old", 10)
    config = tmp_path / "c.yaml"
    config.write_text(
        f"data: {{type: text, path: old, preprocess: {{text: {{output: multi_hot}}}}}}\n{CLASSES}"
    )
    with pytest.raises(ConfigError, match=r"the data have no data\.vocabulary; they have data\.classes"):
        fit(load_config(config), tmp_path / "runs")
