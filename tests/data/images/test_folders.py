"""Folders of images: what is found, what is told, what is refused."""

import os
from pathlib import Path

import numpy as np
import pytest

from nntrain.errors import DataError, MachineError

BYTES = {"numeric": {"scale": "rescale", "range": [0, 255]}}
WHOLE = {"split": {"validation": 0, "test": None}}


def test_the_folder_of_an_image_is_its_class(read, classes):
    data = read(**WHOLE, preprocess=BYTES)
    assert data.classes == ("cat", "dog")
    assert data.train.y.tolist() == [0] * 5 + [1] * 5
    assert data.train.x.values.dtype == np.uint8
    assert data.train.x.shape == (10, 4, 6, 1)
    for row, name in enumerate(sorted(classes)):
        np.testing.assert_array_equal(data.train.x.values[row, ..., 0], classes[name])
    assert data.description == "set: 10 images of 4 x 6, grey"
    assert data.notes == ("there are no validation rows: nothing watches training for over-fitting",)


def test_one_folder_is_divided_by_the_shares(read, classes):
    data = read(split={"validation": 0.25, "test": 0.2})
    assert {name: len(rows) for name, rows in data.splits.items()} == {"train": 6, "validation": 2, "test": 2}


@pytest.mark.parametrize("own", [("test",), ("validation",), ("validation", "test")])
def test_folders_of_splits_are_those_splits(read, draw, own):
    for part in ("train", *own):
        for kind in "ab":
            for i in range(8 if part == "train" else 3):
                draw(f"set/{part}/{kind}/{i}.png")
    data = read(split={"validation": 0.25, "test": 0.25})
    for part in own:
        assert len(data.splits[part]) == 6
    assert len(data.train) + sum(len(data.splits[p]) for p in ("validation", "test") if p not in own) == 16
    assert set(data.notes) == {
        f"the folder brings its own {part} images, so data.split.{part} is not used" for part in own
    }


def test_classes_go_by_name_and_absent_ones_are_told(read, draw):
    for name in ("train/b/1.png", "train/a/1.png", "train/c/1.png", "test/c/1.png", "test/b/1.png"):
        draw(f"set/{name}")
    data = read(split={"validation": 0})
    assert (data.train.y.tolist(), data.test.y.tolist()) == ([0, 1, 2], [1, 2])
    assert "classes that no test image has: 'a'" in data.notes


def test_hidden_files_are_none_of_the_images(read, classes, tmp_path):
    for name in (".DS_Store", "cat/.DS_Store", "cat/Thumbs.db", "dog/desktop.ini", "dog/._1.png"):
        (tmp_path / "set" / name).write_bytes(b"\0")
    (tmp_path / "set/.git").mkdir()
    assert len(read(**WHOLE).train) == 10


def test_names_may_have_spaces_and_any_letters(read, draw):
    for name in ("грач/мой птенец 1.png", "白鷺/a b.png", "白鷺/é\u0301.png", "грач/🐦.png"):
        draw(f"set/{name}")
    data = read(**WHOLE)
    assert (data.classes, data.train.y.tolist()) == (("грач", "白鷺"), [0, 0, 1, 1])


def test_files_beside_the_classes_are_told(read, classes, tmp_path):
    (tmp_path / "set/labels.csv").write_text("x")
    assert "files beside the folders of classes are left out: 'labels.csv'" in read(**WHOLE).notes


def test_links_to_images_are_followed(read, classes, tmp_path):
    (tmp_path / "set/cat/5.png").symlink_to(tmp_path / "set/dog/1.png")
    assert len(read(**WHOLE).train) == 11


def test_images_that_are_rebuilt_need_no_classes(read, draw, tmp_path):
    draw("set/1.png")
    draw("set/2.png")
    data = read(**WHOLE, task="reconstruction")
    assert (data.train.x.shape, data.task) == ((2, 4, 6, 1), "reconstruction")
    (tmp_path / "set/cat").mkdir()
    draw("set/cat/1.png")
    assert len(read(**WHOLE, task="reconstruction").train) == 1


def touch(folder, *names):
    for name in names:
        file = folder / "set" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def circle(folder):
    (folder / "set/cat/loop.png").symlink_to("loop.png")
    (folder / "set/cat/lost.png").symlink_to("nowhere.png")


