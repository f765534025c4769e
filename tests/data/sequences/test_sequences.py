import json

import numpy as np
import pytest

from nntrain.config.data import SequenceSource
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows
from nntrain.errors import DataError

ROWS = [([1 + i % 3, 4, 2, 5][: 1 + i % 4], "yn"[i % 2]) for i in range(40)]


def json_lines(rows=ROWS):
    return "".join(json.dumps({"x": x, "y": y}) + "\n" for x, y in rows)


def write_npz(file, rows=ROWS, **arrays):
    lengths = [len(x) for x, _ in rows]
    given = {"x": np.array([n for x, _ in rows for n in x]), "lengths": lengths, "y": [y for _, y in rows]}
    np.savez(file, **{name: array for name, array in {**given, **arrays}.items() if array is not None})


def source(path="a.jsonl", **keys):
    return SequenceSource(**{"type": "sequences", "path": path, **keys})


def read(folder, **keys):
    return load(source(**keys), base=folder, seed=0)


def refused(folder, **keys):
    with pytest.raises(DataError) as caught:
        read(folder, **keys)
    return str(caught.value)


def new(folder, data, name, **keys):
    preprocess = json.loads(json.dumps(data.preprocess))
    return load_rows(source(**keys), folder / name, name, preprocess=preprocess, targets=data.targets)


def test_all_three_forms_give_the_same_rows(tmp_path):
    (tmp_path / "a.jsonl").write_text(json_lines())
    (tmp_path / "a.csv").write_text("id,x,y\n" + "".join(f"7,{' '.join(map(str, x))},{y}\n" for x, y in ROWS))
    write_npz(tmp_path / "a.npz")
    lengths = [len(x) for x, _ in ROWS]
    write_npz(tmp_path / "b.npz", lengths=None, begin=np.cumsum(lengths) - lengths)
    write_npz(tmp_path / "c.npz", lengths=None, begin=[0, *np.cumsum(lengths)])
    found = [read(tmp_path, path=f"a.{form}") for form in ("jsonl", "csv", "npz")]
    found += [read(tmp_path, path=f"{name}.npz", offsets="begin") for name in "bc"]
    for data in found:
        assert data.classes == ("n", "y")
        assert data.train.x.dtype == np.int32
        assert data.train.x.tobytes() == found[0].train.x.tobytes()
        np.testing.assert_array_equal(data.train.y, found[0].train.y)
        assert data.facts == {"data.features": 4, "data.vocabulary": 6, "data.classes": 2}
    assert found[0].description == "a.jsonl: 40 sequences of 1 to 4 numbers"
    assert found[0].train.x[0].tolist() == [*ROWS[0][0], 0, 0, 0]


def test_rows_are_cut_and_padded_as_asked(tmp_path):
    (tmp_path / "a.jsonl").write_text(json_lines())
    data = read(tmp_path, length=2, padding="pre", truncating="pre", split={"validation": 0, "test": 0})
    assert data.train.x[:4].tolist() == [[0, 1], [2, 4], [4, 2], [2, 5]]
    assert "a row has 2 numbers; 20 of 40 training rows are longer and are cut" in data.notes


def test_numbers_from_num_words_on_become_unknown(tmp_path):
    (tmp_path / "a.jsonl").write_text(json_lines())
    data = read(tmp_path, num_words=4, unknown=3, split={"validation": 0, "test": 0})
    assert data.train.x[:4].tolist() == [[1, 0, 0, 0], [2, 3, 0, 0], [3, 3, 2, 0], [1, 3, 2, 3]]
    assert data.facts["data.vocabulary"] == 4


def test_a_number_that_no_training_row_holds_is_explained(tmp_path):
    (tmp_path / "a.jsonl").write_text(json_lines())
    data = read(tmp_path)
    (tmp_path / "b.jsonl").write_text(json_lines([([1], "y"), ([9, 1], "n")]))
    with pytest.raises(DataError) as caught:
        new(tmp_path, data, "b.jsonl")
    assert str(caught.value) == (
        "b.jsonl: 1 problem\n\n2 the number 9 is higher than those that the training rows hold, 0 to 5; "
        "set data.num_words: 10, or let data.unknown stand for such numbers"
    )
    assert "the number 5 is higher than those that data.num_words has, 0 to 4" in refused(
        tmp_path, num_words=5
    )


