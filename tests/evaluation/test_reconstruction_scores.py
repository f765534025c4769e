import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from sklearn import metrics

from nntrain.errors import ConfigError, DataError, DivergedError
from nntrain.evaluation import reconstruction
from nntrain.evaluation.reconstruction import row_errors, score_reconstruction

NUMBERS = st.floats(-1e3, 1e3, width=16)
SHAPES = array_shapes(min_dims=2, max_dims=4, max_side=6)


@settings(max_examples=40, deadline=None)
@given(SHAPES.flatmap(lambda shape: arrays(np.float32, (2, *shape), elements=NUMBERS)), st.integers(1, 40))
def test_scores_equal_those_of_scikit_learn_whatever_the_shape_and_the_blocks(pair, block):
    actual, made = pair
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reconstruction, "BLOCK", block)
        found = score_reconstruction(actual, made)
    flat, guess = (rows.reshape(len(rows), -1).astype(np.float64) for rows in pair)
    assert found.rows == len(actual)
    assert found.mse == pytest.approx(metrics.mean_squared_error(flat, guess))
    assert found.mae == pytest.approx(metrics.mean_absolute_error(flat, guess))
    assert found.rmse == pytest.approx(found.mse**0.5)
    centre = flat.mean(axis=0)
    if (actual == actual[:1]).all():
        assert found.r2 is None
    else:
        theirs = metrics.r2_score((flat - centre).ravel(), (guess - centre).ravel())
        assert found.r2 == pytest.approx(theirs, rel=1e-6, abs=1e-6)


def test_a_small_case_by_hand():
    rows = np.array([[[0.0, 4.0]], [[2.0, 8.0]]])
    made = np.array([[[1.0, 4.0]], [[2.0, 5.0]]])
    found = score_reconstruction(rows, made)
    assert found.mse == pytest.approx(10 / 4)
    assert found.mae == pytest.approx(1)
    assert found.r2 == pytest.approx(1 - 10 / (1 + 1 + 4 + 4))
    assert found.undefined == {}
    errors = row_errors(rows, made)
    assert errors.mse.tolist() == [0.5, 4.5]
    assert errors.mae.tolist() == [0.5, 1.5]


def test_the_mean_row_itself_explains_nothing():
    rows = np.random.default_rng(0).normal((5.0, -5.0), 1.0, (7, 3, 2))
    found = score_reconstruction(rows, np.broadcast_to(rows.mean(axis=0), rows.shape))
    assert found.r2 == pytest.approx(0)


@pytest.mark.parametrize(
    ("rows", "reason"), [([[1.0, 2.0]], "only one row"), ([[1.0, 2.0]] * 3, "all rows are the same")]
)
def test_rows_without_variance_leave_r2_undefined(rows, reason):
    found = score_reconstruction(rows, np.zeros_like(rows))
    assert found.r2 is None
    assert found.undefined == {"r2": reason}


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(DataError, match=r"^there are no rows to score$"):
        score_reconstruction(np.ones((0, 2)), np.ones((0, 2)))
    with pytest.raises(DivergedError, match="not a finite number on 1 of 2 rows"):
        score_reconstruction([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [np.inf, 4.0]])
    with pytest.raises(ConfigError) as error:
        score_reconstruction(np.ones((2, 28, 28, 1)), np.ones((2, 784)))
    assert str(error.value) == (
        "model: the model's output shape is (None, 784), its input's is (None, 28, 28, 1): "
        "let the last layer give as many values as a row has, in the same shape"
    )
    with pytest.raises(ValueError, match=r"^2 rows for 3 reconstructions$"):
        row_errors(np.ones((2, 1)), np.ones((3, 1)))
