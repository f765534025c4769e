"""`--smoke` finds what would waste a training, names the layer, and leaves nothing behind."""

import json
import tempfile

import pytest

from nntrain import load_config
from nntrain.errors import ConfigError, ExpectationError
from nntrain.run.smoke import smoke
from tests.conftest import BLOBS

CODE = '''\
import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable()
class Cut(keras.layers.Layer):
    def call(self, x, training=False):
        return ops.stop_gradient(x) if training else x


@keras.saving.register_keras_serializable()
class Forgetful(keras.layers.Layer):
    """Counts its steps in a variable that Keras does not know of."""

    def build(self, shape):
        self.steps = tf.Variable(0.0, trainable=False)

    def call(self, x, training=False):
        if training:
            self.steps.assign_add(0.01)
        return x + self.steps


@keras.saving.register_keras_serializable()
class Logarithm(keras.layers.Layer):
    def call(self, x):
        return ops.log(x - 100)


@keras.saving.register_keras_serializable()
class Gate(keras.layers.Layer):
    """Begins closed, so that what is behind it has no gradient at first."""

    def build(self, shape):
        self.gate = self.add_weight(name="gate", shape=(), initializer="zeros")
        self.inner = keras.layers.Dense(shape[-1])
        self.inner.build(shape)

    def call(self, x):
        return x + self.gate * self.inner(x)


@keras.saving.register_keras_serializable()
class Spare(keras.layers.Layer):
    """Has a weight that only a penalty reaches."""

    def build(self, shape):
        self.spare = self.add_weight(name="spare", shape=(3,), regularizer="l2")

    def call(self, x):
        return x


@keras.saving.register_keras_serializable()
def no_number(truth, outputs):
    return ops.log(ops.mean(outputs, -1) - 500)


@keras.saving.register_keras_serializable()
class Broken(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        raise LookupError("not here")

    def get_config(self):
        return {}
'''
HIDDEN = "{type: Dense, units: 8, activation: relu}"
LAST = "{type: Dense, units: 3, activation: softmax}"


@pytest.fixture
def found(tmp_path, monkeypatch):
    """The checks of a stack, by name; nothing may be left behind."""
    monkeypatch.chdir(tmp_path)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    (tmp_path / "parts.py").write_text(CODE)
    (tmp_path / "c.yaml").write_text("code: parts.py\n" + BLOBS)

    def run(*layers, overrides=()):
        stack = [f"model.layers=[{', '.join(layers)}]"] if layers else []
        result = smoke(load_config("c.yaml", [*stack, *overrides]), allow_code=True)
        assert {path.name for path in tmp_path.iterdir()} == {"c.yaml", "parts.py", "temporary"}
        assert left_in(temporary) == []
        return {check.name: check for check in result.checks}

    return run


def left_in(folder):
    """Files that a process leaves there; TensorFlow removes its own at its end."""
    return [path.name for path in folder.iterdir() if "__autograph_generated_file" not in path.name]


def statuses(checks):
    return [check.status for check in checks.values()]


def test_a_good_config_passes_every_check(found):
    checks = found()
    assert list(checks) == ["finite loss", "gradients", "loss falls", "save and load"]
    assert statuses(checks) == ["ok"] * 4
    assert len(checks["finite loss"].text.split(", ")) == 2
    assert checks["gradients"].text == "4 of 4 trainable weights"
    first, last = checks["loss falls"].text.removesuffix(" in 10 steps on one batch").split(" -> ")
    assert float(last) < float(first)
    assert checks["save and load"].text == "outputs equal on 16 rows"


def test_normalization_dropout_and_noise_do_not_hide_that_the_loss_falls(found):
    noisy = ("BatchNormalization", "{type: Dropout, rate: 0.5}", "{type: GaussianNoise, stddev: 0.3}")
    assert statuses(found(HIDDEN, *noisy, LAST)) == ["ok"] * 4


def test_a_gate_that_begins_closed_is_no_mistake(found):
    assert found(HIDDEN, "Gate", LAST)["gradients"].text == "7 of 7 trainable weights"


