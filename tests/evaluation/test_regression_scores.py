import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from nntrain.errors import ConfigError, DataError, DivergedError
from nntrain.evaluation.regression import score_regression

NUMBERS = st.floats(-1e6, 1e6, width=32)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20).flatmap(lambda n: arrays(np.float32, (2, n), elements=NUMBERS)))
def test_scores_equal_those_of_scikit_learn(rows):
    actual, predicted = rows.astype(np.float64)
    found = score_regression(rows[0], rows[1][:, np.newaxis])
    assert found.mae == metrics.mean_absolute_error(actual, predicted)
    assert found.mse == metrics.mean_squared_error(actual, predicted)
    assert found.rmse == metrics.root_mean_squared_error(actual, predicted)
    assert found.median_error == metrics.median_absolute_error(actual, predicted)
    assert found.max_error == metrics.max_error(actual, predicted)
    if found.mape is None:
        assert (actual == 0).any()
    elif (np.abs(actual) >= np.finfo(np.float64).eps).all():  # scikit-learn divides by that at least
        assert found.mape == metrics.mean_absolute_percentage_error(actual, predicted)
    if found.r2 is None:
        assert len(set(actual)) == 1
    else:
        assert found.r2 == metrics.r2_score(actual, predicted)


def test_a_small_case_by_hand():
    found = score_regression([1.0, 2.0, 4.0], [1.0, 3.0, 2.0])
    assert found.rows == 3
    assert found.mae == pytest.approx(1)
    assert found.mse == pytest.approx(5 / 3)
    assert found.rmse == pytest.approx((5 / 3) ** 0.5)
    assert found.r2 == pytest.approx(1 - 5 / (14 / 3))
    assert found.mape == pytest.approx(1 / 3)
    assert found.undefined == {}


@pytest.mark.parametrize(
    ("actual", "undefined"),
    [
        ([3.0], {"r2": "only one row"}),
        ([3.0, 3.0], {"r2": "every target is the same number"}),
        ([0.0, 3.0, 1.0], {"mape": "1 of 3 targets is 0"}),
        ([0.0, 0.0], {"r2": "every target is the same number", "mape": "2 of 2 targets are 0"}),
    ],
)
def test_scores_that_these_targets_do_not_allow_are_none_with_a_reason(actual, undefined):
    found = score_regression(actual, np.ones(len(actual)))
    assert found.undefined == undefined
    assert {name for name in ("r2", "mape") if getattr(found, name) is None} == set(undefined)


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(DataError, match=r"^there are no rows to score$"):
        score_regression([], [])
    with pytest.raises(ValueError, match=r"^2 targets for 3 predictions$"):
        score_regression([1, 2], [1, 2, 3])
    with pytest.raises(DivergedError, match="not a finite number on 1 of 2 rows"):
        score_regression([1, 2], [1, np.nan])
    with pytest.raises(ConfigError) as error:
        score_regression([1, 2], np.ones((2, 3)))
    assert str(error.value) == (
        "model: the model's output shape is (None, 3), regression takes (None, 1): "
        "let the last layer be {type: Dense, units: 1}"
    )


@settings(max_examples=30, deadline=None)
@given(
    st.tuples(st.integers(2, 20), st.integers(2, 4)).flatmap(
        lambda s: arrays(np.float32, (2, *s), elements=NUMBERS)
    )
)
def test_several_numbers_are_averaged_as_scikit_learn_does_and_scored_one_by_one(rows):
    actual, predicted = rows.astype(np.float64)
    names = ["a", "b", "c", "d"][: actual.shape[1]]
    found = score_regression(rows[0], rows[1], names)
    assert found.mae == metrics.mean_absolute_error(actual, predicted)
    assert found.mse == metrics.mean_squared_error(actual, predicted)
    assert found.rmse == pytest.approx(found.mse**0.5)
    constant = [j for j in range(len(names)) if len(set(actual[:, j])) == 1]
    if constant:
        assert found.r2 is None
        assert found.undefined["r2"] == f"every target of '{names[constant[0]]}' is the same number"
    else:
        assert found.r2 == metrics.r2_score(actual, predicted, multioutput="uniform_average")
    assert [column.name for column in found.per_column] == names
    for j, column in enumerate(found.per_column):
        alone = score_regression(actual[:, j], predicted[:, j])
        assert (column.mae, column.rmse) == pytest.approx((alone.mae, alone.rmse))
        assert column.r2 == (None if j in constant else pytest.approx(alone.r2))


def test_one_number_is_no_column_of_its_own():
    assert score_regression([1.0, 2.0], [1.0, 3.0]).per_column == ()
    assert "per_column" not in score_regression([1.0, 2.0], [1.0, 3.0]).to_json()


def test_several_numbers_take_as_many_outputs():
    with pytest.raises(ConfigError) as error:
        score_regression(np.ones((2, 3)), np.ones((2, 2)), ["a", "b", "c"])
    assert str(error.value) == (
        "model: the model's output shape is (None, 2), a target of 3 numbers takes (None, 3): "
        "let the last layer be {type: Dense, units: 3}"
    )
