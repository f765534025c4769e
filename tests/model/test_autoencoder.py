"""A layer as the encoder of a small autoencoder, with a decoder that undoes it."""

import keras
import numpy as np
import pytest

from nntrain.model.autoencoder import Below, Blanking, Fitted, autoencoder

PLAIN = {"activation": "linear", "corruption": 0.0, "seed": 5}


def built(layer, shape):
    layer.build((None, *shape))
    return layer


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (keras.layers.Dense(3), (7,)),
        (keras.layers.Dense(3), (4, 7)),
        (keras.layers.Conv1D(4, 3, padding="causal"), (9, 2)),
        (keras.layers.Conv1D(4, 3, dilation_rate=2), (9, 2)),
        (keras.layers.Conv2D(4, 3), (8, 9, 1)),
        (keras.layers.Conv2D(4, 3, strides=2), (8, 9, 3)),
        (keras.layers.Conv2D(4, 2, strides=3, padding="same"), (8, 9, 2)),
        (keras.layers.Conv2D(4, 3, groups=2), (8, 9, 2)),
        (keras.layers.Conv3D(2, 2), (4, 5, 3, 1)),
    ],
)
def test_a_decoder_gives_rows_of_the_shape_that_the_layer_gets(layer, shape):
    model, encoder = autoencoder(built(layer, shape), None, shape, **PLAIN)
    assert model.output_shape == (None, *shape)
    for first, copied in zip(layer.get_weights(), encoder.get_weights(), strict=True):
        np.testing.assert_array_equal(first, copied)
    assert model(np.zeros((2, *shape), "float32")).shape == (2, *shape)


def test_the_networks_layer_stays_as_it_is_while_its_copy_learns():
    layer = built(keras.layers.Dense(2, trainable=False), (4,))
    before = layer.get_weights()
    model, encoder = autoencoder(layer, None, (4,), **PLAIN)
    model.compile("sgd", "mse")
    rows = np.eye(4, dtype="float32")
    model.fit(rows, rows, verbose=0)
    np.testing.assert_array_equal(layer.get_weights()[0], before[0])
    assert not np.array_equal(encoder.get_weights()[0], before[0])


def test_an_activation_that_is_a_layer_comes_before_the_decoder():
    layer = built(keras.layers.Dense(2), (4,))
    found = [
        [type(one).__name__ for one in autoencoder(layer, after, (4,), **PLAIN)[0].layers]
        for after in (keras.layers.ReLU(), keras.layers.Dropout(0.5), None)
    ]
    assert found[0] == ["InputLayer", "Dense", "ReLU", "Dense"]
    assert found[1] == found[2] == ["InputLayer", "Dense", "Dense"]


def test_corruption_blanks_a_share_of_the_numbers_while_learning_and_leaves_the_others():
    rows = np.ones((200, 50), "float32")
    layer = Blanking(0.3, 4)
    first, second = (np.asarray(layer(rows, training=True)) for _ in range(2))
    assert set(np.unique(first)) == {0.0, 1.0}
    assert 0.27 < (first == 0).mean() < 0.33
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(layer(rows), rows)


def test_what_is_too_large_is_cut_and_what_is_missing_is_zero():
    values = np.arange(6, dtype="float32").reshape(1, 2, 3)
    np.testing.assert_array_equal(Fitted((3, 2))(values), [[[0, 1], [3, 4], [0, 0]]])


def test_the_layers_below_do_nothing_random():
    below = Below([keras.layers.Flatten(), keras.layers.Dropout(0.9)])
    rows = np.ones((3, 2, 2), "float32")
    np.testing.assert_array_equal(below(rows), np.ones((3, 4)))
