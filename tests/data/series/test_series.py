"""Windows of a series: what they hold, and that none knows what comes after it."""

import json
from datetime import date, timedelta

import numpy as np
import pytest

from nntrain.config.data import SeriesSource
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows


def source(**keys):
    return SeriesSource(**{"type": "series", "path": "s.csv", "target": "a", "window": 3, **keys})


def read(folder, **keys):
    return load(source(**keys), base=folder, seed=0)


@pytest.fixture
def hundred(tmp_path):
    """A folder with 100 rows: the day, a = 0, 1, 2, ... and b = 10 a."""
    write(tmp_path, [(date(2024, 1, 1) + timedelta(i), i, 10 * i) for i in range(100)])
    return tmp_path


def write(folder, rows, header="day,a,b", name="s.csv"):
    (folder / name).write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]))


def test_a_window_holds_the_rows_before_its_target(hundred):
    data = read(hundred, time="day")
    assert data.train.x.shape == (69, 3, 2)
    assert data.train.x.dtype == np.float32
    assert data.train.x[5].tolist() == [[5, 50], [6, 60], [7, 70]]
    assert data.train.y[5] == 8
    assert data.inputs == {"features": ("a", "b")}
    assert data.task == "regression"
    assert data.description == "s.csv: 100 rows, 91 windows of 3, target 'a'"


def test_horizon_steps_and_stride_move_the_windows(hundred):
    data = read(hundred, features=["b"], horizon=4, steps=2, stride=5)
    assert data.train.x[1].reshape(-1).tolist() == [50, 60, 70]
    assert data.train.y[1].tolist() == [11, 12]
    assert data.target.names == ("a+4", "a+5")


def test_no_window_reaches_over_a_border(hundred):
    data = read(hundred, time="day", horizon=2)
    spans = [(part.x[:, 0, 0].min(), part.y.max()) for part in (data.train, data.validation, data.test)]
    assert spans == [(0, 71), (72, 84), (85, 99)]
    assert "windows that reach over the border of two splits are left out: 8" in data.notes


def test_every_split_has_its_share_of_the_rows(hundred):
    data = read(hundred, time="day", split={"validation": 0, "test": 0.4})
    assert data.validation is None
    assert data.train.y.max() == 59
    assert data.test.x.min() == 60
    alone = read(hundred, time="day", split={"validation": 0, "test": 0})
    assert list(alone.splits) == ["train"]
    assert len(alone.train) == 97


def test_scales_are_those_of_the_training_rows_of_each_column(hundred):
    data = read(hundred, time="day", preprocess={"numeric": {"scale": "standard"}})
    state = data.preprocess["inputs"]["features"]
    assert [column["mean"] for column in state["windows"]["of"]["columns"]] == [35, 350]
    assert state["windows"]["of"]["rows"] == 71  # the last training row is predicted and never shown
    rows = np.arange(71)
    np.testing.assert_allclose(data.train.x[0, :, 1], (np.arange(3) - 35) / rows.std(), rtol=1e-6)


def test_a_column_can_have_steps_of_its_own(hundred):
    steps = {"numeric": {"scale": "standard"}, "columns": {"b": {"scale": "min_max"}}}
    data = read(hundred, time="day", preprocess=steps)
    assert (data.train.x[:, :, 1].min(), data.train.x[:, :, 1].max()) == (0, 1)
    assert data.train.x[:, :, 0].min() < -1


def test_later_rows_change_nothing_that_is_learnt(hundred):
    before = read(hundred, time="day", preprocess={"numeric": {"scale": "standard"}})
    days = [date(2024, 1, 1) + timedelta(i) for i in range(100)]
    write(hundred, [(day, i if i < 72 else -900, 10 * i) for i, day in enumerate(days)])
    after = read(hundred, time="day", preprocess={"numeric": {"scale": "standard"}})
    assert after.preprocess == before.preprocess
    assert after.train.x.tobytes() == before.train.x.tobytes()
    assert after.train.y.tobytes() == before.train.y.tobytes()
    assert after.fingerprint != before.fingerprint


def test_texts_become_columns_of_0_and_1(tmp_path):
    write(tmp_path, [(i, i, "uv"[i % 2]) for i in range(60)])
    data = read(tmp_path, time="day")
    assert data.inputs == {"features": ("a", "b=u", "b=v")}
    assert data.train.x[0].tolist() == [[0, 1, 0], [1, 0, 1], [2, 1, 0]]


