"""Pretrained weights come from a local file, whole, or are refused."""

import keras
import numpy as np
import pytest

from nntrain.errors import DataError
from tests.model.stacks import build_graph

MOBILE = "{name: back, type: MobileNetV2, alpha: %s, weights: %s}"
ANOTHER = (
    "holds the weights of another network than this MobileNetV2; it must be of the same type and arguments, "
)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A folder with weights of a backbone, of another network, and with what holds none."""
    folder = tmp_path_factory.mktemp("weights")
    net = keras.applications.MobileNetV2(alpha=0.35, include_top=False, weights=None, input_shape=(32, 32, 3))
    net.save_weights(folder / "mobile.weights.h5")
    stack = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    stack.save_weights(folder / "dense.weights.h5")
    (folder / "text.weights.h5").write_text("no weights")
    (folder / "folder.h5").mkdir()
    (folder / "full.h5").mkdir()
    net.save_weights(folder / "full.h5" / "mobile.weights.h5")
    return folder, [np.array(value) for value in net.get_weights()]


def test_the_network_begins_with_the_weights_of_the_file(weights):
    folder, values = weights
    layers = f"{MOBILE % (0.35, 'mobile.weights.h5')}, GlobalAveragePooling2D, {{type: Dense, units: 2}}"
    model = build_graph(layers, folder=folder, x=(32, 32, 3))
    loaded = model.get_layer("back").get_weights()
    assert len(loaded) == len(values) > 100
    for mine, theirs in zip(loaded, values, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_without_a_folder_nothing_is_looked_up():
    assert build_graph(MOBILE % (0.35, "gone.h5"), folder=None, x=(32, 32, 3)).count_params() == 410_208


@pytest.mark.parametrize(
    ("alpha", "file", "message"),
    [
        (0.35, "mobil.weights.h5", "there is no file mobil.weights.h5 (did you mean 'mobile.weights.h5'?)"),
        (0.35, "a/b.h5", "there is no file a/b.h5"),
        (0.35, "folder.h5", "folder.h5 is a folder; name a file that ends with .weights.h5"),
        (0.35, "full.h5", "full.h5 is a folder; name a file in it: mobile.weights.h5"),
        (0.35, "dense.weights.h5", f"dense.weights.h5 {ANOTHER}without its classifier"),
        (0.5, "mobile.weights.h5", f"mobile.weights.h5 {ANOTHER}without its classifier"),
        (
            0.35,
            "text.weights.h5",
            "text.weights.h5 is no file of weights that can be read: "
            "Unable to synchronously open file (file signature not found)",
        ),
    ],
)
def test_a_file_that_does_not_hold_the_weights_is_refused(alpha, file, message, weights):
    with pytest.raises(DataError) as caught:
        build_graph(MOBILE % (alpha, file), folder=weights[0], x=(32, 32, 3))
    assert str(caught.value) == f"model.layers[0].weights: {message}"


def test_images_of_any_size_bring_no_warning_of_weights_that_nobody_asked_for():
    assert build_graph("{type: MobileNet, alpha: 0.25}", x=(32, 48, 3)).output_shape == (None, 1, 1, 256)
