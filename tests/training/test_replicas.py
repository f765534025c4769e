"""Two logical CPUs stand for two GPUs; TensorFlow has to be told of them before it computes, in a new process."""

import json
import subprocess
import sys

import pytest
import yaml

SCRIPT = """
import json, sys
import tensorflow as tf
device, = tf.config.list_physical_devices("CPU")
tf.config.set_logical_device_configuration(device, [tf.config.LogicalDeviceConfiguration()] * 2)
from nntrain.config.load import load_config
from nntrain.errors import DivergedError
from nntrain.run.fit import fit
from nntrain.run.observer import Silent
told = []
class Notes(Silent):
    def note(self, text):
        told.append(text)
found = []
for distribute in ("null", "mirrored"):
    config = load_config(sys.argv[1], [f"training.distribute={distribute}"])
    result = fit(config, sys.argv[2], observer=Notes())
    record = json.loads((result.path / "run.json").read_text())
    try:
        fit(load_config(sys.argv[1], [f"training.distribute={distribute}", "training.optimizer={type: SGD, learning_rate: 1e30}"]), sys.argv[2])
    except DivergedError as error:
        told.append(str(error).partition(";")[0])
    found.append({"history": result.history, "told": told[:], "replicas": record["engine"]["replicas"],
                  "scores": json.loads((result.path / "metrics.json").read_text())})
from nntrain.run.resume import resume
from nntrain.training import pace
pace.SLICE = 0.0  # a step a call
class StopsAt(Silent):
    def step(self, epoch, step, loss):
        if (epoch, step) == (3, 4):
            raise KeyboardInterrupt
noisy = load_config(sys.argv[3], ["training.distribute=mirrored", "training.epochs=5"])
ends = [fit(noisy, sys.argv[2] + "/straight")]
try:
    fit(noisy, sys.argv[2] + "/stopped", observer=StopsAt())
except KeyboardInterrupt as stop:
    found.append(stop.message.partition(";")[0])
    ends.append(resume(stop.message.rpartition(" ")[2]))
found.append([[end.history, (end.path / "weights.safetensors").read_bytes().hex()] for end in ends])
print(json.dumps(found))
"""
CONFIG = {
    "name": "two",
    "seed": 3,
    "data": {"type": "sklearn", "name": "iris", "split": {"validation": 0.2, "test": 0.2}},
    "model": {
        "layers": [
            {"type": "Dense", "units": 16, "activation": "relu", "kernel_regularizer": "l2"},
            {"type": "Dense", "units": 3, "activation": "softmax"},
        ]
    },
    "training": {
        "loss": "sparse_categorical_crossentropy",
        "optimizer": {"type": "Adam", "learning_rate": 0.01, "clipnorm": 0.2},
        "metrics": ["accuracy"],
        "epochs": 8,
        "batch_size": 13,
        "early_stopping": {"patience": 5},
        "callbacks": [{"type": "ReduceLROnPlateau", "monitor": "val_loss", "patience": 1}],
    },
}


@pytest.fixture(scope="module")
def one_and_two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replicas")
    (folder / "two.yaml").write_text(yaml.safe_dump(CONFIG))
    layers = CONFIG["model"]["layers"]
    noisy = {**CONFIG, "model": {"layers": [layers[0], {"type": "Dropout", "rate": 0.4}, layers[1]]}}
    (folder / "noisy.yaml").write_text(yaml.safe_dump(noisy))
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            SCRIPT,
            str(folder / "two.yaml"),
            str(folder / "runs"),
            str(folder / "noisy.yaml"),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_two_devices_go_on_from_any_step_to_the_same_bits(one_and_two):
    *_, message, (straight, resumed) = one_and_two
    assert message == "stopped after step 4 of epoch 3"
    assert resumed[0] == straight[0]
    assert resumed[1] == straight[1]


def test_two_devices_share_the_work(one_and_two):
    assert [found["replicas"] for found in one_and_two[:2]] == [1, 2]


def test_two_devices_learn_what_one_learns(one_and_two):
    """Batches of 13, the last one of 12: up to the rounding of sums in another order."""
    one, two = (found["history"] for found in one_and_two[:2])
    assert len(one) == len(two) == 8
    for ours, theirs in zip(one, two, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-5)


def test_two_devices_score_what_one_scores(one_and_two):
    one, two = (found["scores"]["splits"]["test"] for found in one_and_two[:2])
    for name in ("accuracy", "precision", "recall", "f1", "log_loss"):
        assert two[name] == pytest.approx(one[name], rel=1e-5)


def test_two_devices_name_the_step_whose_loss_is_no_number(one_and_two):
    told = [text for text in one_and_two[1]["told"] if text.startswith("the loss became")]
    one, two = (text.partition(" in ")[2] for text in told)
    assert one == two
    assert one.startswith("step ")
