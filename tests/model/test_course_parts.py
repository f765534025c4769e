"""Parts that courses name and Keras has: values worked out by hand, slopes, and a run's way to keep them.

Those of our own are in tests/model/own.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.config.vocabulary.keras_object import Kind
from nntrain.model.objects import make
from nntrain.model.own import OWN
from nntrain.run.experiment import load_weights, model_bytes
from tests.model.own.test_activations import FORMULAS, LAYERS
from tests.model.stacks import build_graph

Y = np.array([[0, 1, 0], [1, 0, 0]], "float32")
P = np.array([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]], "float32")
OUTPUTS = np.array([[1, 0.5, -1.5], [0.25, -2, 3]], "float32")
LOSSES = {
    # -ln .5, -ln .1
    "categorical_crossentropy": (Y, P, [0.693147, 2.302585]),
    "sparse_categorical_crossentropy": (np.array([1, 0]), P, [0.693147, 2.302585]),
    # -(ln .8 + ln .5 + ln .7) / 3, -(ln .1 + ln .9 + ln .2) / 3
    "binary_crossentropy": (Y, P, [0.424322, 1.339128]),
    # max(0, 1 - .5 + .3), max(0, 1 - .1 + .8)
    "categorical_hinge": (Y, P, [0.8, 1.7]),
    # (2 + .5 + 0) / 3, (.75 + 0 + 4) / 3
    "hinge": (Y, OUTPUTS, [0.833333, 1.583333]),
    # (4 + .25 + 0) / 3, (.5625 + 0 + 16) / 3
    "squared_hinge": (Y, OUTPUTS, [1.416667, 5.520833]),
    # (1 + .25 + 2.25) / 3, (.5625 + 4 + 9) / 3
    "mse": (Y, OUTPUTS, [1.166667, 4.520833]),
    # (1 + .5 + 1.5) / 3, (.75 + 2 + 3) / 3
    "mae": (Y, OUTPUTS, [1, 1.916667]),
    # 100 (1/2 + 1/4) / 2, 100 (.5/1 + 1/5) / 2
    "mape": (np.array([[2.0, -4], [1, 5]]), np.array([[1.0, -5], [1.5, 4]]), [37.5, 35]),
    # (ln 2 - ln 1)^2 and (ln 2 - ln 4)^2, (ln 4 - ln 2)^2 and (ln 3 - ln 1.5)^2
    "msle": (np.array([[0.0, 1], [3, 2]]), np.array([[1.0, 3], [1, 0.5]]), [0.480453, 0.480453]),
    # -(12 + 12) / (5 * 5), -2 / (2 sqrt 2)
    "cosine_similarity": (np.array([[3.0, 4], [0, 2]]), np.array([[4.0, 3], [-1, 1]]), [-0.96, -0.707107]),
}
"""Keras' losses: labels, outputs, and the loss of each row."""
KEPT = [*LOSSES, *OWN["losses"], {"type": "MarginHinge", "power": 3}]
ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


class Context:
    context = None


def made(kind, value):
    return make(Kind(kind).read(value, Context), ())


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_keras_is_what_a_hand_works_out(name):
    labels, outputs, expected = LOSSES[name]
    found = made("losses", {"type": name, "reduction": "none"})(labels, outputs)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert float(made("losses", name)(labels, outputs)) == pytest.approx(np.mean(expected), rel=1e-5)


@pytest.mark.parametrize("name", LOSSES)
def test_the_slope_of_a_loss_is_that_of_differences(name):
    labels, outputs, _ = LOSSES[name]
    loss, at = made("losses", name), tf.Variable(outputs, dtype="float32")
    labels = tf.constant(labels, "int32" if labels.ndim == 1 else "float32")
    with tf.GradientTape() as tape:
        value = loss(labels, at)
    slope = tape.gradient(value, at).numpy()
    for place in np.ndindex(*outputs.shape):
        move = np.zeros(outputs.shape, "float32")
        move[place] = 1e-2
        above, below = (float(loss(labels, outputs.astype("float32") + step)) for step in (move, -move))
        assert slope[place] == pytest.approx((above - below) / 2e-2, rel=2e-2, abs=3e-3), place
    assert np.abs(slope).max() > 0.01


def test_the_slope_of_softmax_is_its_formula():
    softmax = keras.activations.get(made("activations", "softmax"))
    weights = np.array([[1.0, -2, 0.5, 3]], "float32")
    x = tf.Variable([[-3.0, -0.5, 0.25, 2.0]])
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(weights * softmax(x))
    p = np.exp(x.numpy()) / np.exp(x.numpy()).sum()
    np.testing.assert_allclose(tape.gradient(value, x), p * (weights - (p * weights).sum()), atol=1e-6)


@pytest.fixture
def read_again(tmp_path):
    """Models as Keras reads them from a run's file, and as nntrain does, into a network built anew."""

    def read(model, again):
        file = tmp_path / "model.keras"
        file.write_bytes(model_bytes(model))
        load_weights(again, file.read_bytes(), file.name)
        return keras.models.load_model(file), again

    return read


def test_every_activation_of_a_run_is_read_again(read_again):
    entries = [f"{{type: Dense, units: 4, activation: {name}}}" for name in [*FORMULAS, "softmax"]]
    text = ", ".join([*entries, *LAYERS, "{type: Maxout, units: 3}"])
    model = build_graph(text, x=(4,))
    for found in read_again(model, build_graph(text, x=(4,))):
        np.testing.assert_array_equal(found(ROWS), model(ROWS))


def test_every_loss_of_a_run_is_read_again(read_again):
    names = [f"out_{i}" for i in range(len(KEPT))]
    text = ", ".join(f"{{name: {name}, type: Dense, units: 2, inputs: x}}" for name in names)
    model, spare = (build_graph(text, tuple(names), x=(4,)) for _ in range(2))
    losses = {name: made("losses", value) for name, value in zip(names, KEPT, strict=True)}
    model.compile("sgd", losses)
    model.optimizer.build(model.trainable_variables)
    loaded, again = read_again(model, spare)
    for name in names:
        assert loaded.loss[name].get_config() == losses[name].get_config()
        assert type(loaded.loss[name]) is type(losses[name])
    for one, other, third in zip(model(ROWS), loaded(ROWS), again(ROWS), strict=True):
        np.testing.assert_array_equal(one, other)
        np.testing.assert_array_equal(one, third)
