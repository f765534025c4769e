"""Clipping, logarithms, robust scales and flags, in tables and arrays; blocks of any size."""

import numpy as np
import pytest

from nntrain.arrays import Scaled
from nntrain.config.data import Numeric
from nntrain.data.prepare import preparation
from nntrain.data.prepare.preparation import fit
from nntrain.data.prepare.statistics import Measuring, quantile
from nntrain.errors import DataError
from tests.data.prepare.made import NAN, in_file, prep, table

GAPS = table(a=[1, NAN, 3, 100], b=[1, 2, 3, 4])


def test_steps_come_in_their_order():
    steps = {"impute": 1000, "clip": [0, 7], "log": True, "scale": "min_max"}
    prepared = fit(GAPS, prep(steps)).apply(GAPS)[:, 0]
    expected = (np.log1p([1, 7, 3, 7]) - np.log(2)) / (np.log(8) - np.log(2))
    np.testing.assert_allclose(prepared, expected, rtol=1e-6)


def test_a_mean_is_taken_before_numbers_are_clipped():
    t = table(a=[1, 2, NAN, 9])
    assert fit(t, prep({"impute": "mean", "clip": [None, 5]})).apply(t)[:, 0].tolist() == [1, 2, 4, 5]


@pytest.mark.parametrize(("clip", "expected"), [([2, None], [2, 2, 3, 100]), ([None, 3], [1, 2, 3, 3])])
def test_one_end_may_be_open(clip, expected):
    assert fit(GAPS, prep({"impute": 2, "clip": clip})).apply(GAPS)[:, 0].tolist() == expected


def test_a_gap_has_a_flag_where_the_training_rows_have_gaps():
    fitted = fit(GAPS, prep({"impute": "median", "flag_missing": True}))
    assert fitted.columns == ("a", "a missing", "b")
    assert fitted.apply(GAPS).tolist() == [[1, 0, 1], [3, 1, 2], [3, 0, 3], [100, 0, 4]]
    new = fitted.apply(table(a=[NAN, 1], b=[NAN, 1]))
    assert new.tolist() == [[3, 1, 2.5], [1, 0, 1]]


def test_features_of_an_array_have_their_flags_behind_them():
    x = np.array([[1, 5, NAN], [NAN, 5, 2.0], [3, 5, 4]])
    fitted = fit(x, prep({"impute": 0, "flag_missing": True}))
    assert fitted.apply(x).tolist() == [[1, 5, 0, 0, 1], [0, 5, 2, 1, 0], [3, 5, 4, 0, 0]]


def test_a_robust_scale_hardly_minds_an_outlier():
    x = np.array([[1.0], [2], [3], [4], [1e6]])
    assert fit(x, prep({"scale": "robust"})).apply(x)[:4, 0].tolist() == [-1, -0.5, 0, 0.5]


def test_quartiles_that_are_equal_divide_by_nothing():
    x = np.array([[0.0], [0], [0], [0], [7]])
    assert fit(x, prep({"scale": "robust"})).apply(x)[:, 0].tolist() == [0, 0, 0, 0, 7]


def test_bytes_that_are_clipped_become_floats():
    x = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    assert isinstance(fit(x, prep()).apply(x), Scaled)
    clipped = fit(x, prep({"clip": [2, 5]})).apply(x)
    assert clipped.tolist() == [[[2, 2], [2, 3]], [[4, 5], [5, 5]]]
    logs = fit(x, prep({"log": True})).apply(x)
    np.testing.assert_array_equal(logs, np.log1p(x.astype(float)).astype(np.float32))


def test_columns_may_have_steps_of_their_own():
    t = table(a=[1, 2, 3], b=[1, 2, 3], c=["x", "y", "x"], d=["x", "y", "x"])
    settings = prep({"scale": "min_max"}, None, b={"scale": None, "clip": [2, None]}, d={"encode": "ordinal"})
    fitted = fit(t, settings)
    assert fitted.columns == ("a", "b", "c=x", "c=y", "d")
    assert fitted.apply(t).tolist() == [[0, 2, 1, 0, 0], [0.5, 2, 0, 1, 1], [1, 3, 1, 0, 0]]


@pytest.mark.parametrize(
    "steps", [{"impute": "median", "scale": "robust"}, {"impute": "mean", "scale": "standard"}]
)
@pytest.mark.parametrize("log", [False, True])
def test_blocks_of_any_size_give_the_same_statistics(steps, log):
    steps = Numeric(**steps, log=log, clip=[0, 5])
    x = np.random.default_rng(0).normal(2, 1, (1000, 3))
    x[x < 0.5] = NAN
    whole, pieces, transposed = Measuring(3, steps), Measuring(3, steps), Measuring(3, steps)
    whole.add(x)
    for block in np.split(x, [1, 2, 2, 17, 500, 999]):
        pieces.add(block)
    for block in np.array_split(np.asfortranarray(x), 7):
        transposed.add(block)
    for other in (pieces.result(), transposed.result()):
        expected = whole.result()
        assert other.missing.tolist() == expected.missing.tolist() == np.isnan(x).sum(axis=0).tolist()
        for name in ("filling", "mean", "std", "low", "high"):
            np.testing.assert_allclose(getattr(other, name), getattr(expected, name), rtol=1e-12)
        if steps.scale == "robust":
            np.testing.assert_array_equal(other.quartiles, expected.quartiles)
        whole = Measuring(3, steps)
        whole.add(x)


