import json
from pathlib import Path

import numpy as np
import pytest

from nntrain.config.data import CsvSource, NpzSource, SklearnSource
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows
from nntrain.errors import ArtefactError, DataError

LINES = [f"{i},{'uvw'[i % 3]},{'yes' if i % 2 else 'no'}" for i in range(40)]


@pytest.fixture
def run(tmp_path):
    """A CSV run: its source, its data, and a way to read new rows with it."""
    (tmp_path / "t.csv").write_text("\n".join(["n,c,y", *LINES]))
    return Run(CsvSource(type="csv", path="t.csv", target="y", preprocess=STANDARD), tmp_path)


STANDARD = {"numeric": {"scale": "standard"}}


class Run:
    def __init__(self, source, folder, loss="any"):
        self.source, self.folder = source, folder
        self.data = load(source, base=folder, seed=0, labels={"target": loss})

    def rows(self, name, content=None, **arrays):
        if content is not None:
            (self.folder / name).write_text(content)
        elif arrays:
            np.savez(self.folder / name, **arrays)
        return load_rows(
            self.source,
            self.folder / name,
            name,
            preprocess=json.loads(json.dumps(self.data.preprocess)),
            targets=self.data.targets,
        )


def test_the_same_file_gives_the_same_bits(run):
    new = run.rows("t.csv")
    for rows in run.data.splits.values():
        assert new.x[rows.index].tobytes() == rows.x.tobytes()
        np.testing.assert_array_equal(new.y[rows.index], rows.y)
    assert new.notes == ()


def test_columns_are_found_by_name_in_any_order_and_others_ignored(run):
    new = run.rows("new.csv", "id,y,c,n\n7,yes,v,1\n8,no,u,3\n")
    np.testing.assert_array_equal(new.x, run.rows("t.csv").x[[1, 3]])
    assert new.y.tolist() == [1, 0]
    assert new.notes == ("columns that the run does not use were ignored: id",)


def test_a_column_that_the_run_dropped_goes_without_a_note(tmp_path):
    (tmp_path / "t.csv").write_text("\n".join(["n,c,y", *LINES]))
    run = Run(CsvSource(type="csv", path="t.csv", target=-1, drop=[1]), tmp_path)
    assert run.rows("t.csv").notes == ()
    assert run.rows("new.csv", "y,n\nno,3\nyes,4\n").x.tolist() == [[3], [4]]


