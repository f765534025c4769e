"""CSV files whose rows stay in columns of the cache: what they become, and what becomes of the cache."""

import gzip
import json

import numpy as np
import pytest

from nntrain.arrays import Stored
from nntrain.config.data import CsvSource
from nntrain.data import csv_keep, csv_open, csv_read
from nntrain.data.load import load
from nntrain.data.streaming import decide, features
from nntrain.errors import DataError, MachineError
from tests.data.streaming.test_streaming import assert_alike

ROWS = 900


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch, tmp_path):
    """Blocks of 4 KiB, chunks of 64 rows, and a cache folder of the test's own."""
    monkeypatch.setattr(features, "CHUNK_ROWS", 64)
    monkeypatch.setenv("NNTRAIN_CACHE_HOME", str(tmp_path / "cache"))
    options = csv_read.arrow_options

    def smaller(*given, **named):
        found = options(*given, **named)
        found["read_options"].block_size = 4096
        return found

    monkeypatch.setattr(csv_keep, "arrow_options", smaller)


def lines(rows=ROWS, **cells):
    """A table with numbers, gaps, truth values, dates, texts and quotes; some cells may be given."""
    draw = np.random.default_rng(0)
    found = ["a,gaps,truth,day,word,late,y"]
    for i in range(rows):
        row = {
            "a": f"{draw.normal():.6f}",
            "gaps": "NA" if draw.random() < 0.1 else f" {draw.integers(0, 99)}",
            "truth": draw.choice(["yes", "no"]),
            "day": f"20{draw.integers(10, 26)}-0{draw.integers(1, 9)}-11",
            "word": draw.choice(["x", "y", '"z,z"', '"two\nlines"']),
            "late": str(i),
            "y": draw.choice(["no", "yes", "?"][:2]),
        }
        row |= {name: text for name, (at, text) in cells.items() if at == i}
        found.append(",".join(row.values()))
    return "\n".join(found) + "\n"


def source(path="t.csv", **settings):
    given = {
        "target": "y",
        "dates": ["day"],
        "split": {"validation": 0.15, "test": 0.2},
        "preprocess": {"numeric": {"impute": "mean", "scale": "standard"}},
    }
    return CsvSource(type="csv", path=path, **(given | settings))


def both(given, folder):
    return [load(given.model_copy(update={"streaming": how}), base=folder, seed=3) for how in (True, False)]


def test_a_file_becomes_what_it_becomes_in_memory(tmp_path):
    (tmp_path / "t.csv").write_text(lines())
    streamed, held = both(source(), tmp_path)
    assert_alike(streamed, held)
    assert isinstance(streamed.train.x, Stored)
    assert streamed.description == held.description
    (entry,) = (tmp_path / "cache" / "tables").glob("*.json")
    assert json.loads(entry.read_bytes())["plain"] == ["a", "gaps", "late"]


@pytest.mark.parametrize("cell", ["+5", "1e39", "nan ", "few words"])
def test_a_column_that_ends_otherwise_than_it_begins(cell, tmp_path):
    (tmp_path / "t.csv").write_text(lines(late=(ROWS - 1, cell)))
    given = source(missing=("NA", "few words"), preprocess={"numeric": {"impute": 0}})
    if cell in ("1e39", "nan "):
        told = []
        for how in (True, False):
            with pytest.raises(DataError) as caught:
                load(given.model_copy(update={"streaming": how}), base=tmp_path, seed=3)
            told.append(str(caught.value))
        assert told[0] == told[1]
    else:
        assert_alike(*both(given, tmp_path))


def test_a_text_in_the_last_row_of_a_column_of_numbers_is_told_as_in_memory(tmp_path):
    (tmp_path / "t.csv").write_text(lines(late=(ROWS - 1, "oops")))
    told = []
    for how in (True, False):
        with pytest.raises(DataError) as caught:
            load(source(streaming=how), base=tmp_path, seed=3)
        told.append(str(caught.value))
    assert told[0] == told[1]
    assert "column 'late': 'oops' is not a number (1 of 900 cells)" in told[0]


