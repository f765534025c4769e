"""`fit` from Python: what a run holds, and that its numbers can be had again."""

import csv
import json
import math

import keras
import numpy as np
import pytest
import yaml

from nntrain import evaluate, fit, load_config
from nntrain.errors import ConfigError, DataError, DivergedError, MachineError
from tests.conftest import BLOBS


def record(path):
    return json.loads((path / "run.json").read_text())


def history(path):
    with (path / "history.csv").open() as stream:
        return list(csv.DictReader(stream))


def test_a_run_learns_and_says_what_it_is(finished_run):
    run = record(finished_run.path)
    assert run["status"] == "finished"
    assert run["schema"] == "nntrain.run/1"
    assert run["seed"] == 3
    assert run["data"]["rows"] == {"train": 72, "validation": 18, "test": 30}
    assert run["parameters"] == 2 * 8 + 8 + 8 * 3 + 3
    assert set(run["versions"]) == {"python", "nntrain", "tensorflow", "keras", "numpy", "scikit-learn"}
    assert all(run["versions"].values())
    assert run["device"].startswith(("CPU", "GPU"))
    assert set(run["timings"]) == {
        "start", "import_tensorflow", "prepare", "train", "evaluate", "report", "epochs", "total",
    }  # fmt: skip
    assert len(run["timings"]["epochs"]) == run["epochs"] == 5
    assert finished_run.result.scores["test"].model.accuracy > 0.9


def test_a_run_holds_every_file_and_nothing_temporary(finished_run):
    files = {str(p.relative_to(finished_run.path)) for p in finished_run.path.rglob("*") if p.is_file()}
    files = {name for name in files if not name.startswith(("evaluations/", "checkpoint/"))}
    assert files == {
        "config.yaml", "resolved.yaml", "run.json", "history.csv", "preprocess.json", "model.keras",
        "weights.safetensors", "manifest.json", "metrics.json", "predictions.csv", "log.txt", "plots/history.png",
        "plots/history.svg", "plots/confusion_test.png", "plots/confusion_test.svg", "pictures.npz", ".lock",
    }  # fmt: skip
    assert (finished_run.path / "config.yaml").read_text() == BLOBS
    for picture in finished_run.path.glob("plots/*.png"):
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.with_suffix(".svg").read_text().startswith("<?xml")


def test_latest_links_lead_to_the_run(finished_run):
    assert (finished_run.runs / "latest").resolve() == finished_run.path.resolve()
    assert (finished_run.runs / "blobs" / "latest").resolve() == finished_run.path.resolve()


def test_history_has_a_row_an_epoch_without_times(finished_run):
    rows = history(finished_run.path)
    assert list(rows[0]) == ["epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"]
    assert [row["epoch"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert {row["learning_rate"] for row in rows} == {"0.05"}
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])


