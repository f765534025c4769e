"""Names of files that are no UTF-8, as old archives leave them: told, or shown as Python writes the bytes."""

import os
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from nntrain.config.data import CsvSource, ImagesSource, ParquetSource, TextSource, TfrecordSource
from nntrain.data import csv_file, parquet_file, record_file
from nntrain.data.load import load
from nntrain.data.unlabelled.image_rows import image_rows
from nntrain.errors import DataError

CAFE = os.fsdecode(b"caf\xe9")
FEATURES = {"x": {"shape": [1]}, "y": {"dtype": "int64"}}
WHOLE = {"split": {"validation": 0, "test": None}}


@pytest.fixture
def images(tmp_path):
    """A folder of two classes, of which one has such a name, with an image of such a name each."""
    for name in (CAFE, "tea"):
        (tmp_path / "set" / name).mkdir(parents=True)
        for file in (CAFE, "a"):
            Image.fromarray(np.zeros((2, 2, 3), np.uint8)).save(tmp_path / "set" / name / f"{file}.png")
    return tmp_path


@pytest.mark.parametrize("kind", ["csv", "parquet", "tfrecord"])
def test_what_arrow_and_tensorflow_can_not_open_is_refused(kind, tmp_path):
    (tmp_path / f"{CAFE}.{kind}").write_text("x,y\n1,2\n")
    given = {"type": kind, "path": f"c*.{kind}"}
    read = {
        "csv": lambda: csv_file.load(CsvSource(target="y", **given), tmp_path),
        "parquet": lambda: parquet_file.load(ParquetSource(target="y", **given), tmp_path),
        "tfrecord": lambda: record_file.load(TfrecordSource(label="y", features=FEATURES, **given), tmp_path),
    }
    with pytest.raises(DataError) as refused:
        read[kind]()
    assert str(refused.value) == (
        f"caf\\xe9.{kind}: the path is no UTF-8: {tmp_path}/caf\\xe9.{kind}; rename what is called so"
    )


def test_folders_of_images_give_their_names_to_classes(images):
    source = ImagesSource.model_validate({"type": "images", "path": "set", **WHOLE})
    assert load(source, base=images, seed=0).classes == ("caf\\xe9", "tea")


def test_folders_of_texts_do_too(tmp_path):
    for name in (CAFE, "tea"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{CAFE}.txt").write_text("one cup")
    source = TextSource.model_validate({"type": "text", "path": ".", **WHOLE})
    assert load(source, base=tmp_path, seed=0).classes == ("caf\\xe9", "tea")


def test_predictions_name_such_images(images):
    source = ImagesSource.model_validate({"type": "images", "path": "set", **WHOLE})
    fitted = SimpleNamespace(row_shape=(2, 2, 3), apply=lambda pixels: pixels)
    (chunk,) = image_rows(source, "features", fitted, [str(images / "set" / "tea")], skip=False).chunks
    assert chunk.beside["file"] == ["a.png", "caf\\xe9.png"]
