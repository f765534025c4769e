"""CSV files packed, in several parts, divided by tabs, with truth values and dates."""

import gzip

import numpy as np
import pytest

from nntrain.config.data import CsvSource
from nntrain.data import csv_read, files
from nntrain.data.csv_file import load
from nntrain.data.load import load as load_dataset
from nntrain.errors import DataError


def source(path="t.csv", **settings):
    return CsvSource(type="csv", **({"path": path, "target": "y"} | settings))


def read(folder, contents, **settings):
    for name, content in contents.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(source(**({"path": next(iter(contents))} | settings)), folder)


def refused(folder, contents, **settings):
    with pytest.raises(DataError) as caught:
        read(folder, contents, **settings)
    return str(caught.value)


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv", "größe und mehr.csv.gz"])
def test_a_packed_file_is_unpacked_whatever_it_is_called(tmp_path, name):
    raw = read(tmp_path, {name: gzip.compress(b'a,c,y\n1,"u",2\n,v,4\n')})
    np.testing.assert_array_equal(raw.rows.features.numeric["a"], [1, np.nan])
    assert raw.rows.features.categorical["c"].tolist() == ["u", "v"]
    assert raw.description == f"{name}: 2 rows, 2 feature columns, target 'y'"


@pytest.mark.parametrize(("name", "pack"), [("t.tsv", bytes), ("t.TSV.gz", gzip.compress)])
def test_the_delimiter_of_a_tsv_file_is_a_tab(tmp_path, name, pack):
    raw = read(tmp_path, {name: pack(b"a\ty\n1,5\t2\n")}, categorical=["a"])
    assert raw.rows.features.categorical["a"].tolist() == ["1,5"]
    assert read(tmp_path, {name: pack(b"a;y\n1;2\n")}, delimiter=";").rows.target.tolist() == [2]


def test_several_files_are_read_in_the_order_of_their_names(tmp_path):
    parts = {"part 2.csv": "y,a\n4,3\n", "part 1.csv": "a,y\n1,2\n2,3\n", "other.csv": "a,y\n9,9\n"}
    raw = read(tmp_path, parts, path="part*.csv")
    assert raw.rows.features.numeric["a"].tolist() == [1, 2, 3]
    assert raw.rows.target.tolist() == [2, 3, 4]
    assert raw.description == "part*.csv: 3 rows, 1 feature column, target 'y'"


def test_a_file_that_is_called_like_a_pattern_is_that_file(tmp_path):
    raw = read(tmp_path, {"t[1].csv": "a,y\n1,2\n", "t1.csv": "a,y\n9,9\n"})
    assert raw.rows.target.tolist() == [2]


def test_a_cell_of_the_second_file_is_named_with_its_line(tmp_path):
    parts = {"p1.csv": "a,y\n1,2\n2,3\n", "p2.csv": "y,a\n4,3\n5,oops\n"}
    assert refused(tmp_path, parts, path="p?.csv") == (
        "p2.csv: 1 problem\n\n3:3 column 'a': 'oops' is not a number (1 of 4 cells); read the column as text "
        "with data.categorical: [a], or add 'oops' to data.missing\n   3 | 5,oops\n         ^"
    )


def test_a_file_in_a_folder_keeps_its_place_in_the_message(tmp_path):
    (tmp_path / "rows").mkdir()
    parts = {"rows/p1.csv": "a,y\n1,2\n", "rows/p2.csv": "a,y\n"}
    assert refused(tmp_path, parts, path="rows/p*.csv") == (
        "rows/p2.csv: 0 rows: the file holds its header alone; give one with rows"
    )


DIFFERENT = {
    "lacking": ("a,y\n1,2\n", "this file lacks 'b'"),
    "more": ("a,b,y,z,w\n1,2,3,4,5\n", "this file has 'z', 'w' besides"),
    "both": ("a,B,y\n1,2,3\n", "this file lacks 'b' and has 'B' besides"),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_files_of_different_columns_are_told_apart(tmp_path, name):
    second, difference = DIFFERENT[name]
    assert refused(tmp_path, {"p1.csv": "a,b,y\n1,2,3\n", "p2.csv": second}, path="p*.csv") == (
        f"p2.csv: the columns are not those of p1.csv: {difference}; all files of data.path need the same columns"
    )


def test_a_pattern_that_nothing_fits_says_where_it_looked(tmp_path):
    (tmp_path / "part-folder.csv").mkdir()
    assert refused(tmp_path, {"t.csv": ""}, path="part-*.csv") == (
        f"data.path: no file fits 'part-*.csv': looked in {tmp_path}"
    )
    assert refused(tmp_path, {"t.csv": ""}, path="no/part-*.csv") == (
        f"data.path: no file fits 'no/part-*.csv': no folder {tmp_path}/no"
    )


def test_files_that_are_together_larger_than_memory_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "available_memory", lambda: 2048)
    parts = {f"p{i}.csv": "a,y\n" + "1,2\n" * 255 for i in range(3)}
    assert refused(tmp_path, parts, path="p*.csv") == (
        "the 3 files of 'p*.csv' take at least 3.0 KiB of memory; this machine has 2.0 KiB available"
    )


