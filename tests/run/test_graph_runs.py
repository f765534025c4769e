"""Runs of networks with several inputs and outputs, and of the other tasks, from fit to new rows."""

import csv
import hashlib
import json
import shutil
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import yaml
from sklearn.datasets import load_iris

from nntrain import evaluate, fit, load_config
from nntrain.errors import MachineError
from nntrain.run.pretrained import pretrained

COLUMNS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
FLOWERS = """\
version: 1
name: flowers
seed: 3
data:
  type: csv
  path: iris.csv
  inputs: {sepal: [sepal_length, sepal_width], petal: [petal_length]}
  targets: {species: kind, width: petal_width}
  split: {validation: 0.2, test: 0.2}
  preprocess: {numeric: {scale: standard}}
model:
  layers:
    - {name: s, type: Dense, units: 6, activation: relu, inputs: sepal}
    - {name: p, type: Dense, units: 6, activation: relu, inputs: petal}
    - {name: both, type: Concatenate, inputs: [s, p]}
    - {name: species, type: Dense, units: "${data.classes.species}", activation: softmax, inputs: both}
    - {name: width, type: Dense, units: 1, inputs: both}
  outputs: [species, width]
training:
  loss: {species: sparse_categorical_crossentropy, width: mse}
  loss_weights: {species: 1.0, width: 0.5}
  metrics: {species: [accuracy], width: [mae]}
  optimizer: {type: Adam, learning_rate: 0.03}
  epochs: 12
  batch_size: 16
"""


def write_iris(folder):
    """The flowers as rows with the name of their kind."""
    iris = load_iris()
    with (folder / "iris.csv").open("w", newline="") as stream:
        table = csv.writer(stream)
        table.writerow([*COLUMNS, "kind"])
        for row, label in zip(iris.data, iris.target, strict=True):
            table.writerow([*row, iris.target_names[label]])


@pytest.fixture
def flowers(tmp_path):
    """The config and its rows in a folder of their own."""
    write_iris(tmp_path)
    (tmp_path / "flowers.yaml").write_text(FLOWERS)
    return tmp_path


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """One run with two inputs and two outputs."""
    folder = tmp_path_factory.mktemp("graph")
    write_iris(folder)
    (folder / "flowers.yaml").write_text(FLOWERS)
    done = fit(load_config(folder / "flowers.yaml"), folder / "runs")
    return SimpleNamespace(folder=folder, done=done, path=done.path)


def table(file):
    with file.open(newline="") as stream:
        return list(csv.DictReader(stream))


def scores_of(outputs):
    return {name: scores.to_json() for name, scores in outputs.items()}


def run_of(folder, text, *overrides):
    file = folder / "c.yaml"
    file.write_text(text)
    return fit(load_config(file, list(overrides)), folder / "runs")


def test_evaluate_gives_the_numbers_of_fit_for_each_output(trained):
    for split in ("validation", "test"):
        again = scores_of(evaluate(trained.path, split=split).outputs)
        told = {name: splits[split].to_json() for name, splits in trained.done.outputs.items()}
        assert again == told
        assert told["species"]["accuracy"] > told["species"]["baseline"]["accuracy"] + 0.2
        assert told["width"]["r2"] > 0.5


def test_history_names_the_output_of_each_column(trained):
    kinds = ["species_accuracy", "species_loss", "width_loss", "width_mae"]
    (first, *_) = table(trained.path / "history.csv")
    assert sorted(first) == sorted(
        ["epoch", "loss", *kinds, "val_loss", *(f"val_{kind}" for kind in kinds), "learning_rate"]
    )
    total = float(first["species_loss"]) + 0.5 * float(first["width_loss"])
    assert float(first["loss"]) == pytest.approx(total, rel=1e-4)


def test_metrics_are_written_for_each_output(trained):
    metrics = json.loads((trained.path / "metrics.json").read_text())
    assert metrics["outputs"]["species"] == {
        "task": "classification",
        "classes": ["setosa", "versicolor", "virginica"],
    }
    assert metrics["outputs"]["width"]["task"] == "regression"
    assert metrics["splits"]["test"]["outputs"] == {
        name: splits["test"].to_json() for name, splits in trained.done.outputs.items()
    }


