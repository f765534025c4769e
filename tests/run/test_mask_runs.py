"""Runs that predict a class for each pixel: every loss, what is left out, weights, new masks, folds."""

import csv
import json
import shutil

import numpy as np
import pytest
from PIL import Image

from nntrain import fit, load_config
from nntrain.errors import ConfigError, DataError
from nntrain.run.evaluate import evaluate
from nntrain.run.experiment import prepare
from nntrain.run.folds import fit_folds
from nntrain.run.reading import read_data
from nntrain.run.recipe import weights_of_rows
from nntrain.run.smoke import smoke

CONFIG = """\
name: spots
seed: 1
data:
  type: images
  task: segmentation
  path: spots
  masks: spot_masks
  class_names: [ground, spot]
  split: {validation: 0.2, test: 0.25}
  preprocess: {numeric: {scale: rescale, range: [0, 255]}}
model:
  layers:
    - {type: Conv2D, filters: 4, kernel_size: 3, padding: same, activation: relu}
    - {type: Conv2D, filters: 2, kernel_size: 1, activation: softmax}
training:
  loss: sparse_categorical_crossentropy
  optimizer: {type: Adam, learning_rate: 0.05}
  metrics: [accuracy, {type: MeanIoU, num_classes: 2, sparse_y_pred: false}]
  epochs: 6
  batch_size: 8
"""
ONE_CHANNEL = ["model.layers.1.filters=1", "model.layers.1.activation=sigmoid"]
IGNORING = [
    "data.ignore_label=255",
    "training.loss={type: SparseCategoricalCrossentropy, ignore_class: 255}",
    "training.metrics=[{type: MeanIoU, num_classes: 2, sparse_y_pred: false, ignore_class: 255}]",
]


def draw(images, masks, count, seed=0, left_out=0):
    """Bright squares on dark noise, 8 x 6 pixels, and where they are."""
    random = np.random.default_rng(seed)
    for folder in (images, masks):
        folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        pixels, mask = random.integers(0, 60, (8, 6), np.uint8), np.zeros((8, 6), np.uint8)
        y, x = random.integers(0, 5), random.integers(0, 3)
        pixels[y : y + 4, x : x + 4] = random.integers(170, 255, (4, 4))[: 8 - y, : 6 - x]
        mask[y : y + 4, x : x + 4] = 1
        mask[:left_out] = 255
        Image.fromarray(pixels).save(images / f"{i:02}.png")
        Image.fromarray(mask).save(masks / f"{i:02}.png")


@pytest.fixture
def config(write_config, tmp_path, monkeypatch):
    """A config of 40 images, with overrides."""
    monkeypatch.setenv("NNTRAIN_CACHE_HOME", str(tmp_path / "cache"))
    draw(tmp_path / "spots", tmp_path / "spot_masks", 40)
    file = write_config(CONFIG, "spots.yaml")
    return lambda *overrides: load_config(file, overrides)