def test_a_link_to_itself_can_not_be_opened(tmp_path):
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert refused(tmp_path, {"t.csv": ""}, path="loop.csv") == (
        "data.path: 'loop.csv' can't be opened: Too many levels of symbolic links"
    )


PACKED = gzip.compress(b"a,y\n" + b"".join(b"%d,%d\n" % (i, i * i % 977) for i in range(2000)))


def test_a_packed_file_that_is_cut_short_is_named(tmp_path):
    assert refused(tmp_path, {"t.csv.gz": PACKED[:3000]}) == (
        "t.csv.gz: the packed file is damaged: it ends too early"
    )


@pytest.mark.parametrize("quick", [True, False])
def test_a_packed_file_with_a_wrong_sum_is_named(tmp_path, quick, monkeypatch):
    if not quick:
        monkeypatch.setattr(csv_read, "PLAIN", csv_read.re.compile("never"))
    broken = PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:]
    assert refused(tmp_path, {"t.csv.gz": broken}) == (
        "t.csv.gz: the packed file is damaged: CRC check failed 0x0 != 0x62a66350"
    )


def test_a_file_that_is_called_gz_and_is_not_packed_is_refused(tmp_path):
    assert refused(tmp_path, {"t.csv.gz": "a,y\n1,2\n"}) == (
        "t.csv.gz: the file is called .gz and does not begin as gzip's files do; if it is not packed, rename it"
    )


@pytest.mark.parametrize("content", [b"", gzip.compress(b"")], ids=["no bytes", "nothing packed"])
def test_a_packed_file_of_nothing_is_empty(tmp_path, content):
    assert refused(tmp_path, {"t.csv.gz": content}) == "t.csv.gz: the file is empty; give one with rows"


def test_a_bomb_is_stopped_while_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "available_memory", lambda: 100 << 20)
    bomb = gzip.compress(b"a,y\n" + b"0" * (160 << 20), compresslevel=1)
    assert refused(tmp_path, {"t.csv.gz": bomb}) == (
        "t.csv.gz: unpacked, the file takes at least 128.0 MiB of memory; this machine has 100.0 MiB available"
    )


def test_true_and_false_become_1_and_0_among_the_features(tmp_path):
    raw = read(tmp_path, {"t.csv": "a,b,c,y\nTRUE,yes,true,yes\nfalse,NA,no,no\nTrue,no,true,yes\n"})
    table = raw.rows.features
    assert table.numeric["a"].tolist() == [1, 0, 1]
    np.testing.assert_array_equal(table.numeric["b"], [1, np.nan, 0])
    assert table.categorical["c"].tolist() == ["true", "no", "true"]
    assert raw.rows.target.tolist() == ["yes", "no", "yes"]
    assert raw.notes == (
        "columns of true and false (or yes and no) are 1 and 0: a, b; data.categorical keeps them as texts",
    )


def test_truth_values_stay_texts_where_the_config_says_so(tmp_path):
    raw = read(tmp_path, {"t.csv": "a,y\ntrue,1\nfalse,2\n"}, categorical=["a"])
    assert raw.rows.features.categorical["a"].tolist() == ["true", "false"]
    assert raw.notes == ()


def test_dates_become_days_since_1970(tmp_path):
    content = "day,time,zone,y\n1970-01-02,1970-01-01 12:00,1970-01-01T02:00+02:00,1\n,1970-01-03T00:00:30.5,1970-01-02T00:00Z,2\n"
    table = read(tmp_path, {"t.csv": content}, dates=["day", 1, -2]).rows.features
    np.testing.assert_array_equal(table.numeric["day"], [1, np.nan])
    np.testing.assert_array_equal(table.numeric["time"], [0.5, 2 + 30.5 / 86400])
    np.testing.assert_array_equal(table.numeric["zone"], [0, 1])


def test_a_date_may_be_predicted(tmp_path):
    raw = read(tmp_path, {"t.csv": "a,y\n1,1970-01-02\n2,1970-01-11\n"}, dates=["y"])
    assert raw.rows.target.tolist() == [1, 10]


