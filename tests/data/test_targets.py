"""What a raw target is taken for, and what is said about one that can't be that."""

from pathlib import Path

import numpy as np
import pytest

from nntrain.config.data import CsvSource, NpzSource, SklearnSource
from nntrain.data.dataset import TargetOrigin
from nntrain.data.load import load
from nntrain.data.targets import encode
from nntrain.errors import DataError, Location

KEY = ("data", "target")
ONE_HOT = np.eye(3)[[0, 2, 1, 1]]
MANY_HOT = np.array([[1, 1, 0], [0, 0, 0], [0, 1, 1], [1, 0, 0]])
NUMBERS = np.array([[0.5, 1], [2, 3]])


def encoded(values, loss="any", wanted=None, columns=("a", "b", "c"), **known):
    origin = TargetOrigin(KEY, columns, **known)
    return encode("target", origin, [np.asarray(values)], wanted, loss)


@pytest.mark.parametrize(
    ("values", "loss", "wanted", "task"),
    [
        (ONE_HOT, "one_hot", None, "classification"),
        (ONE_HOT, "index", None, "classification"),
        (ONE_HOT, "binary", None, "multi_label"),
        (ONE_HOT, "any", None, "regression"),
        (ONE_HOT, "any", "classification", "classification"),
        (ONE_HOT, "any", "multi_label", "multi_label"),
        (MANY_HOT, "one_hot", None, "regression"),
        (MANY_HOT, "binary", None, "multi_label"),
        (MANY_HOT, "any", None, "regression"),
        (MANY_HOT, "binary", "regression", "regression"),
        (NUMBERS, "binary", None, "regression"),
        ([0, 1], "binary", None, "classification"),
        ([0, 1], "any", "multi_label", "multi_label"),
        ([0.5, 1], "any", None, "regression"),
    ],
)
def test_values_and_loss_decide_unless_the_config_does(values, loss, wanted, task):
    found = encoded(values, loss, wanted, ("a", "b", "c")[: np.asarray(values[0]).size])
    assert found.info.task == task
    rows = len(np.asarray(values))
    assert found.values[0].shape == (rows, *found.info.shape)
    assert found.values[0].dtype == (np.int64 if task == "classification" else np.float32)


def test_one_hot_rows_are_the_position_of_their_1():
    found = encoded(ONE_HOT, "one_hot")
    assert found.values[0].tolist() == [0, 2, 1, 1]
    assert found.info.names == ("a", "b", "c")
    assert encoded(ONE_HOT, "one_hot", columns=("y",)).info.names == ("0", "1", "2")
    assert encoded(ONE_HOT, "one_hot", columns=("y",), classes=("u", "v", "w")).info.names == ("u", "v", "w")


def test_labels_of_an_array_are_called_as_the_config_says():
    assert encoded(MANY_HOT, "binary", columns=("y",), classes=("u", "v", "w")).info.names == ("u", "v", "w")
    assert encoded(MANY_HOT, "binary", columns=("y",)).info.names == ("0", "1", "2")


def test_one_column_may_be_a_label():
    found = encoded([0, 1, 1], wanted="multi_label", columns=("spam",))
    assert (found.info.names, found.info.shape) == (("spam",), (1,))
    assert found.values[0].tolist() == [[0], [1], [1]]


def test_labels_of_which_each_row_has_one_are_remarked_on():
    note = (
        "every row of the target has exactly one 1, and the loss is for labels that come together; for "
        "classes set data.task: classification"
    )
    assert encoded(ONE_HOT, "binary").notes == (note,)
    assert encoded(ONE_HOT, "binary", "multi_label").notes == encoded(MANY_HOT, "binary").notes == ()


def place(row, column):
    return Location("t.csv", row + 2, 5, f"row {row} of {column}")


