"""Rows that are held out teach nothing, and every row is prepared alike wherever it is read."""

import csv
import json

import numpy as np
import pytest

from nntrain.config.data import CsvSource, NpzSource
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows

STEPS = {
    "standard": {"numeric": {"impute": "mean", "scale": "standard"}},
    "flags": {"numeric": {"impute": "most_frequent", "flag_missing": True, "scale": "min_max"}},
    "logs": {"numeric": {"impute": "median", "clip": [0, 60], "log": True, "scale": "robust"}},
    "ordinal": {"numeric": {"impute": 0}, "categorical": {"encode": "ordinal", "unknown": "own"}},
    "hashing": {"numeric": {"impute": 0}, "categorical": {"encode": "hashing", "bins": 5}},
    "columns": {
        "numeric": {"impute": 0},
        "columns": {"size": {"scale": "robust"}, "color": {"encode": "ordinal", "unknown": "own"}},
    },
}
HEADER = ["size", "weight", "color", "y"]


def lines():
    draw = np.random.default_rng(1)
    for i in range(80):
        size = "" if i % 7 == 0 else f"{draw.normal(30, 20):.3f}"
        yield [size, f"{draw.exponential():.4f}", ["red", "blue", "", "green"][i % 4], f"{draw.random():.3f}"]


def write(file, rows):
    with file.open("w", newline="") as stream:
        csv.writer(stream).writerows([HEADER, *rows])


def source(steps):
    texts = {
        "unknown": "zeros",
        **steps.get("categorical", {}),
        "impute": "most_frequent",
        "flag_missing": True,
    }
    if texts.get("encode") in ("ordinal", "hashing"):
        texts["unknown"] = steps["categorical"].get("unknown", "error")
    preprocess = {**steps, "categorical": texts}
    return CsvSource(type="csv", path="t.csv", target="y", task="regression", preprocess=preprocess)


def prepared_from(rows, part):
    return {i: rows.splits[part].x[at].tobytes() for at, i in enumerate(rows.splits[part].index)}


@pytest.mark.parametrize("name", STEPS)
def test_held_out_rows_change_nothing_that_is_fitted(name, tmp_path):
    rows = list(lines())
    write(tmp_path / "t.csv", rows)
    before = load(source(STEPS[name]), base=tmp_path, seed=5)
    for part, cells in (("validation", ["1e9", "-7", "violet"]), ("test", ["", "1e-9", ""])):
        for i in before.splits[part].index:
            rows[i][:3] = cells
    for i in before.test.index[::2]:
        rows[i][:3] = ["-1e9", "1e20", "white"]
    write(tmp_path / "t.csv", rows)
    after = load(source(STEPS[name]), base=tmp_path, seed=5)
    assert after.fingerprint != before.fingerprint
    assert json.dumps(after.preprocess) == json.dumps(before.preprocess)
    assert prepared_from(after, "train") == prepared_from(before, "train")


def test_a_training_row_changes_what_is_fitted(tmp_path):
    rows = list(lines())
    write(tmp_path / "t.csv", rows)
    before = load(source(STEPS["logs"]), base=tmp_path, seed=5)
    rows[before.train.index[0]][1] = "50"
    write(tmp_path / "t.csv", rows)
    assert load(source(STEPS["logs"]), base=tmp_path, seed=5).preprocess != before.preprocess


def test_the_training_rows_are_known_by_their_numbers(tmp_path):
    write(tmp_path / "t.csv", lines())
    one, again, other = (load(source({"numeric": {"impute": 0}}), base=tmp_path, seed=s) for s in (5, 5, 6))
    assert one.preprocess["train"] == again.preprocess["train"]
    assert one.preprocess["train"]["rows"] == len(one.train)
    assert one.preprocess["train"] != other.preprocess["train"]


@pytest.mark.parametrize("name", STEPS)
def test_a_row_is_prepared_alike_alone_among_others_and_as_a_new_row(name, tmp_path):
    """One row takes another way through a processor than many."""
    rows = list(lines())
    write(tmp_path / "t.csv", rows)
    data = load(source(STEPS[name]), base=tmp_path, seed=5)

    def new(file):
        preprocess = json.loads(json.dumps(data.preprocess))
        return load_rows(
            source(STEPS[name]), tmp_path / file, file, preprocess=preprocess, targets=data.targets
        ).x

    together = new("t.csv")
    for part, split in data.splits.items():
        for i, expected in prepared_from(data, part).items():
            assert together[i].tobytes() == expected
        i = split.index[0]
        write(tmp_path / "one.csv", [rows[i]])
        assert new("one.csv")[0].tobytes() == split.x[0].tobytes()


def test_held_out_arrays_change_nothing_that_is_fitted(tmp_path):
    draw = np.random.default_rng(0)
    x, y = draw.exponential(size=(60, 4)), draw.random(60)
    x[::9, 1] = np.nan
    steps = {"numeric": {"impute": "median", "flag_missing": True, "log": True, "scale": "robust"}}
    npz = NpzSource(type="npz", path="a.npz", task="regression", preprocess=steps)
    np.savez(tmp_path / "a.npz", x=x, y=y)
    before = load(npz, base=tmp_path, seed=1)
    assert before.train.x.shape[1] == 5
    x[before.test.index], x[before.validation.index] = 1e6, np.nan
    np.savez(tmp_path / "a.npz", x=x, y=y)
    after = load(npz, base=tmp_path, seed=1)
    assert after.preprocess == before.preprocess
    assert after.train.x.tobytes() == before.train.x.tobytes()
    new = load_rows(npz, tmp_path / "a.npz", "a.npz", preprocess=after.preprocess, targets=after.targets)
    assert new.x[after.test.index].tobytes() == after.test.x.tobytes()
