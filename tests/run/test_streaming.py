"""A run on rows that stay in their file, from the config to the scores."""

import numpy as np
import pytest
from pyarrow import csv, parquet

from nntrain.config import load_config
from nntrain.errors import ConfigError
from nntrain.run.evaluate import evaluate
from nntrain.run.fit import fit
from nntrain.run.folds import fit_folds

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


def test_what_takes_keras_own_loop_is_refused(config, tmp_path):
    with pytest.raises(ConfigError) as caught:
        fit(config("training.engine=keras"), tmp_path / "runs")
    assert caught.value.problems[0].message == (
        "rows that stay in their file take the compiled engine, and this is set; set data.streaming: false"
    )


def test_an_autoencoder_gives_back_rows_that_stay_in_their_file(config, tmp_path, monkeypatch):
    monkeypatch.setattr("nntrain.data.streaming.features.CHUNK_ROWS", 50)
    given = ["data.task=reconstruction", "data.y=null", "training.shuffle=false", "training.metrics=[mae]"]
    given += ["training.loss=mse", "model.layers=[{type: Dense, units: 5}]"]
    streamed = fit(config(*given), tmp_path / "runs")
    held = fit(config(*given, "data.streaming=false"), tmp_path / "others")
    assert streamed.history == held.history
    assert streamed.outputs == held.outputs


@pytest.mark.parametrize(
    "given",
    [
        ["training.class_weight=balanced"],
        ["training.class_weight={0: 3}"],
        ["training.resample=over"],
        ["training.resample=under"],
        ["training.early_stopping={monitor: val_loss, patience: 1}", "training.epochs=4"],
    ],
)
def test_weights_drawn_rows_and_early_stopping_are_those_of_rows_in_memory(
    given, config, tmp_path, monkeypatch
):
    monkeypatch.setattr("nntrain.data.streaming.decide.HELD_OUT", 0)
    monkeypatch.setattr("nntrain.data.streaming.features.CHUNK_ROWS", 50)
    streamed = fit(config("training.shuffle=false", *given), tmp_path / "runs")
    held = fit(config("training.shuffle=false", "data.streaming=false", *given), tmp_path / "others")
    assert streamed.history == held.history
    assert streamed.outputs == held.outputs


def test_folds_of_rows_that_stay_in_their_file(config, tmp_path):
    given = ["training.shuffle=false", "data.split={test: 0.2}"]
    streamed = fit_folds(config(*given), 2, tmp_path / "runs")
    held = fit_folds(config(*given, "data.streaming=false"), 2, tmp_path / "others")
    assert streamed.metrics() == held.metrics()


TABLE = """
version: 1
name: table
data:
  type: csv
  path: t.csv
  target: y
  streaming: true
  preprocess: {numeric: {scale: standard, impute: mean}, categorical: {unknown: zeros, impute: none}}
model:
  layers:
    - {type: Dense, units: 2, activation: softmax}
training: {loss: sparse_categorical_crossentropy, epochs: 2, batch_size: 32, shuffle: false}
"""


def test_a_csv_file_trains_the_same_weights_and_new_rows_may_stay_in_their_file(tmp_path, monkeypatch):
    monkeypatch.setenv("NNTRAIN_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("nntrain.data.streaming.features.CHUNK_ROWS", 50)
    draw = np.random.default_rng(0)
    rows = [
        f"{a:.5f},{draw.choice(['u', 'v', ''])},{draw.choice(['', '7'])},{'yes' if a > 0 else 'no'}"
        for a in draw.normal(size=400)
    ]
    text = "\n".join(["a,word,gaps,y", *rows]) + "\n"
    for name in ("t.csv", "new.csv"):
        (tmp_path / name).write_text(text)
    (tmp_path / "t.yaml").write_text(TABLE)
    nulls = csv.ConvertOptions(strings_can_be_null=True)
    parquet.write_table(
        csv.read_csv(tmp_path / "new.csv", convert_options=nulls), tmp_path / "new.parquet", row_group_size=70
    )
    streamed = fit(load_config(tmp_path / "t.yaml"), tmp_path / "runs")
    held = fit(load_config(tmp_path / "t.yaml", ["data.streaming=false"]), tmp_path / "others")
    assert streamed.history == held.history
    assert streamed.outputs == held.outputs
    new = [evaluate(run.path, data=tmp_path / "new.csv") for run in (streamed, held)]
    assert new[0].outputs == new[1].outputs
    assert "the rows stay in their file and are read in chunks (streaming: true)" in new[0].notes
    assert evaluate(streamed.path, data=tmp_path / "new.parquet").outputs == new[0].outputs