def test_a_run_of_masks_is_scored_pixel_by_pixel(config, tmp_path):
    done = fit(config(), tmp_path / "runs")
    scores = done.scores["test"]
    assert scores.model.mean_iou > 0.9
    assert scores.model.pixels == 10 * 8 * 6
    assert scores.baseline.accuracy == pytest.approx(2 / 3, abs=0.01)
    written = json.loads((done.path / "metrics.json").read_text())
    assert (written["task"], written["classes"]) == ("segmentation", ["ground", "spot"])
    assert written["splits"]["test"]["mean_iou"] == scores.model.mean_iou
    last = done.history[-1]
    assert last["val_mean_io_u"] == pytest.approx(done.scores["validation"].model.mean_iou, abs=1e-6)
    assert last["val_accuracy"] == pytest.approx(done.scores["validation"].model.accuracy, abs=1e-6)
    assert {file.name for file in (done.path / "plots").iterdir()} == {
        f"{stem}.{ending}"
        for stem in ("history", "confusion_test", "masks_test")
        for ending in ("png", "svg")
    }
    with (done.path / "predictions.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 10
    assert np.mean([float(row["accuracy"]) for row in rows]) == pytest.approx(scores.model.accuracy, abs=1e-6)
    assert list(rows[0]) == ["row", "accuracy", "mean_iou", "iou(ground)", "iou(spot)"]
    again = evaluate(done.path, examples=2)
    assert again.scores.to_json() == scores.to_json()
    assert list(again.examples[0]) == ["row", "accuracy", "mean_iou"]


def test_new_images_bring_their_masks(config, tmp_path):
    run = fit(config(), tmp_path / "runs").path
    draw(tmp_path / "new/images", tmp_path / "new/masks", 6, seed=5)
    of_folder = evaluate(run, data=tmp_path / "new").scores.to_json()
    lines = ["photo,mask", *(f"images/{i:02}.png,masks/{i:02}.png" for i in range(6))]
    (tmp_path / "new/pairs.csv").write_text("\n".join(lines))
    assert evaluate(run, data=tmp_path / "new/pairs.csv").scores.to_json() == of_folder
    files = [sorted((tmp_path / "new" / kind).glob("*.png")) for kind in ("images", "masks")]
    x, y = (np.stack([np.asarray(Image.open(file)) for file in group]) for group in files)
    np.savez(tmp_path / "new.npz", x=x[..., None], y=y * 255)
    assert evaluate(run, data=tmp_path / "new.npz").scores.to_json() == of_folder
    with pytest.raises(DataError) as caught:
        evaluate(run, data=tmp_path / "spots")
    assert str(caught.value) == (
        f"{tmp_path}/spots: a folder to be scored holds the folders 'images' and 'masks', with each mask called "
        "like its image; bring the files into two such folders, or name a list (.csv) of images and masks"
    )
    np.savez(tmp_path / "new.npz", x=x[..., None], y=y + 3)
    with pytest.raises(DataError) as caught:
        evaluate(run, data=tmp_path / "new.npz")
    assert str(caught.value) == (
        f"{tmp_path}/new.npz: 6 of 6 masks hold numbers without a class: 3 (192 pixels), 4 (96 pixels), the "
        "first is row 0 (from 0); the classes are 0 ground, 1 spot: the run knows no others"
    )


@pytest.mark.parametrize(
    "overrides",
    [
        ["training.loss=categorical_crossentropy", "training.metrics=[accuracy, categorical_accuracy]"],
        ["training.loss=Dice", "training.metrics=[{type: OneHotMeanIoU, num_classes: 2}]"],
        [
            "training.loss=binary_crossentropy",
            *ONE_CHANNEL,
            "training.metrics=[accuracy, {type: BinaryIoU, target_class_ids: [0, 1], threshold: 0.5}]",
        ],
        [
            "training.loss={type: BinaryCrossentropy, from_logits: true}",
            "model.layers.1.filters=1",
            "~model.layers.1.activation",
            "training.metrics=[]",
        ],
        ["training.loss={type: BinaryFocalCrossentropy}", *ONE_CHANNEL, "training.metrics=[]"],
        ["training.precision=mixed_bfloat16"],
        ["training.engine=keras"],
    ],
    ids=["one-hot", "dice", "binary", "logits", "focal", "bfloat16", "keras"],
)
def test_every_loss_of_pixels_learns_the_spots(overrides, config, tmp_path):
    done = fit(config(*overrides, "training.epochs=15"), tmp_path / "runs")
    assert done.scores["test"].model.mean_iou > 0.85


def test_pixels_to_be_left_out_count_nowhere(config, tmp_path):
    draw(tmp_path / "spots", tmp_path / "spot_masks", 40, left_out=2)
    done = fit(config(*IGNORING), tmp_path / "runs")
    scores = done.scores["validation"].model
    assert (scores.left_out, scores.pixels) == (6 * 2 * 6, 6 * 6 * 6)
    before = done.history
    assert before[-1]["val_mean_io_u"] == pytest.approx(scores.mean_iou, abs=1e-6)
    for file in (tmp_path / "spots").iterdir():
        mask = np.array(Image.open(tmp_path / "spot_masks" / file.name))
        assert (mask[:2] == 255).all()
    by_keras = fit(config(*IGNORING, "training.engine=keras"), tmp_path / "runs").history
    assert by_keras[-1]["val_loss"] == pytest.approx(before[-1]["val_loss"], rel=1e-4)


def test_a_class_counts_by_its_pixels(config, tmp_path):
    draw(tmp_path / "spots", tmp_path / "spot_masks", 40, left_out=2)
    chosen = config(*IGNORING, "training.class_weight=balanced")
    dataset = read_data(chosen)
    weights, masks = weights_of_rows(chosen, dataset), np.asarray(dataset.train.y)
    assert weights.shape == masks.shape
    assert weights.dtype == np.float32
    assert (weights[masks == 255] == 0).all()
    sums = [weights[masks == label].sum() for label in (0, 1)]
    assert sums[0] == pytest.approx(sums[1], rel=1e-5)
    assert sum(sums) == pytest.approx((masks != 255).sum(), rel=1e-5)
    named = config(*IGNORING, "training.class_weight={spot: 3}")
    assert set(np.unique(weights_of_rows(named, dataset))) == {0, 1, 3}
    done = fit(chosen, tmp_path / "runs")
    by_keras = fit(
        config(*IGNORING, "training.class_weight=balanced", "training.engine=keras"), tmp_path / "runs"
    )
    assert done.history[-1]["loss"] == pytest.approx(by_keras.history[-1]["loss"], rel=1e-4)


def test_folds_have_the_scores_of_masks(config, tmp_path):
    done = fit_folds(config("training.epochs=1"), 2, tmp_path / "runs")
    written = json.loads((done.path / "metrics.json").read_text())
    assert "mean_iou" in json.dumps(written)


def test_a_smoke_test_of_masks_passes(config):
    assert smoke(config()).error is None


@pytest.mark.parametrize(
    ("overrides", "key", "told"),
    [
        (
            ["model.layers.1.strides=2", "model.layers.1.padding=same"],
            "model.layers[1]",
            "and the network gives (None, 4, 3, 2) instead of (None, 8, 6, 2): add {type: UpSampling2D, "
            "size: 2}, or Conv2DTranspose with strides",
        ),
        (
            ["~model.layers.0.padding"],
            "model.layers[1]",
            "and the network gives (None, 6, 4, 2) instead of (None, 8, 6, 2): give convolutions padding: "
            "same, and upsample as often as was pooled",
        ),
        (
            ["model.layers.1={type: GlobalAveragePooling2D}"],
            "model.layers[1]",
            "and the network gives (None, 4) instead of (None, 8, 6, 2): end with {type: Conv2D, filters: 2, "
            "kernel_size: 1} over the image",
        ),
        (
            ["~data.class_names", "model.layers.1.filters=3"],
            "model.layers[1].filters",
            "and the network gives (None, 8, 6, 3) instead of (None, 8, 6, 2): use 2 filters in the last "
            "layer",
        ),
    ],
)
def test_outputs_that_are_no_masks_are_refused_before_training(overrides, key, told, config):
    chosen = config(*overrides)
    with pytest.raises(ConfigError) as caught:
        prepare(chosen, read_data(chosen))
    names = "0, 1" if "~data.class_names" in overrides else "ground, spot"
    (problem,) = caught.value.problems
    assert problem.message == f"the masks have 8 x 6 pixels of 2 classes ({names}), {told}"
    assert problem.location is not None
    assert key in str(caught.value)


def test_altered_masks_are_other_data(config, tmp_path):
    run = fit(config("training.epochs=1"), tmp_path / "runs").path
    shutil.copy(tmp_path / "spot_masks/01.png", tmp_path / "spot_masks/02.png")
    with pytest.raises(Exception, match="the data are not those that"):
        evaluate(run)


@pytest.mark.parametrize("engine", ["compiled", "keras"])
def test_images_and_masks_that_are_moved_together_are_learnt(config, engine, tmp_path):
    """Bright pixels are spots: masks that stayed where they were would say otherwise."""
    moving = (
        "{type: RandomFlip, mode: vertical}, {type: RandomTranslation, height_factor: 0.3, width_factor: 0.3}"
    )
    layers = f"model.layers=[{moving}, {{type: Conv2D, filters: 2, kernel_size: 1, activation: softmax}}]"
    given = config(layers, "training.epochs=20", f"training.engine={engine}")
    done = fit(given, tmp_path / "runs")
    assert done.history[-1]["accuracy"] > 0.93
    assert done.scores["test"].model.accuracy > 0.97
