"""`nntrain check --build`: the network on its data, what is said of it, and what is refused."""

import json
import os

import pytest

from nntrain import load_config
from nntrain.config.reuse.facts import with_data_facts
from nntrain.run.experiment import build_network
from nntrain.run.inspect import inspect
from nntrain.run.reading import read_data
from tests.conftest import BLOBS, CONFIGS

TABLE = """\
blobs.yaml: scikit-learn's make_blobs: 120 rows, 2 features; features (None, 2)
Layer              Output shape  Parameters    Memory
─────────────────────────────────────────────────────
dense (Dense)         (None, 8)          24     608 B
dropout (Dropout)     (None, 8)           0     512 B
dense_1 (Dense)       (None, 3)          27     300 B

Total                                    51  1.39 KiB
Trainable                                51
Non-trainable                             0
Memory: parameters, and the outputs for one batch of 16 rows.
"""


def test_every_layer_is_shown_with_its_shape_parameters_and_memory(nntrain, write_config, tmp_path):
    write_config()
    done = nntrain("check", "--build", "blobs.yaml", cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    lines = [line.rstrip() for line in done.out.splitlines()]
    assert lines == TABLE.splitlines()


def test_the_object_holds_layers_parameters_memory_and_notes(nntrain, write_config):
    done = nntrain("check", "--build", "--json", write_config())
    (report,) = json.loads(done.out)["files"]
    built = report["build"]
    assert (done.code, report["ok"], built["notes"]) == (0, True, [])
    assert built["inputs"] == {"features": [2]}
    assert built["parameters"] == {"trainable": 51, "non_trainable": 0}
    assert built["layers"][0] == {
        "name": "dense", "type": "Dense", "output_shape": [None, 8], "parameters": 24,
        "memory": 4 * (24 + built["batch_size"] * 8), "reads": ["features"],
    }  # fmt: skip
    assert built["memory"] == sum(layer["memory"] for layer in built["layers"])


def test_a_misfit_is_found_at_its_line_and_the_other_files_are_shown(nntrain, write_config, tmp_path):
    write_config()
    write_config(BLOBS.replace("units: 3", "units: 4"), "bad.yaml")
    done = nntrain("check", "--build", "bad.yaml", "blobs.yaml", cwd=tmp_path)
    assert done.code == 3
    assert done.out.startswith("blobs.yaml: scikit-learn's make_blobs")
    assert done.err.splitlines() == [
        "bad.yaml: 1 problem",
        "",
        "15:28 model.layers[2].units: the data have 3 classes (0, 1, 2), and the network has 4 outputs: "
        "use 3 units",
        "  15 |     - {type: Dense, units: 4, activation: softmax}",
        " " * 34 + "^",
    ]


@pytest.mark.parametrize(
    ("training", "message"),
    [
        (
            "optimizer: {type: Adam, clipnorm: 1.0, clipvalue: 0.5}",
            "training.optimizer: Keras refuses this optimizer: Only one of `clipnorm`, `clipvalue` and "
            "`global_clipnorm` can be set. Received: clipnorm=1.0, clipvalue=0.5, global_clipnorm=None",
        ),
        (
            "class_weight: {7: 2.0}",
            "training.class_weight.7: the data have no class '7'; the classes are 0, 1, 2",
        ),
    ],
)
def test_what_fit_would_refuse_before_training_is_found(nntrain, write_config, tmp_path, training, message):
    write_config(BLOBS.replace("  optimizer: {type: Adam, learning_rate: 0.05}", f"  {training}"))
    done = nntrain("check", "--build", "blobs.yaml", cwd=tmp_path)
    assert (done.code, done.out) == (3, "")
    assert done.err.splitlines()[2].split(" ", 1)[1] == message


def test_missing_data_are_named_with_their_place(nntrain, write_config, tmp_path):
    write_config("data: {type: csv, path: gone.csv, target: y}\nmodel: {layers: [{type: Dense, units: 1}]}\n"
                 "training: {loss: mse, epochs: 1}\n", "c.yaml")  # fmt: skip
    done = nntrain("check", "--build", "c.yaml", cwd=tmp_path)
    assert (done.code, done.out) == (4, "")
    assert done.err.splitlines() == [
        "c.yaml: 1 problem",
        "",
        f"1:25 data.path: there is no file 'gone.csv': looked for {tmp_path}/gone.csv",
        "   1 | data: {type: csv, path: gone.csv, target: y}",
        " " * 31 + "^",
    ]


@pytest.mark.parametrize("option", ["--resolved", "--why"])
def test_the_network_and_the_config_are_not_printed_together(nntrain, write_config, option):
    done = nntrain("check", "--build", option, write_config())
    assert (done.code, done.out) == (2, "")
    assert done.err == "--build prints the network and --resolved or --why the config; choose one\n"


@pytest.mark.parametrize("config", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_config_has_as_many_parameters_as_keras_counts(config):
    if config.stem.endswith("openml"):
        pytest.skip("its rows would be downloaded")
    if config.stem.startswith("mnist") and not os.environ.get("NNTRAIN_DATA_HOME"):
        pytest.skip("needs MNIST: put mnist.npz into a folder and name that in NNTRAIN_DATA_HOME")
    loaded = load_config(config)
    found = inspect(loaded)
    data = read_data(loaded)
    model = build_network(with_data_facts(loaded, data.facts), data.train)
    counted = sum(layer.parameters for layer in found.summary.layers)
    assert counted == found.summary.trainable + found.summary.non_trainable == model.count_params()
    assert 4 * counted < found.summary.memory < 4 * counted + 100 * 2**20