def test_dates_that_nothing_says_how_to_read_are_an_error(tmp_path):
    content = "day,other,y\n2026-01-31,2026-01-31T12:00Z,1\n2026-02-01,2026-02-01T12:00Z,2\n"
    assert refused(tmp_path, {"t.csv": content}) == (
        "t.csv: 2 problems\n\n"
        "2:1 column 'day' holds dates such as '2026-01-31'; read it as days since 1970 with data.dates: [day], "
        "as texts with data.categorical, or leave it out with data.drop\n"
        "   2 | 2026-01-31,2026-01-31T12:00Z,1\n       ^\n"
        "2:12 column 'other' holds dates such as '2026-01-31T12:00Z'; read it as days since 1970 with data.dates: "
        "[other], as texts with data.categorical, or leave it out with data.drop\n"
        "   2 | 2026-01-31,2026-01-31T12:00Z,1\n                  ^"
    )
    assert read(tmp_path, {"t.csv": content}, drop=["day"], categorical=["other"]).rows.features.numeric == {}


NUMBERS_AS_TEXTS = {
    "dates of another order": (
        "a,y\n31.1.2026,1\n01.02.26,2\n",
        "t.csv: 1 problem\n\n2:1 column 'a' holds dates such as '31.1.2026'; write them as 2026-01-31 and read "
        "them with data.dates: [a], or leave the column out with data.drop\n   2 | 31.1.2026,1\n       ^",
    ),
    "decimal commas": (
        'a,y\n12,1\n"1,5",2\n"2,5",3\n"3,5",4\n',
        "t.csv: 1 problem\n\n3:2 column 'a' holds numbers with a decimal comma, such as '1,5'; write them with a "
        'point, or read them as texts with data.categorical: [a]\n   3 | "1,5",2\n        ^',
    ),
    "a target of decimal commas": (
        'a,y\n1,"1,5"\n2,"2,5"\n',
        "t.csv: 1 problem\n\n2:4 column 'y' holds numbers with a decimal comma, such as '1,5'; write them with a "
        'point, or read them as texts with data.categorical: [y]\n   2 | 1,"1,5"\n          ^',
    ),
    "a single decimal comma": (
        'a,y\n12,1\n"1,5",2\n3,3\n',
        "t.csv: 1 problem\n\n3:2 column 'a': '1,5' is not a number (1 of 3 cells); write it with a point: 1.5\n"
        '   3 | "1,5",2\n        ^',
    ),
}


@pytest.mark.parametrize("name", NUMBERS_AS_TEXTS)
def test_numbers_and_dates_in_another_spelling_are_no_categories(tmp_path, name):
    content, message = NUMBERS_AS_TEXTS[name]
    assert refused(tmp_path, {"t.csv": content}) == message


def test_texts_with_commas_are_texts_where_the_config_says_so_or_one_is_no_number(tmp_path):
    said = {"t.csv": 'a,y\n"1,5",1\n"2,5",2\n'}
    assert read(tmp_path, said, categorical=["a"]).rows.features.categorical["a"].tolist() == ["1,5", "2,5"]
    mixed = {"t.csv": 'a,y\n"1,5",1\n"x",2\n'}
    assert read(tmp_path, mixed).rows.features.categorical["a"].tolist() == ["1,5", "x"]


BAD_DATES = {
    "no day of the calendar": ("2026-02-30", "is no date"),
    "another order": ("31.01.2026", "is no date"),
    "a number": ("2026", "is no date"),
    "a zone": ("2026-02-01T12:00Z", "has a zone and the cells before have none"),
}


@pytest.mark.parametrize("name", BAD_DATES)
def test_a_cell_that_is_no_date_is_named(tmp_path, name):
    cell, what = BAD_DATES[name]
    assert refused(tmp_path, {"t.csv": f"day,y\n2026-01-31,1\n{cell},2\n"}, dates=["day"]) == (
        f"t.csv: 1 problem\n\n3:1 column 'day': '{cell}' {what}; write dates as 2026-01-31 or "
        f"2026-01-31T12:00, or add the cell to data.missing\n   3 | {cell},2\n       ^"
    )


def test_a_time_without_zone_behind_one_with_is_named(tmp_path):
    content = "day,y\n2026-01-31T12:00Z,1\n2026-01-31,2\n"
    assert "'2026-01-31' has no zone and the cells before have one; " in refused(
        tmp_path, {"t.csv": content}, dates=["day"]
    )