def test_numbers_as_labels_are_looked_up_by_name(tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{i},{i % 2 + 1}\n" for i in range(20)))
    run = Run(CsvSource(type="csv", path="t.csv", target="y", task="classification"), tmp_path)
    assert run.data.classes == ("1", "2")
    assert run.rows("new.csv", "a,y\n1,2.0\n2,1\n").y.tolist() == [1, 0]
    with pytest.raises(DataError) as caught:
        run.rows("new.csv", "a,y\n1,0\n2,1\n")
    assert (
        str(caught.value)
        == "new.csv: the target holds labels that the run does not know: 0 (1); it knows 1, 2"
    )


def test_a_file_without_header_is_read_by_position(tmp_path):
    (tmp_path / "t.csv").write_text("\n".join(LINES))
    run = Run(CsvSource(type="csv", path="t.csv", target=-1, header=False), tmp_path)
    assert run.rows("new.csv", "5,w,no\n").x[0].tolist() == [5, 0, 0, 1]
    with pytest.raises(DataError) as caught:
        run.rows("new.csv", "5,w\n")
    assert (
        str(caught.value) == "new.csv: the run's target column 'c2' is not in the file; the file has c0, c1"
    )


def test_arrays_are_read_by_the_runs_names_or_as_x_and_y(tmp_path):
    x = np.random.default_rng(0).normal(size=(30, 2))
    y = np.arange(30) % 3
    np.savez(tmp_path / "a.npz", data=x, labels=y)
    source = NpzSource(
        type="npz", path="a.npz", x="data", y="labels", class_names=list("abc"), preprocess=STANDARD
    )
    run = Run(source, tmp_path, loss="index")
    first = run.rows("a.npz")
    assert first.x[run.data.train.index].tobytes() == run.data.train.x.tobytes()
    assert run.rows("b.npz", x=x[:4], y=y[:4]).x.tobytes() == first.x[:4].tobytes()
    assert run.rows("c.npz", x=x[:2], y=np.array(["c", "a"])).y.tolist() == [2, 0]
    for arrays, expected in (
        (
            {"x": x, "z": y},
            "'d.npz' has no array 'data'; it holds x, z; name one of them\n'd.npz' has no array 'labels'; it holds x, z; name one of them",
        ),
        ({"x": x[:, :1], "y": y}, "d.npz: rows of shape (1,) where the run was trained on (2,)"),
        ({"x": x, "y": y + 1}, "d.npz: labels outside 0 to 2 (3 classes): 3 (10)"),
    ):
        with pytest.raises(DataError) as caught:
            run.rows("d.npz", **arrays)
        assert str(caught.value) == expected
    with pytest.raises(DataError) as caught:
        run.rows("d.csv", "x,y\n1,2\n")
    assert str(caught.value) == "d.csv: the run was trained on arrays; give an .npz file with 'x' and 'y'"


def test_a_run_on_named_columns_reads_csv_and_arrays():
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        run = Run(SklearnSource(type="sklearn", name="iris", preprocess=STANDARD), Path(folder))
        header = ",".join(reversed(run.data.inputs["features"])) + ",target\n"
        by_csv = run.rows("new.csv", header + "0.2,1.4,3.5,5.1,setosa\n1.8,5.1,3.0,5.9,virginica\n")
        by_array = run.rows(
            "new.npz", x=np.array([[5.1, 3.5, 1.4, 0.2], [5.9, 3.0, 5.1, 1.8]]), y=np.array([0, 2])
        )
        assert by_csv.x.tobytes() == by_array.x.tobytes()
        assert by_csv.y.tolist() == by_array.y.tolist() == [0, 2]
        assert run.rows("n.tsv", header.replace(",", "\t") + "0.2\t1.4\t3.5\t5.1\t1\n").y.tolist() == [1]
        with pytest.raises(DataError) as caught:
            run.rows("new.npz", x=np.zeros((2, 3)), y=np.zeros(2))
        assert str(caught.value) == "new.npz: rows of shape (3,) where the run was trained on (4,)"


def test_numbers_to_predict_stay_numbers(tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{i},{i / 2}\n" for i in range(20)))
    run = Run(CsvSource(type="csv", path="t.csv", target="y"), tmp_path)
    new = run.rows("new.csv", "a,y\n1,2.5\n")
    assert (new.y.dtype, new.y.tolist()) == (np.float32, [2.5])
    with pytest.raises(DataError) as caught:
        run.rows("new.csv", "a,y\n1,high\n")
    assert str(caught.value) == "new.csv: the target holds texts such as 'high'; the run predicts numbers"


GOLDEN = {
    "missing columns": (
        "new.csv",
        "N,y\n1,no\n",
        "new.csv: the run's feature columns 'n' (did you mean 'N'?), 'c' are not in the file; the file has N, y",
    ),
    "no target": (
        "new.csv",
        "n,c\n1,u\n",
        "new.csv: the run's target column 'y' is not in the file; the file has n, c",
    ),
    "text where the run has numbers": (
        "new.csv",
        "n,c,y\nlow,u,no\nhigh,u,no\n",
        "new.csv: 1 problem\n\n2:1 column 'n': 'low' is not a number (2 of 2 cells); the run was trained on "
        "numbers here\n   2 | low,u,no\n       ^",
    ),
    "beyond 32 bits": (
        "new.csv",
        "n,c,y\n1e50,u,no\n",
        "new.csv: 1 problem\n\n2:1 column 'n': '1e50' is more than a 32-bit number can hold (1 of 1 "
        "cells); mend "
        "the cell\n   2 | 1e50,u,no\n       ^",
    ),
    "unknown category": (
        "new.csv",
        "n,c,y\n1,u,no\n1,q,no\n",
        "new.csv: 1 problem\n\n3:3 column 'c': no training row has 'q' (1 of 2 rows have unknown "
        "texts); known "
        "are u, v, w; set data.preprocess.categorical.unknown: zeros to let them pass\n"
        "   3 | 1,q,no\n         ^",
    ),
    "missing value": (
        "new.csv",
        "n,c,y\n,u,no\n",
        "new.csv: 1 problem\n\n2:1 column 'n': 1 of 1 rows has no value, the first here; fill it in, "
        "or train with data.preprocess.numeric.impute\n   2 | ,u,no\n       ^",
    ),
    "unknown label": (
        "new.csv",
        "n,c,y\n1,u,maybe\n",
        "new.csv: the target holds labels that the run does not know: maybe (1); it knows no, yes",
    ),
    "npz": ("new.npz", "x", "new.npz: the run was trained on a CSV file; give one with the same columns"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_unfit_rows_are_explained(run, name):
    file, content, expected = GOLDEN[name]
    with pytest.raises(DataError) as caught:
        run.rows(file, content)
    assert str(caught.value) == expected


def test_a_missing_file_is_named_without_a_config_key(run):
    with pytest.raises(DataError) as caught:
        run.rows("u.csv")
    assert str(caught.value) == (f"there is no file 'u.csv': looked for {run.folder}/u.csv")


def test_a_damaged_state_is_told_before_the_file_is_read(run):
    with pytest.raises(ArtefactError):
        load_rows(run.source, run.folder / "none.csv", "none.csv", preprocess={}, targets=())
