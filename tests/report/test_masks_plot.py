"""Masks as pictures."""

import io

import numpy as np
import pytest
from PIL import Image

from nntrain.report.masks import COLOURS, coloured, masks_plot, overlaid

GREY, ORANGE = (153, 153, 153), (230, 159, 0)


def plot(count=3, channels=1, names=("ground", "disc"), side=16):
    random = np.random.default_rng(0)
    images = random.random((count, side, side, channels)).astype(np.float32)
    masks = random.integers(0, len(names), (count, side, side)).astype(np.uint8)
    masks[:, 0] = 255
    return masks_plot(images, masks, masks, names, np.arange(count), np.full(count, np.nan)).png


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("count", [1, 20])
def test_images_and_masks_are_drawn(count, channels):
    picture = Image.open(io.BytesIO(plot(count, channels)))
    assert picture.format == "PNG"
    assert min(picture.size) > 300


def test_the_same_masks_are_the_same_bytes():
    assert plot() == plot()


def test_classes_have_their_colours_and_what_is_left_out_is_white():
    mask = np.array([[0, 1, 255]], np.uint8)
    assert [tuple(pixel) for pixel in coloured(mask, 2)[0]] == [GREY, ORANGE, (255, 255, 255)]


def test_more_classes_than_colours_differ():
    mask = np.arange(30, dtype=np.uint8)[np.newaxis]
    assert len(np.unique(coloured(mask, 30)[0], axis=0)) == 30
    assert len(set(COLOURS)) == len(COLOURS)
    assert plot(names=[f"class {i}" for i in range(30)])


def test_a_mask_lies_half_over_its_image():
    image = np.full((1, 2, 1), 53, np.uint8)
    assert overlaid(image, np.array([[0, 1]], np.uint8), 2)[0, 0].tolist() == [103, 103, 103]


def test_masks_of_another_size_are_no_picture():
    with pytest.raises(ValueError, match="images of shape"):
        masks_plot(np.zeros((1, 4, 4, 1)), np.zeros((1, 4, 4)), np.zeros((1, 4, 5)), ("a", "b"), [0], [0.5])
