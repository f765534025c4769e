"""A network with any kind of layer is trained as `model.fit` trains it, to the last bit."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.model.own.elastic import ElasticDeformation
from tests.training.twins import (
    ROWS,
    Case,
    Twin,
    assert_learnt,
    assert_same,
    assert_twins,
    by_batches,
    by_fit,
    by_nntrain,
    changed,
    labels,
    layer,
    numbers,
    regression,
    stack,
)

DENSE = layer("Dense", 8, activation="relu")
NORM = layer("BatchNormalization", momentum=0.5)


def images(*make, seed=2, shape=(8, 8, 3), **options):
    """Small images of three classes."""
    rows = (np.abs(numbers(ROWS, *shape, seed=seed)), labels(3))
    network = stack(*make, layer("Dense", 3, activation="softmax"), shape=shape)
    return Case(network, rows, "sparse_categorical_crossentropy", **options)


def series(*make, **options):
    """Sequences of five steps of four numbers, and a number for each sequence."""
    return Case(
        stack(*make, layer("Dense", 1), shape=(5, 4)), (numbers(ROWS, 5, 4), numbers(ROWS, 1)), **options
    )


def words(*make):
    """Sequences of six words of twenty, 0 standing for none."""
    network = stack(*make, layer("Dense", 1), shape=(6,), dtype="int32")
    return Case(network, (labels(20, ROWS, 6), numbers(ROWS, 1)))


def augmented(name, *arguments, **options):
    return images(layer(name, *arguments, seed=4, **options), layer("Flatten"))


class Counted(keras.layers.Layer):
    """Adds up what it has seen, and adds a loss of its own."""

    def build(self, shape):
        self.seen = self.add_weight(shape=(), initializer="zeros", trainable=False, name="seen")

    def call(self, x, training=False):
        if training:
            self.seen.assign_add(tf.reduce_sum(x))
        self.add_loss(0.01 * tf.reduce_mean(tf.square(x)))
        return x * (1 + 1e-3 * self.seen)


def stateful():
    entry = keras.Input(batch_shape=(8, 5, 4))
    x = keras.layers.GRU(4, stateful=True)(entry)
    return keras.Model(entry, keras.layers.Dense(1)(x))


def nested():
    inner = keras.Sequential([keras.Input((6,)), keras.layers.Dense(5, "tanh"), keras.layers.Dropout(0.4)])
    entry = keras.Input((6,))
    x = keras.layers.Add()([inner(entry), inner(-entry)])
    return keras.Model(entry, keras.layers.Dense(1)(x))


FLAT = layer("Flatten")
CONSTRAINED = layer(
    "Dense",
    8,
    kernel_constraint=keras.constraints.MaxNorm(0.7),
    bias_constraint="non_neg",
    bias_initializer="ones",
)
PENALISED = layer(
    "Dense",
    8,
    activation="tanh",
    kernel_regularizer=keras.regularizers.L1L2(0.01, 0.02),
    bias_regularizer=keras.regularizers.L2(0.1),
    activity_regularizer=keras.regularizers.L1(0.01),
)
CASES = {
    "dense": regression(DENSE, layer("Dense", 4, activation="gelu")),
    "penalties": regression(PENALISED),
    "a penalty between orthogonal units": regression(
        layer("Dense", 4, kernel_regularizer=keras.regularizers.OrthogonalRegularizer(0.1))
    ),
    "activity": regression(DENSE, layer("ActivityRegularization", l2=0.1), layer("Dense", 3)),
    "constraints": regression(CONSTRAINED, layer("Dense", 4, kernel_constraint="unit_norm")),
    "batch normalization": regression(DENSE, NORM, layer("Dense", 4), NORM),
    "batch normalization with penalties": regression(PENALISED, NORM),
    "batch normalization of images": images(
        layer("Conv2D", 4, 3, kernel_regularizer="l2"), NORM, layer("ReLU"), layer("GlobalMaxPooling2D")
    ),
    "layer normalization": regression(DENSE, layer("LayerNormalization"), layer("UnitNormalization")),
    "group normalization": images(
        layer("Conv2D", 4, 3), layer("GroupNormalization", 2), layer("GlobalAveragePooling2D")
    ),
    "rms normalization": regression(DENSE, layer("RMSNormalization")),
    "spectral normalization": regression(
        lambda: keras.layers.SpectralNormalization(keras.layers.Dense(5), power_iterations=2)
    ),
    "a state and a loss of its own": regression(DENSE, Counted),
    "dropout": regression(DENSE, layer("Dropout", 0.3), layer("Dense", 4), layer("Dropout", 0.5, seed=9)),
    "noise": regression(layer("GaussianNoise", 0.2), DENSE, layer("GaussianDropout", 0.3)),
    "alpha dropout": regression(layer("Dense", 8, activation="selu"), layer("AlphaDropout", 0.2)),
    "spatial dropout": images(layer("Conv2D", 6, 3), layer("SpatialDropout2D", 0.4), FLAT),
    "activations with weights": regression(layer("Dense", 4), layer("PReLU"), layer("Dense", 4)),
    "convolution and pooling": images(
        layer("Conv2D", 4, 3, activation="relu", padding="same"), layer("MaxPooling2D"), FLAT, DENSE
    ),
    "other convolutions": images(
        layer("DepthwiseConv2D", 3),
        layer("SeparableConv2D", 4, 3),
        layer("Conv2DTranspose", 3, 2, strides=2),
        layer("AveragePooling2D", 2),
        FLAT,
    ),
    "LSTM": series(layer("LSTM", 4, dropout=0.2)),
    "GRU": series(layer("GRU", 3, recurrent_dropout=0.2)),
    "SimpleRNN": series(layer("SimpleRNN", 4, dropout=0.2)),
    "bidirectional": series(lambda: keras.layers.Bidirectional(keras.layers.SimpleRNN(3))),
    "attention": series(
        lambda: lambda x: keras.layers.MultiHeadAttention(2, 3, dropout=0.2)(x, x),
        layer("GlobalMaxPooling1D"),
    ),
    "time distributed": series(
        lambda: keras.layers.TimeDistributed(keras.layers.Dense(3)), layer("Conv1D", 3, 2), FLAT
    ),
    "embedding": words(layer("Embedding", 20, 4), layer("GlobalAveragePooling1D")),
    "embedding with a mask": words(layer("Embedding", 20, 4, mask_zero=True), layer("SimpleRNN", 3)),
    "a network in a network": Case(nested, (numbers(ROWS, 6), numbers(ROWS, 1))),
    "a state from batch to batch": Case(stateful, (numbers(40, 5, 4), numbers(40, 1)), batch_size=8),
    "images flipped": augmented("RandomFlip"),
    "images turned": augmented("RandomRotation", 0.2),
    "images moved": augmented("RandomTranslation", 0.2, 0.2),
    "images zoomed": augmented("RandomZoom", 0.3),
    "images brightened": augmented("RandomBrightness", 0.3, value_range=(0, 1)),
    "images of other contrast": augmented("RandomContrast", 0.4),
    "images bent": images(lambda: ElasticDeformation(1.5, 8.0, seed=4), FLAT),
}
"""By what is special about them."""


@pytest.mark.parametrize("name", CASES)
def test_layers_are_trained_as_by_fit(name):
    assert_twins(CASES[name])


ON_BATCHES = ("dense", "dropout", "LSTM", "convolution and pooling", "penalties")


@pytest.mark.parametrize("name", ON_BATCHES)
def test_layers_are_trained_as_by_train_on_batch(name):
    """With batches of a power of two: see the next test."""
    case = changed(CASES[name], batch_size=16)
    ours = by_nntrain(case)
    theirs = by_batches(case)
    without_metrics = [Twin(one.model, {}) for one in (ours, theirs)]
    for one in (ours, theirs):
        one.model.reset_metrics()  # `train_on_batch` keeps those of one batch
    assert_same(*without_metrics)


def weights_apart(ours, theirs):
    """By how much each weight differs, of those that do."""
    found = {}
    for mine, other in zip(ours.model.weights, theirs.model.weights, strict=True):
        found[mine.path] = float(np.abs(mine.numpy() - other.numpy()).max())
    return {path: difference for path, difference in found.items() if difference}


def test_why_train_on_batch_may_differ_before_batch_normalization():
    """A constant that BatchNormalization takes away has a gradient of rounding errors alone, which Adam makes
    steps of about the learning rate of; and `train_on_batch` traces its first batch with the number of its
    rows known, so that TensorFlow folds `x / 12` into `x * (1 / 12)`, which rounds otherwise (not with a
    power of two). `fit` never knows the number of rows, nor does our engine: they agree to the last bit.
    """
    case = regression(layer("Dense", 8, kernel_regularizer="l2"), NORM)
    ours, theirs = by_nntrain(case), by_batches(case)
    assert_same(ours, by_fit(case))
    apart = weights_apart(ours, theirs)
    assert 1e-4 < apart.pop("dense/bias") < 0.01
    assert apart.pop("batch_normalization/moving_mean") < 0.01  # of what the constant is added to
    assert max(apart.values(), default=0) < 1e-6

    powers = changed(case, batch_size=16)
    assert weights_apart(by_nntrain(powers), by_batches(powers)) == {}


def test_a_frozen_layer_stays_as_it_is():
    def network():
        made = stack(DENSE, NORM, layer("Dense", 1))()
        for one in made.layers[1:3]:
            one.trainable = False
        return made

    case = Case(network, (numbers(ROWS, 6), numbers(ROWS, 1)))
    ours = assert_twins(case)
    for before, after in zip(case.seeded().weights[:6], ours.model.weights[:6], strict=True):
        np.testing.assert_array_equal(before.numpy(), after.numpy())


def test_a_network_without_weights_is_measured_as_by_fit():
    case = Case(stack(layer("Flatten"), shape=(1,)), (numbers(ROWS, 1), numbers(ROWS, 1, seed=1)))
    with pytest.warns(UserWarning, match="does not have any trainable weights"):
        ours = by_nntrain(case)
    with pytest.warns(UserWarning, match="does not have any trainable weights"):
        theirs = by_fit(case)
    assert_same(ours, theirs)
    assert len(set(ours.history["loss"])) <= 3


def test_learnt_is_a_word_that_can_fail():
    case = regression(DENSE, optimizer=lambda: keras.optimizers.SGD(0.0))
    with pytest.raises(AssertionError, match="kernel"):
        assert_learnt(case, by_nntrain(case))
