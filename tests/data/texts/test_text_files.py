"""Texts in the columns of a file and in folders, and what can be wrong with both."""

import json
import os

import pytest

from nntrain.config.data import TextSource
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows
from nntrain.errors import DataError, MachineError

LINES = [f'{i},"this is {"good" if i % 2 else "bad"}, row {i}",{"yes" if i % 2 else "no"}' for i in range(40)]
SHEET = "\n".join(["id,review,label", *LINES])


def columns(**keys):
    return TextSource(**{"type": "text", "path": "t.csv", "text": "review", "target": "label", **keys})


def folders(root, spec):
    """Writes `{path: text or bytes}` below a folder."""
    for path, content in spec.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())


def reviews(prefix="r", count=12):
    return {f"{prefix}/{name}/{i:02}.txt": f"{name} {i}" for name in ("pos", "neg") for i in range(count)}


def refused(source, folder, labels="any", kind=DataError):
    with pytest.raises(kind) as caught:
        load(source, base=folder, seed=0, labels={"target": labels})
    return str(caught.value)


def test_columns_are_named_or_counted(tmp_path):
    (tmp_path / "t.csv").write_text(SHEET)
    data = load(columns(), base=tmp_path, seed=0)
    assert data.description == "t.csv: 40 rows of texts, target 'label'"
    assert data.classes == ("no", "yes")
    assert "columns that no input names are left out: id" in data.notes
    again = load(columns(text=1, target=-1), base=tmp_path, seed=0)
    assert again.train.x.tobytes() == data.train.x.tobytes()


def test_a_file_can_have_tabs_and_no_header(tmp_path):
    (tmp_path / "t.tsv").write_text("\n".join(f"good row, {i}\t{i % 2}" for i in range(40)))
    source = columns(path="t.tsv", text=0, target=1, header=False, delimiter="\t", task="classification")
    data = load(source, base=tmp_path, seed=0)
    assert data.classes == ("0", "1")


def test_several_labels_are_several_columns(tmp_path):
    (tmp_path / "t.csv").write_text("t,a,b\n" + "x y,1,0\ny z,1,1\nz,0,1\n" * 10)
    data = load(columns(text="t", target=["a", "b"], task="multi_label"), base=tmp_path, seed=0)
    assert data.classes == ("a", "b")


def test_a_folder_of_folders_is_split(tmp_path):
    folders(tmp_path, reviews())
    data = load(TextSource(type="text", path="r"), base=tmp_path, seed=0)
    assert data.description == "r: 24 texts in 2 folders"
    assert data.classes == ("neg", "pos")
    assert {name: len(rows) for name, rows in data.splits.items()} == {
        "train": 17,
        "validation": 3,
        "test": 4,
    }


def test_a_folder_brings_its_own_splits(tmp_path):
    folders(tmp_path, reviews("r/train") | reviews("r/test", 3) | {"r/extra/a.txt": "a"})
    data = load(TextSource(type="text", path="r"), base=tmp_path, seed=0)
    assert data.description == "r: 24 texts, 6 test texts in 2 folders"
    assert len(data.test) == 6
    assert "folders beside train that are not read: extra" in data.notes


def test_a_share_for_a_split_that_the_folder_brings_is_refused(tmp_path):
    folders(tmp_path, reviews("r/train") | reviews("r/test", 3))
    assert refused(TextSource(type="text", path="r", split={"test": 0.3}), tmp_path) == (
        "data.split.test: 'r' brings its own test texts, which are used; remove this"
    )


def test_a_class_can_be_called_train(tmp_path):
    folders(tmp_path, {f"r/{name}/{i}.txt": f"{name} {i}" for name in ("train", "bus") for i in range(9)})
    assert load(TextSource(type="text", path="r"), base=tmp_path, seed=0).classes == ("bus", "train")


def test_classes_can_be_chosen(tmp_path):
    folders(tmp_path, reviews() | {"r/unsup/a.txt": "a"})
    source = TextSource(type="text", path="r", classes=["pos", "neg"])
    assert load(source, base=tmp_path, seed=0).classes == ("neg", "pos")
    message = refused(source.model_copy(update={"classes": ("poz", "neg")}), tmp_path)
    assert message == "data.classes[0]: there is no folder 'poz' in 'r' (did you mean 'pos'?)"


