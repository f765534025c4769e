"""Runs in 16 bits: trained, saved, scored and rebuilt under the same precision."""

import csv
import json
import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain import evaluate, fit, load_config
from nntrain.run.experiment import load_weights, predictions, prepare
from nntrain.run.reading import read_data
from nntrain.run.smoke import smoke
from tests.conftest import BLOBS

MIXED = ("mixed_bfloat16", "mixed_float16")
WATCHED = BLOBS.replace("epochs: 5", "epochs: 8") + (
    "  callbacks: [{type: ReduceLROnPlateau, monitor: loss, patience: 0, min_delta: 10, factor: 0.5}]\n"
)
SCHEDULE = BLOBS.replace(
    "learning_rate: 0.05",
    "learning_rate: {type: ExponentialDecay, initial_learning_rate: 0.05, decay_steps: 5, decay_rate: 0.5}",
)


@pytest.fixture(autouse=True)
def as_before():
    yield
    keras.config.set_dtype_policy("float32")


def learnt(path):
    with (path / "history.csv").open() as stream:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(stream)]


@pytest.mark.parametrize("precision", MIXED)
def test_a_mixed_run_learns_is_saved_and_scores_the_same_again(precision, write_config, tmp_path):
    text = BLOBS + f"  precision: {precision}\n"
    done = fit(load_config(write_config(text)), tmp_path / "runs")
    record = json.loads((done.path / "run.json").read_text())
    assert record["precision"] == precision
    rows = learnt(done.path)
    assert all(math.isfinite(value) for row in rows for value in row.values())
    assert rows[-1]["loss"] < rows[0]["loss"]
    assert done.scores["test"].model.accuracy > 0.9
    keras.config.set_dtype_policy("float32")
    again = evaluate(done.path)
    assert again.scores.model.accuracy == done.scores["test"].model.accuracy
    assert again.scores.model.log_loss == done.scores["test"].model.log_loss


@pytest.mark.parametrize("precision", MIXED)
def test_predictions_of_a_mixed_network_are_float32_and_its_hidden_layers_are_not(
    precision, write_config, tmp_path
):
    config = load_config(write_config(BLOBS + f"  precision: {precision}\n"))
    done = fit(config, tmp_path / "runs")
    experiment = prepare(config, read_data(config))
    hidden, *_, last = experiment.model.layers
    assert hidden.compute_dtype == precision.removeprefix("mixed_")
    assert hidden.variable_dtype == last.variable_dtype == last.compute_dtype == "float32"
    load_weights(experiment.model, (done.path / "model.keras").read_bytes(), "model")
    given = predictions(config, experiment.model, experiment.dataset.train)["target"]
    assert given.dtype == np.float32
    np.testing.assert_allclose(given.sum(axis=1), 1, atol=1e-5)


def test_an_output_whose_layer_has_a_dtype_keeps_it_and_is_given_as_float32(write_config, tmp_path):
    text = BLOBS.replace("units: 3,", "units: 3, dtype: mixed_bfloat16,") + "  precision: mixed_bfloat16\n"
    config = load_config(write_config(text))
    fit(config, tmp_path / "runs")
    experiment = prepare(config, read_data(config))
    assert experiment.model.layers[-1].compute_dtype == "bfloat16"
    assert predictions(config, experiment.model, experiment.dataset.train)["target"].dtype == np.float32


@pytest.mark.parametrize("text", [WATCHED, SCHEDULE], ids=["ReduceLROnPlateau", "schedule"])
def test_with_loss_scaling_the_learning_rate_is_changed_and_recorded(text, write_config, tmp_path):
    plain = fit(load_config(write_config(text)), tmp_path / "runs")
    mixed = fit(load_config(write_config(text + "  precision: mixed_float16\n")), tmp_path / "mixed")
    rates = [row["learning_rate"] for row in learnt(mixed.path)]
    assert rates == [row["learning_rate"] for row in learnt(plain.path)]
    assert rates[-1] < rates[1] / 4
    saved = keras.saving.load_model(mixed.path / "model.keras")
    assert saved.optimizer.name == "loss_scale_optimizer"


def test_the_next_run_of_a_process_is_in_float32_again(write_config, tmp_path):
    fit(load_config(write_config(BLOBS + "  precision: mixed_bfloat16\n  tf32: true\n")), tmp_path / "runs")
    assert tf.config.experimental.tensor_float_32_execution_enabled()
    done = fit(load_config(write_config()), tmp_path / "runs")
    assert json.loads((done.path / "run.json").read_text())["precision"] == "float32"
    assert keras.config.dtype_policy().name == "float32"
    assert not tf.config.experimental.tensor_float_32_execution_enabled()


@pytest.mark.parametrize("precision", MIXED)
def test_a_smoke_test_finds_nothing_wrong_with_mixed_precision(precision, write_config):
    found = smoke(load_config(write_config(BLOBS + f"  precision: {precision}\n")))
    assert [(check.name, check.status) for check in found.checks] == [
        ("finite loss", "ok"),
        ("gradients", "ok"),
        ("loss falls", "ok"),
        ("save and load", "ok"),
    ]


def test_the_threads_that_computed_are_recorded(finished_run):
    threads = json.loads((finished_run.path / "run.json").read_text())["threads"]
    assert set(threads) == {"intra", "inter", "cores"}
    assert all(isinstance(count, int) and count >= 1 for count in threads.values())


def test_a_tiny_network_computes_with_one_thread_and_a_larger_one_with_all(process, write_config, tmp_path):
    wide = (
        BLOBS.replace("units: 8", "units: 4000")
        .replace("    - {type: Dropout", "    - {type: Dense, units: 2000}\n    - {type: Dropout")
        .replace("epochs: 5", "epochs: 1")
    )
    found = []
    for text in (BLOBS, wide):
        done = process(
            *("fit", write_config(text), "--device", "cpu", "--json"),
            cwd=tmp_path,
            TF_ENABLE_ONEDNN_OPTS="0",
        )
        assert done.code == 0, done.err
        record = json.loads((tmp_path / "runs/latest/run.json").read_text())
        assert record["onednn"] is False
        threads = record["threads"]
        found.append((threads["intra"], threads["inter"], threads["cores"]))
    cores = found[0][2]
    assert found == [(1, 1, cores), (cores, cores, cores)]
