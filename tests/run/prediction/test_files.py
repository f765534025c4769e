import csv
import json

import numpy as np
import pytest
from PIL import Image
from pyarrow import parquet

from nntrain.errors import ConflictError, MachineError, UsageError
from nntrain.run.prediction.answers import Answer
from nntrain.run.prediction.files import check_place, written

NAMES = np.array(['a,"b"', "ü", "c"], object)


def answers(first):
    """Three rows of every form."""
    flags = np.array([[1, 0], [1, 1], [0, 0]])
    return [
        Answer("row", np.arange(first, first + 3)),
        Answer("predicted", NAMES),
        Answer("p", np.array([[0.25, 0.75]] * 3), "wide", ("x", "y")),
        Answer("labels", flags, "set", ("u", "v")),
    ]


def write(path, what, *, bulk=False):
    more = [Answer("mask", np.arange(12, dtype=np.uint8).reshape(3, 2, 2), "bulk")] if bulk else []
    with written(str(path), what) as writer:
        writer.write(answers(0) + more)
        assert not path.exists()
        writer.write(answers(3) + more)


def test_csv_is_what_every_reader_understands(tmp_path):
    write(tmp_path / "out.csv", ".csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["row", "predicted", "p(x)", "p(y)", "labels"]
    assert rows[1] == ["0", 'a,"b"', "0.25", "0.75", "u"]
    assert rows[5] == ["4", "ü", "0.25", "0.75", "u;v"]
    assert len(rows) == 7


def test_json_lines_hold_lists(tmp_path):
    write(tmp_path / "out.jsonl", ".jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert rows[4] == {"row": 4, "predicted": "ü", "p(x)": 0.25, "p(y)": 0.75, "labels": ["u", "v"]}
    assert len(rows) == 6


def test_parquet_holds_types(tmp_path):
    write(tmp_path / "out.parquet", ".parquet")
    table = parquet.read_table(tmp_path / "out.parquet")
    assert list(map(str, table.schema.types)) == [
        "int64",
        "string",
        "double",
        "double",
        "list<element: string>",
    ]
    assert table.column("labels").to_pylist() == [["u"], ["u", "v"], []] * 2


def test_npz_holds_arrays_and_what_their_columns_are_called(tmp_path):
    write(tmp_path / "out.npz", ".npz", bulk=True)
    with np.load(tmp_path / "out.npz", allow_pickle=False) as found:
        assert found["row"].tolist() == list(range(6))
        assert found["predicted"].tolist() == [*NAMES, *NAMES]
        assert (found["p"].shape, found["p names"].tolist()) == ((6, 2), ["x", "y"])
        assert (found["labels"].shape, found["labels names"].tolist()) == ((6, 2), ["u", "v"])
        assert found["mask"].shape == (6, 2, 2)


def test_masks_are_pictures_called_like_their_images(tmp_path):
    masks = Answer("mask", np.array([[[0, 1]], [[2, 0]], [[1, 1]]], np.uint8), "bulk")
    files = Answer("file", np.array(["a/x.png", "a/x.jpg", "/b/../y.png"], object))
    with written(str(tmp_path / "out"), "folder") as writer:
        writer.write([Answer("row", np.arange(3)), files, masks])
    found = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.png"))
    assert found == ["a/x.jpg.png", "a/x.png", "y.png"]
    assert np.asarray(Image.open(tmp_path / "out" / "a" / "x.jpg.png")).tolist() == [[2, 0]]
    with written(str(tmp_path / "rows"), "folder") as writer:
        writer.write([Answer("row", np.array([7])), Answer("mask", masks.values[:1], "bulk")])
    assert [path.name for path in (tmp_path / "rows").iterdir()] == ["row_000007.png"]


@pytest.mark.parametrize("what", [".csv", ".npz", "folder"])
def test_what_ends_early_leaves_nothing(what, tmp_path):
    path = tmp_path / "out"
    path.write_text("before")

    def half():
        with written(str(path), what) as writer:
            if what != "folder":
                writer.write(answers(0))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        half()
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("out", "before")]


def test_a_file_that_is_there_is_replaced_only_by_force(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out.csv").write_text("")
    (tmp_path / "f.npz").mkdir()
    assert check_place("new.CSV", force=False, masks=False) == ".csv"
    assert check_place("out.csv", force=True, masks=False) == ".csv"
    assert check_place("masks", force=False, masks=True) == "folder"
    refused = {
        "out.csv": "out.csv is there already; name another, or replace it with --force",
        "f.npz": "f.npz is a folder; name a file",
    }
    for name, text in refused.items():
        with pytest.raises(ConflictError) as raised:
            check_place(name, force=False, masks=False)
        assert str(raised.value) == text


def test_a_folder_that_holds_anything_is_never_replaced(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "masks").mkdir()
    assert check_place("masks", force=False, masks=True) == "folder"
    (tmp_path / "masks" / "holiday.png").write_text("mine")
    for force in (False, True):
        with pytest.raises(ConflictError) as raised:
            check_place("masks", force=force, masks=True)
        assert str(raised.value) == (
            "masks is a folder that holds files, which nntrain does not remove; name another"
        )
    with pytest.raises(MachineError), written("masks", "folder"):
        pass
    assert (tmp_path / "masks" / "holiday.png").read_text() == "mine"


def test_an_ending_that_means_nothing_is_refused():
    with pytest.raises(UsageError) as raised:
        check_place("out.xlsx", force=False, masks=False)
    assert str(raised.value) == "--to out.xlsx: end the file's name with one of .csv, .jsonl, .parquet, .npz"
    with pytest.raises(UsageError) as raised:
        check_place("out.xlsx", force=False, masks=True)
    assert str(raised.value) == (
        "--to out.xlsx: end the file's name with one of .csv, .jsonl, .parquet, .npz, or name a folder for PNG "
        "files"
    )
