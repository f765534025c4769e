"""The rows that a script reads, divides and prepares are those of the run, without training either."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from nntrain import load_config
from nntrain.run.eject.eject import eject
from nntrain.run.eject.training import CHUNKS
from nntrain.run.reading import read_data
from nntrain.training.stored import pools

REST = """
model: {layers: [Flatten, {type: Dense, units: 2, activation: softmax}]}
training: {loss: sparse_categorical_crossentropy, epochs: 1%s}
"""
PIXELS = """
model: {layers: [{type: Conv2D, filters: 2, kernel_size: 1, activation: softmax}]}
training: {loss: sparse_categorical_crossentropy, epochs: 1}
"""
TIDES = """\
name: tides
data: {type: series, path: rows.csv, target: level, window: 3, steps: 2, split: {validation: 0.2, test: 0.2}}
model: {layers: [Flatten, {type: Dense, units: 2}]}
training: {loss: mean_squared_error, epochs: 1}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def draw(path, shade, size=(8, 6)):
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(shade).integers(0, 256, (size[1], size[0]), np.uint8)
    Image.fromarray(pixels).save(path)


def compared(text):
    """The names that the script's first half leaves, once they were compared with the rows of a run."""
    Path("c.yaml").write_text(text)
    script, names = eject("c.yaml"), {}
    exec(compile(script.partition("# The network")[0], "train.py", "exec"), names)
    dataset = read_data(load_config("c.yaml"))
    for name, rows in dataset.splits.items():
        (features,) = rows.inputs.values()
        np.testing.assert_array_equal(names["x"][names[name]], np.asarray(features))
        np.testing.assert_array_equal(names["targets"][names[name]].squeeze(), np.asarray(rows.y).squeeze())
    return script


def test_folders_of_sets_and_images_resized_by_their_shorter_side(here):
    sizes = [(8, 6), (9, 7), (16, 12)]
    for part, count in (("train", 6), ("validation", 2), ("test", 3)):
        for i in range(count):
            draw(here / f"sets/{part}/{'ab'[i % 2]}/{i}.png", i, sizes[0])
    script = compared(
        "name: sets\ndata: {type: images, path: sets, preprocess: {image: {resize: 5, crop: [4, 4]}}}"
        + REST % ""
    )
    assert "train, validation, test = np.split(" in script


def test_a_set_of_test_images_of_their_own(here):
    for part in ("train", "test"):
        for i in range(10):
            draw(here / f"sets/{part}/{'ab'[i % 2]}/{i}.png", i)
    compared("name: sets\ndata: {type: images, path: sets, split: {validation: 0.2}}" + REST % "")


def test_a_list_without_a_header_names_images_and_masks(here):
    lines = []
    for i in range(10):
        draw(here / f"in/{i}.png", i)
        mask = (np.indices((6, 8)).sum(axis=0) > i).astype(np.uint8)
        Image.fromarray(mask).save(here / f"in/{i}_mask.png")
        lines.append(f"{i}\t{i}.png\t{i}_mask.png")
    (here / "in/list.tsv").write_text("\n".join(lines) + "\n")
    compared(
        "name: masks\ndata: {type: images, task: segmentation, list: in/list.tsv, header: false, file: 1, "
        "masks: 2, split: {validation: 0.2, test: 0.2}}" + PIXELS
    )


def test_a_list_whose_groups_look_like_numbers(here):
    lines = ["what,who,which"]
    for i in range(24):
        draw(here / f"{i}.png", i)
        lines.append(f"{i}.png,{'None' if i % 3 else 'some'},0{i // 4}")
    (here / "list.csv").write_text("\n".join(lines) + "\n")
    script = compared(
        "name: groups\ndata: {type: images, list: list.csv, split: {validation: 0.2, test: 0.2, by_group: 2}}"
        + REST % ""
    )
    assert 'pd.read_csv("list.csv", dtype={"which": "str"}, keep_default_na=False)' in script


def test_groups_of_a_table_that_look_like_numbers(here):
    rows = [f"{i % 7},{i % 2},0{i % 6}" for i in range(60)]
    (here / "rows.csv").write_text("\n".join(["size,kind,who", *rows]) + "\n")
    compared(
        "name: groups\ndata: {type: csv, path: rows.csv, target: kind, "
        "split: {validation: 0.2, test: 0.2, by_group: who}}" + REST % ""
    )


def test_one_hot_columns_are_classes(here):
    rows = [f"{i},{int(i % 2)},{int(i % 2 == 0)}" for i in range(30)]
    (here / "rows.csv").write_text("\n".join(["size,odd,even", *rows]) + "\n")
    compared(
        "name: kinds\ndata: {type: csv, path: rows.csv, target: [odd, even], "
        "split: {validation: 0.2, test: 0.2}}" + REST % ""
    )


def test_several_values_that_come_after_a_window(here):
    (here / "rows.csv").write_text(
        "hour,level\n" + "\n".join(f"{i},{np.sin(i / 5):.3f}" for i in range(50)) + "\n"
    )
    compared(TIDES)


def test_batches_of_rows_that_stay_in_their_file_come_in_the_order_of_a_run():
    bounds, count = np.array([0, 7, 12, 20, 24, 33]), 33
    names = {"np": np, "tf": tf, "SEED": 5, "EPOCHS": 3, "BATCH_SIZE": 4, "CHUNKS": bounds[1:-1].tolist()}
    exec(CHUNKS, names)
    given = np.concatenate([rows.numpy() for (rows,) in names["batches"](np.arange(count))])
    expected = []
    for epoch in range(3):
        for chunks, order in pools(bounds, 5, epoch, True):
            rows = np.concatenate([np.arange(bounds[i], bounds[i + 1]) for i in chunks])
            expected.append(rows[order])
    np.testing.assert_array_equal(given, np.concatenate(expected))
