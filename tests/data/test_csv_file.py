from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nntrain.config.data import CsvSource
from nntrain.data import csv_file, files
from nntrain.data.csv_file import load, read
from nntrain.errors import DataError, MachineError


def source(**settings):
    return CsvSource(type="csv", **({"path": "t.csv", "target": "y"} | settings))


def read_text(folder: Path, content: str | bytes, **settings):
    (folder / "t.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return load(source(**settings), folder)


def test_numbers_texts_and_missing_cells_are_told_apart(tmp_path):
    raw = read_text(tmp_path, "age, color ,y\n1.5, red ,a\n ?,NA,b\n-2e3,blue,a\n")
    table = raw.rows.features
    assert table.order == ("age", "color")
    np.testing.assert_array_equal(table.numeric["age"], [1.5, np.nan, -2000])
    assert table.categorical["color"].tolist() == ["red", None, "blue"]
    assert raw.rows.target.tolist() == ["a", "b", "a"]
    assert raw.description == "t.csv: 3 rows, 2 feature columns, target 'y'"
    assert (raw.targets["target"].columns, raw.targets["target"].key) == (("y",), ("data", "target"))


def test_a_file_without_header_is_read_by_position(tmp_path):
    raw = read_text(tmp_path, "1,2,3\n4,5,6\n", header=False, target=-1, drop=[0])
    assert raw.rows.features.order == ("c1",)
    assert raw.rows.target.tolist() == [3, 6]


def test_names_may_come_from_the_config(tmp_path):
    raw = read_text(tmp_path, "1,2,3\n4,5,6\n", header=False, target="c", columns=["a", "b", "c"])
    assert raw.rows.features.order == ("a", "b")


def test_columns_of_numbers_are_text_where_the_config_says_so(tmp_path):
    raw = read_text(tmp_path, "zip,n,y\n01,1,1\n1,2,2\n", categorical=["zip", "y"])
    assert raw.rows.features.categorical["zip"].tolist() == ["01", "1"]
    assert raw.rows.target.tolist() == ["1", "2"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_bom_line_ends_blank_lines_and_quotes_are_accepted(tmp_path, start, end):
    content = start + end.join(["a,y", "", '"1",2', '"3" ,"4"', ""]).encode()
    raw = read_text(tmp_path, content)
    assert raw.rows.features.numeric["a"].tolist() == [1, 3]
    assert raw.rows.target.tolist() == [2, 4]


def test_a_nameless_column_is_called_by_its_position(tmp_path):
    raw = read_text(tmp_path, ",b,y\n0,1,2\n")
    assert raw.rows.features.order == ("c0", "b")
    assert raw.notes == (
        "the header is empty above column c0 (named by position); if it only counts the rows, add "
        "data.drop: [c0]",
    )
    assert read_text(tmp_path, ",b,,y\n0,1,2,3\n").notes == (
        "the header is empty above columns c0, c2 (named by position); if they only count the rows, add "
        "data.drop: [c0, c2]",
    )
    assert read_text(tmp_path, ",b,y\n0,1,2\n", drop=["c0"]).notes == ()
    assert read_text(tmp_path, "0,1,2\n", target=-1, header=False).notes == ()


def test_a_header_of_numbers_is_remarked_on(tmp_path):
    raw = read_text(tmp_path, "6,148,1\n1,85,0\n", target=-1)
    assert raw.notes == (
        "the first line (6, 148, 1) was read as column names; if it is data, add data.header: false",
    )
    assert read_text(tmp_path, "0,1,2\n1,85,0\n", target=-1).notes == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1, max_size=20))
