import gzip
import io
import json
import sys
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from nntrain.config.data import CsvSource, SklearnSource
from nntrain.data.streaming import features
from nntrain.data.unlabelled import blocks
from nntrain.errors import DataError

LINES = [f"{i},{'uvw'[i % 3]},2026-01-{i % 28 + 1:02d},{'yes' if i % 2 else 'no'}" for i in range(40)]
TABLE = "\n".join(["n,c,d,y", *LINES])


@pytest.fixture
def run(run_on, tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    steps = {"numeric": {"scale": "standard"}}
    return run_on(CsvSource(type="csv", path="t.csv", target="y", dates=["d"], preprocess=steps))


@pytest.fixture
def write(tmp_path):
    def named(text, name="new.csv"):
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    return named


def own_bits(run, found):
    for rows in run.data.splits.values():
        assert found.inputs["features"][rows.index].tobytes() == rows.x.tobytes()


def test_the_rows_of_the_run_become_the_same_bits(run):
    found = run.read("t.csv")
    own_bits(run, found)
    assert (found.notes, found.skipped, found.index) == ([], 0, list(range(40)))
    assert found.done[-1] == found.size == len(TABLE)


@pytest.mark.parametrize("size", [64, 100, 333])
def test_blocks_of_any_size_make_the_same_rows(size, run, monkeypatch):
    monkeypatch.setattr(blocks, "SIZE", size)
    found = run.read("t.csv")
    own_bits(run, found)
    assert len(found.done) > 3


def test_wide_rows_come_in_portions(run, monkeypatch):
    monkeypatch.setattr(features, "CHUNK_ROWS", 7)
    found = run.read("t.csv")
    own_bits(run, found)
    assert len(found.done) == 7  # six of the lines that end, and the last one


def test_packed_rows_are_unpacked_on_the_way(run, write):
    own_bits(run, run.read(write(gzip.compress(TABLE.encode()), "t.csv.gz")))


def test_tabs_part_the_cells_of_a_tsv(run, write):
    own_bits(run, run.read(write(TABLE.replace(",", "\t"), "new.tsv")))


def test_rows_come_from_a_pipe(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(TABLE.encode())))
    found = run.read("-")
    own_bits(run, found)
    assert found.size is None


def test_columns_stand_in_any_order_and_the_target_need_not_be_there(run, write):
    found = run.read(write("c,id,d,n\nv,7,2026-01-02,1\nu,8,2026-01-04,3\n"))
    np.testing.assert_array_equal(found.inputs["features"], run.read("t.csv").inputs["features"][[1, 3]])
    assert found.notes == ["columns that the run does not use were ignored: id"]


def test_quoted_cells_run_over_lines(run, write):
    text = 'n,c,d,note\n1,v,2026-01-02,"a\nb"\n3,u,2026-01-04,"c ""d"", e"\n'
    found = run.read(write(text))
    np.testing.assert_array_equal(found.inputs["features"], run.read("t.csv").inputs["features"][[1, 3]])


def test_json_lines_are_read_by_name(run, write):
    rows = [dict(zip("ncd", line.split(","), strict=False)) for line in LINES]
    lines = [json.dumps({**row, "n": int(row["n"]), "y": None}) for row in rows]
    own_bits(run, run.read(write("\n".join(lines), "new.jsonl")))


def test_parquet_is_read_by_name(run, tmp_path):
    table = {
        "c": ["uvw"[i % 3] for i in range(40)],
        "n": list(range(40)),
        "d": pa.array([f"2026-01-{i % 28 + 1:02d}" for i in range(40)]).cast(pa.date32()),
    }
    parquet.write_table(pa.table(table), tmp_path / "new.parquet", row_group_size=9)
    found = run.read("new.parquet")
    own_bits(run, found)
    assert found.size == 40


