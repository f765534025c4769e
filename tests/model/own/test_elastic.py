"""Images bent by smooth random moves, as Simard, Steinkraus and Platt bent digits."""

import keras
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, map_coordinates

from nntrain import fit, load_config
from nntrain.model.own.elastic import ElasticDeformation


def pictures(count=8, height=28, width=28, channels=1, seed=0):
    random = np.random.default_rng(seed)
    return random.random((count, height, width, channels)).astype(np.float32)


def bent(x, *arguments, training=True, **settings):
    return np.asarray(ElasticDeformation(*arguments, **settings)(x, training=training))


def test_pixels_come_from_where_smoothed_and_multiplied_noise_says(monkeypatch):
    drawn = np.random.default_rng(3).uniform(-1, 1, (2, 3, 20, 26)).astype(np.float32)
    monkeypatch.setattr(keras.random, "uniform", lambda *_, **__: keras.ops.convert_to_tensor(drawn))
    x = pictures(3, 20, 26, 2)
    found = bent(x, 2.5, 20.0)
    for i in range(3):
        dy, dx = (20 * gaussian_filter(drawn[k, i], 2.5, mode="constant", truncate=12) for k in (0, 1))
        y, z = np.mgrid[:20, :26]
        for channel in range(2):
            expected = map_coordinates(x[i, ..., channel], [y + dy, z + dx], order=1, mode="nearest")
            np.testing.assert_allclose(found[i, ..., channel], expected, atol=1e-4)


def test_training_images_alone_are_bent():
    x = pictures()
    np.testing.assert_array_equal(bent(x, training=False), x)
    np.testing.assert_array_equal(bent(x, alpha=0.0), x)
    assert np.abs(bent(x) - x).mean() > 0.05


def test_each_image_is_bent_by_itself_and_each_time_otherwise():
    x = np.repeat(pictures(1), 2, axis=0)
    layer = ElasticDeformation(seed=1)
    first, second = (np.asarray(layer(x, training=True)) for _ in range(2))
    assert np.abs(first[0] - first[1]).mean() > 0.05
    assert np.abs(first[0] - second[0]).mean() > 0.05


def test_the_same_seed_bends_alike():
    x = pictures()
    np.testing.assert_array_equal(bent(x, seed=5), bent(x, seed=5))
    assert (bent(x, seed=5) != bent(x, seed=6)).any()


def test_all_colours_move_together_and_an_even_image_stays_even():
    x = pictures(channels=1)
    three = bent(np.repeat(x, 3, axis=-1), seed=2)
    np.testing.assert_array_equal(three[..., 0], three[..., 2])
    np.testing.assert_allclose(bent(np.full((2, 9, 5, 1), 0.7, np.float32)), 0.7, rtol=1e-6)


@pytest.mark.parametrize("size", [(1, 9), (9, 1), (1, 1), (2, 3)])
def test_narrow_images_stay_within_themselves(size):
    x = pictures(4, *size)
    found = bent(x, 1.0, 10.0)
    assert found.shape == x.shape
    assert x.min() <= found.min() <= found.max() <= x.max() + 1e-6


@pytest.mark.parametrize("shape", [(28, 28), (None, 28, 1), (2, 28, 28, 1)])
def test_anything_but_images_of_one_size_is_refused(shape):
    with pytest.raises(ValueError, match=r"takes images of shape \(height, width, channels\), received"):
        ElasticDeformation()(keras.Input(shape))


def test_a_saved_model_bends_as_before(tmp_path):
    model = keras.Sequential(
        [keras.Input((8, 8, 1)), ElasticDeformation(1.5, 9.0, seed=3), keras.layers.Flatten()]
    )
    model.save(tmp_path / "m.keras")
    layer = keras.models.load_model(tmp_path / "m.keras").layers[0]
    assert (layer.sigma, layer.alpha, layer.seed) == (1.5, 9.0, 3)


def test_half_precision_stays_half_precision():
    layer = ElasticDeformation(dtype="mixed_bfloat16")
    assert layer(pictures(), training=True).dtype == "bfloat16"


AUGMENTED = """\
name: bent
seed: 4
data:
  type: sklearn
  name: digits
  split: {validation: 0.2, test: 0.2}
  preprocess: {numeric: {scale: rescale, range: [0, 16]}}
model:
  layers:
    - {type: Reshape, target_shape: [8, 8, 1]}
    - EVERY
    - {type: Flatten}
    - {type: Dense, units: 10, activation: softmax}
training:
  loss: sparse_categorical_crossentropy
  epochs: 2
  batch_size: 64
"""
EVERY = """\
    - RandomFlip
    - {type: RandomRotation, factor: 0.2}
    - {type: RandomZoom, height_factor: 0.3}
    - {type: RandomTranslation, height_factor: 0.2, width_factor: 0.2}
    - {type: RandomContrast, factor: 0.5, value_range: [0, 1]}
    - {type: ElasticDeformation, sigma: 1.5, alpha: 6}
"""


def test_layers_of_a_config_change_training_rows_alone_and_the_same_each_time(write_config, tmp_path):
    config = load_config(write_config(AUGMENTED.replace("    - EVERY\n", EVERY)))
    runs = [fit(config, tmp_path / f"runs{i}") for i in range(2)]
    assert runs[0].history == runs[1].history
    plain = fit(
        load_config(write_config(AUGMENTED.replace("    - EVERY\n", ""), "plain.yaml")), tmp_path / "plain"
    )
    assert runs[0].history != plain.history
    model = keras.models.load_model(runs[0].path / "model.keras")
    x = pictures(4, 8, 8).reshape(4, 64)
    np.testing.assert_allclose(model.predict(x, verbose=0), np.asarray(model.layers[-1](x)), rtol=1e-5)
