import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from nntrain.config.data import Preprocess
from nntrain.data import files, statistics
from nntrain.data.dataset import Table
from nntrain.data.preprocess_json import from_json, to_json
from nntrain.data.preprocessing import apply, check, fit
from nntrain.errors import ArtefactError, DataError, Location

FLOATS = st.floats(-1e6, 1e6, width=32).map(lambda v: v if abs(v) > 1e-6 else 0.0)
NAN = np.nan


def prep(numeric=None, categorical=None):
    return Preprocess(numeric=numeric or {}, categorical=categorical or {})


def table(where=None, **columns):
    made = {
        name: np.array(v, object if isinstance(v[0], str | None) else float) for name, v in columns.items()
    }
    return Table(
        {name: v for name, v in made.items() if v.dtype != object},
        {name: v for name, v in made.items() if v.dtype == object},
        tuple(columns),
        np.arange(len(next(iter(made.values())))),
        where,
    )


def stored(fitted):
    """The state of the only input as `preprocess.json` has it."""
    return to_json({"features": fitted}, {})["inputs"]["features"]


def reread(fitted):
    document = json.loads(json.dumps(to_json({"features": fitted}, {"target": ("y",)})))
    states, targets = from_json(document)
    assert targets == {"target": ("y",)}
    return states["features"]


def in_file(row, column):
    return Location("t.csv", row + 2, 1, f"row {row} of {column}")


@settings(deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(2, 30), st.integers(1, 4)), elements=FLOATS))
def test_scaling_agrees_with_scikit_learn(x):
    for scale, reference in (("standard", StandardScaler()), ("min_max", MinMaxScaler())):
        ours = apply(fit(x, prep({"scale": scale})), x)
        expected = reference.fit_transform(x)
        moving = x.std(axis=0) > 1e-9 * (1 + np.abs(x).max(axis=0))
        np.testing.assert_allclose(ours[:, moving], expected[:, moving], rtol=1e-4, atol=1e-5)
        constant = x.min(axis=0) == x.max(axis=0)
        assert not ours[:, constant].any()


