import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nntrain.errors import ConfigError, DivergedError
from nntrain.evaluation.outputs import decode, sigmoid, softmax

KINDS = ["softmax", "sigmoid", "softmax_logits", "sigmoid_logits", "scores"]
LOGITS = st.floats(-1e6, 1e6, width=32)


def test_softmax_rows_give_the_largest_class_and_their_probabilities():
    rows = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]], np.float32)
    found = decode(rows, classes=3, kind="softmax")
    assert found.labels.tolist() == [1, 0]
    assert found.labels.dtype == np.int64
    np.testing.assert_allclose(found.probabilities, rows, rtol=1e-6)
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-15)
    assert found.scores.shape == (2, 3)


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_one_sigmoid_unit_is_class_1_above_the_threshold(shape):
    values = np.array([0.25, 0.5, 0.75]).reshape(shape)
    assert decode(values, classes=2, kind="sigmoid").labels.tolist() == [0, 0, 1]
    high = decode(values, classes=2, kind="sigmoid", threshold=0.6)
    assert high.labels.tolist() == [0, 0, 1]
    assert high.probabilities.tolist() == [[0.75, 0.25], [0.5, 0.5], [0.25, 0.75]]
    assert high.scores.tolist() == [0.25, 0.5, 0.75]


def test_threshold_moves_the_second_column_of_a_softmax_over_two():
    rows = [[0.7, 0.3], [0.2, 0.8]]
    assert decode(rows, classes=2, kind="softmax").labels.tolist() == [0, 1]
    assert decode(rows, classes=2, kind="softmax", threshold=0.25).labels.tolist() == [1, 1]
    assert decode(np.log(rows), classes=2, kind="softmax_logits", threshold=0.9).labels.tolist() == [0, 0]


def test_independent_sigmoids_are_probabilities_only_where_they_sum_to_one():
    loose = decode([[0.9, 0.8, 0.1], [0.1, 0.2, 0.7]], classes=3, kind="sigmoid")
    assert loose.labels.tolist() == [0, 2]
    assert loose.probabilities is None
    assert loose.scores.tolist() == [[0.9, 0.8, 0.1], [0.1, 0.2, 0.7]]
    exclusive = decode([[0.7, 0.2, 0.1005]], classes=3, kind="sigmoid")
    np.testing.assert_allclose(exclusive.probabilities.sum(), 1)


@pytest.mark.parametrize(("boundary", "labels"), [(0.0, [0, 1, 1]), (0.5, [0, 0, 1])])
def test_a_single_score_is_cut_at_the_boundary_and_is_no_probability(boundary, labels):
    found = decode([[-0.3], [0.2], [1.4]], classes=2, kind="scores", boundary=boundary)
    assert found.labels.tolist() == labels
    assert found.probabilities is None
    assert found.scores.tolist() == [-0.3, 0.2, 1.4]


@pytest.mark.parametrize("kind", ["scores", "sigmoid_logits"])
def test_two_independent_columns_are_ranked_by_their_difference(kind):
    found = decode([[3.0, 1.0], [-1.0, 4.0]], classes=2, kind=kind)
    assert found.labels.tolist() == [0, 1]
    assert found.scores.tolist() == [-2.0, 5.0]


def test_extreme_logits_neither_overflow_nor_lose_their_order():
    with np.errstate(all="raise", under="ignore"):
        one = decode([-1000.0, 1000.0, 2000.0], classes=2, kind="sigmoid_logits")
        many = decode([[1000.0, -1000.0, 0.0], [-1000.0, -1001.0, -999.0]], classes=3, kind="softmax_logits")
    assert one.probabilities.tolist() == [[1, 0], [0, 1], [0, 1]]
    assert one.scores.tolist() == [-1000, 1000, 2000]
    assert many.labels.tolist() == [0, 2]
    np.testing.assert_allclose(
        many.probabilities[1], np.array([1, np.exp(-1), np.e]) / (1 + np.exp(-1) + np.e)
    )


@given(arrays(np.float64, (5, 4), elements=LOGITS))
def test_probabilities_from_any_logits_sum_to_one_and_keep_the_order(logits):
    found = decode(logits, classes=4, kind="softmax_logits")
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1)
    assert np.all(np.take_along_axis(found.probabilities, found.labels[:, None], 1) >= 0.25 - 1e-12)
    np.testing.assert_allclose(softmax(logits), softmax(logits + 100), atol=1e-9)


@given(arrays(np.float64, 6, elements=LOGITS))
def test_sigmoid_is_symmetric_and_is_a_softmax_against_zero(logits):
    np.testing.assert_allclose(sigmoid(logits) + sigmoid(-logits), 1)
    pairs = np.column_stack([np.zeros(6), logits])
    np.testing.assert_allclose(sigmoid(logits), softmax(pairs)[:, 1], rtol=1e-9, atol=1e-300)
    single = decode(logits, classes=2, kind="sigmoid_logits")
    assert single.labels.tolist() == decode(pairs, classes=2, kind="softmax_logits").labels.tolist()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_outputs_that_are_not_numbers_mean_divergence(kind, bad):
    with pytest.raises(DivergedError) as error:
        decode([[0.5, 0.5], [bad, 0.5], [0.1, 0.9]], classes=2, kind=kind)
    assert str(error.value) == (
        "the model's output is not a finite number on 1 of 3 rows: training diverged; "
        "lower the learning rate, scale the features or set the optimizer's clipnorm"
    )


@pytest.mark.parametrize(
    ("shape", "classes", "kind", "message"),
    [
        (
            (4, 10),
            3,
            "softmax",
            "model: the model gives 10 outputs a row, the data have 3 classes: "
            "set the last layer's units to 3",
        ),
        (
            (4, 1),
            3,
            "scores",
            "model: the model gives 1 output a row, the data have 3 classes: set the last layer's units to 3",
        ),
        (
            (4, 3),
            2,
            "sigmoid",
            "model: the model gives 3 outputs a row, the data have 2 classes: "
            "set the last layer's units to 1 or 2",
        ),
        (
            (4, 7, 3),
            3,
            "softmax",
            "model: the model's output shape is (None, 7, 3), a classifier gives (None, 3): "
            "add a Flatten or pooling layer before the last Dense layer",
        ),
        (
            (4, 1),
            2,
            "softmax",
            "model: softmax over a single output is always 1: use 'activation: sigmoid', "
            "or 2 units for softmax",
        ),
    ],
)
def test_outputs_that_do_not_suit_the_classes_are_a_config_mistake(shape, classes, kind, message):
    with pytest.raises(ConfigError) as error:
        decode(np.ones(shape) / 2, classes=classes, kind=kind)
    assert str(error.value) == message


def test_values_outside_the_range_of_their_kind_are_refused():
    with pytest.raises(ValueError, match=r"^sigmoid outputs lie in \[0, 1\], received -2 to 3$"):
        decode([-2.0, 3.0], classes=2, kind="sigmoid")
    with pytest.raises(ValueError, match="at least 2 classes"):
        decode([0.2, 0.3], classes=1, kind="sigmoid")