def test_a_zero_of_the_rows_own_is_told(tmp_path):
    (tmp_path / "a.jsonl").write_text(json_lines([([0, 1], "y"), ([1, 2], "n")] * 20))
    data = read(tmp_path, split={"validation": 0, "test": 0})
    assert "0 fills up short rows, and 20 training rows hold a 0 of their own" in data.notes


def test_the_same_file_gives_the_same_bits(tmp_path):
    (tmp_path / "a.jsonl").write_text(json_lines())
    write_npz(tmp_path / "b.npz")
    data = read(tmp_path, length=3)
    for name in ("a.jsonl", "b.npz"):
        found = new(tmp_path, data, name, length=3)
        for split in data.splits.values():
            assert found.x[split.index].tobytes() == split.x.tobytes()
            np.testing.assert_array_equal(found.y[split.index], split.y)


def test_a_target_can_be_numbers(tmp_path):
    (tmp_path / "a.jsonl").write_text(json_lines([([1, 2], [0.5, 1]), ([3], [2, 1e3])] * 20))
    data = read(tmp_path)
    assert data.task == "regression"
    assert data.train.y.shape == (len(data.train), 2)


LINES = {
    "not json": (
        "{'x': [1]}",
        'this line is no JSON at column 2 (Expecting property name enclosed in double quotes); a line is an object such as {"x": [4, 7], "y": 0}',
    ),
    "deep": (
        "[" * 100_000,
        'this line is no JSON (brackets inside brackets); a line is an object such as {"x": [4, 7], "y": 0}',
    ),
    "digits": ('{"x": [' + "1" * 5000 + '], "y": 1}', "this line holds a number that is too large"),
    "list": ("[1, 2]", 'this line is no object; write one such as {"x": [4, 7], "y": 0}'),
    "no x": ('{"X": [1], "y": 0}', "this line has no 'x' (did you mean 'X'?); it holds X, y"),
    "nothing": ("{}", "this line has no 'x'; it holds nothing"),
    "text": ('{"x": "1 2", "y": 0}', "'x' must be a list of whole numbers, got \"1 2\""),
    "fraction": ('{"x": [1, 2.5], "y": 0}', "'x' must be a list of whole numbers, and 2.5 is none"),
    "bool": ('{"x": [true], "y": 0}', "'x' must be a list of whole numbers, and true is none"),
    "negative": (
        '{"x": [3, -1], "y": "y"}',
        "the number -1 is negative; an Embedding layer looks up numbers from 0",
    ),
    "large": (
        '{"x": [3, 2147483648], "y": "y"}',
        "the number 2147483648 is more than a 32-bit number can be; an Embedding layer looks up numbers from 0",
    ),
    "empty": ('{"x": [], "y": "y"}', "1 of 41 sequences is empty, the first here; take the row out"),
    "null": ('{"x": [1], "y": null}', "'y' must be a text, a number or a list of numbers, and null is none"),
    "empty label": (
        '{"x": [1], "y": ""}',
        "'y' must be a text, a number or a list of numbers, and \"\" is none",
    ),
    "huge": ('{"x": [1], "y": 1e99}', "'y' holds 1e+99, more than a 32-bit number can hold"),
    "nan": ('{"x": [1], "y": NaN}', "'y' holds NaN, more than a 32-bit number can hold"),
    "mixed": ('{"x": [1], "y": 3}', "'y' is a number here and a text in line 1; write all of them alike"),
    "mixed list": (
        '{"x": [1], "y": [3, 4]}',
        "'y' is a list of 2 here and a text in line 1; write all of them alike",
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_a_wrong_line_is_named(tmp_path, name):
    line, message = LINES[name]
    (tmp_path / "a.jsonl").write_text(json_lines()[: -len("\n")] + f"\n\n{line}\n")
    assert refused(tmp_path) == f"a.jsonl: 1 problem\n\n42 {message}"


def test_a_file_without_lines_or_not_utf_8_is_named(tmp_path):
    (tmp_path / "a.jsonl").write_text("\n\n")
    assert refused(tmp_path) == "a.jsonl: the file is empty; give one with rows"
    (tmp_path / "a.jsonl").write_bytes(b'{"x": [1], "y": "\xff"}')
    assert refused(tmp_path) == "a.jsonl: 1 problem\n\n1 not UTF-8 at byte 17 (0xff); save the file as UTF-8"


CELLS = {
    "1.5": "'1.5' is no whole number; a sequence is whole numbers with spaces between them",
    "3 x": "'x' is no whole number; a sequence is whole numbers with spaces between them",
    "3 -2": "the number -2 is negative; an Embedding layer looks up numbers from 0",
    "": "1 of 41 sequences is empty, the first here; take the row out",
}


@pytest.mark.parametrize("cell", CELLS)
def test_a_wrong_cell_is_shown(tmp_path, cell):
    (tmp_path / "a.csv").write_text("x,y\n" + "1 2,a\n3 4,b\n" * 20 + f"{cell},a\n")
    line = f"  42 | {cell},a\n       ^"
    assert refused(tmp_path, path="a.csv") == f"a.csv: 1 problem\n\n42:1 {CELLS[cell]}\n{line}"


def test_columns_that_are_not_there_are_named(tmp_path):
    (tmp_path / "a.csv").write_text("s,t\n" + "1 2,a\n3 4,b\n" * 20)
    assert refused(tmp_path, path="a.csv") == (
        "data.x: there is no column 'x'; the columns are s, t\n"
        "data.y: there is no column 'y'; the columns are s, t"
    )


ARRAYS = {
    "sum": ({"lengths": [1] * 40}, "the lengths in 'lengths' add up to 40, and 'x' has 100 numbers"),
    "negative length": (
        {"lengths": [-1, 101, *[0] * 38]},
        "the lengths in 'lengths' add up to 100, and 'x' has 100 numbers",
    ),
    "floats": ({"x": np.ones(100)}, "array 'x' must hold whole numbers in one row, not float64 (100,)"),
    "matrix": (
        {"x": np.ones((50, 2), int)},
        "array 'x' must hold whole numbers in one row, not int64 (50, 2)",
    ),
    "rows": (
        {"y": [0, 1] * 10},
        "arrays 'lengths' and 'y' differ in length: 40 and 20 rows; save as many of the one as of the other",
    ),
    "negative": (
        {"x": np.array([1] * 50 + [-4] + [1] * 49)},
        "the number -4 in row 20 (from 0) is negative; an Embedding layer looks up numbers from 0",
    ),
    "empty": (
        {"lengths": [0, 61, *[1] * 37, 2]},
        "1 of 40 sequences is empty, the first in row 0 (from 0); take the row out",
    ),
    "missing": ({"lengths": None}, None),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_do_not_fit_are_explained(tmp_path, name):
    arrays, message = ARRAYS[name]
    write_npz(tmp_path / "a.npz", **arrays)
    expected = (
        f"a.npz: {message}"
        if message
        else "data.lengths: 'a.npz' has no array 'lengths'; it holds x, y; name one of them"
    )
    assert refused(tmp_path, path="a.npz") == expected


def test_offsets_that_do_not_fit_are_explained(tmp_path):
    write_npz(tmp_path / "a.npz", lengths=None, begin=[1] * 40)
    assert refused(tmp_path, path="a.npz", offsets="begin") == (
        "a.npz: the offsets in 'begin' must begin with 0 and ascend to the 100 numbers of 'x'"
    )


def test_a_sequence_without_end_asks_for_a_length(tmp_path):
    write_npz(
        tmp_path / "a.npz", x=np.ones(3_000_000, int), lengths=[1_000_001, 1_999_997, 1, 1], y=[0, 1, 0, 1]
    )
    keys = {"path": "a.npz", "task": "classification", "split": {"validation": 0, "test": 0}}
    assert refused(tmp_path, **keys) == (
        "data.length: a training row has 1,999,997 numbers; name a length that rows are cut to, up to 1,000,000"
    )
    assert read(tmp_path, **keys, length=3).train.x.tolist() == [[1, 1, 1], [1, 1, 1], [1, 0, 0], [1, 0, 0]]


def test_new_rows_without_the_runs_names_are_explained(tmp_path):
    (tmp_path / "a.jsonl").write_text(json_lines())
    data = read(tmp_path)
    (tmp_path / "b.csv").write_text("s,y\n1 2,y\n")
    with pytest.raises(DataError) as caught:
        new(tmp_path, data, "b.csv")
    assert str(caught.value) == "b.csv: there is no column 'x'; the columns are s, y"
    (tmp_path / "b.jsonl").write_text(json_lines([([1], "q")]))
    with pytest.raises(DataError) as caught:
        new(tmp_path, data, "b.jsonl")
    assert str(caught.value) == (
        "b.jsonl: the target holds labels that the run does not know: q (1); it knows n, y"
    )