GOLDEN = {
    "not one-hot": (
        lambda: encoded(MANY_HOT, wanted="classification"),
        "data.target: classes in 3 columns take a single 1 in each row and 0 elsewhere, and 3 of 4 rows "
        "differ, the first in row 0 (from 0); set data.task: multi_label for several labels a row, or "
        "regression for numbers",
    ),
    "texts as labels": (
        lambda: encoded(np.array(["a", "b"], object), wanted="multi_label"),
        "data.task: 'multi_label' needs values of 0 and 1; the target holds texts such as 'a'",
    ),
    "one class": (
        lambda: encoded([[0, 1], [0, 1]], wanted="classification", columns=("a", "b")),
        "data.target: all rows have the label 'b'; a classifier needs at least two classes",
    ),
    "one class in a column": (
        lambda: encoded(np.array(["u", "u"], object), columns=("a",)),
        "data.target: all rows have the label 'u'; a classifier needs at least two classes",
    ),
    "fractions among classes": (
        lambda: encoded([0.5, 1], "index"),
        "data.target: 1 of 2 labels are not whole numbers: 0.5 (1); for numbers to be predicted set data.task: "
        "regression",
    ),
    "fractions among the classes of one of several targets": (
        lambda: encode(
            "a", TargetOrigin(("data", "targets", "a"), ("y",)), [np.array([0.5, 1])], None, "index"
        ),
        "data.targets.a: 1 of 2 labels are not whole numbers: 0.5 (1); for numbers to be predicted use a loss "
        "such as mse",
    ),
    "labels of an array": (
        lambda: encoded([[0, 1], [2, 1], [3, -1]], wanted="multi_label", columns=("y",)),
        "data.target: label '0': 2 is neither 0 nor 1 (2 of 3 rows, the first in row 1 (from 0)); for numbers "
        "set data.task: regression\n"
        "data.target: label '1': -1 is neither 0 nor 1 (1 of 3 rows, the first in row 2 (from 0)); for "
        "numbers set data.task: regression",
    ),
    "labels in a file": (
        lambda: encoded([[0, 1], [0.5, 1]], wanted="multi_label", columns=("comedy", "crime"), where=place),
        "t.csv: 1 problem\n\n3:5 label 'comedy': 0.5 is neither 0 nor 1 (1 of 2 rows); for numbers set "
        "data.task: regression\n   3 | row 1 of comedy\n           ^",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_values_of_another_kind_are_explained(name):
    call, expected = GOLDEN[name]
    with pytest.raises(DataError) as caught:
        call()
    assert str(caught.value) == expected


def loaded(folder, content, labels=None, **options):
    (folder / "t.csv").write_text(content)
    source = CsvSource(type="csv", **({"path": "t.csv"} | options))
    return load(source, base=folder, seed=0, labels=labels or {})


def test_labels_without_examples_are_remarked_on(tmp_path):
    rows = "".join(f"{i},{i % 2},0,1,0\n" for i in range(20))
    columns = ["some", "none", "all", "never"]
    data = loaded(tmp_path, f"n,{','.join(columns)}\n{rows}", target=columns, task="multi_label")
    assert data.notes == (
        "labels that no training row has: none, never",
        "labels that every training row has: all",
    )


ROLES = {
    "unknown names": (
        "a,b,y\n1,2,3\n",
        {"targets": {"out": ["y", "z"], "other": "c"}, "inputs": {"one": ["a", "bb"]}},
        "data.inputs.one[1]: there is no column 'bb' (did you mean 'b'?); the columns are a, b, y\n"
        "data.targets.other: there is no column 'c'; the columns are a, b, y\n"
        "data.targets.out[1]: there is no column 'z'; the columns are a, b, y",
    ),
    "a target in an input, by position": (
        "a,b,y\n1,2,3\n",
        {"target": "y", "inputs": {"one": ["a", -1]}},
        "data.inputs.one[1]: 'y' is to be predicted (data.target); an input can't hold the answer",
    ),
    "a target twice, by position": (
        "a,b,y\n1,2,3\n",
        {"target": ["y", 1, 2]},
        "data.target[2]: 'y' is named twice; remove one",
    ),
    "an input dropped": (
        "a,b,y\n1,2,3\n",
        {"target": "y", "inputs": {"one": ["a", "b"]}, "drop": ["a", "y"]},
        "data.drop[0]: 'a' is read by the input 'one'; it can't be dropped\n"
        "data.drop[1]: 'y' is the target; it can't be dropped",
    ),
    "a target dropped": (
        "a,b,y\n1,2,3\n",
        {"targets": {"one": "y", "two": "b"}, "drop": ["b"]},
        "data.drop[0]: 'b' is a target; it can't be dropped",
    ),
    "no features": (
        "b,y\n1,2\n",
        {"targets": {"one": "y", "two": "b"}},
        "data.targets: every column is to be predicted; leave at least one feature",
    ),
    "texts among numbers": (
        "a,b,c,y\n1,u,w,3\n2,v,w,4\n",
        {"target": ["y", "b", "c"]},
        "data.target: a target of several columns needs numbers, and 'b', 'c' hold texts; give it an output "
        "of its own with data.targets",
    ),
    "a gap": (
        "a,b,y\n1,1,3\n2,,4\n",
        {"target": ["y", "b"]},
        "t.csv: 1 problem\n\n3:3 the target 'b' is missing here (1 of 2 rows); a row without a target can't be "
        "used: remove it from the file\n   3 | 2,,4\n         ^",
    ),
}


@pytest.mark.parametrize("name", ROLES)
def test_columns_in_the_wrong_part_are_explained(tmp_path, name):
    content, options, expected = ROLES[name]
    with pytest.raises(DataError) as caught:
        loaded(tmp_path, content, **options)
    assert str(caught.value) == expected


def test_an_unknown_column_of_a_set_is_explained():
    with pytest.raises(DataError) as caught:
        load(
            SklearnSource(type="sklearn", name="linnerud", inputs={"a": ["Chin", "Pulse"]}),
            base=Path(),
            seed=0,
        )
    assert str(caught.value) == (
        "data.inputs.a[0]: there is no column 'Chin' (did you mean 'Chins'?); the columns are Chins, Situps, "
        "Jumps, Weight, Waist, Pulse"
    )


def test_an_untrained_class_is_shown_in_the_file(tmp_path):
    def content(odd=None):
        rows = (f"{i},{'uv'[i % 2]},{'only' if i == odd else 'pq'[i % 2]}" for i in range(20))
        return "\n".join(["n,a,b", *rows, ""])

    targets = {"one": "a", "two": "b"}
    row = loaded(tmp_path, content(), targets=targets).validation.index[1]
    with pytest.raises(DataError) as caught:
        loaded(tmp_path, content(row), targets=targets)
    line = f"{row},{'uv'[row % 2]},only"
    column = line.index("only") + 1
    assert str(caught.value) == (
        f"t.csv: 1 problem\n\n{row + 2}:{column} labels that stand in the validation rows and in no training "
        "row can't be learnt: only (1); add rows of such labels, or take them out\n"
        f"{row + 2:>4} | {line}\n{' ' * (6 + column)}^"
    )


ARRAYS = {
    "unknown arrays": (
        {"a": np.ones(3), "y": np.ones(3)},
        {"inputs": {"one": "a", "two": "b"}, "targets": {"out": "yy"}},
        "data.inputs.two: 'a.npz' has no array 'b'; it holds a, y; name one of them\n"
        "data.targets.out: 'a.npz' has no array 'yy' (did you mean 'y'?); it holds a, y; name one of them",
    ),
    "lengths": (
        {"a": np.ones(3), "b": np.ones(4), "y": np.ones(3)},
        {"inputs": {"one": "a", "two": "b"}},
        "a.npz: arrays 'a' and 'b' differ in length: 3 and 4 rows; save as many of the one as of the other",
    ),
    "own targets of another width": (
        {"x": np.ones(3), "y": np.ones((3, 2)), "xt": np.ones(3), "yt": np.ones((3, 4))},
        {"x_test": "xt", "y_test": "yt"},
        "a.npz: rows of 'yt' have shape (4,), those of 'y' have (2,)",
    ),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_that_do_not_fit_together_are_explained(tmp_path, name):
    arrays, options, expected = ARRAYS[name]
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError) as caught:
        load(NpzSource(type="npz", path="a.npz", **options), base=tmp_path, seed=0)
    assert str(caught.value) == expected
