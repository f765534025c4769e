"""Rows that stay in their file teach and become what the same rows in memory do."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from nntrain.arrays import Scaled, Stored
from nntrain.config.data import NpySource, ParquetSource
from nntrain.data.load import load
from nntrain.data.streaming import decide, features
from nntrain.errors import DataError

ROWS = 1000


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(features, "CHUNK_ROWS", 64)


def table(rows=ROWS):
    draw = np.random.default_rng(0)
    gaps = draw.normal(size=rows)
    return pa.table(
        {
            "a": draw.normal(5, 3, rows),
            "gaps": pa.array(gaps, mask=gaps > 1),
            "truth": draw.random(rows) < 0.5,
            "day": pa.array(draw.integers(0, 9999, rows).astype("datetime64[D]")),
            "word": draw.choice(["x", "y", "z"], rows),
            "y": draw.choice(["no", "yes"], rows),
        }
    )


def write(folder, name="t.parquet", groups=90, rows=ROWS):
    parquet.write_table(table(rows), folder / name, row_group_size=groups)


def parquet_source(path="t.parquet", **settings):
    given = {
        "target": "y",
        "dates": ["day"],
        "split": {"validation": 0.15, "test": 0.2},
        "preprocess": {"numeric": {"impute": "mean", "flag_missing": True, "scale": "standard"}},
    }
    return ParquetSource(type="parquet", path=path, **(given | settings))


def npy_source(**settings):
    return NpySource(type="npy", x="x.npy", y="y.npy", **settings)


def both(source, folder, **given):
    return [
        load(source.model_copy(update={"streaming": how}), base=folder, seed=3, **given)
        for how in (True, False)
    ]


def assert_alike(streamed, held):
    assert streamed.preprocess == held.preprocess
    assert streamed.fingerprint == held.fingerprint
    assert streamed.inputs == held.inputs
    assert streamed.targets == held.targets
    for name, rows in held.splits.items():
        ours = streamed.splits[name]
        np.testing.assert_array_equal(ours.index, rows.index)
        for port, x in rows.inputs.items():
            assert np.asarray(ours.inputs[port]).tobytes() == np.asarray(x).tobytes()
            assert ours.inputs[port].dtype == x.dtype
        for port, y in rows.targets.items():
            np.testing.assert_array_equal(ours.targets[port], y)


@pytest.mark.parametrize("groups", [7, 90, 5000])
def test_a_parquet_file_becomes_what_it_becomes_in_memory(groups, tmp_path):
    write(tmp_path, groups=groups)
    streamed, held = both(parquet_source(), tmp_path)
    assert_alike(streamed, held)
    assert isinstance(streamed.train.x, Stored)
    assert streamed.train.x.nbytes == held.train.x.nbytes
    assert not isinstance(streamed.test.x, Stored)
    assert "the rows stay in their file and are read in chunks (streaming: true)" in streamed.notes


def test_statistics_of_many_rows_are_those_in_memory_to_the_last_bit(tmp_path, monkeypatch):
    monkeypatch.setattr(features, "CHUNK_ROWS", 20_000)
    write(tmp_path, rows=200_000, groups=7_000)
    assert_alike(*both(parquet_source(), tmp_path))


def test_several_files_inputs_and_files_of_their_own(tmp_path):
    write(tmp_path, "part-1.parquet", 100, 300)
    write(tmp_path, "part-2.parquet", 33, 200)
    write(tmp_path, "test.parquet", 33, 50)
    source = parquet_source(
        "part-*.parquet",
        inputs={"left": ["a", "gaps"], "right": ["word", "day"]},
        test_path="test.parquet",
        split={"validation": 0.2},
    )
    streamed, held = both(source, tmp_path)
    assert_alike(streamed, held)
    assert len(streamed.test) == 50


@pytest.mark.parametrize("split", [{"by_time": "day"}, {"by_group": "a"}])
def test_rows_are_divided_as_in_memory(split, tmp_path):
    write(tmp_path)
    source = parquet_source(split={"validation": 0.2, "test": 0.2, **split})
    assert_alike(*both(source, tmp_path))


@pytest.mark.parametrize("shape", [(), (3,), (28,), (5, 4), (8, 8, 3), (70_000,)])
def test_an_npy_file_becomes_what_it_becomes_in_memory(shape, tmp_path):
    rows = 20 if shape == (70_000,) else ROWS
    draw = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", draw.normal(size=(rows, *shape)))
    np.save(tmp_path / "y.npy", draw.integers(0, 2, rows))
    source = npy_source(task="classification", preprocess={"numeric": {"scale": "standard", "clip": [-2, 2]}})
    streamed, held = both(source, tmp_path)
    assert_alike(streamed, held)
    assert isinstance(streamed.train.x, Stored)


def test_bytes_stay_bytes(tmp_path):
    draw = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", draw.integers(0, 256, (300, 4, 4), np.uint8))
    np.save(tmp_path / "y.npy", draw.normal(size=300))
    source = npy_source(preprocess={"numeric": {"scale": "rescale", "range": [0, 255]}})
    streamed, held = both(source, tmp_path)
    assert_alike(streamed, held)
    assert isinstance(streamed.train.x[:3], Scaled)
    assert streamed.train.x.nbytes == held.train.x.nbytes


def test_auto_decides_by_the_memory_that_is_free(tmp_path, monkeypatch):
    write(tmp_path)
    needed = ROWS * 6 * 12
    for free, streamed in ((2 * needed, False), (2 * needed - 1, True), (None, False)):
        monkeypatch.setattr(decide, "available_memory", lambda: free)  # noqa: B023
        found = load(parquet_source(), base=tmp_path, seed=3)
        assert isinstance(found.train.x, Stored) is streamed
    monkeypatch.setattr(decide, "available_memory", lambda: 100_000)
    notes = load(parquet_source(), base=tmp_path, seed=3).notes
    assert (
        "the rows stay in their file and are read in chunks (streaming: auto): they would take 70.3 KiB of "
        "memory, and 97.7 KiB are free" in notes
    )


def test_auto_reads_at_once_what_takes_all_rows_in_memory(tmp_path, monkeypatch):
    write(tmp_path)
    monkeypatch.setattr(decide, "available_memory", lambda: 1000)
    source = parquet_source(preprocess={"numeric": {"impute": "median"}})
    assert not isinstance(load(source, base=tmp_path, seed=3).train.x, Stored)


def test_large_held_out_rows_stay_in_their_file_too(tmp_path, monkeypatch):
    write(tmp_path)
    monkeypatch.setattr(decide, "available_memory", lambda: 1000)
    streamed = load(parquet_source(streaming=True), base=tmp_path, seed=3)
    assert isinstance(streamed.test.x, Stored)
    monkeypatch.undo()
    assert_alike(streamed, load(parquet_source(streaming=False), base=tmp_path, seed=3))


def test_a_gap_that_nothing_fills_is_located(tmp_path):
    write(tmp_path)
    with pytest.raises(DataError) as caught:
        load(parquet_source(streaming=True, preprocess={}), base=tmp_path, seed=3)
    row = int(np.flatnonzero(table()["gaps"].is_null().to_numpy())[0])
    count = sum(v is None for v in table()["gaps"].to_pylist()[:90])
    assert str(caught.value) == (
        f"t.parquet, row {row} (from 0): column 'gaps': {count} of 90 rows have no value, the first here; set "
        "data.preprocess.numeric.impute: mean | median | most_frequent | a number "
        "(looked at so far: rows 0 to 89 of 1,000)"
    )


def test_the_most_frequent_number_of_a_column_takes_all_of_them(tmp_path):
    write(tmp_path)
    steps = {"columns": {"gaps": {"impute": "most_frequent"}, "word": {"impute": "most_frequent"}}}
    with pytest.raises(DataError) as caught:
        load(parquet_source(streaming=True, preprocess=steps), base=tmp_path, seed=3)
    assert str(caught.value) == (
        "data.preprocess.columns.gaps.impute: 'most_frequent' takes all values of a column of numbers in "
        "memory, where 'streaming: true' never has them: set data.streaming: false, or impute the mean"
    )


def test_a_number_that_is_too_large_is_located_in_the_whole_file(tmp_path):
    values = np.zeros(ROWS)
    values[777] = 1e300
    parquet.write_table(pa.table({"a": values, "y": values * 0}), tmp_path / "t.parquet", row_group_size=90)
    with pytest.raises(DataError) as caught:
        load(
            ParquetSource(type="parquet", path="t.parquet", target="y", streaming=True), base=tmp_path, seed=3
        )
    assert "t.parquet, row 777 (from 0)" in str(caught.value)


def test_stored_rows_are_read_by_slices_alone(tmp_path):
    write(tmp_path)
    x = load(parquet_source(streaming=True), base=tmp_path, seed=3).train.x
    whole = np.asarray(x)
    assert (x.shape, x.ndim, x.size, len(x)) == (whole.shape, 2, whole.size, len(whole))
    np.testing.assert_array_equal(x[37:311], whole[37:311])
    assert (x.min(), x.max()) == (whole.min(), whole.max())
    with pytest.raises(TypeError, match="by a slice, not by ndarray"):
        x[np.arange(3)]
    with pytest.raises(ValueError, match="one after another, not by steps of 2"):
        x[::2]


def test_rows_are_drawn_several_times_and_a_piece_does_not_grow(tmp_path):
    write(tmp_path)
    x = load(parquet_source(streaming=True), base=tmp_path, seed=3).train.x
    whole = np.asarray(x)
    drawn = np.sort(np.append(np.repeat(np.arange(100), 9), [3, 5, 5, 400, 402]))
    taken = x.take(drawn)
    assert np.array_equal(np.asarray(taken), whole[drawn])
    np.testing.assert_array_equal(taken[8:23], whole[drawn[8:23]])
    assert np.diff(taken.bounds).max() <= 90
    assert (taken.bounds[0], taken.bounds[-1]) == (0, len(drawn))
