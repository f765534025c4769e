"""Rows divided by group or by time where they are no table: arrays, texts with labels, lists of images."""

from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from nntrain.config.data import CsvSource, ImagesSource, NpzSource, TextSource
from nntrain.data.load import load
from nntrain.errors import DataError

ROWS = 60
GROUPS = np.repeat(np.arange(12), 5)


@pytest.fixture
def arrays(tmp_path):
    """Reads arrays divided by another one: a function of the key and of that array."""

    def read(key, values, **more):
        x = np.arange(ROWS * 2.0).reshape(ROWS, 2)
        np.savez(tmp_path / "a.npz", x=x, y=np.arange(ROWS) % 2, by=values)
        split = {"validation": 0.2, "test": 0.2, key: "by"}
        return load(NpzSource(type="npz", path="a.npz", split=split, **more), base=tmp_path, seed=3)

    return read


def in_splits(data, values):
    return [set(np.asarray(values)[rows.index].tolist()) for rows in data.splits.values()]


def apart(*splits):
    return all(one.isdisjoint(other) for one, other in combinations(splits, 2))


@pytest.mark.parametrize(
    "values",
    [GROUPS, GROUPS[:, None], GROUPS.astype(float), GROUPS.astype("U"), GROUPS.astype("S")],
    ids=["numbers", "column", "floats", "texts", "bytes"],
)
def test_rows_of_arrays_are_divided_by_group(arrays, values):
    data = arrays("by_group", values)
    train, validation, test = in_splits(data, GROUPS)
    assert len(train) + len(validation) + len(test) == 12
    assert validation
    assert test
    assert apart(train, validation, test)
    assert data.notes[0].startswith("groups of 'by', each in one split: ")


@pytest.mark.parametrize("kind", [int, float, "datetime64[D]", "datetime64[s]"])
def test_rows_of_arrays_are_divided_by_time(arrays, kind):
    order = np.random.default_rng(0).permutation(ROWS)
    data = arrays("by_time", order.astype(kind))
    train, validation, test = in_splits(data, order)
    assert max(train) < min(validation) <= max(validation) < min(test)


def test_an_array_of_dates_may_be_written_as_texts(arrays):
    days = (np.datetime64("2026-01-01") + np.arange(ROWS)[::-1]).astype("U")
    train, _, test = in_splits(arrays("by_time", days), days)
    assert max(train) < min(test)


def test_an_array_that_divides_is_part_of_the_fingerprint(arrays):
    assert arrays("by_group", GROUPS).fingerprint != arrays("by_group", GROUPS[::-1]).fingerprint


@pytest.mark.parametrize(
    ("key", "values", "message"),
    [
        (
            "by_group",
            np.arange(3),
            "a.npz: array 'by' is int64 of shape (3,); groups are numbers or texts of shape (60,)",
        ),
        (
            "by_time",
            np.zeros(ROWS, bool),
            "a.npz: array 'by' is bool of shape (60,); times are dates or numbers of shape (60,)",
        ),
        (
            "by_group",
            np.where(GROUPS == 4, np.nan, GROUPS),
            "data.split.by_group: the group 'by' in row 20 (from 0): is missing (5 of 60 rows); "
            "fill it in, or remove the row",
        ),
        (
            "by_time",
            np.array(["2026-01-01", "NaT"] * 30, "datetime64[D]"),
            "data.split.by_time: the time 'by' in row 1 (from 0): is missing (30 of 60 rows); "
            "fill it in, or remove the row",
        ),
        (
            "by_time",
            np.array(["soon"] * ROWS),
            "data.split.by_time: the time 'by' in row 0 (from 0): 'soon' is no time (60 of 60 rows); "
            "write dates as 2026-01-31 or 2026-01-31T09:30, or times as numbers",
        ),
    ],
)
def test_what_can_not_divide_rows_is_said(arrays, key, values, message):
    with pytest.raises(DataError) as caught:
        arrays(key, values)
    assert str(caught.value) == message


def test_an_array_that_is_not_there_is_named(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((4, 2)), y=np.zeros(4), patients=np.zeros(4))
    source = NpzSource(type="npz", path="a.npz", split={"by_group": "patient"})
    with pytest.raises(DataError) as caught:
        load(source, base=tmp_path, seed=0)
    assert str(caught.value) == (
        "data.split.by_group: 'a.npz' has no array 'patient' (did you mean 'patients'?); "
        "it holds x, y, patients; name one of them"
    )


@pytest.mark.parametrize("named", ["patient", 2, -1])
def test_numbers_of_patients_are_groups_in_a_csv_file_too(tmp_path, named):
    lines = [f"{i},{i % 2},{group}\n" for i, group in enumerate(GROUPS)]
    (tmp_path / "t.csv").write_text("x,y,patient\n" + "".join(lines))
    split = {"validation": 0.2, "test": 0.2, "by_group": named}
    source = CsvSource(type="csv", path="t.csv", target="y", split=split)
    assert apart(*in_splits(load(source, base=tmp_path, seed=3), GROUPS))


def test_texts_are_divided_by_a_column_of_their_file(tmp_path):
    lines = [f"word{i} text,{'ab'[i % 2]},w{group}\n" for i, group in enumerate(GROUPS)]
    (tmp_path / "t.csv").write_text("t,y,writer\n" + "".join(lines))
    split = {"validation": 0.2, "test": 0.2, "by_group": "writer"}
    source = TextSource(type="text", path="t.csv", text="t", target="y", split=split)
    train, validation, test = in_splits(load(source, base=tmp_path, seed=3), GROUPS)
    assert apart(train, validation, test)


def test_a_text_without_its_group_is_named_with_its_line(tmp_path):
    (tmp_path / "t.csv").write_text("t,y,writer\n" + "a b,n,1\nb c,p,\n" * 9)
    source = TextSource(type="text", path="t.csv", text="t", target="y", split={"by_group": "writer"})
    with pytest.raises(DataError) as caught:
        load(source, base=tmp_path, seed=0)
    assert str(caught.value) == (
        "t.csv: 1 problem\n\n3:7 the group 'writer': is missing (9 of 18 rows); fill it in, or remove the row\n"
        "   3 | b c,p,\n             ^"
    )


@pytest.mark.parametrize("skipped", [False, True])
def test_images_of_a_list_are_divided_by_a_column_of_it(tmp_path, monkeypatch, skipped):
    monkeypatch.setenv("NNTRAIN_CACHE_HOME", str(tmp_path / "cache"))
    for i in range(ROWS):
        Image.fromarray(np.full((4, 4), i, np.uint8)).save(tmp_path / f"{i}.png")
    if skipped:
        (tmp_path / "0.png").write_bytes(b"")
    lines = [f"{i}.png,{'ab'[i % 2]},{group}\n" for i, group in enumerate(GROUPS)]
    (tmp_path / "list.csv").write_text("file,kind,patient\n" + "".join(lines))
    split = {"validation": 0.2, "test": 0.2, "by_group": "patient"}
    source = ImagesSource(type="images", list="list.csv", split=split, skip_bad=skipped)
    data = load(source, base=tmp_path, seed=3)
    train, validation, test = in_splits(data, GROUPS[1:] if skipped else GROUPS)
    assert len(train) + len(validation) + len(test) == 12
    assert apart(train, validation, test)