def test_predictions_have_columns_for_each_output_that_agree_with_its_scores(trained):
    rows = table(trained.path / "predictions.csv")
    assert list(rows[0]) == [
        "row", "species.actual", "species.predicted", "species.p(setosa)", "species.p(versicolor)",
        "species.p(virginica)", "width.actual", "width.predicted",
    ]  # fmt: skip
    right = np.mean([row["species.actual"] == row["species.predicted"] for row in rows])
    assert right == pytest.approx(trained.done.outputs["species"]["test"].to_json()["accuracy"])
    gaps = [abs(float(row["width.actual"]) - float(row["width.predicted"])) for row in rows]
    assert np.mean(gaps) == pytest.approx(trained.done.outputs["width"]["test"].to_json()["mae"], rel=1e-4)


def test_the_rows_of_the_test_split_score_the_same_as_a_file_of_new_rows(trained, tmp_path):
    chosen = [int(row["row"]) for row in table(trained.path / "predictions.csv")]
    header, *lines = (trained.folder / "iris.csv").read_text().splitlines()
    file = tmp_path / "new.csv"
    file.write_text("\n".join([header, *(lines[row] for row in chosen)]) + "\n")
    found = scores_of(evaluate(trained.path, data=file).outputs)
    told = {name: splits["test"].to_json() for name, splits in trained.done.outputs.items()}
    assert list(found) == ["species", "width"]
    assert found == told


def test_the_resolved_config_holds_the_number_of_classes(trained):
    file = trained.path / "resolved.yaml"
    layers = yaml.safe_load(file.read_text())["model"]["layers"]
    assert layers[3]["units"] == 3
    assert "${" not in file.read_text()
    assert len(load_config(file, folder=trained.folder).graph.steps) == 5


def test_training_stops_when_an_outputs_metric_no_longer_rises(flowers):
    early = "training.early_stopping={monitor: val_species_accuracy, patience: 3, mode: auto}"
    done = fit(load_config(flowers / "flowers.yaml", [early, "training.epochs=60"]), flowers / "runs")
    reached = [row["val_species_accuracy"] for row in done.history]
    assert done.best_epoch == reached.index(max(reached)) + 1
    assert len(reached) == done.best_epoch + 3 < 60
    assert reached[0] < max(reached) == done.outputs["species"]["validation"].to_json()["accuracy"]


def test_loss_weights_decide_what_is_learnt(flowers):
    file, key = flowers / "flowers.yaml", "training.loss_weights"
    one, other = (
        fit(load_config(file, [f"{key}={{species: {1 - width}, width: {width}}}"]), flowers / "runs")
        for width in (0, 1)
    )

    def learnt(done, name):
        return done.history[-1][f"{name}_loss"] / done.history[0][f"{name}_loss"]

    assert learnt(one, "species") < 0.6 < learnt(other, "species")
    assert learnt(other, "width") < 0.2 < learnt(one, "width")


def test_a_run_of_an_extended_config_needs_no_other_file(flowers):
    (flowers / "small.yaml").write_text("extends: flowers.yaml\nname: small\ntraining: {epochs: 2}\n")
    done = fit(load_config(flowers / "small.yaml"), flowers / "runs")
    record = json.loads((done.path / "run.json").read_text())
    assert record["config"]["file"] == str(flowers / "small.yaml")
    assert record["config"]["files"] == [str(flowers / "small.yaml"), str(flowers / "flowers.yaml")]
    (flowers / "small.yaml").unlink()
    (flowers / "flowers.yaml").unlink()
    told = {name: splits["test"].to_json() for name, splits in done.outputs.items()}
    assert scores_of(evaluate(done.path).outputs) == told


RECONSTRUCTION = """\
data: {type: sklearn, name: digits, task: reconstruction, split: {validation: 0.2, test: 0.2},
       preprocess: {numeric: {scale: rescale, range: [0, 16]}}}
model:
  layers:
    - {type: Dense, units: 16, activation: relu}
    - {type: Dense, units: "${data.features}", activation: sigmoid}
training: {loss: mse, epochs: 3, optimizer: {type: Adam, learning_rate: 0.01}}
"""