def test_metrics_are_those_of_the_predictions_file(finished_run):
    with (finished_run.path / "predictions.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    scores = json.loads((finished_run.path / "metrics.json").read_text())["splits"]["test"]
    assert len(rows) == scores["rows"] == 30
    assert np.mean([row["actual"] == row["predicted"] for row in rows]) == pytest.approx(scores["accuracy"])
    right = [float(row[f"p({row['actual']})"]) for row in rows]
    assert np.mean([-math.log(p) for p in right]) == pytest.approx(scores["log_loss"], abs=1e-4)


def test_the_resolved_config_loads_to_the_same_config(finished_run):
    again = load_config(finished_run.path / "resolved.yaml")
    assert again.plain() == load_config(finished_run.config).plain()
    assert yaml.safe_load((finished_run.path / "resolved.yaml").read_text())["training"]["shuffle"] is True


def test_the_saved_model_opens_in_plain_keras_and_predicts_the_same(finished_run):
    model = keras.models.load_model(finished_run.path / "model.keras")
    scores = json.loads((finished_run.path / "metrics.json").read_text())["splits"]["test"]
    assert model.count_params() == record(finished_run.path)["parameters"]
    assert model.output_shape == (None, 3)
    assert scores["rows"] == 30


def test_same_seed_gives_the_same_bytes(write_config, tmp_path):
    config = load_config(write_config())
    first, second = (fit(config, tmp_path / name).path for name in ("a", "b"))
    for name in ("history.csv", "metrics.json", "predictions.csv", "preprocess.json", "resolved.yaml"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name
    other = fit(load_config(config.origin.file, ["seed=4"]), tmp_path / "c").path
    assert (first / "history.csv").read_bytes() != (other / "history.csv").read_bytes()


def test_overrides_are_trained_and_recorded(write_config, tmp_path):
    config = load_config(write_config(), ["training.epochs=2", "model.layers.0.units=4"])
    run = fit(config, tmp_path / "runs").path
    assert len(history(run)) == 2
    assert record(run)["config"]["overrides"] == ["training.epochs=2", "model.layers.0.units=4"]
    assert yaml.safe_load((run / "resolved.yaml").read_text())["model"]["layers"][0]["units"] == 4
    assert (run / "config.yaml").read_text() == BLOBS


def test_early_stopping_keeps_the_weights_of_the_best_epoch(write_config, tmp_path):
    overrides = ["training.epochs=60", "training.early_stopping.patience=3"]
    done = fit(load_config(write_config(), overrides), tmp_path / "runs")
    losses = [row["val_loss"] for row in done.history]
    assert done.best_epoch == losses.index(min(losses)) + 1
    assert len(losses) == 60 or len(losses) == done.best_epoch + 3
    assert done.scores["validation"].model.log_loss == pytest.approx(min(losses), rel=1e-4)


def test_without_held_out_rows_the_scores_are_called_training_scores(write_config, tmp_path):
    config = load_config(write_config(), ["data.split.validation=0", "data.split.test=0"])
    done = fit(config, tmp_path / "runs")
    assert list(done.scores) == ["training"]
    assert "val_loss" not in done.history[0]


def test_two_runs_of_one_second_get_two_directories(tmp_path):
    from datetime import datetime

    from nntrain.run.directory import RunDirectory

    now = datetime(2026, 1, 2, 3, 4, 5)
    paths = [RunDirectory.create(tmp_path, "x", {}, now).path.name for _ in range(3)]
    assert paths == ["2026-01-02_03-04-05", "2026-01-02_03-04-05-2", "2026-01-02_03-04-05-3"]


def test_a_loss_that_is_no_number_fails_the_run_and_keeps_the_last_good_weights(write_config, tmp_path):
    text = BLOBS.replace("{type: Adam, learning_rate: 0.05}", "{type: SGD, learning_rate: SCHEDULE}").replace(
        "SCHEDULE", "{type: PiecewiseConstantDecay, boundaries: [9], values: [0.1, 1e38]}"
    )
    with pytest.raises(DivergedError) as raised:
        fit(load_config(write_config(text)), tmp_path / "runs")
    (run,) = (tmp_path / "runs" / "blobs").iterdir()
    message = str(raised.value)
    assert message.startswith("the loss became nan in step ")
    assert " of epoch 3, at learning rate 1e+38; the weights after epoch 2 are in " in message
    assert message.endswith(
        f"{run}/last_epoch.keras. Lower training.optimizer.learning_rate, or set clipnorm: 1 on the optimizer"
    )
    assert record(run)["status"] == "failed"
    assert record(run)["failure"] == {"exit": 6, "message": message}
    assert len(history(run)) == 2
    weights = keras.models.load_model(run / "last_epoch.keras").get_weights()
    assert all(np.isfinite(w).all() for w in weights)
    assert not (run / "metrics.json").exists()
    assert not (run / "model.keras").exists()
    assert not (tmp_path / "runs" / "latest").exists()


def test_bad_data_leaves_nothing_behind(write_config, tmp_path):
    text = BLOBS.split("data:")[0] + (
        "data: {type: csv, path: nothing.csv, target: y}\n"
        "model: {layers: [{type: Dense, units: 2, activation: softmax}]}\n"
        "training: {loss: sparse_categorical_crossentropy, epochs: 1}\n"
    )
    with pytest.raises(DataError):
        fit(load_config(write_config(text)), tmp_path / "runs")
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_misfit_is_a_config_error_with_its_line(write_config, tmp_path):
    path = write_config(BLOBS.replace("units: 3", "units: 2"))
    with pytest.raises(ConfigError) as raised:
        fit(load_config(path), tmp_path / "runs")
    assert str(raised.value) == (
        f"{path}: 1 problem\n\n"
        "15:28 model.layers[2].units: the data have 3 classes (0, 1, 2), and the network has 2 outputs: use 3 units\n"
        "  15 |     - {type: Dense, units: 2, activation: softmax}\n"
        "                                  ^"
    )
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_runs_folder_that_is_a_file_is_found_before_anything_is_read(write_config, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x")
    with pytest.raises(MachineError) as raised:
        fit(load_config(write_config()), blocked)
    assert str(raised.value) == (f"{blocked} can't be made: a file is in the way; choose another --runs-dir")


def test_class_weights_by_name_are_checked_against_the_data(write_config, tmp_path):
    path = write_config(BLOBS + "  class_weight: {'0': 2.0, zero: 1.0}\n")
    with pytest.raises(ConfigError) as raised:
        fit(load_config(path), tmp_path / "runs")
    assert "the data have no class 'zero'; the classes are 0, 1, 2" in str(raised.value)


def test_a_run_keeps_what_its_baseline_knows(finished_run):
    assert record(finished_run.path)["targets"] == [
        {
            "name": "target",
            "task": "classification",
            "names": ["0", "1", "2"],
            "shape": [],
            "train_counts": [24, 24, 24],
        }
    ]


def test_a_model_that_is_worse_than_its_baseline_gets_a_word(tmp_path):
    config = tmp_path / "c.yaml"
    config.write_text(
        "data: {type: sklearn, name: make_regression, n_samples: 60, n_features: 2, n_informative: 2}\n"
        "model:\n"
        "  layers:\n"
        "    - {type: Dense, units: 1, bias_initializer: {type: Constant, value: 10000}}\n"
        "training: {loss: mse, optimizer: {type: SGD, learning_rate: 1e-9}, epochs: 1}\n"
    )
    done = fit(load_config(config), tmp_path / "runs")
    word = "on the test rows the model is worse than its baseline in MAE, RMSE, R2, MAPE"
    found, told = done.notes
    assert found.startswith("warning: feature 1 almost tells the target by itself: correlation 0.9949 ")
    assert told == word
    assert (done.path / "log.txt").read_text().count(word) == 1
    assert evaluate(done.path).notes == (word,)
    assert evaluate(done.path, split="training").notes == (word.replace("test", "training"),)


def test_a_good_model_gets_no_word_on_its_baseline(finished_run):
    assert finished_run.result.notes == ()


def test_evaluate_gives_the_numbers_of_fit(finished_run):
    scored = evaluate(finished_run.path)
    assert scored.scores.to_json() == finished_run.result.scores["test"].to_json()
    written = json.loads(scored.written.read_text())
    metrics = json.loads((finished_run.path / "metrics.json").read_text())
    assert written["splits"]["test"] == metrics["splits"]["test"]
    validation = evaluate(finished_run.path, split="validation").scores.to_json()
    assert validation == metrics["splits"]["validation"]


def test_an_interruption_while_scoring_keeps_epochs_and_weights(write_config, tmp_path, monkeypatch):
    from nntrain.run import completion as story
    from nntrain.run.signals import Interrupted

    def interrupted(session, experiment):
        raise KeyboardInterrupt

    monkeypatch.setattr(story, "_save_and_score", interrupted)
    with pytest.raises(Interrupted) as raised:
        fit(load_config(write_config(), ["training.epochs=2"]), tmp_path / "runs")
    (run,) = (tmp_path / "runs" / "blobs").iterdir()
    assert raised.value.message == f"stopped after epoch 2; go on with: nntrain resume {run}"
    assert record(run)["status"] == "interrupted"
    assert record(run)["epochs"] == 2
    assert keras.models.load_model(run / "last_epoch.keras").count_params() == 51
