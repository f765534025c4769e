"""Image kernels as weights: what they make of an image, worked out by hand, and saving."""

import keras
import numpy as np
import pytest

from nntrain.config.vocabulary.image_kernels import KERNELS
from nntrain.model.own.initializers import ImageKernel

RAMP = np.array([[0, 1, 2], [0, 1, 2], [0, 1, 2]], "float32")
"""Brighter by 1 with each column."""
CENTRES = {
    "blur": 1.0,
    "emboss": 0 * -2 + 1 * -1 + 0 * -1 + 1 * 1 + 2 * 1 + 1 * 1 + 2 * 2,
    "identity": 1.0,
    "outline": 8 * 1 - (0 + 1 + 2 + 0 + 2 + 0 + 1 + 2),
    "sharpen": 5 * 1 - (1 + 0 + 2 + 1),
    "sobel_x": (2 + 2 * 2 + 2) - 0,
    "sobel_y": 0.0,
}


def convolution(kernels, rows):
    layer = keras.layers.Conv2D(
        len(kernels), 3, use_bias=False, trainable=False, kernel_initializer=ImageKernel(kernels)
    )
    return np.asarray(layer(rows))


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_gives_the_sum_of_the_products_with_a_pixel_and_its_neighbours(name):
    assert convolution([name], RAMP[np.newaxis, ..., np.newaxis]).item() == CENTRES[name]


def test_sobel_y_sees_what_gets_brighter_downwards():
    assert convolution(["sobel_y"], RAMP.T[np.newaxis, ..., np.newaxis]).item() == 8


def test_each_kernel_is_a_filter_and_one_may_be_written_out():
    cross = [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
    found = convolution(["identity", cross, "sobel_x"], RAMP[np.newaxis, ..., np.newaxis])
    assert found.tolist() == [[[[1, 1 + 0 + 2 + 1 - 4, 8]]]]


def test_of_several_colours_the_mean_counts():
    colours = np.stack([RAMP, 3 * RAMP], axis=-1)[np.newaxis]
    assert convolution(["sobel_x"], colours).item() == pytest.approx(16)


def test_weights_of_another_size_are_refused():
    with pytest.raises(ValueError, match="do not fill weights of the shape"):
        ImageKernel(["blur"])((5, 5, 1, 1))


def test_a_network_with_kernels_comes_back_from_its_file(tmp_path):
    model = keras.Sequential(
        [keras.Input((4, 4, 1)), keras.layers.Conv2D(1, 3, kernel_initializer=ImageKernel(["blur"]))]
    )
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.layers[0].kernel_initializer.kernels == ["blur"]
    np.testing.assert_array_equal(again.layers[0].kernel, model.layers[0].kernel)