def test_scikit_learns_sets_take_columns_and_arrays(run_on, tmp_path):
    run = run_on(SklearnSource(type="sklearn", name="iris"))
    columns = [column["name"] for column in run.data.preprocess["inputs"]["features"]["columns"]]
    x = np.array([[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]])
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "x.npz", x=x)
    (tmp_path / "x.csv").write_text(
        "\n".join([",".join(columns), *(",".join(map(str, row)) for row in x.tolist())])
    )
    found = [run.read(name).inputs["features"].tolist() for name in ("x.npy", "x.npz", "x.csv")]
    assert found[0] == found[1] == found[2]


BAD = "n,c,d\n1,v,2026-01-02\nabc,v,2026-01-02\n3,u\n,x,2026-01-03\n5,u,yesterday\n3,u,2026-01-04\n"


@pytest.mark.parametrize("size", [1 << 20, 48])
def test_bad_rows_are_left_out_and_counted(size, run, write, monkeypatch):
    monkeypatch.setattr(blocks, "SIZE", size)
    found = run.read(write(BAD), skip=True)
    np.testing.assert_array_equal(found.inputs["features"], run.read("t.csv").inputs["features"][[1, 3]])
    assert (found.index, found.skipped) == ([0, 5], 4)
    told = [(problem.location.line, problem.location.column, problem.id) for problem in found.problems]
    assert told == [
        (3, 1, "not_a_number"),
        (4, None, "ragged_row"),
        (5, 1, "missing_value"),
        (6, 5, "not_a_date"),
    ]


def test_all_that_is_wrong_with_the_first_bad_row_is_told(run, write):
    with pytest.raises(DataError) as raised:
        run.read(write("n,c,d\n1,v,2026-01-02\n,x,2026-13-02\nabc,u,2026-01-02\n"))
    assert str(raised.value) == (
        "new.csv: 3 problems\n\n"
        "3:1 column 'n': the value is missing, and the run has none to fill in; write one, or train with "
        "data.preprocess.numeric.impute\n   3 | ,x,2026-13-02\n       ^\n"
        "3:2 column 'c': no training row has 'x'; known are u, v, w; mend it, or train with "
        "data.preprocess.categorical.unknown: zeros to let such texts pass\n"
        "   3 | ,x,2026-13-02\n        ^\n"
        "3:4 column 'd': '2026-13-02' is no date; write dates as 2026-01-31 or 2026-01-31T12:00; --skip-bad "
        "leaves such rows out\n"
        "   3 | ,x,2026-13-02\n          ^"
    )


def message_of(run, *arguments, **options):
    with pytest.raises(DataError) as raised:
        run.read(*arguments, **options)
    return str(raised.value)


