"""A list of images: which columns are read, what labels and numbers become, what is refused."""

import numpy as np
import pytest

from nntrain.errors import DataError

WHOLE = {"split": {"validation": 0, "test": None}}


@pytest.fixture
def listed(tmp_path, classes):
    """Write a list beside the images; `{}` stands for a file."""

    def write(lines, name="list.csv"):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return name

    return write


def test_a_list_names_images_and_their_classes(read, listed, classes):
    lines = [f"set/{name},{name[:3]}" for name in sorted(classes, reverse=True)]
    data = read(list=listed(["image,kind", *lines]), **WHOLE)
    assert (data.classes, data.train.y.tolist()) == (("cat", "dog"), [1] * 5 + [0] * 5)
    expected = [classes[name] for name in sorted(classes, reverse=True)]
    np.testing.assert_array_equal(np.asarray(data.train.x)[..., 0], expected)
    assert data.description == "list.csv: 10 images of 4 x 6, grey"
    assert data.preprocess["targets"] == {"target": ["kind"]}


def test_columns_are_named_or_counted(read, listed, classes):
    lines = [f"{i};{i / 4};set/{name}" for i, name in enumerate(sorted(classes))]
    settings = {"header": False, "delimiter": ";", "file": -1, "target": 1, "task": "regression"}
    data = read(list=listed(lines), **settings, **WHOLE)
    assert (data.task, data.train.y.dtype) == ("regression", np.float32)
    assert data.train.y.tolist() == [i / 4 for i in range(10)]


def test_several_columns_are_one_target_of_several_numbers(read, listed, classes):
    lines = [f"set/{name},{i},{-i}" for i, name in enumerate(sorted(classes))]
    data = read(list=listed(["file,x,y", *lines]), target=["x", "y"], **WHOLE)
    assert (data.task, data.target.names, data.train.y.shape) == ("regression", ("x", "y"), (10, 2))


def test_numbers_may_be_classes(read, listed, classes):
    lines = [f"set/{name},{i % 3 + 1}" for i, name in enumerate(sorted(classes))]
    data = read(list=listed(["file,kind", *lines]), task="classification", **WHOLE)
    assert data.classes == ("1", "2", "3")
    one_odd = [*lines[:-1], lines[-1].rpartition(",")[0] + ",many"]
    data = read(list=listed(["file,kind", *one_odd]), task="classification", **WHOLE)
    assert data.classes == ("1", "2", "3", "many")


def test_files_are_looked_for_beside_the_list(read, listed, classes, tmp_path):
    (tmp_path / "lists").mkdir()
    lines = [f"../set/{name},{name[:3]}" for name in classes]
    lines[0] = f"{tmp_path}/set/{next(iter(classes))},cat"
    assert len(read(list=listed(["f,k", *lines], "lists/all.csv"), **WHOLE).train) == 10


def test_what_is_left_out_moves_no_target(read, listed, classes, tmp_path):
    lines = [f"set/{name},{i}" for i, name in enumerate(sorted(classes))]
    lines.insert(3, "set/none.png,99")
    lines[6] = "list.csv,98"
    data = read(list=listed(["f,n", *lines]), skip_bad=True, task="regression", **WHOLE)
    assert data.train.y.tolist() == [0, 1, 2, 3, 4, 6, 7, 8, 9]
    assert (
        "2 of 11 files were left out: 'set/none.png' is not there, 'list.csv' is no PNG, JPEG, GIF, BMP or WebP "
        "image" in data.notes
    )


def test_a_class_that_is_held_out_alone_is_pointed_at_in_the_list(read, listed, classes):
    lines = [f"set/{name},{name[:3]}" for name in sorted(classes)]
    lines[1] = "set/none.png,cat"
    split = {"validation": 0, "test": 0.5, "stratify": False}
    everything = read(list=listed(["f,k", *lines]), split=split, skip_bad=True)
    held = int(everything.test.index[-1]) + 1  # the file that is not there is the second of the list
    lines[held] = lines[held].rpartition(",")[0] + ",cow"
    with pytest.raises(DataError) as caught:
        read(list=listed(["f,k", *lines]), split=split, skip_bad=True)
    (problem,) = caught.value.problems
    assert (problem.location.line, problem.location.text) == (held + 2, lines[held])
    assert problem.message == (
        "labels that stand in the test rows and in no training row can't be learnt: cow (1); add rows of such "
        "labels, or take them out"
    )


