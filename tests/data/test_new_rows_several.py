"""New rows for runs with several inputs, several targets, labels or reconstruction."""

import json
from pathlib import Path

import numpy as np
import pytest

from nntrain.config.data import CsvSource, NpzSource, SklearnSource
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows
from nntrain.errors import DataError

STANDARD = {"numeric": {"scale": "standard"}}
COLUMNS = "n,color,kind,width,comedy,crime"
LINES = [f"{i},{'rgb'[i % 3]},{'uv'[i % 2]},{i / 4},{int(i % 3 == 0)},{int(i % 4 == 0)}" for i in range(40)]


class Run:
    """A source, its data, and a way to read new rows with what the run recorded."""

    def __init__(self, source, folder, **labels):
        self.source, self.folder = source, folder
        self.data = load(source, base=folder, seed=0, labels=labels)

    def rows(self, name, content=None, **arrays):
        if content is not None:
            (self.folder / name).write_text(content)
        elif arrays:
            np.savez(self.folder / name, **arrays)
        known = json.loads(json.dumps(self.data.preprocess))
        file = self.folder / name
        return load_rows(self.source, file, name, preprocess=known, targets=self.data.targets)

    def assert_same_bits(self, new):
        for rows in self.data.splits.values():
            for given, known in ((new.inputs, rows.inputs), (new.targets, rows.targets)):
                assert list(given) == list(known)
                for name, values in known.items():
                    assert given[name][rows.index].tobytes() == values.tobytes()


def csv_run(folder, **options):
    (folder / "t.csv").write_text("\n".join([COLUMNS, *LINES, ""]))
    loss = options.pop("loss", "any")
    source = CsvSource(type="csv", path="t.csv", preprocess=STANDARD, **options)
    return Run(source, folder, target=loss)


def test_a_file_is_read_by_the_names_of_all_inputs_and_targets(tmp_path):
    run = csv_run(
        tmp_path,
        inputs={"left": ["n", "color"], "right": ["width"]},
        targets={"kind": "kind", "genres": ["comedy", "crime"]},
    )
    new = run.rows("t.csv")
    run.assert_same_bits(new)
    assert new.notes == ()
    reordered = run.rows("new.csv", "crime,width,kind,id,n,comedy,color\n1,0.5,v,9,2,0,b\n")
    assert (reordered.targets["kind"].tolist(), reordered.targets["genres"].tolist()) == ([1], [[0, 1]])
    np.testing.assert_array_equal(reordered.inputs["right"][0], new.inputs["right"][2])
    assert reordered.notes == ("columns that the run does not use were ignored: id",)


def test_labels_are_read_as_the_run_knows_them(tmp_path):
    run = csv_run(tmp_path, target=["comedy", "crime"], loss="binary", drop=["kind", "width"])
    assert run.data.task == "multi_label"
    run.assert_same_bits(run.rows("t.csv"))


def test_reconstruction_needs_no_target(tmp_path):
    run = csv_run(tmp_path, task="reconstruction", drop=["kind", "width", "comedy", "crime"])
    new = run.rows("new.csv", "color,n\nr,1\ng,2\n")
    assert new.y is new.x
    assert new.x.shape == (2, 4)
    digits = Run(SklearnSource(type="sklearn", name="digits", task="reconstruction"), tmp_path)
    assert digits.rows("new.npz", x=np.zeros((3, 64))).y.shape == (3, 64)
    with pytest.raises(DataError) as caught:
        digits.rows("new.csv", "a,b\n1,2\n")
    assert str(caught.value) == "new.csv: the run was trained on arrays; give an .npz file with 'x'"


def test_arrays_are_read_by_the_runs_names_or_by_those_of_inputs_and_outputs(tmp_path):
    x, z = np.random.default_rng(0).normal(size=(30, 2)), np.arange(30) / 7
    options = {"inputs": {"a": "left", "b": "right"}, "targets": {"kind": "labels", "size": "sizes"}}
    np.savez(tmp_path / "a.npz", left=x, right=x[:, ::-1], labels=np.arange(30) % 3, sizes=z)
    source = NpzSource(type="npz", path="a.npz", preprocess=STANDARD, **options)
    run = Run(source, tmp_path, kind="index")
    run.assert_same_bits(run.rows("a.npz"))
    new = run.rows("b.npz", a=x[:4], b=x[:4, ::-1], kind=np.array([2, 1, 0, 1]), size=z[:4])
    np.testing.assert_array_equal(new.inputs["b"], run.rows("a.npz").inputs["b"][:4])
    assert new.targets["kind"].tolist() == [2, 1, 0, 1]


