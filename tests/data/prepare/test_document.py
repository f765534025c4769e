"""`preprocess.json`: what it tells, and that it reads back bit for bit."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nntrain.data.prepare.document import from_json, to_json
from nntrain.data.prepare.preparation import fit
from nntrain.errors import ArtefactError
from tests.data.prepare.made import FLOATS, NAN, prep, reread, table, written

POSITIVE = FLOATS.map(abs)


@settings(deadline=None)
@given(
    st.lists(st.one_of(POSITIVE, st.just(NAN)), min_size=4, max_size=15).filter(
        lambda numbers: not np.isnan(numbers).all()
    ),
    st.text("abc", max_size=2),
    st.sampled_from(["standard", "min_max", "robust", None]),
    st.sampled_from(["mean", "median", "most_frequent", 0.1]),
    st.booleans(),
    st.sampled_from([{}, {"encode": "ordinal", "unknown": "own"}, {"encode": "hashing", "bins": 3}]),
)
def test_the_state_read_back_from_json_gives_the_same_bits(numbers, text, scale, impute, log, encoding):
    t = table(a=numbers, c=[text, None, *["q"] * (len(numbers) - 2)])
    steps = {"scale": scale, "impute": impute, "log": log, "clip": [0.5, None], "flag_missing": True}
    fitted = fit(t, prep(steps, {"impute": "most_frequent", "flag_missing": True, **encoding}))
    again = reread(fitted)
    assert again.apply(t).tobytes() == fitted.apply(t).tobytes()
    assert again.columns == fitted.columns
    assert again.notes == fitted.notes
    assert again.to_json() == fitted.to_json()


@pytest.mark.parametrize("tokens", [False, True])
def test_the_state_of_arrays_survives_json_too(tokens):
    x = np.random.default_rng(0).integers(0, 9, (5, 4))
    fitted = fit(x, prep() if tokens else prep({"scale": "robust", "impute": "mean"}), tokens=tokens)
    assert reread(fitted).apply(x).tobytes() == fitted.apply(x).tobytes()
    assert reread(fitted).to_json() == fitted.to_json()


def test_it_says_what_was_fitted_on_how_many_rows():
    t = table(a=[1, 3, NAN], c=["u", "v", None])
    categorical = {"impute": "?", "unknown": "zeros"}
    own = {"scale": "robust", "clip": [0, None]}
    fitted = fit(t, prep({"scale": "standard", "impute": "mean"}, categorical, a=own))
    images = fit(np.zeros((3, 2, 2), np.uint8), prep())
    rows = np.array([4, 0, 7])
    document = to_json({"measures": fitted, "images": images}, {"kind": ("a", "b")}, rows)
    assert (document["version"], document["targets"]) == (3, {"kind": ["a", "b"]})
    assert document["train"] == {
        "rows": 3,
        "row_numbers_sha256": hashlib.sha256(rows.astype("<i8").tobytes()).hexdigest(),
    }
    assert list(document["inputs"]) == ["measures", "images"]
    assert document["inputs"]["images"] == images.to_json()
    assert document["inputs"]["measures"] == {"kind": "table", "rows": 3, "columns": [NUMBER, TEXT]}


NUMBER = {
    "name": "a",
    "kind": "numeric",
    "impute": "mean",
    "flag_missing": False,
    "clip": [0.0, None],
    "log": False,
    "scale": "robust",
    "range": None,
    "missing": 1,
    "filling": 2.0,
    "mean": 2.0,
    "std": np.sqrt(2 / 3),
    "min": 1.0,
    "max": 3.0,
    "quartile_1": 1.5,
    "median": 2.0,
    "quartile_3": 2.5,
}
TEXT = {
    "name": "c",
    "kind": "categorical",
    "impute": "?",
    "flag_missing": False,
    "encode": "one_hot",
    "bins": None,
    "unknown": "zeros",
    "missing": 1,
    "filling": "?",
    "distinct": 3,
    "categories": ["?", "u", "v"],
}


VERSION_2 = {
    "version": 2,
    "inputs": {
        "measures": {
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
        },
        "features": {
            "rows": 3,
            "scale": "min_max",
            "range": None,
            "array": {
                "row_shape": [2],
                "tokens": False,
                "missing": [0, 1],
                "impute": [5.0, 6.0],
                "mean": [1.0, 2.0],
                "std": [0.5, 0.5],
                "min": [0.0, 1.0],
                "max": [2.0, 5.0],
            },
        },
        "words": {
            "rows": 3,
            "scale": None,
            "range": None,
            "array": {"row_shape": [2], "tokens": True},
        },
    },
    "targets": {"kind": ["y"]},
}
"""As nntrain wrote it before there were steps of single columns."""


def test_version_2_is_read_and_prepares_rows_as_it_did():
    states, targets = from_json(VERSION_2)
    assert targets == {"kind": ("y",)}
    assert states["measures"].columns == ("a", "c=?", "c=u", "c=v")
    prepared = states["measures"].apply(table(a=[NAN, 3], c=["v", "unknown"]))
    scaled = np.float32((3 - 2.0) / np.sqrt(2 / 3))
    assert prepared.tolist() == [[0, 0, 0, 1], [scaled, 0, 0, 0]]
    assert states["features"].apply(np.array([[1.0, NAN]])).tolist() == [[0.5, 1.25]]
    words = states["words"].apply(np.array([[3, 9]]))
    assert (words.tolist(), words.dtype) == ([[3, 9]], np.int32)


def without(key):
    document = written(fit(table(a=[1, 2]), prep()))
    del document["inputs"]["features"][key]
    return document


def changed(**values):
    document = written(fit(table(a=[1, 2]), prep()))
    document["inputs"]["features"]["columns"][0] |= values
    return document


READS = "this nntrain reads versions 2 and 3"
FOREIGN = {
    "another version": ({"version": 1}, f"the preprocessing has version 1; {READS}"),
    "a newer version": ({"version": 4}, f"the preprocessing has version 4; {READS}"),
    "no version": ({}, f"the preprocessing has version None; {READS}"),
    "a key is gone": (
        without("columns"),
        "the preprocessing is not as nntrain wrote it (KeyError: 'columns')",
    ),
    "another kind": (
        {"version": 3, "inputs": {"features": {"kind": "sounds"}}, "targets": {}},
        "the preprocessing is not as nntrain wrote it (KeyError: 'sounds')",
    ),
    "a value of another kind": (
        {"version": 3, "inputs": {"features": {"kind": "table", "columns": 3}}, "targets": {}},
        "the preprocessing is not as nntrain wrote it (TypeError: 'int' object is not iterable)",
    ),
    "a damaged version 2": (
        {"version": 2, "inputs": {"features": {"columns": []}}, "targets": {}},
        "the preprocessing is not as nntrain wrote it (KeyError: 'scale')",
    ),
    "a text for a number": (
        changed(mean="much"),
        "the preprocessing is not as nntrain wrote it (ValueError: could not convert string to float: 'much')",
    ),
    "a setting that is none": (
        changed(scale="often"),
        "the preprocessing is not as nntrain wrote it (scale: Input should be 'standard', 'min_max', "
        "'robust' or 'rescale')",
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_foreign_state_is_refused(name):
    document, expected = FOREIGN[name]
    with pytest.raises(ArtefactError) as caught:
        from_json(document)
    assert str(caught.value) == expected
