"""`pretrain:`: layers learn one after another before the whole network does."""

import csv
import json
import shutil

import keras
import numpy as np
import pytest

from nntrain import fit, load_config
from nntrain.errors import ConfigError, DivergedError, MemoryLimitError
from nntrain.run import pretraining
from nntrain.run.observer import Silent
from nntrain.run.reading import read_data
from nntrain.run.resume import resume
from nntrain.run.signals import Interrupted
from tests.reliability.net import digest, history, record

CONFIG = """\
name: stack
seed: 3
data:
  type: sklearn
  name: make_classification
  n_samples: 150
  n_features: 12
  n_informative: 12
  n_redundant: 0
  split: {validation: 0.2, test: 0.2}
model:
  layers:
    - {name: first, type: Dense, units: 5, activation: tanh}
    - {type: Dropout, rate: 0.2}
    - {name: second, type: Dense, units: 3, activation: tanh}
    - {type: Dense, units: 1, activation: sigmoid}
pretrain: {epochs: 12, corruption: 0.1, optimizer: {type: Adam, learning_rate: 0.02}}
training:
  loss: binary_crossentropy
  optimizer: {type: SGD, learning_rate: 1e-12}
  epochs: 2
"""


class Hears(Silent):
    """Keeps what is said, and breaks off when a layer's turn comes."""

    def __init__(self, until=None):
        self.until, self.notes, self.phases = until, [], []

    def note(self, text):
        self.notes.append(text)

    def phase(self, text):
        self.phases.append(text)
        if self.until and self.until in text:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("config") / "stack.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def pretrained(file, tmp_path_factory):
    """A run with pretrained layers, whose training changes next to nothing; what was said of it."""
    told = Hears()
    run = fit(load_config(file), tmp_path_factory.mktemp("pretrained"), observer=told)
    return run.path, told


@pytest.fixture(scope="module")
def random(file, tmp_path_factory):
    """The same run without."""
    return fit(load_config(file, ["~pretrain"]), tmp_path_factory.mktemp("random")).path


def weights(run, layer):
    return keras.models.load_model(run / "model.keras").get_layer(layer).get_weights()


def error_of_rebuilding(run, file):
    """How far the best linear decoder stays from the training rows, given what the first layer makes of them."""
    rows = np.asarray(read_data(load_config(file)).train.x, np.float64)
    kernel, bias = weights(run, "first")
    codes = np.c_[np.tanh(rows @ kernel + bias), np.ones(len(rows))]
    found, *_ = np.linalg.lstsq(codes, rows, rcond=None)
    return float(np.square(codes @ found - rows).mean())


def test_pretrained_layers_have_other_weights_that_rebuild_the_rows_better(pretrained, random, file):
    run, _ = pretrained
    for layer in ("first", "second"):
        assert not np.array_equal(weights(run, layer)[0], weights(random, layer)[0])
    np.testing.assert_array_equal(weights(run, "dense")[0], weights(random, "dense")[0])
    assert error_of_rebuilding(run, file) < 0.9 * error_of_rebuilding(random, file)


