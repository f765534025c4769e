"""Columns that divide or weigh rows: read from a file, kept out of the features, and refused with their place."""

import numpy as np
import pytest

from nntrain.config.data import CsvSource, NpzSource
from nntrain.data.load import load
from nntrain.errors import DataError

ROWS = "".join(f"p{i // 4},2026-0{1 + i // 10}-{1 + i % 10:02d},{i % 3},{i},{i % 2}\n" for i in range(40))
FILE = f"patient,visit,weight,age,y\n{ROWS}"


def loaded(tmp_path, content=FILE, seed=0, **keys):
    (tmp_path / "rows.csv").write_text(content)
    given = {"path": "rows.csv", "target": "y", "task": "regression", "drop": ["visit", "weight"], **keys}
    return load(CsvSource(type="csv", **given), base=tmp_path, seed=seed)


def refusal(tmp_path, content=FILE, **keys):
    with pytest.raises(DataError) as caught:
        loaded(tmp_path, content, **keys)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_a_column_of_groups_divides_and_is_no_feature(tmp_path):
    dataset = loaded(tmp_path, split={"by_group": "patient", "test": 0.2, "validation": 0.25})
    assert dataset.inputs["features"] == ("age",)
    groups = [set((rows.index // 4).tolist()) for rows in dataset.splits.values()]
    assert sum(map(len, groups)) == 10
    assert "groups of 'patient', each in one split: 6 train, 2 validation, 2 test" in dataset.notes


def test_a_column_of_dates_divides_and_is_no_feature(tmp_path):
    keys = {"drop": ["patient", "weight"], "split": {"by_time": "visit", "test": 0.25, "validation": 0.1}}
    dataset = loaded(tmp_path, **keys)
    assert dataset.inputs["features"] == ("age",)
    assert [rows.index.tolist() for rows in dataset.splits.values()] == [
        list(range(27)), [27, 28, 29], list(range(30, 40)),
    ]  # fmt: skip
    said = "rows in the order of 'visit': train up to 2026-03-07, validation up to 2026-03-10, test up to 2026-04-10"
    assert said in dataset.notes


def test_times_may_be_numbers_and_a_feature_too(tmp_path):
    keys = {"inputs": {"features": ["age"]}, "split": {"by_time": "age"}, "drop": []}
    dataset = loaded(tmp_path, **keys)
    assert dataset.inputs["features"] == ("age",)
    assert dataset.test.index.tolist() == list(range(34, 40))
    assert dataset.notes[0] == "columns that no input names are left out: patient, visit, weight"


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["2026-01-10", "2025-12-31", "2026-01-09T23:59"], [1, 2, 0]),
        (["2026-01-01T10:00+02:00", "2026-01-01T09:00Z", "2026-01-01T09:30+01:00"], [0, 2, 1]),
        (["10", "9", "-1e3"], [2, 1, 0]),
        (["2026-01-10 00:00", "2026-W02-1", "20260101T0000"], [2, 1, 0]),
    ],
)
def test_times_are_put_in_order_as_times(tmp_path, texts, order):
    content = "t,a,y\n" + "".join(f"{text},{i},{i}\n" for i, text in enumerate(texts))
    split = {"by_time": "t", "test": 0.3, "validation": 0.5}
    dataset = loaded(tmp_path, content, split=split, drop=[])
    found = [rows.index.tolist() for rows in dataset.splits.values()]
    assert found == [[row] for row in order]


def test_weights_go_with_the_training_rows(tmp_path):
    dataset = loaded(tmp_path, drop=["patient", "visit"], sample_weight="weight")
    assert dataset.inputs["features"] == ("age",)
    assert dataset.weights.dtype == np.float32
    np.testing.assert_array_equal(dataset.weights, dataset.train.index % 3)
    assert loaded(tmp_path).weights is None