def test_numbers_written_by_python_are_read_to_the_same_bits(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("numbers")
    raw = read_text(folder, "a,y\n" + "".join(f"{value!r},1\n" for value in values))
    assert raw.rows.features.numeric["a"].tobytes() == np.array(values).tobytes()


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("a\"',;\n\r é\t", max_size=6), min_size=1, max_size=8), st.data())
def test_an_error_points_at_its_cell_whatever_stands_before_it(tmp_path_factory, cells, data):
    """Quotes, line breaks and delimiters in earlier cells don't move the place."""
    import csv

    folder = tmp_path_factory.mktemp("places")
    bad = data.draw(st.integers(0, len(cells) - 1))
    with (folder / "t.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "n", "y"])
        for i, cell in enumerate(cells):
            writer.writerow(["t" + cell, "BAD" if i == bad else 1, 1])
        writer.writerows([["t", 1, 1]] * (len(cells) + 1))
    with pytest.raises(DataError) as caught:
        load(source(categorical=["text"]), folder)
    place = caught.value.problems[0].location
    assert place.text[place.column - 1 :].startswith("BAD")
    lines = (folder / "t.csv").read_bytes().decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert lines[place.line - 1].endswith("BAD,1")


MEND = "; mend the line, or put quotes around a text that holds ','"

GOLDEN = {
    "ragged twice and quoted": (
        'a,b,y\n1,2\n3\n"4\n5"\n',
        {},
        f"t.csv: 1 problem\n\n2 expected 3 fields, got 2; 3 rows are like this{MEND}\n   2 | 1,2",
    ),
    "empty": ("", {}, "t.csv: the file is empty; give one with rows"),
    "blank lines": ("\n\n", {}, "t.csv: the file is empty; give one with rows"),
    "header only": ("a,y\n", {}, "t.csv: 0 rows: the file holds its header alone; give one with rows"),
    "ragged": (
        "a,b,y\n1,2,3\n4,5\n6,7,8\n9\n",
        {},
        f"t.csv: 1 problem\n\n3 expected 3 fields, got 2; 2 rows are like this{MEND}\n   3 | 4,5",
    ),
    "quote left open": (
        'a,b,y\n"1,2,3\n4,5,6\n',
        {},
        "t.csv: 1 problem\n\n2 expected 3 fields, got 1; a quote that opens here spans 2 lines\n"
        '   2 | "1,2,3',
    ),
    "quote swallows the last rows": (
        'a,y\n1,u\n2,"v\n3,w\n4,x\n',
        {},
        "t.csv: 1 problem\n\n3 a quote that opens in this row is never closed; it takes in 3 lines\n"
        '   3 | 2,"v',
    ),
    "workbook": ("PK\x03\x04", {}, "t.csv: this is an Excel or zip file; export it as CSV"),
    "target missing among many": (
        f"{','.join(f'x{i}' for i in range(29))},y\n{'1,' * 29}2\n",
        {"target": "label"},
        f"data.target: there is no column 'label'; the columns are {', '.join(f'x{i}' for i in range(29))}, y",
    ),
    "target missing": (
        "age,size,label\n1,2,3\n",
        {"target": "lable"},
        "data.target: there is no column 'lable' (did you mean 'label'?); the columns are age, size, label",
    ),
    "target out of range": (
        "a,y\n1,2\n",
        {"target": 2},
        "data.target: there is no column 2: there are 2, counted from 0 (-1 is the last)",
    ),
    "every wrong name at once": (
        "a,b,y\n1,2,3\n",
        {"drop": ["aa", -4], "categorical": ["c"]},
        "data.categorical[0]: there is no column 'c'; the columns are a, b, y\n"
        "data.drop[0]: there is no column 'aa' (did you mean 'a'?); the columns are a, b, y\n"
        "data.drop[1]: there is no column -4: there are 3, counted from 0 (-1 is the last)",
    ),
    "target dropped": ("a,y\n1,2\n", {"drop": [1]}, "data.drop[0]: 'y' is the target; it can't be dropped"),
    "nothing left": (
        "a,y\n1,2\n",
        {"drop": ["a"]},
        "data.drop: drops every column but the target; leave at least one feature",
    ),
    "duplicate names": (
        "a,b,a,y\n1,2,3,4\n",
        {},
        "t.csv: 1 problem\n\n1:5 two columns are named 'a': positions 0 and 2 (from 0); rename one of them\n"
        "   1 | a,b,a,y\n           ^",
    ),
    "duplicate numbers": (
        "1,0,1\n2,1,2\n",
        {"target": -1},
        "t.csv: 1 problem\n\n1:5 two columns are named '1': positions 0 and 2 (from 0); the first line holds "
        "numbers alone: if it is data, add data.header: false\n   1 | 1,0,1\n           ^",
    ),
    "duplicate names in the config": (
        "1,0,1\n",
        {"header": False, "columns": ["a", "y", "a"]},
        "data.columns: two columns are named 'a': positions 0 and 2 (from 0); rename one of them",
    ),
    "columns of another number": (
        "1,0,1\n",
        {"header": False, "columns": ["a", "y"]},
        "data.columns: names 2 columns; 't.csv' has 3",
    ),
    "not a number": (
        "a,n,y\nx, 1,1\nx,12b,2\nx,3,1\nx,oops,1\nx,5,1\n",
        {},
        "t.csv: 1 problem\n\n3:3 column 'n': '12b' is not a number (2 of 5 cells); read the column as text "
        "with data.categorical: [n], or add '12b' to data.missing\n   3 | x,12b,2\n         ^",
    ),
    "not a number, two columns": (
        "a,n,y\n1,1,1\nu,2,1\n3,v,1\n",
        {},
        "t.csv: 2 problems\n\n3:1 column 'a': 'u' is not a number (1 of 3 cells); read the column as "
        "text with "
        "data.categorical: [a], or add 'u' to data.missing\n   3 | u,2,1\n       ^\n"
        "4:3 column 'n': 'v' is not a number (1 of 3 cells); read the column as text with "
        "data.categorical: [n], or add 'v' to data.missing\n   4 | 3,v,1\n         ^",
    ),
    "not a number, after lines in quotes": (
        'a,t,n,y\n1,"u\nv ""w"", x", 3,1\n1,"u\n\nv","b,d",2\n1,u,3,3\n',
        {},
        "t.csv: 1 problem\n\n6:5 column 'n': 'b,d' is not a number (1 of 3 cells); read the column as text "
        'with data.categorical: [n], or add \'b,d\' to data.missing\n   6 | v","b,d",2\n           ^',
    ),
    "nan that is no marker": (
        "a,y\n1,1\nNAN,1\n2,1\n",
        {},
        "t.csv: 1 problem\n\n3:1 column 'a': 'NAN' is not a number (1 of 3 cells); read the column "
        "as text with "
        "data.categorical: [a], or add 'NAN' to data.missing\n   3 | NAN,1\n       ^",
    ),
    "infinite": (
        "a,y\n1,1\n-inf,1\n",
        {},
        "t.csv: 1 problem\n\n3:1 column 'a': '-inf' is not a finite number (1 of 2 "
        "cells); mend "
        "the cell, or add '-inf' to data.missing\n   3 | -inf,1\n       ^",
    ),
    "too large": (
        "a,y\n1e39,1\n1e40,1\n",
        {},
        "t.csv: 1 problem\n\n2:1 column 'a': '1e39' is more than a 32-bit number can hold (2 of 2 "
        "cells); mend "
        "the cell, or add '1e39' to data.missing\n   2 | 1e39,1\n       ^",
    ),
    "target missing in a row": (
        "a,y\n1,1\n1,\n2,NA\n",
        {},
        "t.csv: 1 problem\n\n3:3 the target 'y' is missing here (2 of 3 rows); a row without a "
        "target can't be "
        "used: remove it from the file\n   3 | 1,\n         ^",
    ),
    "text target missing in a row": (
        "a,y\n1,u\n1,\n",
        {},
        "t.csv: 1 problem\n\n3:3 the target 'y' is missing here (1 of 2 rows); a row without a "
        "target can't be "
        "used: remove it from the file\n   3 | 1,\n         ^",
    ),
    "latin-1": (
        b"a,y\n1,caf\xe9\n",
        {},
        "t.csv: 1 problem\n\n2 not UTF-8 at byte 9 (0xe9); save the file as UTF-8",
    ),
    "latin-1 far behind": (
        b"a,y\n" + b"1,2\n" * 10_000 + b"1,\xe9\n",
        {},
        "t.csv: 1 problem\n\n10002 not UTF-8 at byte 40006 (0xe9); save the file as UTF-8",
    ),
    "utf-16": (
        "a,y\n1,2\n".encode("utf-16"),
        {},
        "t.csv: not UTF-8 at byte 0: this looks like UTF-16; save the file as UTF-8",
    ),
    "other delimiter": (
        "a;b;y\n1;2;3\n",
        {},
        "t.csv: the file has one column ('a;b;y'); data.delimiter: \";\" would give 3",
    ),
    "tabs": (
        "a\tb\ty\n1\t2\t3\n",
        {},
        "t.csv: the file has one column ('a\\tb\\ty'); data.delimiter: \"\\t\" would give 3",
    ),
    "one column": (
        "a\n1\n",
        {},
        "t.csv: the file has one column ('a'); a feature and the target make at least two",
    ),
    "impossible delimiter": (
        "a,y\n1,2\n",
        {"delimiter": '"'},
        "data.delimiter: '\"' can't separate cells; name a character like ',' ';' '\\t' or '|'",
    ),
    "endless cell": (
        'a,y\n1,"' + "x" * 140_000 + "\n",
        {},
        "t.csv: 1 problem\n\n2 this row can't be read: field larger than field limit (131072); "
        "is a quote left open?",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_bad_file_is_explained(tmp_path, name):
    content, settings, expected = GOLDEN[name]
    with pytest.raises(DataError) as caught:
        read_text(tmp_path, content, **settings)
    assert str(caught.value) == expected


def test_a_missing_file_is_named_as_written_and_as_resolved(tmp_path):
    (tmp_path / "pima.csv").touch()
    with pytest.raises(DataError) as caught:
        load(source(path="./pma.csv"), tmp_path)
    assert str(caught.value) == (
        f"data.path: there is no file './pma.csv': looked for {tmp_path}/pma.csv (did you mean 'pima.csv'?)"
    )
    with pytest.raises(DataError) as caught:
        load(source(path="no/pma.csv"), tmp_path)
    assert str(caught.value) == f"data.path: there is no file 'no/pma.csv': no folder {tmp_path}/no"
    with pytest.raises(DataError) as caught:
        load(source(path="pima.csv/pma.csv"), tmp_path)
    assert (
        str(caught.value) == f"data.path: there is no file 'pima.csv/pma.csv': no folder {tmp_path}/pima.csv"
    )


def test_a_folder_and_an_impossible_name_are_refused(tmp_path):
    with pytest.raises(DataError) as caught:
        load(source(path="."), tmp_path)
    assert str(caught.value) == "data.path: '.' is a folder; name a file in it"
    with pytest.raises(DataError) as caught:
        load(source(path="x" * 300), tmp_path)
    assert str(caught.value) == f"data.path: '{'x' * 300}' can't be opened: File name too long"


def test_a_file_that_may_not_be_read_is_a_matter_of_the_machine(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(MachineError) as caught:
        load(source(), tmp_path)
    assert str(caught.value) == f"data.path: 't.csv' may not be read: {tmp_path}/t.csv"


def test_a_file_larger_than_memory_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "available_memory", lambda: 2048)
    (tmp_path / "t.csv").write_text("a,y\n" + "1,2\n" * 1024)
    with pytest.raises(DataError) as caught:
        load(source(), tmp_path)
    assert str(caught.value) == (
        "t.csv: the file takes at least 4.0 KiB of memory; this machine has 2.0 KiB available"
    )


def test_a_damage_that_only_arrow_sees_keeps_arrows_words(tmp_path, monkeypatch):
    monkeypatch.setattr("nntrain.data.csv_scan.ragged_row", lambda *_: None)
    with pytest.raises(DataError) as caught:
        read_text(tmp_path, "a,y\n1,2\n3\n")
    assert str(caught.value).startswith("t.csv: the file can't be read: CSV parse error: ")


def test_sizes_read_well():
    assert [files.size(n) for n in (0, 1023, 1536, 3 << 30, 1 << 62)] == [
        "0 bytes",
        "1023 bytes",
        "1.5 KiB",
        "3.0 GiB",
        "4,096.0 PiB",
    ]


def test_read_does_not_need_the_path_of_the_source(tmp_path):
    (tmp_path / "other.csv").write_text("a,y\n1,2\n")
    assert len(read(source(), tmp_path / "other.csv", "other.csv").rows) == 1
    assert csv_file.PATH_KEY == ("data", "path")
