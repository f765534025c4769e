import numpy as np
import pytest

from nntrain.data import files
from nntrain.data.prepare import preparation, statistics
from nntrain.data.prepare.arrays import ArrayFitting
from nntrain.data.prepare.preparation import fit
from nntrain.data.prepare.tables import TableFitting
from nntrain.errors import DataError
from tests.data.prepare.made import NAN, in_file, prep, table


def check(features, settings, **options):
    preparation.check({"features": features}, settings, **options)


def test_standardised_training_columns_have_mean_0_and_deviation_1():
    x = np.random.default_rng(0).normal([5, -300], [1, 50], (200, 2))
    ours = fit(x, prep({"scale": "standard"})).apply(x)
    np.testing.assert_allclose(ours.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(ours.std(axis=0), 1, atol=1e-6)
    assert ours.dtype == np.float32


def test_statistics_do_not_depend_on_the_size_of_blocks(monkeypatch):
    x = np.random.default_rng(0).normal(size=(50, 3))
    x[7, 1] = NAN
    whole = fit(x, prep({"impute": "median"})).to_json()
    monkeypatch.setattr(statistics, "BLOCK", 9)
    pieces = fit(x, prep({"impute": "median"})).to_json()
    assert whole["missing"] == pieces["missing"] == [0, 1, 0]
    assert whole["filling"] == pieces["filling"]
    np.testing.assert_allclose(whole["std"], pieces["std"], rtol=1e-14)
    np.testing.assert_allclose(whole["mean"], pieces["mean"], rtol=1e-12)


def test_images_have_one_statistic_and_bytes_are_rescaled_as_keras_users_do():
    x = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 14
    fitted = fit(x, prep({"scale": "rescale", "range": [0, 255]}))
    np.testing.assert_array_equal(fitted.apply(x), x.astype("float32") / 255)
    state = fitted.to_json()
    assert (state["kind"], state["row_shape"], state["range"]) == ("array", [3, 3], [0.0, 255.0])
    assert (state["mean"], state["min"], state["max"]) == ([119.0], [0.0], [238.0])


def test_values_outside_the_declared_range_are_remarked_on():
    fitted = fit(np.array([[0.0], [300.0]]), prep({"scale": "rescale", "range": [0, 255]}))
    assert fitted.notes == ("the training rows go from 0 to 300, outside the range 0 to 255 to rescale",)


def test_integers_become_float32_and_word_numbers_stay_integers():
    x = np.array([[1, 2], [3, 4]])
    assert fit(x, prep()).apply(x).dtype == np.float32
    tokens = fit(x, prep(), tokens=True).apply(x)
    assert tokens.dtype == np.int32
    np.testing.assert_array_equal(tokens, x)


@pytest.mark.parametrize(
    ("impute", "value"), [("mean", 3.0), ("median", 2.0), ("most_frequent", 1.0), (-1.0, -1.0), (0, 0.0)]
)
def test_missing_numbers_are_replaced(impute, value):
    t = table(a=[1, 1, NAN, 3, 7])
    assert fit(t, prep({"impute": impute})).apply(t)[2, 0] == value
    x = t.numeric["a"][:, None]
    assert fit(x, prep({"impute": impute})).apply(x)[2, 0] == value


def test_tables_become_named_columns_in_the_files_order():
    t = table(a=[1, 2, 3], color=["red", "blue", "red"], b=[4, 4, 4])
    fitted = fit(t, prep())
    assert fitted.columns == ("a", "color=blue", "color=red", "b")
    assert fitted.apply(t).tolist() == [[1, 0, 1, 4], [2, 1, 0, 4], [3, 0, 1, 4]]
    assert fitted.notes == ("columns with one value in the training rows: b",)


def test_constant_columns_and_features_become_zero_when_scaled():
    t = table(a=[0.1] * 7, b=[1, 2, 3, 4, 5, 6, 7], c=["x"] * 7)
    fitted = fit(t, prep({"scale": "standard"}))
    assert fitted.notes == ("columns with one value in the training rows: a, c",)
    assert not fitted.apply(t)[:, 0].any()
    assert fit(np.zeros((4, 3)), prep()).notes == ("3 of 3 features have one value in the training rows",)


def test_missing_texts_are_replaced_by_the_most_frequent_or_a_text_of_their_own():
    train, new = table(c=["b", "a", None, "b", "a"]), table(c=[None, "b"])
    frequent = fit(train, prep(None, {"impute": "most_frequent"}))
    assert frequent.apply(new).tolist() == [[1, 0], [0, 1]]
    own = fit(table(c=["b", "a"]), prep(None, {"impute": "none"}))
    assert own.columns == ("c=a", "c=b", "c=none")
    assert own.apply(new).tolist() == [[0, 0, 1], [0, 1, 0]]


def test_unknown_texts_may_become_zeros():
    fitted = fit(table(c=["b", "a"]), prep(None, {"unknown": "zeros"}))
    assert fitted.apply(table(c=["z", "b"])).tolist() == [[0, 0], [0, 1]]


def applied(train, new, settings=None):
    return lambda: fit(train, settings or prep()).apply(new)


SMALL = table(a=[0, 1e-30])
GOLDEN = {
    "missing": (
        lambda: check(table(in_file, a=[1, NAN, NAN], b=[1, 2, 3], c=[None, "u", "u"]), prep()),
        "t.csv: 2 problems\n\n"
        "2:1 column 'c': 1 of 3 rows has no value, the first here; set data.preprocess.categorical.impute: "
        "most_frequent | a text\n   2 | row 0 of c\n       ^\n"
        "3:1 column 'a': 2 of 3 rows have no value, the first here; set "
        "data.preprocess.numeric.impute: mean | "
        "median | most_frequent | a number\n   3 | row 1 of a\n       ^",
    ),
    "missing without a file": (
        applied(table(a=[1.0, 2.0]), table(a=[1.0, NAN])),
        "column 'a': 1 of 2 rows has no value, the first in row 1 (from 0); fill it in, or train with "
        "data.preprocess.numeric.impute",
    ),
    "nothing to impute": (
        lambda: fit(table(a=[NAN, NAN], b=[1, 2]), prep({"impute": "mean"})),
        "data.preprocess.numeric.impute: no training row has a value of 'a', so there is no mean to fill in; "
        "drop the column, or impute a number",
    ),
    "nothing to impute in an array": (
        lambda: fit(np.array([[1, NAN], [2, NAN]]), prep({"impute": "median"})),
        "data.preprocess.numeric.impute: no training row has a value of feature 1 (from 0), so there is no "
        "median to fill in; leave it out of the array, or impute a number",
    ),
    "no text to impute": (
        lambda: fit(table(c=[None, None]), prep(None, {"impute": "most_frequent"})),
        "data.preprocess.categorical.impute: no training row has a value of 'c', so there is none to "
        "fill in; "
        "drop the column",
    ),
    "unknown text": (
        applied(table(c=["blue", "red"]), table(in_file, c=["red", "blu", "x"])),
        "t.csv: 1 problem\n\n3:1 column 'c': no training row has 'blu' (did you mean 'blue'?) (2 of "
        "3 rows have "
        "unknown texts); known are blue, red; set data.preprocess.categorical.unknown: zeros to let "
        "them pass\n"
        "   3 | row 1 of c\n       ^",
    ),
    "scaled beyond 32 bits": (
        applied(SMALL, table(a=[1, 1e30]), prep({"scale": "standard"})),
        "column 'a': 1e+30 in row 1 (from 0) is more than a 32-bit number can hold once scaled",
    ),
    "scaled beyond 32 bits, in a file": (
        applied(SMALL, table(in_file, a=[1, 1e30]), prep({"scale": "min_max"})),
        "t.csv: 1 problem\n\n3:1 column 'a': 1e+30 is more than a 32-bit number can hold once scaled\n"
        "   3 | row 1 of a\n       ^",
    ),
    "array scaled beyond 32 bits": (
        applied(np.array([[0, 0], [1, 1e-30]]), np.array([[1, 1], [1, 1e30]]), prep({"scale": "standard"})),
        "value 1 of row 1 (both from 0) is more than a 32-bit number can hold once scaled",
    ),
    "missing in an array": (
        applied(np.zeros((2, 2)), np.array([[0, 0], [NAN, 0]])),
        "value 0 of row 1 (both from 0) is missing",
    ),
    "another shape": (
        applied(np.zeros((2, 2)), np.zeros((2, 3))),
        "rows of shape (3,) where the training rows have (2,)",
    ),
    "scaled words": (
        lambda: check(np.ones((2, 2), int), prep({"scale": "standard"}), tokens=True),
        "data.preprocess.numeric: the rows are word numbers for an Embedding layer; remove the steps",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_unfit_rows_are_explained(name):
    call, expected = GOLDEN[name]
    with pytest.raises(DataError) as caught:
        call()
    assert str(caught.value) == expected


def test_more_categories_than_memory_are_refused(monkeypatch):
    t = table(id=[f"r{i}" for i in range(100)])
    fitted = fit(t, prep())
    monkeypatch.setattr(files, "available_memory", lambda: 10_000)
    with pytest.raises(DataError) as caught:
        fitted.apply(t)
    assert str(caught.value) == (
        "100 rows of 100 prepared columns take 39.1 KiB of memory; this machine has 9.8 KiB available"
    )


@pytest.mark.parametrize("impute", ["mean", "median"])
def test_rows_can_be_added_in_parts(impute):
    draw = np.random.default_rng(0)
    whole = table(
        a=draw.normal(size=50), c=draw.choice(["x", "y", None], 50).tolist(), b=draw.normal(size=50)
    )
    whole.numeric["a"][::7] = NAN
    steps = prep({"impute": impute, "scale": "robust"}, {"impute": "most_frequent"})
    fitting = TableFitting(steps)
    for rows in (range(1), range(1, 30), range(30, 30), range(30, 50)):
        fitting.add(whole.take(np.array(rows, int)))
    parts, together = fitting.result(), fit(whole, steps)
    np.testing.assert_allclose(parts.apply(whole), together.apply(whole), rtol=1e-6)
    assert (parts.rows, parts.columns) == (together.rows, together.columns)
    images = draw.integers(0, 256, (20, 3, 3), np.uint8)
    several = ArrayFitting(prep({"scale": "standard"}))
    for part in np.split(images, [3, 9]):
        several.add(part)
    expected = fit(images, prep({"scale": "standard"})).apply(images)
    np.testing.assert_allclose(several.result().apply(images), expected, rtol=1e-6)