def test_a_run_on_named_columns_in_two_inputs_reads_csv_and_arrays():
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        inputs = {"moves": ["Chins", "Situps"], "jumps": ["Jumps"]}
        run = Run(SklearnSource(type="sklearn", name="linnerud", inputs=inputs), Path(folder))
        header = "Waist,Pulse,Weight,Jumps,Chins,Situps\n"
        by_csv = run.rows("new.csv", header + "36,50,191,60,5,162\n")
        moves, jumps = np.array([[5, 162]]), np.array([[60]])
        by_array = run.rows("new.npz", moves=moves, jumps=jumps, y=np.array([[191, 36, 50]]))
        for new in (by_csv, by_array):
            assert (new.inputs["moves"].tolist(), new.inputs["jumps"].tolist()) == ([[5, 162]], [[60]])
            assert new.y.tolist() == [[191, 36, 50]]


def test_one_hot_rows_are_read_by_the_classes_of_the_run(tmp_path):
    eye = np.eye(3)
    np.savez(tmp_path / "a.npz", x=np.arange(30.0), y=eye[np.arange(30) % 3])
    run = Run(NpzSource(type="npz", path="a.npz"), tmp_path, target="one_hot")
    assert run.data.classes == ("0", "1", "2")
    assert run.rows("b.npz", x=np.arange(2.0), y=eye[[2, 0]]).y.tolist() == [2, 0]
    assert run.rows("b.npz", x=np.arange(2.0), y=np.array([2, 0])).y.tolist() == [2, 0]
    for y, expected in (
        (
            np.ones((2, 3)),
            "b.npz: classes in 3 columns take a single 1 in each row and 0 elsewhere, and 2 of 2 "
            "rows differ, the first in row 0 (from 0); the run was trained on classes",
        ),
        (eye[:2, :2], "b.npz: the target has rows of shape (2,) where the run was trained on (3,)"),
    ):
        with pytest.raises(DataError) as caught:
            run.rows("b.npz", x=np.arange(2.0), y=y)
        assert str(caught.value) == expected


GOLDEN = {
    "a column of each target and input": (
        {"inputs": {"left": ["n"], "right": ["width"]}, "targets": {"a": "kind", "b": ["comedy", "crime"]}},
        "n,kind,crime\n1,u,1\n",
        "new.csv: the run's feature column 'width' and target column 'comedy' are not in the file; "
        "the file has n, kind, crime",
    ),
    "an unknown label of one target": (
        {"inputs": {"left": ["n"]}, "targets": {"a": "kind", "b": "color"}},
        "n,kind,color\n1,u,x\n",
        "new.csv: the target 'b' holds labels that the run does not know: x (1); it knows b, g, r",
    ),
    "texts among numbers": (
        {"inputs": {"left": ["n"]}, "target": ["width", "crime"]},
        "n,width,crime\n1,2,yes\n2,3,no\n",
        "new.csv: 1 problem\n\n2:5 a target of several columns needs numbers, and 'crime' holds texts\n"
        "   2 | 1,2,yes\n           ^",
    ),
    "no 0 or 1": (
        {"inputs": {"left": ["n"]}, "target": ["comedy", "crime"], "task": "multi_label"},
        "n,comedy,crime\n1,1,0\n2,0,3\n",
        "new.csv: 1 problem\n\n3:5 label 'crime': 3 is neither 0 nor 1 (1 of 2 rows); the run was "
        "trained on 0 and 1\n"
        "   3 | 2,0,3\n           ^",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_unfit_rows_are_explained(tmp_path, name):
    options, content, expected = GOLDEN[name]
    run = csv_run(tmp_path, **options)
    with pytest.raises(DataError) as caught:
        run.rows("new.csv", content)
    assert str(caught.value) == expected
