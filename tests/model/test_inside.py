"""A look inside a built model."""

import keras
import numpy as np
import pytest
from keras import layers

from nntrain.model.inside import (
    activations,
    disturbed,
    first_convolution,
    first_dense,
    image_convolutions,
    narrowest,
    nodes_of,
)


@pytest.fixture(scope="module")
def stack():
    """Images through two convolutions."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 1), name="image"),
            layers.Rescaling(0.5, name="half"),
            layers.Conv2D(3, 3, activation="relu", name="first"),
            layers.Conv2D(2, 3, name="second"),
            layers.Flatten(name="flat"),
            layers.Dense(4, name="out"),
        ]
    )


@pytest.fixture(scope="module")
def coder():
    """Two inputs, a shared layer, a narrow place and two outputs."""
    a, b = keras.Input((16,), name="a"), keras.Input((16,), name="b")
    shared = layers.Dense(5, name="shared")
    both = layers.Concatenate(name="both")([shared(a), shared(b)])
    code = layers.Dropout(0.1, name="code")(layers.Dense(2, name="narrow")(both))
    copy = layers.Dense(16, name="copy")(layers.Add(name="sum")([layers.Dense(10, name="up")(code), both]))
    return keras.Model({"a": a, "b": b}, {"copy": copy, "single": layers.Dense(1, name="single")(code)})


def names(model):
    nodes, edges = nodes_of(model)
    return [node.name for node in nodes], {(nodes[i].name, nodes[j].name) for i, j in edges}


def test_a_stack_is_a_chain(stack):
    nodes, edges = nodes_of(stack)
    assert [node.name for node in nodes] == ["image", "half", "first", "second", "flat", "out"]
    assert [node.type for node in nodes] == ["Input", "Rescaling", "Conv2D", "Conv2D", "Flatten", "Dense"]
    assert [node.shape for node in nodes][:4] == [(8, 8, 1), (8, 8, 1), (6, 6, 3), (4, 4, 2)]
    assert sum(node.parameters for node in nodes) == stack.count_params()
    assert edges == [(i, i + 1) for i in range(5)]


def test_branches_are_followed_and_a_shared_layer_stands_once(coder):
    order, edges = names(coder)
    assert sorted(order) == sorted(
        ["a", "b", "shared", "both", "narrow", "code", "up", "sum", "copy", "single"]
    )
    assert edges == {
        ("a", "shared"), ("b", "shared"), ("shared", "both"), ("both", "narrow"), ("narrow", "code"),
        ("code", "up"), ("up", "sum"), ("both", "sum"), ("sum", "copy"), ("code", "single"),
    }  # fmt: skip
    assert all(order.index(before) < order.index(after) for before, after in edges)


def test_the_narrowest_place_is_no_output(coder, stack):
    assert narrowest(coder) == "code"
    assert narrowest(stack) == "flat"


def test_a_nested_model_is_passed_over():
    fed = keras.Input((16,), name="fed")
    encoder = keras.Sequential([keras.Input((16,)), layers.Dense(3)], name="encoder")
    wide = layers.Dense(5, name="wide")(encoder(fed))
    model = keras.Model(fed, layers.Dense(16, name="copy")(wide))
    assert narrowest(model) == "wide"
    (values,) = activations(model, ["wide"], np.ones((2, 16), np.float32))
    np.testing.assert_allclose(values, model.get_layer("wide")(encoder(np.ones((2, 16)))), rtol=1e-5)


def test_the_filters_of_the_first_convolution_are_found(stack):
    found = first_convolution(stack, "image")
    assert found.name == "first"
    np.testing.assert_array_equal(found.weights, stack.get_layer("first").kernel)
    assert first_dense(stack, "image") is None
    assert image_convolutions(stack) == ["first", "second"]


def test_the_weights_of_the_first_dense_layer_are_found(coder):
    found = first_dense(coder, "a")
    assert found.name == "shared"
    np.testing.assert_array_equal(found.weights, coder.get_layer("shared").kernel)
    assert first_convolution(coder, "a") is None


def test_layers_give_what_they_give_within_the_model(stack, coder):
    rows = np.random.default_rng(0).random((2, 8, 8, 1), np.float32)
    first, last = activations(stack, ["first", "out"], rows)
    np.testing.assert_allclose(last, stack(rows), rtol=1e-5)
    np.testing.assert_allclose(first, stack.get_layer("first")(rows / 2), rtol=1e-5)
    pair = {name: np.random.default_rng(i).random((3, 16), np.float32) for i, name in enumerate("ab")}
    (code,) = activations(coder, ["code"], pair)
    single = coder.get_layer("single")(code)
    np.testing.assert_allclose(single, coder(pair)["single"], rtol=1e-5)


def test_noise_at_the_input_is_drawn_as_in_training_and_the_same_each_time():
    noise = keras.layers.GaussianNoise(0.5, seed=3)
    model = keras.Sequential(
        [keras.Input((4, 5)), keras.layers.Flatten(), noise, keras.layers.Rescaling(2.0)]
    )
    rows = np.zeros((50, 4, 5), np.float32)
    state = np.array(noise.seed_generator.state)
    found = disturbed(model, rows)
    assert found is not None
    noisy, made = found
    assert noisy.shape == (50, 20)
    assert 0.45 < noisy.std() < 0.55
    np.testing.assert_array_equal(made, 2 * noisy)
    np.testing.assert_array_equal(disturbed(model, rows)[0], noisy)
    np.testing.assert_array_equal(noise.seed_generator.state, state)


def test_noise_elsewhere_is_none_of_the_input(stack, coder):
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), keras.layers.GaussianNoise(0.5)])
    rows = np.zeros((2, 4), np.float32)
    assert disturbed(inner, rows) is None
    assert disturbed(stack, None) is None
    assert disturbed(coder, None) is None
