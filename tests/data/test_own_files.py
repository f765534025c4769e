"""Validation and test rows in files of their own."""

import numpy as np
import pytest

from nntrain.config.data import CsvSource
from nntrain.data.load import load
from nntrain.errors import DataError

TRAIN = "age,color,y\n" + "".join(f"{i},{'red' if i % 3 else 'blue'},{'ab'[i % 2]}\n" for i in range(40))
TEST = "y,extra,color,age\na,1,red,100\nb,2,blue,300\n"


def loaded(tmp_path, **keys):
    (tmp_path / "train.csv").write_text(keys.pop("train", TRAIN))
    (tmp_path / "test.csv").write_text(keys.pop("test", TEST))
    given = {"path": "train.csv", "target": "y", "test_path": "test.csv", **keys}
    preprocess = {"numeric": {"scale": "standard"}}
    return load(CsvSource(type="csv", preprocess=preprocess, **given), base=tmp_path, seed=0)


def refusal(tmp_path, **keys):
    with pytest.raises(DataError) as caught:
        loaded(tmp_path, **keys)
    return str(caught.value).replace(f"{tmp_path}/", "")


def test_test_rows_come_from_their_file_and_no_share_is_taken(tmp_path):
    dataset = loaded(tmp_path)
    assert [len(rows) for rows in dataset.splits.values()] == [34, 6, 2]
    assert dataset.test.y.tolist() == [0, 1]
    assert dataset.test.index.tolist() == [0, 1]
    assert dataset.inputs["features"] == ("age", "color=blue", "color=red")
    np.testing.assert_array_equal(dataset.test.x[:, 1:], [[0, 1], [1, 0]])
    assert dataset.description == "train.csv: 40 rows, 2 feature columns, target 'y'; test rows: test.csv, 2"


def test_preprocessing_knows_nothing_of_the_other_files(tmp_path):
    dataset = loaded(tmp_path, validation_path="test.csv", test_path=None, split={"test": 0})
    assert dataset.train.x[:, 0].mean() == pytest.approx(0, abs=1e-6)
    assert dataset.train.x[:, 0].std() == pytest.approx(1, abs=1e-6)
    assert dataset.test is None
    assert len(dataset.validation) == 2


def test_both_files_leave_every_row_to_training(tmp_path):
    (tmp_path / "val.csv").write_text(TEST)
    dataset = loaded(tmp_path, validation_path="val.csv")
    assert [len(rows) for rows in dataset.splits.values()] == [40, 2, 2]


def test_folds_divide_what_the_test_file_does_not_hold(tmp_path):
    held = [loaded(tmp_path, split={"fold": f"{k}/4"}).validation.index for k in (1, 2, 3, 4)]
    assert sorted(np.concatenate(held).tolist()) == list(range(40))


def test_a_changed_test_file_changes_the_fingerprint(tmp_path):
    assert loaded(tmp_path).fingerprint != loaded(tmp_path, test=TEST.replace("300", "301")).fingerprint


REFUSED = {
    "a missing file": (
        {"test_path": "tests.csv"},
        "data.test_path: there is no file 'tests.csv': looked for tests.csv (did you mean 'test.csv'?)",
    ),
    "columns that are missing": (
        {"test": "Age,y\n1,a\n"},
        "data.test_path: 'test.csv' lacks the feature column 'age' of data.path (did you mean "
        "'Age'?); it has Age, y\ndata.test_path: 'test.csv' lacks the feature column 'color' of data.path; it has "
        "Age, y",
    ),
    "a number that is none": (
        {"test": TEST.replace("300", "old")},
        "test.csv: 1 problem\n\n3:10 column 'age': 'old' is not a number (1 of 2 cells); read the column as text "
        "with data.categorical: [age], or add 'old' to data.missing\n   3 | b,2,blue,old\n                ^",
    ),
    "a label that no training row has": (
        {"test": TEST + "c,1,red,4\n"},
        "test.csv: 1 problem\n\n4:1 labels that stand in the test rows and in no training row can't be learnt: c "
        "(1); add rows of such labels, or take them out\n   4 | c,1,red,4\n       ^",
    ),
    "a target that is missing": (
        {"test": TEST + ",1,red,4\n"},
        "test.csv: 1 problem\n\n4:1 the target 'y' is missing here (1 of 3 rows); a row without a target can't "
        "be used: remove it from the file\n   4 | ,1,red,4\n       ^",
    ),
    "an unknown category": (
        {"test": TEST.replace("blue", "green")},
        "test.csv: 1 problem\n\n3:5 column 'color': no training row has 'green' (1 of 2 rows "
        "have unknown texts); known are blue, red; set data.preprocess.categorical.unknown: zeros to let them "
        "pass\n   3 | b,2,green,300\n           ^",
    ),
    "a group in two files": (
        {
            "train": "g,age,color,y\n" + "".join(f"p{i % 9},{i},red,{'ab'[i % 2]}\n" for i in range(40)),
            "test": "g,age,color,y\np3,1,red,a\np1,1,red,b\nq,1,red,b\n",
            "split": {"by_group": "g"},
        },
        "data.split.by_group: groups stand in data.path and in data.test_path: 'p1', 'p3'; all rows of a group "
        "belong to one split",
    ),
    "times of another kind": (
        {
            "train": "t,age,color,y\n" + "".join(f"{i},{i},red,{'ab'[i % 2]}\n" for i in range(40)),
            "test": "t,age,color,y\n2026-02-01,1,red,a\n",
            "split": {"by_time": "t"},
        },
        "data.split.by_time: data.path has a number in every row, and data.test_path a date; write times alike",
    ),
    "test rows that are older": (
        {
            "train": "t,age,color,y\n"
            + "".join(f"2026-01-{i + 1},{i},red,{'ab'[i % 2]}\n" for i in range(9, 31)),
            "test": "t,age,color,y\n2026-02-01,1,red,a\n2026-01-31,1,red,b\n2026-01-30,1,red,b\n",
            "split": {"by_time": "t"},
        },
        "data.split.by_time: rows of data.test_path are as old as 2026-01-30, and data.path goes up to "
        "2026-01-31; a model that looks ahead is scored on newer rows than it was trained on: remove this, or "
        "mend the files",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_does_not_fit_is_explained(tmp_path, name):
    keys, expected = REFUSED[name]
    assert refusal(tmp_path, **keys) == expected