@pytest.mark.parametrize("share", [0, 0.25, 0.5, 0.75, 1, 0.1, 0.9])
@pytest.mark.parametrize("filling", [-9.0, 0.3, 9.0])
def test_quantiles_count_values_that_were_filled_in(share, filling):
    values = np.sort(np.random.default_rng(0).normal(size=41))
    for gaps in (0, 1, 10, 100):
        filled = np.full(gaps, filling)
        assert quantile(values, share, filled) == np.percentile(np.concatenate([values, filled]), 100 * share)


def refused(features, settings):
    with pytest.raises(DataError) as caught:
        preparation.check({"features": features}, settings)
    return str(caught.value)


def test_a_number_without_a_logarithm_is_shown_before_anything_is_fitted():
    assert refused(table(in_file, fare=[1, -3, NAN, -0.5]), prep({"log": True, "impute": 0})) == (
        "t.csv: 1 problem\n\n3:1 column 'fare': -3 is below 0, and 'log' takes none (2 of 4 rows); set "
        "data.preprocess.columns.fare.clip: [0, null] to make such numbers 0\n   3 | row 1 of fare\n       ^"
    )
    assert refused(
        np.array([[[1.0, 2], [3, -4]], [[1, 2], [3, 4]]]), prep({"log": True, "clip": [-5, 9]})
    ) == (
        "value 3 of row 0 (both from 0) is -4, and 'log' takes no number below 0 (1 of 2 rows have such); set "
        "data.preprocess.numeric.clip: [0, null] to make such numbers 0"
    )


def test_clipping_makes_a_logarithm_of_any_number():
    t = table(fare=[1.0, -3.0])
    steps = prep({"log": True, "clip": [0, None]})
    preparation.check({"features": t}, steps)
    assert fit(t, steps).apply(t)[:, 0].tolist() == [np.float32(np.log(2)), 0]


def test_a_new_number_without_a_logarithm_is_explained():
    with pytest.raises(DataError) as caught:
        fit(table(a=[1.0]), prep({"log": True})).apply(table(a=[1.0, -1.0]))
    assert str(caught.value) == (
        "column 'a': -1 in row 1 (from 0) is below 0, and 'log' takes none (1 of 2 rows); mend it, or train "
        "with data.preprocess.columns.a.clip: [0, null]"
    )
    with pytest.raises(DataError) as caught:
        fit(np.ones((2, 1)), prep({"log": True})).apply(np.array([[-1.0]]))
    assert str(caught.value) == (
        "value 0 of row 0 (both from 0) is -1, and 'log' takes no number below 0 (1 of 1 rows have such); "
        "mend it, or train with data.preprocess.numeric.clip: [0, null]"
    )


def test_a_value_of_an_image_is_counted_within_its_row():
    new = np.zeros((3, 2, 2))
    new[2, 0, 1] = NAN
    with pytest.raises(DataError) as caught:
        fit(np.ones((2, 2, 2)), prep()).apply(new)
    assert str(caught.value) == "value 1 of row 2 (both from 0) is missing"


def test_ranges_of_columns_are_remarked_on_together():
    t = table(a=[0, 300], b=[-1, 200], c=[0, 200])
    fitted = fit(t, prep({"scale": "rescale", "range": [0, 255]}))
    assert fitted.notes == (
        "the training rows go from -1 to 300, outside the range 0 to 255 to rescale: a, b",
    )


ODD = {
    "a column of texts": (
        table(age=[1.0], city=["x"]),
        prep(None, None, city={"scale": "standard"}),
        "data.preprocess.columns.city.scale: is for numbers, and column 'city' holds texts, which take "
        "impute, flag_missing, encode, bins and unknown",
    ),
    "a column of numbers": (
        table(age=[1.0], city=["x"]),
        prep(None, None, age={"encode": "ordinal"}),
        "data.preprocess.columns.age.encode: is for texts, and column 'age' holds numbers, which take "
        "impute, flag_missing, clip, log, scale and range",
    ),
    "a text for numbers": (
        table(age=[1.0], city=["x"]),
        prep(None, None, age={"impute": "unknown"}),
        "data.preprocess.columns.age.impute: is for texts, and column 'age' holds numbers, which take "
        "impute, flag_missing, clip, log, scale and range",
    ),
    "a column that is not there": (
        table(age=[1.0], city=["x"]),
        prep(None, None, agee={"scale": "standard"}),
        "data.preprocess.columns.agee: no feature column is called 'agee' (did you mean 'age'?)",
    ),
    "a column like none": (
        table(age=[1.0], city=["x"]),
        prep(None, None, qqq={"scale": "standard"}),
        "data.preprocess.columns.qqq: no feature column is called 'qqq'; the features are age, city",
    ),
    "columns of an array": (
        np.ones((2, 2)),
        prep(None, None, a={"scale": "standard"}),
        "data.preprocess.columns: the rows are arrays, whose columns have no names; set steps for all with "
        "data.preprocess.numeric",
    ),
    "flags of images": (
        np.ones((2, 3, 3)),
        prep({"impute": 0, "flag_missing": True}),
        "data.preprocess.numeric.flag_missing: flags are columns, and rows of shape (3, 3) have none; remove this",
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_steps_that_suit_no_rows_are_explained(name):
    features, settings, expected = ODD[name]
    assert refused(features, settings) == expected
