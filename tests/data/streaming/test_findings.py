"""What is found in rows that stay in their file, and what `nntrain data` shows of them."""

from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from nntrain.config.data import NpySource, ParquetSource
from nntrain.data.findings import kept, measures
from nntrain.data.findings.find import quick, thorough
from nntrain.data.findings.overview import overview
from nntrain.data.load import load, survey
from nntrain.data.streaming import features

ROWS = 2000


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(features, "CHUNK_ROWS", 64)


def table_source(folder):
    """A table with something of everything that can be found."""
    draw = np.random.default_rng(0)
    y = draw.choice(["no", "yes"], ROWS)
    gaps, late = draw.normal(size=ROWS), np.arange(ROWS) > 1200
    columns = {
        "a": draw.normal(5, 3, ROWS),
        "few": pa.array(gaps, mask=gaps > 2),
        "many": pa.array(gaps, mask=gaps > -0.5),
        "same": np.full(ROWS, 7.0),
        "empty": pa.array(np.zeros(ROWS), mask=np.ones(ROWS, bool)),
        "customer_id": draw.permutation(ROWS).astype(float),
        "code": np.where(y == "no", "n", "y"),
        "drift": draw.normal(size=ROWS) + 9 * late,
        "word": np.where(late, "new", draw.choice(["x", "z"], ROWS)),
        "y": y,
        "when": np.arange(ROWS),
    }
    table = pa.table(columns)
    again = table.take(pa.array(draw.integers(0, ROWS, 60))).set_column(
        10, "when", pa.array(np.arange(0, 1980, 33))
    )
    other = table.slice(10, 5).set_column(9, "y", pa.array(["yes", "no"] * 2 + ["yes"]))
    table = pa.concat_tables([table, again, other])
    parquet.write_table(table, folder / "t.parquet", row_group_size=150)
    return ParquetSource(
        type="parquet",
        path="t.parquet",
        target="y",
        split={"validation": 0.15, "test": 0.2, "by_time": "when"},
        preprocess={"numeric": {"impute": 0}, "categorical": {"unknown": "zeros"}},
    )


def array_source(folder, width=6, **settings):
    """An array with gaps, a constant feature, a copy of the target, and rows that repeat."""
    draw = np.random.default_rng(1)
    y = draw.integers(0, 3, ROWS)
    x = draw.normal(size=(ROWS, width))
    x[:, 1], x[:, 2], x[5:50, 3] = 4, y, np.nan
    x[100:130] = x[:30]
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", y)
    return NpySource(
        type="npy",
        x="x.npy",
        y="y.npy",
        task="classification",
        preprocess={"numeric": {"impute": 0}},
        **settings,
    )


def image_source(folder):
    draw = np.random.default_rng(2)
    x = draw.integers(0, 256, (600, 10, 10), np.uint8)
    x[500:] //= 40
    x[20:30] = x[:10]
    np.save(folder / "x.npy", x)
    np.save(folder / "y.npy", draw.integers(0, 3, 600))
    return NpySource(type="npy", x="x.npy", y="y.npy", task="classification")


def both(source, folder, read, **given):
    return [
        read(source.model_copy(update={"streaming": how}), base=folder, seed=3, **given)
        for how in (True, False)
    ]


@pytest.mark.parametrize("look", [quick, thorough])
@pytest.mark.parametrize("source", [table_source, array_source, image_source])
def test_the_findings_are_those_of_rows_in_memory(source, look, tmp_path):
    streamed, held = both(source(tmp_path), tmp_path, load, look=look)
    assert streamed.findings == held.findings
    assert len(held.findings) > 1


def test_a_table_with_everything_shows_everything(tmp_path):
    found = load(
        table_source(tmp_path).model_copy(update={"streaming": True}), base=tmp_path, seed=3, look=thorough
    )
    assert {finding.id for finding in found.findings} >= {
        "constant_columns",
        "label_noise",
        "many_missing_values",
        "missing_values",
        "rows_in_two_splits",
        "shifted_columns",
    }


@pytest.mark.parametrize("source", [table_source, array_source, image_source])
def test_the_overview_is_that_of_rows_in_memory(source, tmp_path):
    streamed, held = (asdict(overview(view)) for view in both(source(tmp_path), tmp_path, survey))
    for ours, theirs in zip(streamed["columns"], held["columns"], strict=True):
        if theirs["numbers"]:
            assert ours.pop("numbers") == pytest.approx(theirs.pop("numbers"), rel=1e-12)
    assert streamed == held


def test_of_many_rows_some_are_kept_and_all_are_told_of(tmp_path, monkeypatch):
    source = array_source(tmp_path)
    (_, held) = both(source, tmp_path, load, look=thorough)
    monkeypatch.setattr(kept, "MOST_ROWS", 100)
    view = survey(source.model_copy(update={"streaming": True}), base=tmp_path, seed=3)
    assert len(view.train) == 1445
    assert view.train.inputs["features"].shape == (100, 6)
    found = {finding.id: finding for finding in thorough(view)}
    assert found["rows_in_their_file"].message == (
        "the rows stay in their file, and columns are compared on 100 of 1,445 training rows; rows that are "
        "nearly the same, and labels in another order, are not looked for: data.streaming: false does, where "
        "the rows fit in memory"
    )
    theirs = {finding.id: finding for finding in held.findings}
    for id_ in ("constant_columns", "missing_values", "duplicated_rows", "rows_in_two_splits"):
        assert found[id_] == theirs[id_]


def test_different_values_are_counted_up_to_a_number(tmp_path, monkeypatch):
    monkeypatch.setattr(measures, "MOST_DISTINCT", 300)
    streamed, held = (overview(view).columns[0] for view in both(array_source(tmp_path), tmp_path, survey))
    assert streamed.more
    assert 300 < streamed.distinct < held.distinct
    assert not held.more


def test_rows_of_a_file_without_lines_are_told_by_number(tmp_path):
    x = np.arange(60.0)
    parquet.write_table(pa.table({"x": x, "z": x % 7, "y": x * 2}), tmp_path / "t.parquet")
    source = ParquetSource(type="parquet", path="t.parquet", target="y", split={"test": 0})
    kept = []
    load(source, base=tmp_path, seed=3, look=lambda view: kept.extend(thorough(view)) or ())
    assert "(training rows " in kept[0].message
    assert {(place.file, place.line) for place in kept[0].rows} == {(None, None)}
