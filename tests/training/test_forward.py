"""Evaluation and prediction give what Keras gives, to the last bit."""

import gc
import weakref

import keras
import numpy as np
import pytest

from nntrain.training import forward
from nntrain.training.forward import CompiledEvaluation, predict
from nntrain.training.recipe import EVALUATION_BATCH
from nntrain.training.rows import DeviceRows
from tests.training.test_same_updates import SEVERAL
from tests.training.twins import Case, labels, layer, numbers, stack

DENSE = layer("Dense", 8, activation="relu")


def classifier(rows):
    network = stack(
        DENSE, layer("BatchNormalization"), layer("Dropout", 0.5), layer("Dense", 3, activation="softmax")
    )
    data = (numbers(rows, 6), labels(3, rows, 1))
    return Case(network, data, "sparse_categorical_crossentropy", metrics=lambda: ["accuracy"])


def nothing():
    """What an evaluation is told to do between its calls."""


@pytest.mark.parametrize("rows", [1, 7, EVALUATION_BATCH, EVALUATION_BATCH + 1, 3 * EVALUATION_BATCH + 40])
def test_evaluation_is_that_of_keras(rows):
    case = classifier(rows)
    model = case.compiled()
    theirs = model.evaluate(*case.rows, batch_size=EVALUATION_BATCH, return_dict=True, verbose=0)
    evaluation = CompiledEvaluation(model, DeviceRows(case.rows))
    for _ in range(2):
        model.evaluate(numbers(9, 6, seed=5), labels(3, 9, 1, seed=6), verbose=0)  # of which nothing may stay
        assert {name: float(value) for name, value in evaluation(nothing).items()} == theirs
    assert evaluation.traces == 1


def test_evaluation_of_several_outputs_is_that_of_keras():
    model = SEVERAL.compiled()
    ours = CompiledEvaluation(model, DeviceRows(SEVERAL.rows))(nothing)
    theirs = model.evaluate(*SEVERAL.rows, batch_size=EVALUATION_BATCH, return_dict=True, verbose=0)
    assert {name: float(value) for name, value in ours.items()} == theirs


def test_an_evaluation_can_be_broken_off():
    case = classifier(EVALUATION_BATCH * 3)
    evaluation = CompiledEvaluation(case.compiled(), DeviceRows(case.rows))

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluation(stop)


@pytest.mark.parametrize("rows", [1, 7, EVALUATION_BATCH, EVALUATION_BATCH + 1, 2 * EVALUATION_BATCH + 40])
def test_predictions_are_those_of_keras(rows):
    case = classifier(rows)
    model = case.seeded()
    np.testing.assert_array_equal(
        predict(model, case.rows[0]),
        model.predict(case.rows[0], batch_size=EVALUATION_BATCH, verbose=0),
        strict=True,
    )


def test_predictions_of_several_outputs_are_those_of_keras():
    model = SEVERAL.seeded()
    ours, theirs = predict(model, SEVERAL.rows[0]), model.predict(SEVERAL.rows[0], EVALUATION_BATCH, 0)
    assert list(ours) == list(theirs) == ["kind", "size"]
    for name, values in theirs.items():
        np.testing.assert_array_equal(ours[name], values, strict=True)


class Traced(keras.layers.Layer):
    """Counts how often it's called, which a compiled function does when it is traced."""

    calls = 0

    def call(self, x):
        Traced.calls += 1
        return x


def test_prediction_is_traced_once_whatever_the_number_of_rows():
    model = stack(DENSE, Traced)()
    before = Traced.calls
    for rows in (EVALUATION_BATCH + 3, 1, EVALUATION_BATCH, 5):
        predict(model, numbers(rows, 6))
    assert Traced.calls == before + 1


def test_predictions_follow_the_weights():
    model = stack(layer("Dense", 1))()
    x = numbers(4, 6)
    first = predict(model, x)
    model.set_weights([2 * weight for weight in model.get_weights()])
    np.testing.assert_array_equal(predict(model, x), 2 * first)


def test_a_model_that_predicted_can_be_forgotten():
    model = stack(DENSE)()
    predict(model, numbers(4, 6))
    gone, before = weakref.ref(model), len(forward._PREDICTING)
    del model
    keras.utils.clear_session(free_memory=False)
    gc.collect()
    assert gone() is None
    assert len(forward._PREDICTING) < before
