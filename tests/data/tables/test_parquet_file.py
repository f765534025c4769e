"""Parquet files: what becomes of each type, several files, and damage."""

import datetime
import decimal
import json

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from nntrain.config.data import CsvSource, ParquetSource, SklearnSource
from nntrain.data import files
from nntrain.data.load import load as load_dataset
from nntrain.data.new_rows import load_rows
from nntrain.data.parquet_file import load
from nntrain.errors import DataError


def source(path="t.parquet", **settings):
    return ParquetSource(type="parquet", **({"path": path, "target": "y"} | settings))


def write(folder, name="t.parquet", **columns):
    parquet.write_table(pa.table({"y": pa.array([1, 2, 3]), **columns}), folder / name)


def refused(folder, path="t.parquet", **settings):
    with pytest.raises(DataError) as caught:
        load(source(path, **settings), folder)
    return str(caught.value)


def test_every_type_of_number_text_and_truth_value_is_read(tmp_path):
    write(
        tmp_path,
        whole=pa.array([1, None, 2**53 + 1]),
        half=pa.array(np.array([0.5, 1, 2], np.float16)),
        exact=pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("-3")]),
        nothing=pa.nulls(3),
        truth=pa.array([True, None, False]),
        text=pa.array(["ü", None, " v"], pa.large_string()),
        coded=pa.array(["u", None, "u"]).dictionary_encode(),
        coded_numbers=pa.array([7, None, 7]).dictionary_encode(),
    )
    table = load(source(), tmp_path).rows.features
    np.testing.assert_array_equal(table.numeric["whole"], [1, np.nan, 2**53])
    np.testing.assert_array_equal(table.numeric["half"], [0.5, 1, 2])
    np.testing.assert_array_equal(table.numeric["exact"], [1.25, np.nan, -3])
    assert np.isnan(table.numeric["nothing"]).all()
    np.testing.assert_array_equal(table.numeric["truth"], [1, np.nan, 0])
    np.testing.assert_array_equal(table.numeric["coded_numbers"], [7, np.nan, 7])
    assert table.categorical["text"].tolist() == ["ü", None, " v"]
    assert table.categorical["coded"].tolist() == ["u", None, "u"]


def test_the_rows_are_described(tmp_path):
    write(tmp_path, a=pa.array([1, 2, 3]))
    raw = load(source(), tmp_path)
    assert raw.description == "t.parquet: 3 rows, 1 feature column, target 'y'"
    assert raw.rows.target.tolist() == [1, 2, 3]


def test_columns_may_be_read_as_texts(tmp_path):
    day = pa.array([datetime.date(2026, 1, 31)] * 3)
    write(tmp_path, a=pa.array([1, 2, None]), truth=pa.array([True, False, None]), day=day)
    table = load(source(categorical=["a", "truth", "day"]), tmp_path).rows.features
    assert table.categorical["a"].tolist() == ["1", "2", None]
    assert table.categorical["truth"].tolist() == ["true", "false", None]
    assert table.categorical["day"].tolist() == ["2026-01-31"] * 3


def test_dates_and_times_become_days(tmp_path):
    moment = datetime.datetime(1970, 1, 2, 12)
    write(
        tmp_path,
        day=pa.array([datetime.date(1970, 1, 11), None, datetime.date(1969, 12, 31)]),
        time=pa.array([moment] * 3, pa.timestamp("ns")),
        zone=pa.array([moment] * 3, pa.timestamp("ms", "Europe/Berlin")),
    )
    table = load(source(dates=["day", "time", "zone"]), tmp_path).rows.features
    np.testing.assert_array_equal(table.numeric["day"], [10, np.nan, -1])
    assert table.numeric["time"].tolist() == [1.5] * 3
    assert table.numeric["zone"].tolist() == [1.5] * 3


def test_several_files_are_one_table_and_types_of_numbers_may_differ(tmp_path):
    write(tmp_path, "p1.parquet", a=pa.array([1, 2, 3]), c=pa.array(["u", "v", "u"]).dictionary_encode())
    write(tmp_path, "p2.parquet", c=pa.array(["w", "u", None]), a=pa.array([0.5, None, 6]))
    raw = load(source("p*.parquet"), tmp_path)
    np.testing.assert_array_equal(raw.rows.features.numeric["a"], [1, 2, 3, 0.5, np.nan, 6])
    assert raw.rows.features.categorical["c"].tolist() == ["u", "v", "u", "w", "u", None]
    assert len(raw.rows) == 6


def test_a_dropped_column_may_hold_anything(tmp_path):
    write(tmp_path, a=pa.array([1, 2, 3]), odd=pa.array([[1], [2, 3], []]))
    assert load(source(drop=["odd"]), tmp_path).rows.features.order == ("a",)
    assert load(source(inputs={"i": ["a"]}), tmp_path).notes == (
        "columns that no input names are left out: odd",
    )