REFUSED = {
    "no folder": (
        lambda f: (f / "set").rename(f / "sets"),
        "data.path: there is no folder 'set': looked for {folder}/set (did you mean 'sets'?)",
    ),
    "a file": (
        lambda f: ((f / "set").rename(f / "old"), (f / "set").touch()),
        "data.path: 'set' is a file; name a folder of images, or give it as data.list",
    ),
    "no classes": (
        lambda f: ((f / "set").rename(f / "old"), touch(f, "1.png", "2.png")),
        "data.path: 'set' holds 2 files and no folders; put the images of each class into a folder that is "
        "called like it",
    ),
    "empty": (
        lambda f: ((f / "set").rename(f / "old"), (f / "set").mkdir()),
        "data.path: 'set' is empty; put the images of each class into a folder that is called like it",
    ),
    "empty class": (
        lambda f: (f / "set/cow").mkdir(),
        "data.path: the folder 'cow' holds no images; put some in, or remove it",
    ),
    "empty classes": (
        lambda f: ((f / "set/cow").mkdir(), (f / "set/pig").mkdir(), touch(f, "pig/.DS_Store")),
        "data.path: the folders 'cow', 'pig' hold no images; put some in, or remove them",
    ),
    "one class": (
        lambda f: (f / "set/dog").rename(f / "dog"),
        "data.path: 'set' holds the folder 'cat' alone; a classifier needs at least two classes, each with a "
        "folder",
    ),
    "a level too high": (
        lambda f: ((f / "set").rename(f / "pets"), (f / "set").mkdir(), (f / "pets").rename(f / "set/pets")),
        "data.path: 'pets' holds the folder 'cat', and images lie directly in the folder of their class; "
        "is set/pets meant?",
    ),
    "a folder in a class": (
        lambda f: (f / "set/cat/young").mkdir(),
        "data.path: 'cat' holds the folder 'young', and images lie directly in the folder of their class; move its images up, or remove it",
    ),
    "a link in a circle": (
        lambda f: (f / "set/cat/again").symlink_to(f / "set"),
        "data.path: 'cat' holds the folder 'again', and images lie directly in the folder of their class; move its images up, or remove it",
    ),
    "links that lead nowhere": (
        circle,
        "data.path: 2 of 12 files are no readable images: 'cat/loop.png' is a link that leads in a circle, "
        "'cat/lost.png' is a link that leads nowhere; mend or remove them, or set data.skip_bad: true to leave "
        "them out",
    ),
    "no training images": (
        lambda f: (f / "set/dog").rename(f / "set/test"),
        "data.path: beside 'test' there is 'cat'; sets are called train, validation and test: rename or move it",
    ),
    "another word": (
        lambda f: ((f / "set/dog").rename(f / "set/train"), (f / "set/cat").rename(f / "set/val")),
        "data.path: beside 'train' there is 'val' (is 'validation' meant?); sets are called train, validation "
        "and test: rename or move it",
    ),
    "test alone": (
        lambda f: ((f / "set").rename(f / "test"), (f / "set").mkdir(), (f / "test").rename(f / "set/test")),
        "data.path: there is 'test' and no 'train'; put the training images' classes into a folder 'train'",
    ),
    "unknown class": (
        lambda f: (
            (f / "set").rename(f / "train"),
            touch(f, "test/cats/7.png", "test/dog/7.png"),
            (f / "train").rename(f / "set/train"),
        ),
        "data.path: 'test' has a class that 'train' has no folder of, which can't be learnt: 'cats' (did you "
        "mean 'cat'?), the first image is 'test/cats/7.png'; add training images, or take it out",
    ),
    "no test images": (
        lambda f: (
            (f / "set").rename(f / "train"),
            (f / "set/test/cat").mkdir(parents=True),
            (f / "train").rename(f / "set/train"),
        ),
        "data.path: 'set/test' holds no images",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_unfit_folder_is_explained(read, classes, tmp_path, name):
    change, expected = REFUSED[name]
    change(tmp_path)
    with pytest.raises(DataError) as caught:
        read()
    assert str(caught.value) == expected.format(folder=tmp_path)


def test_a_pipe_is_not_waited_for(read, classes, tmp_path):
    os.mkfifo(tmp_path / "set/cat/pipe.png")
    with pytest.raises(DataError) as caught:
        read()
    assert "'cat/pipe.png' is no file;" in str(caught.value)


def test_a_folder_that_may_not_be_read_is_named(read, classes, monkeypatch):
    scan = os.scandir

    def refuse(folder):
        if Path(folder).name == "dog":
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(MachineError) as caught:
        read()
    assert str(caught.value) == "data.path: the folder 'set/dog' can't be read: Permission denied"