def test_weights_of_arrays_go_with_the_training_rows(tmp_path):
    rows = np.arange(40)
    np.savez(tmp_path / "a.npz", x=rows[:, None], y=rows % 2, w=rows[:, None] / 2)
    dataset = load(NpzSource(type="npz", path="a.npz", sample_weight="w"), base=tmp_path, seed=1)
    np.testing.assert_array_equal(dataset.weights, dataset.train.index / 2)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (
            np.ones((40, 2)),
            "a.npz: array 'w' is float64 of shape (40, 2); weights are numbers of shape (40,)",
        ),
        (np.ones(39), "a.npz: array 'w' is float64 of shape (39,); weights are numbers of shape (40,)"),
        (np.full(40, "1"), "a.npz: array 'w' is <U1 of shape (40,); weights are numbers of shape (40,)"),
        (
            np.where(np.arange(40) == 3, -1, 1),
            "data.sample_weight: the weight 'w' in row 3 (from 0): '-1.0' is below 0 or not finite (1 of 40 "
            "rows); a weight is a number from 0 up",
        ),
        (
            np.where(np.arange(40) < 2, np.nan, 1),
            "data.sample_weight: the weight 'w' in row 0 (from 0): is missing (2 of 40 rows); fill it in, or "
            "remove the row",
        ),
    ],
)
def test_weights_that_are_none_are_explained(tmp_path, array, said):
    np.savez(tmp_path / "a.npz", x=np.arange(40), y=np.arange(40) % 2, w=array)
    with pytest.raises(DataError) as caught:
        load(NpzSource(type="npz", path="a.npz", sample_weight="w"), base=tmp_path, seed=1)
    assert str(caught.value) == said


BY_TIME = {"split": {"by_time": "visit"}, "drop": ["patient", "weight"]}
REFUSED = {
    "no such column": (
        FILE,
        {"split": {"by_group": "patien"}},
        "data.split.by_group: there is no column 'patien' (did you mean 'patient'?); the columns are patient, "
        "visit, weight, age, y",
    ),
    "a group that is missing": (
        FILE.replace("p3,", ",", 2),
        {"split": {"by_group": "patient"}, "dates": ["visit"]},
        "rows.csv: 1 problem\n\n14:1 the group 'patient': is missing (2 of 40 rows); fill it in, or remove the "
        "row\n  14 | ,2026-02-03,0,12,0\n       ^",
    ),
    "a date that is none": (
        FILE.replace("2026-01-05", "5 Jan"),
        BY_TIME,
        "rows.csv: 1 problem\n\n6:4 the time 'visit': '5 Jan' is no time (1 of 40 rows); write dates as "
        "2026-01-31 or 2026-01-31T09:30, or times as numbers\n   6 | p1,5 Jan,1,4,0\n          ^",
    ),
    "a number among dates": (
        FILE.replace("2026-01-05", "20260105"),
        BY_TIME,
        "rows.csv: 1 problem\n\n6:4 the time 'visit': '20260105' is a number, and the first row has a date; "
        "write all times alike\n   6 | p1,20260105,1,4,0\n          ^",
    ),
    "a date with a zone among others": (
        FILE.replace("2026-01-05", "2026-01-05T00:00Z"),
        BY_TIME,
        "rows.csv: 1 problem\n\n6:4 the time 'visit': '2026-01-05T00:00Z' is a date with a time zone, and the "
        "first row has a date; write all times alike\n   6 | p1,2026-01-05T00:00Z,1,4,0\n          ^",
    ),
    "a weight below 0": (
        FILE.replace(",2,2,0", ",-2,2,0"),
        {"sample_weight": "weight", "drop": ["patient", "visit"]},
        "rows.csv: 1 problem\n\n4:15 the weight 'weight': '-2.0' is below 0 or not finite (1 of 40 rows); a "
        "weight is a number from 0 up\n   4 | p0,2026-01-03,-2,2,0\n                     ^",
    ),
    "no weight at all": (
        "w,a,y\n" + "0,1,2\n" * 20,
        {"sample_weight": "w", "drop": []},
        "data.sample_weight: all training rows have weight 0, so there is nothing to learn from; mend the weights",
    ),
    "a column with two parts": (
        FILE,
        {"inputs": {"features": [2, 3]}, "sample_weight": "weight"},
        "data.inputs.features[0]: 'weight' weighs rows (data.sample_weight); it can't be a feature too",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_t_divide_or_weigh_is_explained(tmp_path, name):
    content, keys, expected = REFUSED[name]
    assert refusal(tmp_path, content, **{"drop": [], **keys}) == expected


def test_what_divides_rows_belongs_to_the_fingerprint(tmp_path):
    keys = {"split": {"by_group": "patient"}}
    before = loaded(tmp_path, **keys).fingerprint
    assert loaded(tmp_path, FILE.replace("p3,", "p4,"), **keys).fingerprint != before
    assert loaded(tmp_path, **keys).fingerprint == before