MISTAKES = {
    "no such column": (
        ["file,kind", "set/cat/0.png,cat"],
        {"target": "kinds", "file": 3},
        "data.file: there is no column 3: there are 2, counted from 0 (-1 is the last)\n"
        "data.target: there is no column 'kinds' (did you mean 'kind'?); the columns are file, kind",
    ),
    "one column for both": (
        ["file,kind", "set/cat/0.png,cat"],
        {"target": "file"},
        "data.target: 'file' is the column of the images; name another",
    ),
    "a target twice": (
        ["file,kind", "set/cat/0.png,1"],
        {"target": ["kind", 1]},
        "data.target: 'kind' is named twice; name another",
    ),
    "no file name": (
        ["file,kind", "set/cat/0.png,cat", ",dog"],
        {},
        "list.csv: 1 problem\n\n3:1 column 'file': this line names no image; mend or remove it\n   3 | ,dog\n"
        "       ^",
    ),
    "no number": (
        ["file,age", "set/cat/0.png,1", "set/cat/1.png,young"],
        {"task": "regression"},
        "list.csv: 1 problem\n\n3:15 column 'age': 'young' is not a number; mend it, or remove the line\n"
        "   3 | set/cat/1.png,young\n                     ^",
    ),
    "no label": (
        ["file,kind", "set/cat/0.png,cat", "set/dog/0.png,"],
        {},
        "list.csv: 1 problem\n\n3:15 the target 'kind' is missing here (1 of 2 rows); a row without a target "
        "can't be used: remove it from the file\n   3 | set/dog/0.png,\n                     ^",
    ),
    "missing files": (
        ["file,kind", "set/cat/0.png,cat", "cat/0.png,cat", "set/dog,dog"],
        {},
        "data.list: 2 of 3 files are no readable images: 'cat/0.png' is not there, 'set/dog' is a folder; mend or "
        "remove them, or set data.skip_bad: true to leave them out",
    ),
    "an impossible name": (
        ["file,kind", "set/cat/0.png,cat", "a\0b.png,cat"],
        {},
        "list.csv: 1 problem\n\n3:1 column 'file': this can't be the name of a file; mend or remove it\n"
        "   3 | a\N{REPLACEMENT CHARACTER}b.png,cat\n       ^",
    ),
    "one class": (
        ["file,kind", "set/cat/0.png,cat", "set/dog/0.png,cat"],
        {},
        "data.target: all rows have the label 'cat'; a classifier needs at least two classes",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_an_unfit_list_is_explained(read, listed, name):
    lines, settings, expected = MISTAKES[name]
    with pytest.raises(DataError) as caught:
        read(list=listed(lines), **settings)
    assert str(caught.value) == expected


def test_a_missing_list_is_named(read, listed, tmp_path):
    listed([], "lists.csv")
    with pytest.raises(DataError) as caught:
        read(list="list.csv")
    assert str(caught.value) == (
        f"data.list: there is no file 'list.csv': looked for {tmp_path}/list.csv (did you mean 'lists.csv'?)"
    )


def test_each_output_may_have_columns_of_its_own(read, listed, classes):
    names = sorted(classes)
    lines = [f"set/{name},{name[:3]},{i},{i + 1}" for i, name in enumerate(names)]
    predicted = {"kind": "kind", "place": ["x", "y"]}
    data = read(list=listed(["file,kind,x,y", *lines]), targets=predicted, **WHOLE)
    kind, place = data.targets
    assert (kind.name, kind.task, kind.names) == ("kind", "classification", ("cat", "dog"))
    assert (place.name, place.task, place.names) == ("place", "regression", ("x", "y"))
    assert data.train.targets["kind"].tolist() == [0] * 5 + [1] * 5
    assert data.train.targets["place"].tolist() == [[i, i + 1] for i in range(10)]


def test_a_column_that_an_output_needs_and_the_list_lacks_is_named(read, listed, classes):
    name = listed(["file,kind,x", *(f"set/{name},{name[:3]},1" for name in classes)])
    with pytest.raises(DataError) as raised:
        read(list=name, targets={"kind": "kind", "place": ["x", "z"]}, **WHOLE)
    assert str(raised.value).startswith("data.targets.place: there is no column 'z'")