def test_windows_never_hold_rows_of_two_series(tmp_path):
    rows = [(i, 100 * g + i, "uvw"[g]) for i in range(40) for g in range(3)]
    write(tmp_path, rows)
    for keys in ({}, {"time": "day"}):
        data = read(tmp_path, group="b", features=["a"], **keys)
        for part in data.splits.values():
            windows = np.column_stack([part.x[:, :, 0], part.y])
            assert (np.diff(windows, axis=1) == 1).all()
            assert set((windows[:, 0] // 100).tolist()) == {0, 1, 2}
    assert data.description == "s.csv: 120 rows in 3 series, 93 windows of 3, target 'a'"


def test_series_with_times_are_divided_at_the_same_moment(tmp_path):
    write(tmp_path, [(i, i, "u") for i in range(60)] + [(i, i, "v") for i in range(30, 90)])
    data = read(tmp_path, time="day", group="b", features=["a"])
    border = data.validation.x.min()
    assert data.train.y.max() < border
    assert data.validation.y.max() < data.test.x.min()


def test_gaps_can_divide_a_series_or_be_ignored(tmp_path):
    write(tmp_path, [(i, i, 1) for i in range(100) if i not in (30, 31)])
    divided = read(tmp_path, time="day", gaps="split", features=["a"])
    assert (np.diff(np.column_stack([divided.train.x[:, :, 0], divided.train.y]), axis=1) == 1).all()
    assert len(read(tmp_path, time="day", gaps="ignore").train) == len(divided.train) + 3


def test_months_have_no_gaps(tmp_path):
    write(tmp_path, [(date(2000 + i // 12, i % 12 + 1, 1), i, 1) for i in range(60)])
    assert len(read(tmp_path, time="day").train) == 40


def test_times_have_hours_and_zones(tmp_path):
    hours = [f"2024-05-0{1 + i // 24}T{i % 24:02}:00+02:00" for i in range(72)]
    write(tmp_path, [(hour, i, 1) for i, hour in enumerate(hours)])
    assert len(read(tmp_path, time="day").train) == 49


def test_missing_values_can_be_replaced_and_missing_targets_left_out(hundred):
    lines = (hundred / "s.csv").read_text().split("\n")
    lines[11], lines[13] = "2024-01-11,,100", "2024-01-13,12,"
    (hundred / "s.csv").write_text("\n".join(lines))
    data = read(hundred, time="day", preprocess={"numeric": {"impute": "mean"}})
    assert "windows whose target is missing are left out: 1" in data.notes
    assert data.train.y[6:9].tolist() == [9, 11, 12]
    known = [i for i in range(71) if i != 10]
    np.testing.assert_allclose(data.train.x[8, 1, 0], np.mean(known), rtol=1e-6)


def test_what_repeating_the_last_value_is_worth_is_told(hundred):
    assert (
        "to repeat the last value of 'a' misses the test rows by 2 on average (MAE); a forecast has to beat that"
        in read(hundred, time="day", horizon=2).notes
    )
    assert any(
        "misses the validation rows by 1.5 " in n
        for n in read(hundred, time="day", steps=2, split={"test": 0}).notes
    )


@pytest.mark.parametrize("keys", [{}, {"steps": 2, "stride": 3}])
def test_the_same_file_gives_the_same_bits(hundred, keys):
    keys = {"time": "day", "preprocess": {"numeric": {"scale": "standard"}}, **keys}
    data = read(hundred, **keys)
    preprocess = json.loads(json.dumps(data.preprocess))
    new = load_rows(source(**keys), hundred / "s.csv", "s.csv", preprocess=preprocess, targets=data.targets)
    every = {(x.tobytes(), y.tobytes()) for x, y in zip(new.x, new.y, strict=True)}
    for split in data.splits.values():
        assert {(x.tobytes(), y.tobytes()) for x, y in zip(split.x, split.y, strict=True)} <= every
    assert any("misses the new rows" in note for note in new.notes)


def test_windows_know_their_series(tmp_path):
    write(tmp_path, [(i, name) for i in range(60) for name in "qp"], header="a,port")
    data = read(tmp_path, group="port")
    assert data.train.series is not None
    assert len(data.train.series) == len(data.train)
    assert set(data.test.series) == {"p", "q"}
    file, known = tmp_path / "s.csv", {"targets": data.targets, "preprocess": data.preprocess}
    new = load_rows(source(group="port"), file, "s.csv", **known)
    assert list(dict.fromkeys(new.series)) == ["q", "p"]