def test_columns_that_no_network_reads_are_refused_by_name(tmp_path):
    write(
        tmp_path,
        parts=pa.array([[1], [2, 3], []]),
        pair=pa.array([{"u": 1}] * 3),
        raw=pa.array([b"1"] * 3),
        clock=pa.array([datetime.time(12)] * 3),
    )
    advice = "and numbers, texts, truth values and dates are read; leave it out with data.drop: "
    rest = "or write its parts as columns of their own"
    assert refused(tmp_path) == "t.parquet: 4 problems\n\n" + "\n".join(
        f"column '{name}' is of type {kind}, {advice}[{name}], {rest}"
        for name, kind in (
            ("parts", "list<element: int64>"),
            ("pair", "struct<u: int64>"),
            ("raw", "binary"),
            ("clock", "time64[us]"),
        )
    )


def test_a_date_that_nothing_says_how_to_read_is_an_error(tmp_path):
    write(tmp_path, day=pa.array([None, datetime.date(2026, 1, 31), None]))
    assert refused(tmp_path) == (
        "t.parquet, row 0 (from 0): column 'day' holds dates such as '2026-01-31'; read it as days since 1970 "
        "with data.dates: [day], as texts with data.categorical, or leave it out with data.drop"
    )


def test_data_dates_takes_dates(tmp_path):
    write(tmp_path, day=pa.array([1, 2, 3]))
    assert refused(tmp_path, dates=["day"]) == (
        "t.parquet: column 'day' is of type int64, and data.dates takes columns of dates"
    )


def test_too_large_and_infinite_numbers_are_named_with_their_file_and_row(tmp_path):
    write(tmp_path, "p1.parquet", a=pa.array([1, 2, 3]), b=pa.array([1, 2, 3]))
    write(tmp_path, "p2.parquet", a=pa.array([1, 1e39, 1e40]), b=pa.array([1.0, 2, -np.inf]))
    assert refused(tmp_path, "p*.parquet") == (
        "p2.parquet, row 1 (from 0): column 'a': 1e+39 is more than a 32-bit number can hold (2 of 6 values); "
        "mend it\n\np2.parquet, row 2 (from 0): column 'b': -inf is not a finite number (1 of 6 values); mend it"
    )


def test_a_missing_value_is_named_with_its_row(tmp_path):
    write(tmp_path, a=pa.array([1, None, 3]))
    with pytest.raises(DataError) as caught:
        load_dataset(source(), base=tmp_path, seed=0)
    assert str(caught.value) == (
        "t.parquet, row 1 (from 0): column 'a': 1 of 3 rows has no value, the first here; "
        "set data.preprocess.numeric.impute: mean | median | most_frequent | a number"
    )


def test_files_of_different_columns_or_kinds_are_told_apart(tmp_path):
    write(tmp_path, "p1.parquet", a=pa.array([1, 2, 3]))
    write(tmp_path, "p2.parquet", b=pa.array([1, 2, 3]))
    assert refused(tmp_path, "p*.parquet") == (
        "p2.parquet: the columns are not those of p1.parquet: this file lacks 'a' and has 'b' besides; "
        "all files of data.path need the same columns"
    )
    write(tmp_path, "p2.parquet", a=pa.array(["u", "v", "w"]))
    assert refused(tmp_path, "p*.parquet") == (
        "p2.parquet: column 'a' is of type string, and of int64 in p1.parquet; "
        "all files of data.path need the same columns"
    )


def test_columns_of_one_name_are_refused(tmp_path):
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], ["y", "a", "a"])
    parquet.write_table(twice, tmp_path / "t.parquet")
    assert (
        refused(tmp_path)
        == "t.parquet: two columns are named 'a': positions 1 and 2 (from 0); rename one of them"
    )


def test_rows_that_would_not_fit_are_not_read(tmp_path, monkeypatch):
    write(tmp_path, a=pa.array([1, 2, 3]))
    monkeypatch.setattr("nntrain.data.parquet_file.check_memory", lambda *a: files.check_memory(*a))
    monkeypatch.setattr("nntrain.data.tables.files.check_memory", lambda *_: None)
    monkeypatch.setattr(files, "available_memory", lambda: 40)
    assert refused(tmp_path) == (
        "t.parquet: 3 rows of 2 columns take 48 bytes of memory; this machine has 40 bytes available"
    )