def test_the_loss_of_each_layer_is_said_and_kept(pretrained):
    run, told = pretrained
    with (run / "pretrain.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["layer"] for row in rows] == ["first"] * 12 + ["second"] * 12
    assert [row["epoch"] for row in rows[:12]] == [str(number) for number in range(1, 13)]
    kept = record(run)["pretrain"]
    assert [one["layer"] for one in kept] == ["first", "second"]
    for one, losses in zip(kept, (rows[:12], rows[12:]), strict=True):
        assert (one["first_loss"], one["loss"]) == (float(losses[0]["loss"]), float(losses[-1]["loss"]))
        assert one["loss"] < one["first_loss"]
        assert one["epochs"] == 12
    first = kept[0]
    assert (
        f"pretrained 'first', 1 of 2: loss {first['first_loss']:.4g} -> {first['loss']:.4g} in 12 epochs, "
        f"{first['seconds']:.1f} s"
    ) in told.notes
    assert "pretraining 'second', 2 of 2" in told.phases
    assert record(run)["timings"]["pretrain"] > 0
    assert "'second' epoch 12/12  loss" in (run / "log.txt").read_text()


def test_a_run_that_was_ended_while_a_layer_learns_ends_as_one_that_was_not(pretrained, file, tmp_path):
    with pytest.raises(Interrupted) as raised:
        fit(load_config(file), tmp_path, observer=Hears(until="'second'"))
    (run,) = (path for path in (tmp_path / "stack").iterdir() if not path.is_symlink())
    assert raised.value.message == f"stopped after epoch 0; go on with: nntrain resume {run}"
    (run / "run.json").write_text(json.dumps(record(run) | {"status": "running"}))  # as a killed one says
    told = Hears()
    resume(run, observer=told)
    assert "no epoch was kept, so the layers are pretrained again" in told.notes
    assert digest(run) == digest(pretrained[0])
    assert (run / "pretrain.csv").read_text() == (pretrained[0] / "pretrain.csv").read_text()
    assert [leg["after_epoch"] for leg in record(run)["resumed"]] == [0]


def test_a_finished_run_is_trained_longer_from_its_checkpoint(pretrained, tmp_path):
    run = tmp_path / "stack" / "copied"
    shutil.copytree(pretrained[0], run)
    told = Hears()
    resume(run, ["training.epochs=3"], observer=told)
    assert not any("pretrain" in text for text in (*told.notes, *told.phases))
    assert len(history(run)) == 3
    assert [one["layer"] for one in record(run)["pretrain"]] == ["first", "second"]


def test_frozen_layers_are_left_out_unless_they_are_named(file, pretrained, random, tmp_path):
    frozen = 'model.trainable={"first": false}'
    run = fit(load_config(file, [frozen]), tmp_path).path
    assert [one["layer"] for one in record(run)["pretrain"]] == ["second"]
    np.testing.assert_array_equal(weights(run, "first")[0], weights(random, "first")[0])
    run = fit(load_config(file, [frozen, "pretrain.layers=[0]"]), tmp_path).path
    assert [one["layer"] for one in record(run)["pretrain"]] == ["first"]
    np.testing.assert_allclose(weights(run, "first")[0], weights(pretrained[0], "first")[0], atol=1e-6)


REFUSED = {
    "every layer frozen": (
        ['model.trainable={"*": false, "dense": true}'],
        ConfigError,
        "pretrain: every hidden layer is frozen by model.trainable; name those that are to be pretrained all "
        "the same in pretrain.layers, or remove this",
    ),
    "a decoder out of reach": (
        ["pretrain.activation=sigmoid", "pretrain.layers=[first]"],
        ConfigError,
        "pretrain.activation: the decoder gives 0 to 1 with sigmoid, and 'first' gets",
    ),
    "a loss that is no number": (
        ["pretrain.optimizer=SGD", "pretrain.optimizer.learning_rate=1e30"],
        DivergedError,
        "of pretraining 'first'; lower pretrain.optimizer.learning_rate, or set clipnorm: 1 on the optimizer",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_pretrained_is_named(file, tmp_path, case):
    overrides, kind, text = REFUSED[case]
    with pytest.raises(kind) as raised:
        fit(load_config(file, overrides), tmp_path)
    assert text in str(raised.value)


def test_numbers_that_have_no_room_are_refused_before_they_are_computed(file, tmp_path, monkeypatch):
    monkeypatch.setattr(pretraining, "available_memory", lambda: 1000)
    with pytest.raises(MemoryLimitError) as raised:
        fit(load_config(file), tmp_path)
    assert (
        "pretrain: the numbers that 'first' is to give back take 4.5 KiB of memory, and 1000 bytes are free; "
        "pretrain fewer layers with pretrain.layers, or use fewer rows"
    ) in str(raised.value)


def test_rows_that_stay_in_their_file_are_refused(file, tmp_path, monkeypatch):
    monkeypatch.setattr(pretraining, "is_stored", lambda rows: True)
    with pytest.raises(ConfigError) as raised:
        fit(load_config(file), tmp_path)
    assert (
        "pretrain: takes all training rows in memory, and these stay in their file; set 'streaming: false' if "
        "they have room, or remove this"
    ) in str(raised.value)
    assert not (tmp_path / "stack").exists()