def test_files_of_another_kind_are_counted(tmp_path):
    folders(tmp_path, reviews() | {"r/pos/a.md": "a", "r/pos/.hidden": "a", "r/pos/sub/b.txt": "b"})
    data = load(TextSource(type="text", path="r"), base=tmp_path, seed=0)
    assert "'r' holds 2 files and folders that are no .txt files; they are not read" in data.notes


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            columns(text="reviw"),
            "data.text: there is no column 'reviw' (did you mean 'review'?); the columns are id, review, label",
        ),
        (
            columns(target="lable"),
            "data.target: there is no column 'lable' (did you mean 'label'?); the columns are id, review, label",
        ),
        (columns(text=7), "data.text: there is no column 7: there are 3, counted from 0 (-1 is the last)"),
        (
            columns(text=None, target=None),
            "data.path: 't.csv' is a file; name its columns with data.text and data.target",
        ),
        (
            columns(task="regression"),
            "data.task: 'regression' needs numbers; the target holds texts such as 'no'",
        ),
        (
            columns(text=1, target="review"),
            "data.text: 'review' is to be predicted (data.target); an input can't hold the answer",
        ),
    ],
)
def test_columns_that_are_not_there_are_named(tmp_path, source, message):
    (tmp_path / "t.csv").write_text(SHEET)
    assert refused(source, tmp_path) == message


def test_a_text_column_of_numbers_is_read_as_text(tmp_path):
    (tmp_path / "t.csv").write_text("t,y\n" + "12,a\n13,b\n" * 10)
    data = load(columns(text="t", target="y"), base=tmp_path, seed=0)
    assert data.preprocess["inputs"]["features"]["text"]["words"] == ["12", "13"]


def test_a_folder_with_columns_is_explained(tmp_path):
    folders(tmp_path, reviews())
    assert refused(columns(path="r"), tmp_path) == (
        "data.path: 'r' is a folder; name a file in it, or remove data.text and data.target"
    )


def test_an_empty_text_is_named_with_its_line(tmp_path):
    (tmp_path / "t.csv").write_text(
        SHEET.replace('"this is bad, row 4"', "").replace('"this is bad, row 8"', '" "')
    )
    assert refused(columns(), tmp_path) == (
        "t.csv: 1 problem\n\n6:3 2 of 40 texts are empty, the first here; take the row out, or set "
        "data.preprocess.text.empty: keep\n   6 | 4,,no\n         ^"
    )


def test_a_file_of_0_bytes_is_an_empty_text(tmp_path):
    folders(tmp_path, reviews() | {"r/neg/03.txt": b""})
    assert refused(TextSource(type="text", path="r"), tmp_path) == (
        "r/neg/03.txt: 1 of 24 texts is empty, the first here; take the row out, or set "
        "data.preprocess.text.empty: keep"
    )


def test_texts_of_one_class_are_refused(tmp_path):
    (tmp_path / "t.csv").write_text(SHEET.replace(",no", ",yes"))
    assert refused(columns(), tmp_path) == (
        "data.target: all rows have the label 'yes'; a classifier needs at least two classes"
    )
    folders(tmp_path, {"r/pos/1.txt": "a", "r/pos/2.txt": "b"})
    assert refused(TextSource(type="text", path="r"), tmp_path) == (
        "data.path: all rows have the label 'pos'; a classifier needs at least two classes"
    )


def test_a_byte_that_is_no_utf_8_is_named_by_file_and_position(tmp_path):
    folders(tmp_path, reviews() | {"r/pos/03.txt": b"fine\nna\xefve"})
    assert refused(TextSource(type="text", path="r"), tmp_path) == (
        "r/pos/03.txt: 1 problem\n\n2 not UTF-8 at byte 7 (0xef); save the file as UTF-8"
    )
    (tmp_path / "t.csv").write_bytes(SHEET.replace("row 0", "na\u00efve").encode("latin-1"))
    assert refused(columns(), tmp_path) == (
        "t.csv: 1 problem\n\n2 not UTF-8 at byte 34 (0xef); save the file as UTF-8"
    )


def test_a_byte_order_mark_is_no_part_of_a_text(tmp_path):
    folders(tmp_path, reviews() | {"r/pos/03.txt": b"\xef\xbb\xbfpos 3"})
    words = load(TextSource(type="text", path="r"), base=tmp_path, seed=0).preprocess
    assert "\ufeffpos" not in words["inputs"]["features"]["text"]["words"]


def test_a_folder_without_texts_is_explained(tmp_path):
    (tmp_path / "r").mkdir()
    assert refused(TextSource(type="text", path="r"), tmp_path) == (
        "data.path: 'r' has no folders with .txt files; it holds a folder for each class, and each of these "
        "a .txt file for each text"
    )
    folders(tmp_path, {"r/a.txt": "a"})
    assert "has no folders with .txt files" in refused(TextSource(type="text", path="r"), tmp_path)
    folders(tmp_path, reviews() | {"r/maybe/a.md": "a"})
    assert refused(TextSource(type="text", path="r"), tmp_path) == (
        "data.path: the folder 'r/maybe' has no .txt file; fill it, or name the folders to read in "
        "data.classes: [neg, pos]"
    )