def test_several_files_packed_or_not_with_columns_in_another_order(tmp_path):
    rows = [
        row.split(",") for row in lines(300).replace('"two\nlines"', "u").replace('"z,z"', "z").splitlines()
    ]
    (tmp_path / "part-1.csv").write_text("\n".join(",".join(row) for row in rows))
    (tmp_path / "part-2.csv.gz").write_bytes(
        gzip.compress("\n".join(",".join(row[::-1]) for row in rows).encode())
    )
    (tmp_path / "test.csv").write_text("\n".join(",".join(row) for row in rows[:90]))
    given = source("part-*", test_path="test.csv", split={"validation": 0.2}, drop=("late",))
    streamed, held = both(given, tmp_path)
    assert_alike(streamed, held)
    assert (len(streamed.train), len(streamed.test)) == (480, 89)


def test_the_text_is_parsed_once(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text(lines())
    load(source(streaming=True), base=tmp_path, seed=3)
    monkeypatch.setattr(csv_keep, "_parsed", None)
    again = load(source(streaming=True), base=tmp_path, seed=3)
    monkeypatch.undo()
    assert_alike(again, load(source(streaming=False), base=tmp_path, seed=3))


def test_another_content_or_reading_has_another_entry(tmp_path):
    entries = tmp_path / "cache" / "tables"
    (tmp_path / "t.csv").write_text(lines())
    load(source(streaming=True), base=tmp_path, seed=3)
    load(source(streaming=True, categorical=["a"], drop=["a"]), base=tmp_path, seed=3)
    (tmp_path / "t.csv").write_text(lines(300))
    assert len(load(source(streaming=True), base=tmp_path, seed=3).train) == 204
    assert len(list(entries.glob("*.parquet"))) == len(list(entries.glob("*.json"))) == 3
    assert not list(entries.glob(".*"))


def test_an_entry_that_was_cut_short_is_made_anew(tmp_path):
    (tmp_path / "t.csv").write_text(lines())
    first = load(source(streaming=True), base=tmp_path, seed=3)
    (entry,) = (tmp_path / "cache" / "tables").glob("*.parquet")
    entry.write_bytes(entry.read_bytes()[:-9])
    assert load(source(streaming=True), base=tmp_path, seed=3).fingerprint == first.fingerprint


def test_a_disk_without_room_leaves_nothing_behind(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text(lines())

    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(csv_keep, "_write", full)
    with pytest.raises(MachineError) as caught:
        load(source(streaming=True), base=tmp_path, seed=3)
    where = tmp_path / "cache" / "tables"
    assert str(caught.value) == (
        f"data.streaming: the columns of t.csv can't be kept in {where}: No space left on device; make room "
        "there, or name another folder with NNTRAIN_CACHE_HOME"
    )
    assert not list(where.iterdir())


@pytest.mark.parametrize(
    "text", ["a,y\n1,2\n3\n", "a,y\n", 'a,y\n1,2\n3,"4\n5,6\n', "a,y\n1,2\n\xff,3\n", "a,y\n1,\n2,3\n"]
)
def test_what_is_wrong_with_a_file_is_told_as_in_memory(text, tmp_path):
    (tmp_path / "t.csv").write_bytes(text.encode("latin-1"))
    told = []
    for how in (True, False):
        with pytest.raises(DataError) as caught:
            load(CsvSource(type="csv", path="t.csv", target="y", streaming=how), base=tmp_path, seed=3)
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_auto_decides_by_the_length_of_the_first_rows(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text("a,b,y\n" + "1.25,22,3\n4.75,10,1\n" * 500)
    assert csv_open.memory_of(source(), [csv_open.SourceFile(tmp_path / "t.csv", "t.csv")]) == pytest.approx(
        1000 * 3 * 12, rel=0.02
    )
    given = CsvSource(type="csv", path="t.csv", target="y")
    for free, streamed in ((80_000, False), (60_000, True)):
        monkeypatch.setattr(decide, "available_memory", lambda: free)  # noqa: B023
        assert isinstance(load(given, base=tmp_path, seed=3).train.x, Stored) is streamed


def test_groups_of_numbers_and_texts_that_look_like_numbers_in_another_file(tmp_path):
    rows = [f"{'k' if i % 3 else i % 2},{i % 9},{i}.5" for i in range(200)]
    (tmp_path / "t.csv").write_text("\n".join(["a,g,y", *rows]))
    (tmp_path / "test.csv").write_text("\n".join(["a,g,y", "1,50,2", "0,51,3"]))
    for more in ({}, {"test_path": "test.csv"}):
        split = {"validation": 0.2, "by_group": "g"} | ({} if more else {"test": 0.2})
        given = CsvSource(type="csv", path="t.csv", target="y", task="regression", split=split, **more)
        given = given.model_copy(update={"categorical": ("a",)}) if not more else given
        assert_alike(*both(given, tmp_path))
