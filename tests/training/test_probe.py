"""The look at one batch: for any structure of inputs and outputs, and without a trace in the model."""

import keras
import numpy as np
import pytest

from nntrain.arrays import Scaled
from nntrain.training.probe import FixedLoss, fates, few_rows, layer_outputs, repeat
from nntrain.training.rows import row_count


@pytest.fixture
def forked():
    """Two inputs, two outputs, a shared layer, a frozen one and one that is cut off; compiled."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    left, right = keras.Input((3,), name="left"), keras.Input((2,), name="right")
    shared = keras.layers.Dense(4, activation="tanh", name="shared")
    wide = keras.layers.Dense(3, name="wide", trainable=False)(right)
    joined = keras.layers.Add(name="joined")([shared(left), shared(wide)])
    joined = keras.layers.BatchNormalization(name="norm")(keras.layers.Dropout(0.5, name="drop")(joined))
    kind = keras.layers.Dense(2, activation="softmax", name="kind")(joined)
    size = keras.layers.Dense(1, name="size", kernel_initializer="zeros")(joined)
    model = keras.Model({"left": left, "right": right}, {"kind": kind, "size": size})
    model.compile(keras.optimizers.Adam(0.05), {"kind": "sparse_categorical_crossentropy", "size": "mse"})
    return model


@pytest.fixture
def batch():
    draw = np.random.default_rng(0)
    inputs = {"left": draw.normal(size=(8, 3)), "right": draw.normal(size=(8, 2))}
    inputs = {name: values.astype("float32") for name, values in inputs.items()}
    targets = {"kind": np.arange(8) % 2, "size": draw.normal(size=(8, 1)).astype("float32")}
    return inputs, targets


def test_every_layer_is_seen_as_often_as_it_is_called(forked, batch):
    outputs = layer_outputs(forked, batch[0])
    names = [output.layer for output in outputs]
    assert sorted(names) == ["drop", "joined", "kind", "norm", "shared", "shared", "size", "wide"]
    assert all(output.is_finite for output in outputs)
    assert [output.layer for output in outputs if output.is_zero] == ["size"]


def test_looking_changes_nothing(forked, batch):
    before = [np.asarray(variable) for variable in forked.variables]
    layer_outputs(forked, batch[0])
    fates(forked, batch)
    FixedLoss(forked, batch)()
    assert all(map(np.array_equal, before, [np.asarray(variable) for variable in forked.variables]))
    assert all("call" not in vars(layer) for layer in forked.layers)


def test_every_trainable_weight_has_a_fate(forked, batch):
    found = fates(forked, batch)
    assert set(found) == {variable.path for variable in forked.trainable_variables}
    assert set(found.values()) == {"fine"}


def test_a_loss_of_one_output_alone_leaves_the_others_layers_without_gradient(forked, batch):
    forked.compile("sgd", {"kind": "sparse_categorical_crossentropy", "size": None})
    found = fates(forked, batch)
    assert {path for path, fate in found.items() if fate == "none"} == {"size/kernel", "size/bias"}


def test_the_loss_is_the_same_in_spite_of_dropout(forked, batch):
    loss = FixedLoss(forked, batch)
    first = loss()
    forked(batch[0], training=True)  # draws, and moves the normalization's averages
    assert loss() == first


def test_a_batch_that_is_repeated_is_learnt(forked, batch):
    losses = repeat(forked, batch, 30, FixedLoss(forked, batch), every=10, clear=1.0)
    assert len(losses) == 4
    assert losses[-1] < losses[0]


def test_repeating_ends_once_two_looks_running_are_clearly_lower(forked, batch):
    told = iter([2.0, 1.7, 1.9, 1.7, 1.75, 0.1])
    losses = repeat(forked, batch, 30, lambda: next(told), every=1, clear=0.1)
    assert losses == [2.0, 1.7, 1.9, 1.7, 1.75]


@pytest.mark.filterwarnings("ignore:Gradients do not exist for variables")
def test_repeating_ends_at_a_loss_that_is_no_number(forked, batch):
    forked.compile(keras.optimizers.SGD(1e30), {"kind": None, "size": "mse"})
    losses = repeat(forked, batch, 30, FixedLoss(forked, batch), every=1, clear=0.1)
    assert len(losses) < 31
    assert not np.isfinite(losses[-1])


@pytest.mark.parametrize(("rows", "limit", "taken"), [(90, 12, 12), (90, 13, 12), (5, 12, 4), (1, 12, 1)])
def test_a_few_rows_hold_every_class_in_each_half(rows, limit, taken):
    labels = np.sort(np.arange(rows) % 3)
    inputs, targets = few_rows(({"a": np.arange(rows), "b": np.arange(rows) * 2}, labels), limit)
    assert row_count((inputs, targets)) == taken
    assert np.array_equal(inputs["a"] * 2, inputs["b"])
    assert np.array_equal(labels[inputs["a"]], targets)
    if taken == 12:
        assert set(targets[:6]) == set(targets[6:]) == {0, 1, 2}


def test_a_few_rows_hold_every_one_hot_class_and_the_ends_of_numbers():
    _, one_hot = few_rows((np.zeros((90, 2)), np.eye(3)[np.arange(90) % 3]), 6)
    assert set(one_hot.argmax(axis=1)) == {0, 1, 2}
    _, numbers, weights = few_rows((np.zeros((90, 2)), np.arange(90.0)[::-1, None], np.ones(90)), 6)
    assert {0.0, 89.0} <= set(numbers.ravel())
    assert len(weights) == 6


def test_a_few_rows_of_bytes_are_numbers():
    images = Scaled(np.random.default_rng(0).integers(0, 256, (90, 3, 2), np.uint8), 0, 255)
    whole = np.asarray(images)
    found, expected = few_rows((images, images), 6), few_rows((whole, whole), 6)
    for given, wanted in zip(found, expected, strict=True):
        assert isinstance(given, np.ndarray)
        np.testing.assert_array_equal(given, wanted)
