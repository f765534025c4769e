"""The engines of a bench in this process: they train the same, and wait when told to."""

import json
import subprocess
import sys

import numpy as np
import pytest

from nntrain.arrays import Scaled
from nntrain.errors import DivergedError
from nntrain.run.bench import own, plain, survey
from nntrain.run.bench.child import ROOT, START
from nntrain.run.bench.protocol import Job
from tests.conftest import BLOBS, CONFIGS

ENGINES = [plain.fit, plain.fit_tf_data, own.train]
IN_ORDER = BLOBS.replace("    - {type: Dropout, rate: 0.1}\n", "") + "  shuffle: false\n"


class Turn:
    """A channel that asks for some epochs once."""

    def __init__(self, epochs):
        self.commands = [{"epochs": epochs}]
        self.answers = []

    def read(self):
        if not self.commands:
            raise SystemExit(0)
        return self.commands.pop()

    def write(self, message):
        self.answers.append(json.loads(json.dumps(message)))


def job(path, **how):
    return Job("fit", str(path), (), "cpu", False, **how)


def turn_of(engine, path, epochs):
    channel = Turn(epochs)
    with pytest.raises(SystemExit):
        engine(job(path), channel)
    ready, done = channel.answers
    assert set(ready["ready"]) == {"threads"}
    assert len(done["seconds"]) == epochs
    return done


def test_without_shuffling_all_engines_have_the_same_loss(write_config):
    """The same weights at first, the same rows, loss, optimizer, batches and weights of classes."""
    path = write_config(IN_ORDER + "  class_weight: {'0': 3.0}\n")
    losses = [turn_of(engine, path, 3)["loss"] for engine in ENGINES]
    assert losses[1:] == pytest.approx(losses[:1] * 2, rel=1e-4)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_network_of_two_outputs_is_trained(engine):
    done = turn_of(engine, CONFIGS / "iris_two_outputs.yaml", 1)
    assert 0 < done["loss"] < 10


@pytest.mark.parametrize("engine", ENGINES)
def test_callbacks_and_early_stopping_are_left_out(engine, write_config):
    path = write_config(
        BLOBS
        + "  early_stopping: {monitor: loss, patience: 0, min_delta: 1000}\n"
        + "  callbacks: [{type: ReduceLROnPlateau, monitor: val_loss}]\n"
    )
    assert len(turn_of(engine, path, 4)["seconds"]) == 4


def test_a_loss_that_is_no_number_is_an_error_of_the_engine(write_config):
    path = write_config(
        BLOBS.replace("{type: Adam, learning_rate: 0.05}", "{type: SGD, learning_rate: 1e38}")
    )
    with pytest.raises(
        DivergedError, match=r"^the loss became nan in step \d of epoch 1, at learning rate 1e\+38"
    ):
        own.train(job(path), Turn(2))


def test_rows_are_what_a_script_would_pass():
    images = Scaled(np.array([[0, 51], [255, 102]], np.uint8), 0, 255)
    features = plain._as_arrays(images)
    assert (features.dtype, features.tolist()) == (np.float32, np.float32([[0, 0.2], [1, 0.4]]).tolist())
    found = plain._as_arrays({"a": np.ones(2), "b": np.ones(2, np.int32)})
    assert {name: array.dtype for name, array in found.items()} == {"a": np.float32, "b": np.int32}


def test_the_survey_knows_rows_and_operations(write_config, tmp_path):
    channel = Turn(1)
    survey.survey(job(write_config(), folder=str(tmp_path)), channel)
    (facts,) = channel.answers
    assert (facts["rows"], facts["batch_size"], facts["parameters"]) == (72, 16, 51)
    assert facts["operations"] == 4 * 2 * 8 + 6 * 8 * 3
    assert set(facts["plans"]) == {"sklearn", "torch"}
    with np.load(tmp_path / survey.ROWS) as arrays:
        assert {name: array.shape for name, array in arrays.items()} == {
            "features": (72, 2), "targets": (72,), "w0": (2, 8), "w1": (8,), "w2": (8, 3), "w3": (3,),
        }  # fmt: skip


def test_the_survey_says_why_no_peer_can_train_it(write_config, tmp_path):
    path = write_config(BLOBS + "  class_weight: balanced\n")
    channel = Turn(1)
    survey.survey(job(path, folder=str(tmp_path)), channel)
    assert channel.answers[0]["plans"] == {
        "sklearn": {"reason": "rows are weighted"},
        "torch": {"reason": "rows are weighted"},
    }
    assert not (tmp_path / survey.ROWS).exists()


def test_the_rate_of_products_is_measured_whenever_it_is_asked_for():
    channel = Turn(1)
    with pytest.raises(SystemExit):
        survey.rate(job("unread.yaml", plan={"gpu": False}), channel)
    rates = [answer["rate"] for answer in channel.answers]
    assert len(rates) == 2
    assert min(rates) > 1e8


@pytest.mark.parametrize("what", ["fit", "nntrain"])
def test_an_engine_ends_with_the_process_that_started_it(what, write_config):
    worker = subprocess.Popen(
        [sys.executable, "-c", START, str(ROOT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    first = {**job(write_config()).to_json(), "what": what}
    worker.stdin.write(f"{json.dumps(first)}\n{json.dumps({'epochs': 1})}\n")
    worker.stdin.flush()
    assert "ready" in json.loads(worker.stdout.readline())
    assert json.loads(worker.stdout.readline())["seconds"]
    worker.stdin.close()
    assert worker.wait(60) == 0
    worker.stdout.close()
