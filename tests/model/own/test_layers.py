"""Maxout and locally connected layers: values worked out by hand, slopes, shapes, saving and refusals."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.config.network.cost import layer_cost
from nntrain.config.network.size import layer_sizes
from nntrain.errors import ConfigError
from nntrain.model.operations import operations
from nntrain.model.own.local import LocallyConnected1D, LocallyConnected2D
from nntrain.model.own.maxout import Maxout
from tests.model.stacks import build_graph, entries, graph_of

DRAW = np.random.default_rng(0)
ROWS = {
    "Maxout, units: 2": DRAW.normal(size=(5, 4)).astype("float32"),
    "Maxout, units: 2, pieces: 3, use_bias: false": DRAW.normal(size=(5, 3, 4)).astype("float32"),
    "LocallyConnected1D, filters: 3, kernel_size: 2": DRAW.normal(size=(5, 6, 2)).astype("float32"),
    "LocallyConnected1D, filters: 3, kernel_size: 3, strides: 2": DRAW.normal(size=(5, 7, 2)).astype(
        "float32"
    ),
    "LocallyConnected2D, filters: 2, kernel_size: 3, activation: tanh": DRAW.normal(size=(5, 5, 6, 2)).astype(
        "float32"
    ),
    "LocallyConnected2D, filters: 2, kernel_size: [2, 3], strides: [2, 1], use_bias: false": DRAW.normal(
        size=(5, 5, 6, 1)
    ).astype("float32"),
}


def network(layer):
    keras.utils.set_random_seed(1)
    model = build_graph(f"{{type: {layer}}}", x=ROWS[layer].shape[1:])
    for weight in model.weights:
        weight.assign(DRAW.normal(size=weight.shape))
    return model


def test_maxout_gives_the_largest_of_its_sums():
    layer = Maxout(2, pieces=2)
    layer.build((None, 2))
    # The sums of unit 0 are x0 and x1 + 1, those of unit 1 are 2 x0 - x1 and 0.
    layer.kernel.assign([[1, 0, 2, 0], [0, 1, -1, 0]])
    layer.bias.assign([0, 1, 0, 0])
    assert np.asarray(layer(np.array([[3.0, 1.0], [0.0, 5.0]]))).tolist() == [[3, 5], [6, 0]]


def test_the_pieces_of_a_unit_begin_differently():
    layer = Maxout(2, pieces=2)
    layer.build((None, 4))
    first, second = np.asarray(layer.kernel)[:, :2].T
    assert np.abs(first - second).min() > 0


def test_a_window_has_weights_of_its_own_at_each_place():
    layer = LocallyConnected1D(1, 2)
    layer.build((None, 3, 1))
    assert layer.kernel.shape == (2, 2, 1)
    layer.kernel.assign([[[1], [2]], [[3], [4]]])
    layer.bias.assign([[10], [20]])
    assert np.asarray(layer(np.array([[[1.0], [2.0], [3.0]]]))).ravel().tolist() == [1 + 4 + 10, 6 + 12 + 20]


def test_a_window_over_images_reads_rows_then_columns_then_channels():
    layer = LocallyConnected2D(2, (2, 2), strides=(1, 2))
    images = DRAW.normal(size=(3, 3, 5, 2)).astype("float32")
    layer.build(images.shape)
    kernel, bias = (DRAW.normal(size=w.shape).astype("float32") for w in (layer.kernel, layer.bias))
    layer.kernel.assign(kernel)
    layer.bias.assign(bias)
    expected = np.empty((3, 2, 2, 2))
    for i in range(2):
        for j in range(2):
            window = images[:, i : i + 2, 2 * j : 2 * j + 2].reshape(3, 8)
            expected[:, i, j] = window @ kernel[i, j] + bias[i, j]
    np.testing.assert_allclose(layer(images), expected, rtol=1e-5, atol=1e-5)


def test_the_same_weights_everywhere_make_a_convolution():
    images = DRAW.normal(size=(2, 6, 6, 3)).astype("float32")
    convolution = keras.layers.Conv2D(4, 3)
    expected = convolution(images)
    layer = LocallyConnected2D(4, 3, use_bias=False)
    layer.build(images.shape)
    layer.kernel.assign(np.broadcast_to(np.reshape(convolution.kernel, (27, 4)), (4, 4, 27, 4)))
    np.testing.assert_allclose(layer(images), expected, rtol=1e-4, atol=1e-5)


def test_weights_begin_as_large_as_those_of_one_window():
    keras.utils.set_random_seed(1)
    layer = LocallyConnected2D(32, 5)
    layer.build((None, 28, 28, 1))
    expected = np.sqrt(2 / (25 + 32))  # Glorot and Bengio (2010): 25 numbers in, 32 out
    assert np.std(layer.kernel) == pytest.approx(expected, rel=0.01)
    again = LocallyConnected2D(2, 2, kernel_initializer="ones")
    again.build((None, 3, 3, 1))
    assert np.asarray(again.kernel).min() == np.asarray(again.kernel).max() == 1


@pytest.mark.parametrize("layer", ROWS)
def test_the_slope_is_that_of_differences(layer):
    model, rows = network(layer), tf.constant(ROWS[layer])
    weight = model.trainable_weights[0]
    with tf.GradientTape() as tape:
        value = tf.reduce_sum(model(rows) ** 2)
    slope = np.asarray(tape.gradient(value, weight.value))
    start = np.asarray(weight)
    for place in (0, slope.size // 2, slope.size - 1):
        values = []
        for move in (1e-2, -1e-2):
            changed = start.copy()
            changed.flat[place] += move
            weight.assign(changed)
            values.append(float(tf.reduce_sum(model(rows) ** 2)))
        weight.assign(start)
        assert slope.flat[place] == pytest.approx((values[0] - values[1]) / 2e-2, rel=2e-2, abs=2e-2)


@pytest.mark.parametrize("layer", ROWS)
def test_a_network_with_it_is_saved_and_loaded(layer, tmp_path):
    model = network(layer)
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again(ROWS[layer]), model(ROWS[layer]))
    assert again.output_shape[1:] == model(ROWS[layer]).shape[1:]


@pytest.mark.parametrize("layer", ROWS)
def test_size_and_cost_are_told_before_it_is_built(layer):
    model = network(layer)
    graph = graph_of(entries(f"{{type: {layer}}}"))
    (size,) = layer_sizes(graph, {"features": ROWS[layer].shape[1:]})
    assert size.weights == model.count_params()
    (step,) = graph.steps
    cost, out = layer_cost(step.layer, [ROWS[layer].shape[1:]])
    assert out == model.output_shape[1:]
    found = operations(model)
    assert (2 * cost, ()) == (found.forward, found.unknown)


@pytest.mark.parametrize(
    ("layer", "shape", "text"),
    [
        (
            "LocallyConnected2D, filters: 2, kernel_size: 9",
            (8, 8, 1),
            "LocallyConnected2D does not take (None, 8, 8, 1): a window of (9, 9) is larger than the input, (8, 8)",
        ),
        (
            "LocallyConnected2D, filters: 2, kernel_size: [2, 2, 2]",
            (8, 8, 1),
            "Keras refuses this layer: 'kernel_size' takes a number, or 2 of them, received [2, 2, 2]",
        ),
        (
            "LocallyConnected1D, filters: 2, kernel_size: 2",
            (8,),
            "LocallyConnected1D needs rows of shape (steps, features), and gets (None, 8): "
            "add {type: Reshape, target_shape: [8, 1]} before it",
        ),
    ],
)
def test_what_does_not_fit_is_refused(layer, shape, text):
    with pytest.raises(ConfigError) as caught:
        build_graph(f"{{type: {layer}}}", x=shape)
    assert caught.value.problems[0].message == text
