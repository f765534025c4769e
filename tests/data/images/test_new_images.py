"""New images for a finished run: read as its training images were."""

import json

import numpy as np
import pytest
from PIL import Image

from nntrain.config.data import ImagesSource
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows
from nntrain.errors import DataError


@pytest.fixture
def rows(tmp_path, classes):
    """Read new images with the settings of a run on `set/`."""

    def read(name, **settings):
        source = ImagesSource.model_validate({"type": "images", "path": "set", **settings})
        data = load(source, base=tmp_path, seed=0)
        written = json.loads(json.dumps(data.preprocess))
        return load_rows(source, tmp_path / name, name, preprocess=written, targets=data.targets), data

    return read


HALF = {"split": {"validation": 0, "test": 0.5}}
STANDARD = {"numeric": {"scale": "standard"}, "image": {"resize": [3, 3]}}


def test_the_same_images_give_the_same_bits(rows):
    new, data = rows("set", **HALF, preprocess=STANDARD)
    for part in data.splits.values():
        assert new.x[part.index].tobytes() == part.x.tobytes()
        np.testing.assert_array_equal(new.y[part.index], part.y)
    assert new.notes == ()


def test_one_class_may_be_scored_alone(rows, draw):
    draw("new/dog/1.png")
    new, _ = rows("new", **HALF)
    assert (new.y.tolist(), new.x.shape) == ([1], (1, 4, 6, 1))


def test_colours_become_what_the_run_was_trained_on(rows, draw):
    draw("new/dog/1.png", mode="RGB")
    new, _ = rows("new", **HALF)
    assert new.x.shape == (1, 4, 6, 1)
    assert new.notes == ("1 of 1 images have colours, which become grey",)


def test_a_list_of_new_images_is_read(rows, tmp_path):
    (tmp_path / "new.csv").write_text("f,k\nset/dog/1.png,dog\nset/cat/1.png,cat\n")
    new, _ = rows("new.csv", **HALF)
    assert new.y.tolist() == [1, 0]
    whole, _ = rows("set", **HALF)
    np.testing.assert_array_equal(new.x, np.asarray(whole.x)[[6, 1]])


def test_arrays_of_pixels_are_read(rows, tmp_path, classes):
    np.savez(tmp_path / "new.npz", x=classes["dog/1.png"][None, ..., None], y=np.array(["dog"]))
    new, _ = rows("new.npz", **HALF)
    np.testing.assert_array_equal(np.asarray(new.x)[0, ..., 0], classes["dog/1.png"])
    assert new.y.tolist() == [1]


def test_images_that_are_rebuilt_need_no_class(rows, draw):
    draw("new/1.png")
    new, _ = rows("new", **HALF, task="reconstruction")
    assert new.x.shape == (1, 4, 6, 1)


def save(folder, name, size=(6, 4)):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size).save(file)


REFUSED = {
    "another shape": (
        lambda f: save(f, "new/cat/1.png", (5, 4)),
        "new: rows of shape (4, 5, 1) where the run was trained on (4, 6, 1)",
    ),
    "an unknown class": (
        lambda f: save(f, "new/cow/1.png"),
        "new: the target holds labels that the run does not know: cow (1); it knows cat, dog",
    ),
    "no image": (
        lambda f: (save(f, "new/cat/1.png"), (f / "new/cat/2.png").touch()),
        "new: 1 of 2 files is no readable image: 'cat/2.png' is empty; mend or remove it",
    ),
    "splits": (
        lambda f: (save(f, "new/train/cat/1.png"), save(f, "new/test/cat/1.png")),
        "new: 'new' holds 'train', 'test', and one set is scored; name that, such as new/test",
    ),
    "no folder": (lambda f: None, "new: there is no folder 'new': looked for {folder}/new"),
    "a file": (lambda f: (f / "new").touch(), "new: 'new' is a file"),
    "no classes": (
        lambda f: save(f, "new/1.png"),
        "new: 'new' holds 1 file and no folders; put the images of each class into a folder that is called like "
        "it",
    ),
    "shapes": (
        lambda f: (save(f, "new/cat/1.png"), save(f, "new/cat/2.png", (9, 9))),
        "new: the images have 2 shapes (height x width): 4 x 6 (1, such as 'cat/1.png'), 9 x 9 (1, such as "
        "'cat/2.png'); bring them to that of the run",
    ),
}


def test_images_smaller_than_the_runs_crop_are_explained(rows, tmp_path):
    save(tmp_path, "new/cat/1.png", (3, 3))
    with pytest.raises(DataError) as caught:
        rows("new", **HALF, preprocess={"image": {"crop": [4, 4]}})
    assert str(caught.value) == (
        "new: 1 of 1 images are smaller than [4, 4], the first is 'cat/1.png' of [3, 3]; the run crops its images"
    )


@pytest.mark.parametrize("name", REFUSED)
def test_unfit_images_are_explained(rows, tmp_path, name):
    make, expected = REFUSED[name]
    make(tmp_path)
    with pytest.raises(DataError) as caught:
        rows("new", **HALF)
    assert str(caught.value) == expected.format(folder=tmp_path)


def test_a_list_without_the_runs_columns_is_explained(rows, tmp_path):
    (tmp_path / "all.csv").write_text(
        "f,kind\n" + "".join(f"set/{k}/{i}.png,{k}\n" for k in ("cat", "dog") for i in range(5))
    )
    (tmp_path / "new.csv").write_text("f,class\nset/dog/1.png,dog\n")
    with pytest.raises(DataError) as caught:
        rows("new.csv", path=None, list="all.csv", target="kind", **HALF)
    assert str(caught.value) == "new.csv: there is no column 'kind'; the columns are f, class"