def test_frozen_layers_need_no_gradient(found):
    frozen = "{type: Dense, units: 8, trainable: false}"
    assert found(frozen, LAST)["gradients"].text == "2 of 2 trainable weights"


@pytest.mark.parametrize("before", [(), ("Flatten",)])
def test_where_nothing_is_trainable_there_is_nothing_to_try(found, before):
    with pytest.raises(ConfigError) as caught:
        found(*before, "{type: Dense, units: 3, activation: softmax, trainable: false}")
    assert caught.value.problems[0].message == (
        "every layer is frozen, so there is nothing to learn; let one of them learn"
    )


def test_a_network_without_weights_has_nothing_to_try(found):
    checks = found("Softmax", overrides=["data.centers=2"])
    assert statuses(checks) == ["ok", "skipped", "skipped", "ok"]
    assert checks["gradients"].text == checks["loss falls"].text == "nothing is trainable"


def test_few_rows_are_enough(found):
    checks = found(overrides=["data.n_samples=6", "data.split={validation: 0, test: 0}", "data.centers=3"])
    assert checks["save and load"].text == "outputs equal on 3 rows"


def test_penalties_and_weighted_classes_are_no_hindrance(found):
    penal = "{type: Dense, units: 8, activation: relu, kernel_regularizer: l2}"
    checks = found(penal, LAST, overrides=["training.class_weight=balanced"])
    assert statuses(checks) == ["ok"] * 4


def test_layers_before_a_cut_are_named(found):
    check = found(HIDDEN, "Cut", LAST)["gradients"]
    assert (check.status, check.layer) == ("FAILED", "dense")
    assert check.text == (
        "dense/kernel, dense/bias get no gradient: nothing of them reaches the loss; "
        "look at what follows dense"
    )


def test_a_dead_layer_is_named(found):
    dead = "{type: Dense, units: 8, activation: relu, name: dead, bias_initializer: {type: Constant, value: -999}}"
    check = found(HIDDEN, dead, LAST)["gradients"]
    assert (check.status, check.layer) == ("FAILED", "dead")
    assert check.text == (
        "dense/kernel, dense/bias, dead/kernel, dead/bias and 1 more get a gradient of exactly zero: "
        "the outputs of dead are all zero"
    )


def test_a_weight_that_only_a_penalty_reaches_is_named(found):
    check = found(HIDDEN, "Spare", LAST)["gradients"]
    assert check.text == (
        "spare/spare gets a gradient of exactly zero: spare is saturated or cut off from the loss"
    )


def test_a_layer_that_gives_no_numbers_is_named(found):
    checks = found(HIDDEN, "Logarithm", LAST)
    assert statuses(checks) == ["FAILED", "FAILED", "skipped", "ok"]
    assert checks["finite loss"].layer == "logarithm"
    assert checks["finite loss"].text == "the loss is nan in step 1: the outputs of logarithm are not finite"
    assert checks["gradients"].text == (
        "dense/kernel, dense/bias, dense_1/kernel, dense_1/bias get a gradient that is not finite: "
        "look at dense_1 and what follows it"
    )
    assert checks["loss falls"].text == "the loss is not finite"


def test_a_loss_that_gives_no_numbers_is_told_from_a_layer(found):
    check = found(overrides=["training.loss=no_number", "training.metrics=[]"])["finite loss"]
    assert check.layer is None
    assert check.text == (
        "the loss is nan in step 1, though every layer's outputs are finite: training.loss does not take them"
    )


def test_a_step_that_goes_too_far_is_told_from_both(found):
    linear = [
        "training.loss=mse",
        "training.metrics=[]",
        "training.optimizer={type: SGD, learning_rate: 1.e+12}",
    ]
    check = found(HIDDEN, "{type: Dense, units: 3}", overrides=linear)["finite loss"]
    assert check.text == (
        "the loss is inf in step 2: a step at learning rate 1e+12 goes too far; "
        "lower training.optimizer.learning_rate"
    )


