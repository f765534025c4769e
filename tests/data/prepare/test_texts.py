"""Columns of texts: what each encoding makes of known, unknown and missing ones."""

import os
import subprocess
import sys

import pytest

from nntrain.data.prepare.preparation import fit
from nntrain.data.prepare.texts import bin_of
from nntrain.errors import DataError
from tests.data.prepare.made import in_file, prep, table

BINS = [261, 333, 100, 756]
TRAIN = table(c=["b", "a", None, "b"])
FILLED = {"impute": "most_frequent"}


def test_ordinal_texts_have_the_numbers_of_their_alphabet():
    fitted = fit(TRAIN, prep(None, {"encode": "ordinal", **FILLED}))
    assert fitted.columns == ("c",)
    assert fitted.apply(TRAIN).tolist() == [[1], [0], [1], [1]]


def test_an_unknown_text_may_have_a_number_of_its_own_behind_all_others():
    fitted = fit(TRAIN, prep(None, {"encode": "ordinal", "unknown": "own", **FILLED}))
    assert fitted.apply(table(c=["z", "a", "y"])).tolist() == [[2], [0], [2]]


def test_hashed_texts_stand_in_one_of_some_bins():
    fitted = fit(TRAIN, prep(None, {"encode": "hashing", "bins": 4, **FILLED}))
    assert fitted.columns == ("c#0", "c#1", "c#2", "c#3")
    prepared = fitted.apply(table(c=["b", "never seen", None]))
    assert prepared.sum(axis=1).tolist() == [1, 1, 1]
    assert prepared.argmax(axis=1).tolist() == [bin_of("b", 4), bin_of("never seen", 4), bin_of("b", 4)]


def test_a_hash_is_the_same_in_every_process():
    assert [bin_of(text, 1000) for text in ("red", "blau", "größe", "")] == BINS
    code = "from nntrain.data.prepare.texts import bin_of; print([bin_of(t, 1000) for t in ('red', 'blau')])"
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == str(BINS[:2])


def test_hashes_spread_texts_evenly():
    counts = [0] * 64
    for i in range(64_000):
        counts[bin_of(f"customer {i}", 64)] += 1
    assert min(counts) > 850
    assert max(counts) < 1150


def test_a_text_that_is_filled_in_may_be_flagged():
    fitted = fit(TRAIN, prep(None, {"flag_missing": True, **FILLED}))
    assert fitted.columns == ("c=a", "c=b", "c missing")
    assert fitted.apply(TRAIN).tolist() == [[0, 1, 0], [1, 0, 0], [0, 1, 1], [0, 1, 0]]
    hashed = fit(TRAIN, prep(None, {"flag_missing": True, "encode": "hashing", "bins": 2, **FILLED}))
    assert hashed.apply(TRAIN)[:, -1].tolist() == [0, 0, 1, 0]


def test_a_column_without_gaps_in_the_training_rows_has_no_flag():
    fitted = fit(table(c=["b", "a"]), prep(None, {"flag_missing": True, "impute": "a"}))
    assert fitted.columns == ("c=a", "c=b")
    assert fitted.apply(table(c=[None])).tolist() == [[1, 0]]


MANY = table(id=[f"r{i}" for i in range(1001)])


def test_a_thousand_categories_are_the_most_that_become_columns():
    assert len(fit(table(id=[f"r{i}" for i in range(1000)]), prep()).columns) == 1000
    with pytest.raises(DataError) as caught:
        fit(MANY, prep())
    assert str(caught.value) == (
        "data.preprocess.categorical.encode: column 'id': the training rows have 1,001 different texts, and "
        "one_hot makes at most 1,000 columns of one; set data.preprocess.columns.id: {encode: hashing, bins: "
        "256} or {encode: ordinal}, or leave the column out of the features"
    )


@pytest.mark.parametrize("steps", [{"encode": "hashing", "bins": 16}, {"encode": "ordinal"}])
def test_more_categories_than_that_are_hashed_or_counted(steps):
    fitted = fit(MANY, prep(None, None, id=steps))
    assert fitted.apply(MANY).shape == (1001, steps.get("bins", 1))
    assert len(fitted.to_json()["columns"][0]["categories"]) == (1001 if "bins" not in steps else 0)


def test_an_unknown_text_is_explained():
    fitted = fit(table(c=["blue", "red"]), prep(None, {"encode": "ordinal"}))
    with pytest.raises(DataError) as caught:
        fitted.apply(table(in_file, c=["red", "blu"]))
    assert str(caught.value) == (
        "t.csv: 1 problem\n\n3:1 column 'c': no training row has 'blu' (did you mean 'blue'?) (1 of 2 rows have "
        "unknown texts); known are blue, red; set data.preprocess.columns.c.unknown: own to let them pass\n"
        "   3 | row 1 of c\n       ^"
    )


@pytest.mark.parametrize(
    ("known", "unknown", "how"),
    [
        ("{} cm", "7.5 cm", "with 'cm' behind them"),
        ("{}%", "7.5%", "with '%' behind them"),
        ("{},500.5", "77,000.1", "with ',' between the thousands"),
    ],
)
def test_numbers_that_were_taken_for_texts_are_said_to_be_such(known, unknown, how):
    fitted = fit(table(c=[known.format(i) for i in range(12)]), prep(None, {}))
    with pytest.raises(DataError) as caught:
        fitted.apply(table(in_file, c=[unknown]))
    assert str(caught.value).startswith(
        f"t.csv: 1 problem\n\n2:1 column 'c' holds numbers {how}, such as '{unknown}'; write the numbers alone\n"
    )


def test_few_texts_with_a_unit_may_be_categories():
    fitted = fit(table(c=["2 doors", "4 doors"]), prep(None, {}))
    with pytest.raises(DataError, match="no training row has '5 doors'"):
        fitted.apply(table(in_file, c=["5 doors"]))


@pytest.mark.parametrize("encoding", [{}, {"encode": "ordinal"}, {"encode": "hashing", "bins": 2}])
def test_columns_with_one_text_are_remarked_on(encoding):
    note = ("columns with one value in the training rows: c",)
    assert fit(table(c=["x", "x"]), prep(None, encoding)).notes == note
    assert fit(table(c=["x", None]), prep(None, {**FILLED, **encoding})).notes == note
    assert fit(table(c=["x", None]), prep(None, {"impute": "none", **encoding})).notes == ()