def test_links_in_a_circle_are_named(tmp_path):
    folders(tmp_path, reviews())
    (tmp_path / "r" / "pos" / "loop.txt").symlink_to("loop.txt")
    assert refused(TextSource(type="text", path="r"), tmp_path) == (
        "'r/pos/loop.txt' can't be opened: Too many levels of symbolic links"
    )
    (tmp_path / "r" / "pos" / "loop.txt").unlink()
    (tmp_path / "r" / "loop").symlink_to("loop")
    assert refused(TextSource(type="text", path="r"), tmp_path) == (
        "r/loop: can't be read: Too many levels of symbolic links"
    )


def test_a_folder_that_holds_itself_is_no_class(tmp_path):
    folders(tmp_path, reviews())
    (tmp_path / "r" / "pos" / "again").symlink_to(tmp_path / "r")
    assert len(load(TextSource(type="text", path="r"), base=tmp_path, seed=0).train) == 17


def test_a_folder_called_as_a_text_is_explained(tmp_path):
    folders(tmp_path, reviews())
    (tmp_path / "r" / "pos" / "x.txt").mkdir()
    assert refused(TextSource(type="text", path="r"), tmp_path) == (
        "'r/pos/x.txt' is a folder; name a file in it"
    )


def test_a_missing_folder_is_named(tmp_path):
    (tmp_path / "reviews").mkdir()
    assert refused(TextSource(type="text", path="revews"), tmp_path) == (
        f"data.path: there is no file 'revews': looked for {tmp_path}/revews (did you mean 'reviews'?)"
    )


@pytest.mark.parametrize(
    ("error", "kind", "why"),
    [
        (PermissionError(13, "Permission denied"), MachineError, "may not be read: {folder}"),
        (OSError(5, "Input/output error"), DataError, "can't be read: Input/output error"),
    ],
)
def test_a_folder_that_can_not_be_read_is_named(tmp_path, monkeypatch, error, kind, why):
    folders(tmp_path, reviews())
    scan = os.scandir

    def refuse(path):
        if str(path).endswith("pos"):
            raise error
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    message = refused(TextSource(type="text", path="r"), tmp_path, kind=kind)
    assert message == f"r/pos: the folder {why.format(folder=tmp_path / 'r' / 'pos')}"


def test_names_with_spaces_and_other_letters_are_read(tmp_path):
    folders(
        tmp_path,
        {
            f"r/{name}/\u0444\u0430\u0439\u043b {i}.txt": f"{i}"
            for name in ("good one", "\u60aa\u3044")
            for i in range(8)
        },
    )
    assert load(TextSource(type="text", path="r"), base=tmp_path, seed=0).classes == (
        "good one",
        "\u60aa\u3044",
    )


def test_a_label_of_the_test_texts_alone_is_named(tmp_path):
    folders(tmp_path, reviews("r/train") | reviews("r/test", 3) | {"r/test/odd/1.txt": "a"})
    assert refused(TextSource(type="text", path="r"), tmp_path) == (
        "data.path: labels that stand in the test rows and in no training row can't be learnt: odd (1); "
        "add rows of such labels, or take them out"
    )


def new(source, folder, name):
    data = load(source, base=folder, seed=0)
    preprocess = json.loads(json.dumps(data.preprocess))
    return load_rows(source, folder / name, name, preprocess=preprocess, targets=data.targets)


def refused_new(source, folder, name):
    with pytest.raises(DataError) as caught:
        new(source, folder, name)
    return str(caught.value)


def test_new_texts_come_from_folders_too(tmp_path):
    folders(tmp_path, reviews() | {"n/pos/1.txt": "pos new", "n/neg/2.txt": "neg 1"})
    found = new(TextSource(type="text", path="r"), tmp_path, "n")
    assert found.y.tolist() == [0, 1]
    assert found.x[1].tolist()[1] == 1


def test_new_texts_in_the_wrong_form_are_explained(tmp_path):
    folders(tmp_path, reviews() | {"n/odd/1.txt": "pos new", "t.csv": SHEET, "u.csv": "review,x\na,b\n"})
    source = TextSource(type="text", path="r")
    assert refused_new(source, tmp_path, "t.csv") == (
        "t.csv: the run was trained on a folder of texts for each class; give a folder that holds such"
    )
    assert refused_new(source, tmp_path, "gone") == (f"there is no file 'gone': looked for {tmp_path}/gone")
    assert refused_new(source, tmp_path, "n") == (
        "n: the target holds labels that the run does not know: odd (1); it knows neg, pos"
    )
    assert refused_new(columns(), tmp_path, "u.csv") == (
        "u.csv: there is no column 'label'; the columns are review, x"
    )
    assert refused_new(columns(), tmp_path, "n") == "'n' is a folder; name a file in it"