def test_a_learning_rate_that_makes_the_loss_rise_is_found(found):
    check = found(overrides=["training.optimizer.learning_rate=1000000"])["loss falls"]
    assert check.status == "FAILED"
    assert check.text.endswith(" in 30 steps on one batch: lower training.optimizer.learning_rate")


def test_a_learning_rate_that_does_nothing_is_found_in_spite_of_dropout(found):
    check = found(overrides=["training.optimizer={type: SGD, learning_rate: 1.e-30}"])["loss falls"]
    assert check.status == "FAILED"
    assert check.text.endswith(
        " stays as it is in 30 steps on one batch: raise training.optimizer.learning_rate"
    )


def test_a_layer_that_forgets_its_state_is_named(found):
    check = found(HIDDEN, "Forgetful", LAST)["save and load"]
    assert (check.status, check.layer) == ("FAILED", "forgetful")
    assert check.text.startswith("outputs differ by up to 0.")
    assert check.text.endswith(": forgetful keeps state that is not saved")


def test_a_callback_that_fails_is_blamed(found, tmp_path):
    with pytest.raises(
        ConfigError, match=r"parts.py line 63, in Broken.on_train_batch_end: LookupError: not here"
    ):
        found(overrides=["training.callbacks=[Broken]"])
    assert left_in(tmp_path / "temporary") == []


def test_the_result_says_what_failed(found, tmp_path):
    found()
    result = smoke(load_config("c.yaml", ["training.optimizer.learning_rate=1000000"]), allow_code=True)
    assert isinstance(result.error, ExpectationError)
    assert str(result.error) == "1 of 4 checks failed: loss falls"
    assert (result.error.exit_code, result.rows) == (10, 32)


def test_the_command_prints_a_line_a_check_and_leaves_with_10(nntrain, write_config):
    config = write_config()
    done = nntrain(
        "fit", config, "--smoke", "--quiet", "training.optimizer.learning_rate=1000000", cwd=config.parent
    )
    assert done.code == 10
    lines = done.out.splitlines()
    assert [line[:25].split("  ")[0] for line in lines] == [
        "finite loss",
        "gradients",
        "loss falls",
        "save and load",
    ]
    assert lines[1] == "gradients       ok       4 of 4 trainable weights"
    assert lines[2].startswith("loss falls      FAILED   ")
    warned, failed = done.err.splitlines()
    assert warned.startswith(
        "warning: training.optimizer.learning_rate (the command line): 1e+06 is far too large"
    )
    assert failed == "1 of 4 checks failed: loss falls"
    assert [path.name for path in config.parent.iterdir()] == ["blobs.yaml"]


def test_the_command_prints_one_object(nntrain, write_config):
    config = write_config()
    done = nntrain("fit", config, "--smoke", "--json", "--quiet", cwd=config.parent)
    content = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    assert (content["ok"], content["exit"], content["smoke"]["rows"]) == (True, 0, 32)
    assert content["smoke"]["checks"][1] == {
        "name": "gradients",
        "status": "ok",
        "text": "4 of 4 trainable weights",
        "layer": None,
    }


def test_the_object_of_a_failure_has_the_error_too(nntrain, write_config):
    done = nntrain(
        "fit", write_config(), "--smoke", "--json", "-q", "training.optimizer.learning_rate=1000000"
    )
    content = json.loads(done.out)
    assert (done.code, content["ok"], content["exit"]) == (10, False, 10)
    assert content["error"]["id"] == "smoke"
    assert [check["status"] for check in content["smoke"]["checks"]] == ["ok", "ok", "failed", "ok"]


def test_a_folder_of_runs_has_no_place_in_it(nntrain, write_config, tmp_path):
    done = nntrain("fit", write_config(), "--smoke", "--runs-dir", tmp_path / "r")
    assert (done.code, done.out) == (2, "")
    assert done.err == ("--smoke writes no run, so there is nothing for --runs-dir; leave one of them out\n")
