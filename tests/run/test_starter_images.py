"""Configs made for folders of images: they load, they say what was found, and they train at once."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nntrain import fit, load_config
from nntrain.errors import DataError, UsageError
from nntrain.run.starter.start import start

PLACE = Path(__file__).parents[2] / "configs/data/digits_images"
DIGITS = """\
# yaml-language-server: $schema=nntrain.schema.json
# Made from digits_images: 400 images of 10 classes, 8 x 8 pixels.
version: 1
seed: 7

data:
  type: images
  path: digits_images               # 40 of 0, 40 of 1, 40 of 2, 40 of 3, 40 of 4 and 5 more classes
  split: {validation: 0.15, test: 0.2}
  preprocess:
    numeric: {scale: rescale, range: [0, 255]}

model:
  layers:
    - {type: Conv2D, filters: 32, kernel_size: 3, padding: same, activation: relu}
    - {type: MaxPooling2D, pool_size: 2}
    - {type: Flatten}
    - {type: Dropout, rate: 0.3}    # against learning the images by heart
    # A probability for each class.
    - {type: Dense, units: 10, activation: softmax}

training:
  loss: sparse_categorical_crossentropy
  optimizer: {type: Adam, learning_rate: 1e-3}
  metrics: [accuracy]
  epochs: 60
  batch_size: 16
  early_stopping: {monitor: val_loss, patience: 10}
"""


def draw(file, height, width, shade, seed=0):
    """An image of one shade with some noise."""
    noise = np.random.default_rng(seed).integers(0, 30, (height, width, 3))
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((noise + shade).astype(np.uint8)).save(file)


def photos(folder, parts=("",), count=8, sizes=((40, 60), (90, 30), (50, 50))):
    """Dark and light images of several sizes."""
    for part in parts:
        for name, shade in (("dusk", 20), ("noon", 200)):
            for i in range(count):
                draw(folder / part / name / f"{i}.png", *sizes[i % len(sizes)], shade, i)
    return folder


def made(folder, place):
    begun = start(place, None, folder)
    path = folder / f"{begun.name}.yaml"
    path.write_text(begun.text)
    return begun, load_config(path)


def test_images_of_one_size_are_taken_as_they_are():
    begun = start(PLACE, None, PLACE.parent)
    assert begun.name == "digits_images"
    assert begun.text == DIGITS
    assert begun.findings == (
        f"{PLACE}: 400 images of 10 classes, 8 x 8 pixels",
        "the classes are its folders: 40 of 0, 40 of 1, 40 of 2, 40 of 3, 40 of 4 and 5 more classes",
    )


def test_images_of_several_sizes_train_at_once(tmp_path):
    begun, config = made(tmp_path, photos(tmp_path / "my photos.v2", count=20))
    assert begun.name == "my_photos"
    assert "# Made from my photos.v2: 40 images of 2 classes, 40 x 30 to 90 x 60 pixels.\n" in begun.text
    assert (config.data.path, config.data.split.test) == ("my photos.v2", 0.25)
    assert config.data.preprocess.image.resize == 40
    assert config.data.preprocess.image.crop == (40, 40)
    assert (
        "    # The probability of noon.\n    - {type: Dense, units: 1, activation: sigmoid}\n" in begun.text
    )
    done = fit(load_config(tmp_path / "my_photos.yaml", ["training.epochs=15"]), tmp_path / "runs")
    assert done.scores["test"].to_json()["accuracy"] == 1


def test_large_images_become_small_and_uneven_classes_are_weighted(tmp_path):
    for i in range(9):
        draw(tmp_path / "shots" / ("a" if i < 6 else "b") / f"{i}.jpg", 300, 400, 99, i)
    begun, config = made(tmp_path, tmp_path / "shots")
    assert config.data.preprocess.image.crop == (64, 64)
    assert config.training.class_weight == "balanced"
    assert "# the largest class has 67% of the rows, the smallest 33%\n" in begun.text


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        (
            ("train", "test"),
            "  split: {validation: 0.15}         # the test images are in a folder of their own",
        ),
        (
            ("train", "validation"),
            "  split: {test: 0.2}                # the validation images are in a folder of their own",
        ),
        (("train", "validation", "test"), None),
    ],
)
def test_folders_of_splits_stay_what_they_are(tmp_path, parts, line):
    begun, config = made(tmp_path, photos(tmp_path / "shots", parts, count=3))
    assert [one for one in begun.text.splitlines() if one.startswith("  split")] == ([line] if line else [])
    assert begun.findings[2:] == tuple(f"6 are {part} images already" for part in parts[1:])
    assert config.data.path == "shots"


def test_what_can_not_be_read_is_told(tmp_path):
    place = photos(tmp_path / "shots")
    (place / "noon/9.png").write_text("no image")
    assert made(tmp_path, place)[0].findings[2:] == (
        "'noon/9.png' is no PNG, JPEG, GIF, BMP or WebP image; mend or remove it",
    )


def folder_of(tmp_path, files):
    for name, content in files.items():
        file = tmp_path / "shots" / name
        if content is None:
            draw(file, 4, 4, 99)
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
    return tmp_path / "shots"


@pytest.mark.parametrize(
    ("files", "kind", "message"),
    [
        (
            {"a/1.png": "x", "b/1.png": "y"},
            DataError,
            "{place}: no image can be read: 'a/1.png' is no PNG, JPEG, GIF, BMP or WebP image; for a folder of "
            "texts take nntrain init rnn, and set its data: to {{type: text, path: ...}}",
        ),
        (
            {"a/1.png": None, "a/2.png": None},
            UsageError,
            "{place} holds images of one class, 'a', which there is nothing to tell from; add a folder of "
            "images for each other class",
        ),
        (
            {"a/1.png": None, "a/2.png": None, "a/3.png": None, "b/1.png": None},
            DataError,
            "{place}: each class needs 3 images, one for each split, and 1 of 2 have fewer: 'b' (1); add "
            "images of them, or take their folders out",
        ),
        (
            {"1.png": None},
            DataError,
            "{place}: '{place}' holds 1 file and no folders; put the images of each class into a folder that "
            "is called like it",
        ),
    ],
)
def test_a_folder_that_nothing_can_be_learnt_from_is_refused(tmp_path, files, kind, message):
    place = folder_of(tmp_path, files)
    with pytest.raises(kind) as caught:
        start(place, None, tmp_path)
    assert str(caught.value) == message.format(place=place)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"target": "a"},
            "--target names a column of a file, and the classes of images are their folders; leave it out",
        ),
        (
            {"target": None, "header": False},
            "--no-header is about the first line of a file, and the classes of images are their folders; "
            "leave it out",
        ),
    ],
)
def test_what_belongs_to_a_file_is_refused_of_images(tmp_path, given, message):
    with pytest.raises(UsageError) as caught:
        start(tmp_path, folder=tmp_path, **given)
    assert str(caught.value) == message
