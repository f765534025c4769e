"""The activations that courses name, ours and Keras': their formulas, slopes, saving and names."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.config.vocabulary.keras_object import Kind
from nntrain.model.objects import make
from tests.model.stacks import build_graph

X = np.array([-3.0, -0.5, 0.25, 2.0])
FORMULAS = {
    "identity": (X, np.ones(4)),
    "linear": (X, np.ones(4)),
    "binary_step": (X >= 0, np.zeros(4)),
    "logistic": (1 / (1 + np.exp(-X)), np.exp(-X) / (1 + np.exp(-X)) ** 2),
    "tanh": (np.tanh(X), 1 - np.tanh(X) ** 2),
    "arctan": (np.arctan(X), 1 / (1 + X**2)),
    "relu": (np.maximum(X, 0), X > 0),
    "elu": (np.where(X > 0, X, np.exp(X) - 1), np.where(X > 0, 1, np.exp(X))),
    "softplus": (np.log1p(np.exp(X)), 1 / (1 + np.exp(-X))),
}
"""The value and the derivative."""
LAYERS = {
    "{type: LeakyReLU, negative_slope: 0.1}": (np.where(X > 0, X, 0.1 * X), np.where(X > 0, 1, 0.1)),
    "{type: PReLU, alpha_initializer: {type: Constant, value: 0.2}}": (
        np.where(X > 0, X, 0.2 * X),
        np.where(X > 0, 1, 0.2),
    ),
    "{type: ELU, alpha: 2}": (np.where(X > 0, X, 2 * (np.exp(X) - 1)), np.where(X > 0, 1, 2 * np.exp(X))),
}


class Context:
    context = None


def value_and_slope(function):
    x = tf.Variable(X[None], dtype="float32")
    with tf.GradientTape() as tape:
        y = function(x)
    return np.asarray(y)[0], np.asarray(tape.gradient(y, x))[0]


@pytest.mark.parametrize("name", FORMULAS)
def test_an_activation_is_its_formula(name):
    function = keras.activations.get(make(Kind("activations").read(name, Context), ()))
    value, slope = value_and_slope(function)
    np.testing.assert_allclose(value, FORMULAS[name][0], atol=1e-6)
    np.testing.assert_allclose(slope, FORMULAS[name][1], atol=1e-6)


@pytest.mark.parametrize("layer", LAYERS)
def test_an_activation_of_a_layer_of_its_own_is_its_formula(layer):
    value, slope = value_and_slope(build_graph(layer, x=(4,)))
    np.testing.assert_allclose(value, LAYERS[layer][0], atol=1e-6)
    np.testing.assert_allclose(slope, LAYERS[layer][1], atol=1e-6)


def test_softmax_is_its_formula():
    value, _ = value_and_slope(keras.activations.get(make(Kind("activations").read("softmax", Context), ())))
    np.testing.assert_allclose(value, np.exp(X) / np.exp(X).sum(), atol=1e-6)


def test_a_step_is_1_at_0():
    step = keras.activations.get(make(Kind("activations").read("binary_step", Context), ()))
    assert np.asarray(step(np.array([-0.0, 0.0, -1e-30, np.inf, -np.inf], "float32"))).tolist() == [
        1,
        1,
        0,
        1,
        0,
    ]


@pytest.mark.parametrize("name", ["arctan", "binary_step", "identity", "logistic"])
def test_a_network_with_it_is_saved_and_loaded(name, tmp_path):
    model = build_graph(
        f"{{type: Dense, units: 3, activation: {name}}}, {{type: Activation, activation: {name}}}", x=(4,)
    )
    model.save(tmp_path / "m.keras")
    rows = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "m.keras")(rows), model(rows))