def test_many_categories_are_remarked_on(tmp_path):
    lines = "".join(f"u{i},{i % 2},{i}\n" for i in range(10_000))
    raw = read(tmp_path, {"t.csv": "user,n,y\n" + lines})
    assert raw.notes == (
        "column 'user' holds 10,000 different texts, and one_hot makes a column of each; if it only names the "
        "rows, add data.drop: [user]",
    )


SAME = {
    "plain": "a,b,y\n1,2.5,1\n-3e2,.5,2\n",
    "gaps": "a,b,y\nNA,2,1\n1,,2\n",
    "spaces": "a,b,y\n 1, 2,1\n3 ,4 ,2\n",
    "gaps with spaces": "a,b,y\n1, NA,1\n2,3,2\n",
    "quotes": 'a,"b",y\n"1","2",1\n3,4,2\n',
    "blank lines": "a,b,y\n\n1,2,1\n\n3,4,2\n",
    "blank lines first": "\n\na,b,y\n1,2,1\n",
    "header of two lines": 'a,"b\nc",y\n1,2,1\n',
    "texts later": "a,b,y\n" + "1,2,3\n" * 100 + "u,2,3\n" * 120,
    "signs": "a,b,y\n+1,+.5,1\n2,3,2\n",
    "whole numbers beyond 53 bits": "a,b,y\n9007199254740993,18446744073709551617,1\n1,2,3\n",
    "no line end": "a,b,y\n1,2,3",
    "old line ends": "a,b,y\r1,2,3\r4,5,6\r",
    "BOM": "\ufeffa,b,y\n1,2,3\n",
}


@pytest.mark.parametrize("name", SAME)
def test_numbers_read_at_once_are_those_that_are_read_as_texts(tmp_path, name, monkeypatch):
    (tmp_path / "t.csv").write_bytes(SAME[name].encode())
    quick = load(source(target=-1), tmp_path)
    monkeypatch.setattr(csv_read, "PLAIN", csv_read.re.compile("never"))
    slow = load(source(target=-1), tmp_path)
    assert quick.rows.features.order == slow.rows.features.order
    for column, values in slow.rows.features.numeric.items():
        np.testing.assert_array_equal(quick.rows.features.numeric[column], values)
    assert quick.rows.features.categorical.keys() == slow.rows.features.categorical.keys()
    np.testing.assert_array_equal(quick.rows.target, slow.rows.target)


def test_a_marker_that_is_a_number_is_a_gap(tmp_path):
    raw = read(tmp_path, {"t.csv": "a,y\n-999,1\n -999,2\n3,4\n"}, missing=["-999"])
    np.testing.assert_array_equal(raw.rows.features.numeric["a"], [np.nan, np.nan, 3])


def test_plain_numbers_need_no_pandas(nntrain, tmp_path):
    import subprocess
    import sys

    (tmp_path / "t.csv").write_text("a,c,t,d,y\n" + "1,u,true,2026-01-31,1\n,v,no,,2\n" * 8)
    program = (
        "import sys\nfrom pathlib import Path\nfrom nntrain.config.data import CsvSource\n"
        "from nntrain.data.load import load\n"
        f"s = CsvSource(type='csv', path='t.csv', target='y', dates=['d'], "
        "preprocess={'numeric': {'impute': 'mean', 'scale': 'standard'}})\n"
        f"load(s, base=Path({str(tmp_path)!r}), seed=0)\n"
        "print(sorted({'pandas', 'sklearn', 'keras', 'tensorflow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_new_rows_of_a_packed_file_are_read_as_the_run_was(tmp_path):
    import json

    from nntrain.data.new_rows import load_rows

    lines = [f"{i},{'yes' if i % 3 else 'no'},2026-01-{i % 28 + 1:02},{i % 2}" for i in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["n,ok,day,y", *lines]))
    settings = source(dates=["day"], task="classification", preprocess={"numeric": {"scale": "standard"}})
    data = load_dataset(settings, base=tmp_path, seed=0)
    assert data.inputs["features"] == ("n", "ok", "day")
    (tmp_path / "new.tsv.gz").write_bytes(
        gzip.compress("\n".join(["y\tday\tok\tn", *("\t".join(x.split(",")[::-1]) for x in lines)]).encode())
    )
    rows = load_rows(
        settings,
        tmp_path / "new.tsv.gz",
        "new.tsv.gz",
        preprocess=json.loads(json.dumps(data.preprocess)),
        targets=data.targets,
    )
    assert rows.x[data.test.index].tobytes() == data.test.x.tobytes()
    np.testing.assert_array_equal(rows.y[data.test.index], data.test.y)