SKIP = "; --skip-bad leaves such rows out"
UNFIT = {
    "no number": (
        "n,c,d\n1x,v,2026-01-02\n",
        "new.csv: 1 problem\n\n2:1 column 'n': '1x' is not a number; the run was trained on numbers here"
        f"{SKIP}\n   2 | 1x,v,2026-01-02\n       ^",
    ),
    "too large": (
        "n,c,d\n1e39,v,2026-01-02\n",
        "new.csv: 1 problem\n\n2:1 column 'n': '1e39' is more than 32 bits can hold; the run was trained on "
        f"numbers here{SKIP}\n   2 | 1e39,v,2026-01-02\n       ^",
    ),
    "infinite": (
        "n,c,d\ninf,v,2026-01-02\n",
        "new.csv: 1 problem\n\n2:1 column 'n': 'inf' is not a finite number; the run was trained on "
        f"numbers here{SKIP}\n   2 | inf,v,2026-01-02\n       ^",
    ),
    "ragged": (
        "n,c,d\n1,v,2026-01-02\n1,v\n",
        f"new.csv: 1 problem\n\n3 expected 3 fields, got 2{SKIP}\n   3 | 1,v",
    ),
    "unknown category": (
        "n,c,d\n1,vv,2026-01-02\n",
        "new.csv: 1 problem\n\n2:3 column 'c': no training row has 'vv' (did you mean 'v'?); known are u, v, w; "
        "mend it, or train with data.preprocess.categorical.unknown: zeros to let such texts pass"
        f"{SKIP}\n   2 | 1,vv,2026-01-02\n         ^",
    ),
    "empty": ("", "new.csv: the file is empty; give one with rows"),
    "header only": ("n,c,d\n", "new.csv: 0 rows: the file holds its header alone; give one with rows"),
    "other columns": (
        "n;c;d\n1;v;2026-01-02\n",
        "new.csv: the file has one column, 'n;c;d': its cells are separated by ';', and those of the run's own "
        "file were not; write it as that file was",
    ),
    "a column missing": (
        "n,cc,d\n1,v,2026-01-02\n",
        "new.csv: the run's feature column 'c' (did you mean 'cc'?) is not in the file; the file has n, cc, d",
    ),
    "a quote left open": (
        'n,c,d\n1,"v,2026-01-02\n2,u,2026-01-02\n',
        "new.csv: 1 problem\n\n2 a quote that opens in this row is never closed; it takes in 2 lines\n"
        '   2 | 1,"v,2026-01-02',
    ),
    "latin-1": (
        b"n,c,d\n1,\xe9,2026-01-02\n",
        "new.csv: 1 problem\n\n2 this line is not UTF-8 (byte 0xe9); save the file as UTF-8",
    ),
    "utf-16": (
        "n,c,d\n1,v,2026-01-02\n".encode("utf-16"),
        "new.csv: 1 problem\n\n1 this looks like UTF-16; save the file as UTF-8",
    ),
    "a workbook": (b"PK\x03\x04abc", "new.csv: this is an Excel or zip file; export it as CSV"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_unfit_rows_are_explained(case, run, write):
    content, text = UNFIT[case]
    assert message_of(run, write(content)) == text


UNFIT_JSON = {
    "no json": (
        '{"n": 1, "c": "v", "d": "2026-01-02"}\nn=1\n',
        f"new.jsonl: 1 problem\n\n2 this line is no JSON at column 1 (Expecting value){SKIP}\n   2 | n=1",
    ),
    "a list": (
        '{"n": [1], "c": "v", "d": "2026-01-02"}\n',
        f"new.jsonl: 1 problem\n\n1 column 'n' holds [1], no single value{SKIP}\n"
        '   1 | {"n": [1], "c": "v", "d": "2026-01-02"}',
    ),
    "other names": (
        '{"n": 1, "k": "v"}\n',
        "new.jsonl: the run's feature columns 'c', 'd' are not in the file; the file has n, k",
    ),
    "empty": ("\n", "new.jsonl: the file is empty; give one with rows"),
}


@pytest.mark.parametrize("case", UNFIT_JSON)
def test_unfit_json_lines_are_explained(case, run, write):
    content, text = UNFIT_JSON[case]
    assert message_of(run, write(content, "new.jsonl")) == text


def test_nothing_in_a_pipe_is_told(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    assert message_of(run, "-") == "standard input: nothing was written to it"


def test_a_missing_file_names_its_neighbour(run, tmp_path):
    (tmp_path / "rows.csv").write_text(TABLE)
    where = tmp_path / "row.csv"
    assert message_of(run, "row.csv") == (
        f"there is no file 'row.csv': looked for {where} (did you mean 'rows.csv'?)"
    )


def test_arrays_have_no_texts(run, tmp_path):
    np.savez(tmp_path / "new.npz", x=np.ones((2, 3)))
    assert message_of(run, "new.npz") == (
        "new.npz: .npz files can't be read for this run; give CSV, Parquet or JSON lines with the run's columns"
    )


def test_null_in_parquet_is_a_missing_value(run, tmp_path):
    day = pa.array(["2026-01-02", "2026-01-02"]).cast(pa.date32())
    parquet.write_table(pa.table({"n": [1, None], "c": ["v", "v"], "d": day}), tmp_path / "new.parquet")
    assert message_of(run, "new.parquet") == (
        "new.parquet, row 1 (from 0): column 'n': the value is missing, and the run has none to fill in; "
        f"write one, or train with data.preprocess.numeric.impute{SKIP}"
    )
    found = run.read("new.parquet", skip=True)
    assert (found.index, found.skipped) == ([0], 1)