def test_rows_are_rebuilt(tmp_path):
    done = run_of(tmp_path, RECONSTRUCTION)
    told = done.scores["test"].to_json()
    assert told["r2"] > 0.2 > told["baseline"]["r2"]
    assert evaluate(done.path).scores.to_json() == told
    rows = table(done.path / "predictions.csv")
    assert list(rows[0]) == ["row", "mse", "mae"]
    assert np.mean([float(row["mse"]) for row in rows]) == pytest.approx(told["mse"], rel=1e-4)
    from sklearn.datasets import load_digits

    np.savez(tmp_path / "new.npz", x=load_digits().data[[int(row["row"]) for row in rows]])
    again = evaluate(done.path, data=tmp_path / "new.npz").scores.to_json()
    assert again["mse"] == pytest.approx(told["mse"], rel=1e-6)


LABELS = """\
data: {type: sklearn, name: make_multilabel_classification, n_samples: 300, n_classes: 3}
model: {layers: [{type: Dense, units: "${data.classes}", activation: sigmoid}]}
training: {loss: binary_crossentropy, epochs: 8, optimizer: {type: Adam, learning_rate: 0.03}}
"""


def test_several_labels_a_row_are_learnt(tmp_path):
    done = run_of(tmp_path, LABELS)
    told = done.scores["test"].to_json()
    assert done.history[-1]["loss"] < done.history[0]["loss"]
    assert told["hamming_loss"] < told["baseline"]["hamming_loss"]
    assert evaluate(done.path).scores.to_json() == told
    assert [name for name in table(done.path / "predictions.csv")[0] if name.startswith("p(")] == [
        "p(0)", "p(1)", "p(2)",
    ]  # fmt: skip


BACKBONE = """\
seed: 5
data: {type: sklearn, name: digits, preprocess: {numeric: {scale: rescale, range: [0, 16]}}}
model:
  layers:
    - {type: Reshape, target_shape: [8, 8, 1]}
    - {name: grey, type: Resizing, height: 32, width: 32}
    - {name: colours, type: Concatenate, inputs: [grey, grey, grey]}
    - {name: backbone, type: MobileNet, alpha: 0.25, weights: mobile.weights.h5, trainable: false}
    - {type: GlobalAveragePooling2D}
    - {type: Dense, units: 10, activation: softmax}
training: {loss: sparse_categorical_crossentropy, epochs: 1, batch_size: 128}
"""


def test_pretrained_weights_stay_where_they_are_frozen_and_are_recorded(tmp_path):
    keras.utils.set_random_seed(11)
    backbone = keras.applications.MobileNet(
        include_top=False, weights=None, input_shape=(32, 32, 3), alpha=0.25
    )
    file = tmp_path / "mobile.weights.h5"
    backbone.save_weights(file)
    done = run_of(tmp_path, BACKBONE)
    (record,) = json.loads((done.path / "run.json").read_text())["pretrained"]
    assert record == {"file": file.name, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    model = keras.models.load_model(done.path / "model.keras")
    kept = model.get_layer("backbone").get_weights()
    assert len(kept) == len(backbone.get_weights()) > 100
    assert all(map(np.array_equal, kept, backbone.get_weights()))
    file.unlink()
    assert evaluate(done.path).scores.to_json() == done.scores["test"].to_json()
    with pytest.raises(MachineError) as raised:
        pretrained(load_config(tmp_path / "c.yaml"))
    assert str(raised.value) == (
        "mobile.weights.h5 was there and can't be read any more: No such file or directory"
    )


def test_a_file_that_several_backbones_start_from_is_recorded_once(tmp_path):
    (tmp_path / "w.h5").write_bytes(b"numbers")
    shutil.copy(tmp_path / "w.h5", tmp_path / "v.h5")
    net = "{type: MobileNet, weights: %s}"
    text = BACKBONE.replace(
        "    - {name: backbone, type: MobileNet, alpha: 0.25, weights: mobile.weights.h5, trainable: false}\n",
        f"    - {{name: n, layers: [{net % 'w.h5'}, {net % 'v.h5'}], inputs: colours}}\n"
        f"    - {{repeat: 2, name: b, layers: [{net % 'w.h5'}]}}\n",
    )
    (tmp_path / "c.yaml").write_text(text)
    found = pretrained(load_config(tmp_path / "c.yaml"))
    digest = hashlib.sha256(b"numbers").hexdigest()
    assert found == [{"file": "w.h5", "sha256": digest}, {"file": "v.h5", "sha256": digest}]


def test_a_run_from_random_weights_records_none(trained):
    assert "pretrained" not in json.loads((trained.path / "run.json").read_text())