DAMAGES = {
    "empty": (lambda content: b"", "the file is empty; give one with rows"),
    "text": (
        lambda content: b"a,y\n1,2\n",
        "this is no Parquet file: it begins with b'a,y\\n', and Parquet files with b'PAR1'; write it again as Parquet",
    ),
    "cut": (
        lambda content: content[:-9],
        "the Parquet file is cut short: it ends with {end!r}, and whole ones with b'PAR1'; copy or write it again",
    ),
    "encrypted": (
        lambda content: content[:-4] + b"PARE",
        "the Parquet file is encrypted, and nothing here can decrypt it",
    ),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_file_that_is_no_whole_parquet_file_is_named(tmp_path, name):
    write(tmp_path, a=pa.array([1, 2, 3]))
    harm, expected = DAMAGES[name]
    content = harm((tmp_path / "t.parquet").read_bytes())
    (tmp_path / "t.parquet").write_bytes(content)
    assert refused(tmp_path) == f"t.parquet: {expected.format(end=content[-4:])}"


def test_a_damaged_footer_or_page_is_named(tmp_path):
    write(tmp_path, a=pa.array(["some words"] * 3))
    content = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(content[:-40] + bytes(36) + content[-4:])
    assert refused(tmp_path).startswith("t.parquet: the Parquet file is damaged: ")
    (tmp_path / "t.parquet").write_bytes(content[:4] + bytes(200) + content[204:])
    assert refused(tmp_path).startswith("t.parquet: the Parquet file is damaged: ")


def test_a_flipped_bit_is_noticed_where_the_writer_left_checksums(tmp_path):
    path = tmp_path / "t.parquet"
    table = pa.table({"x": np.arange(1000.0), "y": np.arange(1000.0)})
    parquet.write_table(table, path, compression="none", use_dictionary=False, write_page_checksum=True)
    content = bytearray(path.read_bytes())
    content[content.index(np.float64(500.0).tobytes())] ^= 1
    path.write_bytes(bytes(content))
    assert refused(tmp_path).startswith("t.parquet: the Parquet file is damaged: ")


def test_a_file_of_no_rows_is_refused(tmp_path):
    parquet.write_table(
        pa.table({"a": pa.array([], pa.int64()), "y": pa.array([], pa.int64())}), tmp_path / "t.parquet"
    )
    assert (
        refused(tmp_path)
        == "t.parquet: 0 rows: the file holds the names of its columns alone; give one with rows"
    )


def test_parquet_is_read_without_keras_and_pandas(tmp_path):
    import subprocess
    import sys

    write(
        tmp_path,
        a=pa.array([1, None, 3]),
        c=pa.array(["u", "v", None]),
        d=pa.array([datetime.date.today()] * 3),
    )
    program = (
        "import sys\nfrom pathlib import Path\nfrom nntrain.config.data import ParquetSource\n"
        "from nntrain.data.parquet_file import load\n"
        f"load(ParquetSource(type='parquet', path='t.parquet', target='y', dates=['d']), Path({str(tmp_path)!r}))\n"
        "print(sorted({'pandas', 'sklearn', 'keras', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


STANDARD = {"numeric": {"scale": "standard"}}


@pytest.fixture
def run(tmp_path):
    """Sixty rows as Parquet and as CSV, and the way a run on them reads new rows."""
    columns = {
        "n": np.arange(60),
        "c": [("u", "v")[i % 2] for i in range(60)],
        "ok": [i % 3 == 0 for i in range(60)],
        "day": [datetime.date(2026, 1, i % 28 + 1) for i in range(60)],
        "y": [("a", "b")[i % 2] for i in range(60)],
    }
    parquet.write_table(pa.table(columns), tmp_path / "t.parquet")
    lines = [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
    (tmp_path / "t.csv").write_text("\n".join([",".join(columns), *lines]))

    def rows(kind, name):
        settings = {"path": f"t.{kind.lower()}", "target": "y", "dates": ["day"], "preprocess": STANDARD}
        own = {"csv": CsvSource, "parquet": ParquetSource}[kind](type=kind, **settings)
        data = load_dataset(own, base=tmp_path, seed=0)
        state = json.loads(json.dumps(data.preprocess))
        return data, load_rows(own, tmp_path / name, name, preprocess=state, targets=data.targets)

    return rows


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_new_rows_are_read_from_either_kind_of_file(run, kind, name):
    data, new = run(kind, name)
    assert new.x[data.test.index].tobytes() == data.test.x.tobytes()
    np.testing.assert_array_equal(new.y[data.test.index], data.test.y)
    assert new.notes == ()


def test_new_rows_of_another_kind_or_type_are_explained(run, tmp_path):
    (tmp_path / "x.npz").touch()
    with pytest.raises(DataError) as caught:
        run("parquet", "x.npz")
    assert str(caught.value) == (
        "x.npz: the run was trained on a Parquet file; give one with the same columns"
    )
    table = parquet.read_table(tmp_path / "t.parquet").drop_columns("n")
    parquet.write_table(table.append_column("n", pa.array(["1"] * 60)), tmp_path / "new.parquet")
    with pytest.raises(DataError) as caught:
        run("parquet", "new.parquet")
    assert str(caught.value) == (
        "new.parquet: column 'n' holds texts, and the run was trained on numbers here"
    )


def test_a_run_on_a_known_set_reads_its_columns_from_parquet(tmp_path):
    from sklearn.datasets import load_iris

    iris = load_iris()
    columns = {name: iris.data[:, i] for i, name in enumerate(iris.feature_names)}
    parquet.write_table(pa.table({**columns, "target": iris.target}), tmp_path / "t.parquet")
    own = SklearnSource(type="sklearn", name="iris", preprocess=STANDARD)
    data = load_dataset(own, base=tmp_path, seed=0, labels={"target": "index"})
    new = load_rows(
        own,
        tmp_path / "t.parquet",
        "t.parquet",
        preprocess=json.loads(json.dumps(data.preprocess)),
        targets=data.targets,
    )
    np.testing.assert_allclose(new.x[data.test.index], data.test.x, rtol=1e-6)
