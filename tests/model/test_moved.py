"""Masks that move as their images do."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.model.moved import move_masks
from nntrain.model.own.elastic import ElasticDeformation

LAYERS = {
    "flipped": lambda: [keras.layers.RandomFlip(seed=1)],
    "turned": lambda: [keras.layers.RandomRotation(0.2, interpolation="nearest", seed=1)],
    "shifted": lambda: [keras.layers.RandomTranslation(0.3, 0.3, interpolation="nearest", seed=1)],
    "zoomed": lambda: [keras.layers.RandomZoom(0.4, interpolation="nearest", seed=1)],
    "sheared": lambda: [keras.layers.RandomShear(0.4, 0.4, interpolation="nearest", seed=1)],
    "in a row": lambda: [
        keras.layers.RandomFlip("horizontal", seed=1),
        keras.layers.Rescaling(1.0),
        keras.layers.RandomTranslation(0.3, 0.3, interpolation="nearest", seed=2),
        keras.layers.RandomRotation(0.2, interpolation="nearest", seed=3),
    ],
}


def network(layers, together=True):
    """Moves images and gives them back: the loss is 0 if masks that equal the images are moved as they."""
    model = keras.Sequential([keras.Input((9, 7, 1)), *layers, Same()])
    if together:
        move_masks(model)
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse", metrics=["mae"])
    return model


class Same(keras.layers.Layer):
    """Multiplies by a weight of 1."""

    def build(self, shape):
        self.one = self.add_weight(shape=(), initializer="ones")

    def call(self, x):
        return x * self.one


@pytest.fixture
def masks():
    return np.random.default_rng(0).integers(0, 3, (16, 9, 7, 1)).astype(np.float32)


@pytest.mark.parametrize("made", LAYERS)
def test_a_mask_moves_as_its_image(made, masks):
    for together in (True, False):
        model = network(LAYERS[made](), together)
        found = tf.function(model.train_step)((tf.constant(masks), tf.constant(masks)))
        assert (float(found["loss"]) == 0) == together
        assert (float(found["mae"]) == 0) == together


def test_masks_of_class_numbers_and_weights_of_pixels_move_too(masks):
    """Pixels of class 2 alone are weighed: moved weights on moved pixels."""
    model = network(LAYERS["in a row"]())
    weights = (masks[..., 0] == 2).astype(np.float32)
    wrong = np.where(masks == 2, masks, masks + 1)
    batch = (tf.constant(masks), tf.constant(wrong.astype(np.uint8)), tf.constant(weights))
    assert float(model.train_step(batch)["loss"]) == 0
    assert float(model.train_step(batch[:2])["loss"]) > 0


def test_outside_training_nothing_moves(masks):
    model = network(LAYERS["in a row"]())
    batch = (tf.constant(masks), tf.constant(masks))
    model.train_step(batch)
    assert float(tf.function(model.test_step)(batch)["loss"]) == 0
    np.testing.assert_array_equal(model(masks, training=False), masks)


def test_a_bent_mask_has_the_numbers_of_the_nearest_pixels(masks):
    layer = ElasticDeformation(sigma=1.5, alpha=6, seed=1)
    layer.build(masks.shape)
    places = layer.get_random_transformation(tf.constant(masks))
    bent = layer.transform_segmentation_masks(masks, places)
    y, x = (np.rint(np.asarray(place)).astype(int) for place in places)
    np.testing.assert_array_equal(bent, masks[np.arange(16)[:, None, None], y, x])
    assert not np.array_equal(bent, masks)
    assert layer.transform_segmentation_masks(masks, None) is masks


def test_images_and_masks_are_bent_together(masks):
    """A bent image of a wide ramp and its bent mask differ by less than rounding to pixels does."""
    ramp = np.broadcast_to(np.arange(7, dtype=np.float32)[:, None], masks.shape).copy()
    model = network([ElasticDeformation(sigma=1.5, alpha=6, seed=1)])
    model.compile(optimizer=keras.optimizers.SGD(0.0), loss="mse", metrics=["mae"])
    found = model.train_step((tf.constant(ramp), tf.constant(ramp)))
    assert 0 < float(found["mae"]) < 0.5
