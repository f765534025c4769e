"""What callbacks remember goes into JSON and arrays, and comes back as it was."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.training.packing import NotPlain, pack, pack_callback, unpack, unpack_callback


def through_text(value, now=None):
    arrays = {}
    packed = json.loads(json.dumps(pack(value, "here", arrays)))
    return unpack(packed, arrays, now)


@pytest.mark.parametrize(
    "value",
    [
        None, True, 3, 0.1, float("inf"), "text", [1, [2.5, None]], (1, "a"), {"a": 1, 2: (3,)}, {}, [],
    ],
    ids=str,
)  # fmt: skip
def test_plain_values_come_back(value):
    found = through_text(value)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "value", [np.float32(0.1), np.int64(7), np.arange(6.0).reshape(2, 3), np.asarray(True)], ids=repr
)
def test_numbers_and_arrays_of_numpy_come_back_in_their_type(value):
    found = through_text([value])[0]
    assert (type(found), found.dtype, found.tobytes()) == (type(value), value.dtype, value.tobytes())


def test_tensors_and_variables_come_back():
    tensor = through_text(tf.constant(0.1))
    assert (tensor.dtype, float(tensor)) == (tf.float32, np.float32(0.1))
    variable = keras.Variable([1.0, 2.0])
    other = keras.Variable([0.0, 0.0])
    assert through_text(variable, other) is other
    assert other.numpy().tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "value", [object(), {1}, [open], np.asarray(["a"])], ids=["object", "set", "function", "text"]
)
def test_what_is_not_plain_is_refused(value):
    with pytest.raises(NotPlain):
        pack(value, "here", {})


class Mine(keras.callbacks.Callback):
    def __init__(self, left):
        super().__init__()
        self.left = left
        self.seen = []
        self.stream = object()


def test_a_callback_of_the_users_own_is_kept_with_a_word_on_what_can_not_be():
    arrays, callback = {}, Mine(5)
    callback.left, callback.seen = 3, [np.ones(2)]
    packed = pack_callback(callback, "callbacks/0", arrays)
    callback.seen[0] += 1  # what is kept is a copy
    assert (packed["class"], packed["lost"]) == ("Mine", ["stream"])
    again = Mine(5)
    unpack_callback(again, json.loads(json.dumps(packed)), arrays)
    assert (again.left, again.seen[0].tolist()) == (3, [1.0, 1.0])


def test_what_says_how_a_callback_of_keras_works_is_not_kept():
    stopping = keras.callbacks.EarlyStopping(patience=3, min_delta=0.5)
    stopping.on_train_begin()
    stopping.wait, stopping.best, stopping.best_weights = 2, 0.25, [np.ones(2, np.float32)]
    arrays = {}
    packed = pack_callback(stopping, "callbacks/0", arrays)
    assert set(packed["state"]) == {"wait", "best", "best_weights", "best_epoch", "stopped_epoch"}
    longer = keras.callbacks.EarlyStopping(patience=9, min_delta=0.1)
    unpack_callback(longer, packed, arrays)
    assert (longer.patience, longer.min_delta, longer.wait, longer.best) == (9, 0.1, 2, 0.25)