def test_standardised_training_columns_have_mean_0_and_deviation_1():
    x = np.random.default_rng(0).normal([5, -300], [1, 50], (200, 2))
    ours = apply(fit(x, prep({"scale": "standard"})), x)
    np.testing.assert_allclose(ours.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(ours.std(axis=0), 1, atol=1e-6)
    assert ours.dtype == np.float32


def test_statistics_do_not_depend_on_the_size_of_blocks(monkeypatch):
    x = np.random.default_rng(0).normal(size=(50, 3))
    x[7, 1] = NAN
    whole = stored(fit(x, prep({"impute": "median"})))
    monkeypatch.setattr(statistics, "BLOCK", 9)
    pieces = stored(fit(x, prep({"impute": "median"})))
    assert whole["array"]["missing"] == pieces["array"]["missing"] == [0, 1, 0]
    np.testing.assert_allclose(whole["array"]["std"], pieces["array"]["std"])


def test_images_have_one_statistic_and_bytes_are_rescaled_as_keras_users_do():
    x = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 14
    fitted = fit(x, prep({"scale": "rescale", "range": [0, 255]}))
    np.testing.assert_array_equal(apply(fitted, x), x.astype("float32") / 255)
    assert stored(fitted)["array"] == {
        "row_shape": [3, 3],
        "tokens": False,
        "missing": [0],
        "impute": None,
        "mean": [119.0],
        "std": [statistics.measure(x.reshape(-1, 1), None).std[0]],
        "min": [0.0],
        "max": [238.0],
    }


def test_values_outside_the_declared_range_are_remarked_on():
    fitted = fit(np.array([[0.0], [300.0]]), prep({"scale": "rescale", "range": [0, 255]}))
    assert fitted.notes == ("the training rows go from 0 to 300, outside the range 0 to 255 to rescale",)


def test_integers_become_float32_and_word_numbers_stay_integers():
    x = np.array([[1, 2], [3, 4]])
    assert apply(fit(x, prep()), x).dtype == np.float32
    tokens = apply(fit(x, prep(), tokens=True), x)
    assert tokens.dtype == np.int32
    np.testing.assert_array_equal(tokens, x)


@pytest.mark.parametrize(
    ("impute", "value"), [("mean", 3.0), ("median", 2.0), ("most_frequent", 1.0), (-1.0, -1.0), (0, 0.0)]
)
def test_missing_numbers_are_replaced(impute, value):
    t = table(a=[1, 1, NAN, 3, 7])
    assert apply(fit(t, prep({"impute": impute})), t)[2, 0] == value
    x = t.numeric["a"][:, None]
    assert apply(fit(x, prep({"impute": impute})), x)[2, 0] == value


def test_tables_become_named_columns_in_the_files_order():
    t = table(a=[1, 2, 3], color=["red", "blue", "red"], b=[4, 4, 4])
    fitted = fit(t, prep())
    assert fitted.columns == ("a", "color=blue", "color=red", "b")
    assert apply(fitted, t).tolist() == [[1, 0, 1, 4], [2, 1, 0, 4], [3, 0, 1, 4]]
    assert fitted.notes == ("columns with one value in the training rows: b",)


def test_constant_columns_and_features_become_zero_when_scaled():
    t = table(a=[0.1] * 7, b=[1, 2, 3, 4, 5, 6, 7], c=["x"] * 7)
    fitted = fit(t, prep({"scale": "standard"}))
    assert fitted.notes == ("columns with one value in the training rows: c, a",)
    assert not apply(fitted, t)[:, 0].any()
    assert fit(np.zeros((4, 3)), prep()).notes == ("3 of 3 features have one value in the training rows",)


def test_missing_texts_are_replaced_by_the_most_frequent_or_a_text_of_their_own():
    train, new = table(c=["b", "a", None, "b", "a"]), table(c=[None, "b"])
    frequent = fit(train, prep(None, {"impute": "most_frequent"}))
    assert apply(frequent, new).tolist() == [[1, 0], [0, 1]]
    own = fit(table(c=["b", "a"]), prep(None, {"impute": "none"}))
    assert own.columns == ("c=a", "c=b", "c=none")
    assert apply(own, new).tolist() == [[0, 0, 1], [0, 1, 0]]


def test_unknown_texts_may_become_zeros():
    fitted = fit(table(c=["b", "a"]), prep(None, {"unknown": "zeros"}))
    assert apply(fitted, table(c=["z", "b"])).tolist() == [[0, 0], [0, 1]]


def table_strategy():
    return st.tuples(
        st.lists(st.one_of(FLOATS, st.just(NAN)), min_size=4, max_size=15).filter(
            lambda v: not np.isnan(v).all()
        ),
        st.text("abc", max_size=2),
    )


@settings(deadline=None)
@given(
    table_strategy(), st.sampled_from(["standard", "min_max", None]), st.sampled_from(["mean", "median", 0.1])
)
def test_the_state_read_back_from_json_gives_the_same_bits(made, scale, impute):
    numbers, text = made
    t = table(a=numbers, c=[text, *["q"] * (len(numbers) - 1)])
    fitted = fit(t, prep({"scale": scale, "impute": impute}, {"impute": "most_frequent"}))
    again = reread(fitted)
    assert apply(again, t).tobytes() == apply(fitted, t).tobytes()
    assert again.columns == fitted.columns
    assert stored(again) == stored(fitted)


@pytest.mark.parametrize("tokens", [False, True])
def test_the_state_of_arrays_survives_json_too(tokens):
    x = np.random.default_rng(0).integers(0, 9, (5, 4))
    fitted = fit(x, prep() if tokens else prep({"scale": "standard", "impute": "mean"}), tokens=tokens)
    again = reread(fitted)
    assert apply(again, x).tobytes() == apply(fitted, x).tobytes()


def test_the_json_says_what_was_fitted_on_how_many_rows():
    t = table(a=[1, 3, NAN], c=["u", "v", None])
    settings = prep({"scale": "standard", "impute": "mean"}, {"impute": "?", "unknown": "zeros"})
    images = fit(np.zeros((3, 2, 2), np.uint8), prep())
    document = to_json({"measures": fit(t, settings), "images": images}, {"kind": ("a", "b")})
    assert (document["version"], document["targets"]) == (2, {"kind": ["a", "b"]})
    assert list(document["inputs"]) == ["measures", "images"]
    assert document["inputs"]["images"] == stored(images)
    assert document["inputs"]["measures"] == {
        "rows": 3,
        "scale": "standard",
        "range": None,
        "columns": [
            {
                "name": "a",
                "kind": "numeric",
                "missing": 1,
                "impute": 2.0,
                "mean": 2.0,
                "std": np.sqrt(2 / 3),
                "min": 1.0,
                "max": 3.0,
            },
            {
                "name": "c",
                "kind": "categorical",
                "missing": 1,
                "impute": "?",
                "categories": ["?", "u", "v"],
                "unknown": "zeros",
            },
        ],
    }


def without(key):
    document = to_json({"features": fit(table(a=[1, 2]), prep())}, {})
    del document["inputs"]["features"][key]
    return document


UNCALLED = {
    "another version": (
        lambda: from_json({"version": 1}),
        "the preprocessing has version 1; this nntrain reads version 2",
    ),
    "no version": (lambda: from_json({}), "the preprocessing has version None; this nntrain reads version 2"),
    "a key is gone": (
        lambda: from_json(without("columns")),
        "the preprocessing is not as nntrain wrote it (KeyError: 'columns')",
    ),
    "a value of another kind": (
        lambda: from_json({"version": 2, "inputs": {"features": {"columns": 3}}, "targets": {}}),
        "the preprocessing is not as nntrain wrote it (TypeError: 'int' object is not iterable)",
    ),
}


@pytest.mark.parametrize("name", UNCALLED)
def test_a_foreign_state_is_refused(name):
    call, expected = UNCALLED[name]
    with pytest.raises(ArtefactError) as caught:
        call()
    assert str(caught.value) == expected


def applied(train, new, settings=None):
    return lambda: apply(fit(train, settings or prep()), new)


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
        "data.preprocess.numeric.impute: no training row has a value of 1, so there is no median to fill in; "
        "drop the column, or impute a number",
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
        "data.preprocess.numeric: the rows are word numbers for an Embedding layer; remove impute and scale",
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
        apply(fitted, t)
    assert str(caught.value) == (
        "100 rows of 100 prepared columns take 39.1 KiB of memory; this machine has 9.8 KiB available"
    )
