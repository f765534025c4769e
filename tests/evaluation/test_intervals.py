"""Intervals hold what they promise and are the same each time."""

import numpy as np
import pytest

from nntrain.evaluation import (
    bootstrap,
    decode,
    decode_labels,
    evaluate_classes,
    evaluate_numbers,
    evaluate_pixels,
    intervals,
)
from nntrain.evaluation.bootstrap import Groups, Interval, resamples
from nntrain.evaluation.intervals import of_classes, of_images, of_labels, of_numbers
from nntrain.evaluation.segmentation import image_tallies, pixel_confusion, score_segmentation


def classified(seed, rows=200, classes=3, sure=1.0):
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, rows)
    logits = random.normal(size=(rows, classes)) + sure * np.eye(classes)[truth]
    return truth, decode(logits, classes=classes, kind="softmax_logits")


@pytest.fixture
def one_draw(monkeypatch):
    """A single known draw in place of many: how often each row occurs in it."""

    def use(rows, seed=5):
        drawn = np.bincount(np.random.default_rng(seed).integers(0, rows, rows), minlength=rows)
        monkeypatch.setattr(
            intervals,
            "intervals",
            lambda n, scores, cost=1: {k: float(v[0]) for k, v in scores(drawn[np.newaxis] * 1.0).items()},
        )
        return np.repeat(np.arange(rows), drawn)

    return use


@pytest.mark.parametrize("average", ["macro", "weighted", "binary"])
@pytest.mark.parametrize("classes", [2, 3, 6])
def test_the_scores_of_a_draw_are_those_of_its_rows(one_draw, average, classes):
    if average == "binary" and classes != 2:
        return
    truth, said = classified(1, 80, classes)
    rows = one_draw(80)
    found = of_classes(truth, said, classes, average)
    again = type(said)(said.labels[rows], said.probabilities[rows], said.scores[rows])
    names = [str(i) for i in range(classes)]
    scores = evaluate_classes(truth[rows], again, counts=np.ones(classes), names=names, average=average)
    expected = scores.model.numbers()
    assert set(expected) - set(found) == {"calibration_error"}
    assert found == pytest.approx({name: expected[name] for name in found})


@pytest.mark.parametrize("average", ["macro", "micro", "weighted"])
def test_the_scores_of_a_draw_of_labels_are_those_of_its_rows(one_draw, average):
    from nntrain.evaluation import LabelPredictions, score_labels

    random = np.random.default_rng(2)
    truth = random.integers(0, 2, (60, 3))
    said = decode_labels(random.random((60, 3)), labels=3, kind="sigmoid")
    rows = one_draw(60)
    found = of_labels(truth, said, average)
    again = LabelPredictions(said.labels[rows], said.probabilities[rows], said.scores[rows])
    expected = score_labels(truth[rows], again, ["a", "b", "c"], average=average).numbers()
    assert set(expected) - set(found) == {"calibration_error"}
    assert found == pytest.approx({name: expected[name] for name in found})


@pytest.mark.parametrize("k", [1, 3])
def test_the_scores_of_a_draw_of_numbers_are_those_of_its_rows(one_draw, k):
    from nntrain.evaluation import score_regression

    random = np.random.default_rng(3)
    truth, guess = random.normal(5, 2, (2, 50, k))
    rows = one_draw(50)
    expected = score_regression(truth[rows], guess[rows], ["a", "b", "c"][:k]).numbers()
    found = of_numbers(truth, guess)
    assert set(found) == {"mae", "mse", "rmse", "r2", "mape"}
    assert found == pytest.approx({name: expected[name] for name in found})


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_the_scores_of_a_draw_of_masks_are_those_of_whole_images(one_draw, average):
    random = np.random.default_rng(4)
    truth, said = random.integers(0, 3, (2, 30, 4, 5)).astype(np.uint8)
    truth[:, 0] = 255
    rows = one_draw(30)
    matrix = pixel_confusion(truth[rows], said[rows], 4)
    expected = score_segmentation(matrix, ["a", "b", "c", "d"], rows=30, average=average).numbers()
    assert of_images(image_tallies(truth, said, 4), average) == pytest.approx(expected)


def test_the_same_rows_have_the_same_interval_and_hold_the_score():
    truth, said = classified(6)
    found = of_classes(truth, said, 3, "macro")
    assert found == of_classes(truth, said, 3, "macro")
    scores = evaluate_classes(truth, said, counts=np.ones(3), names=["a", "b", "c"]).model
    for name, (low, high, count) in scores.intervals.items():
        assert low < scores.numbers()[name] < high
        assert count == 1000
    assert scores.to_json()["intervals"]["accuracy"] == found["accuracy"]._asdict()


def test_the_interval_of_an_accuracy_is_that_of_its_standard_error():
    truth, said = classified(7, 1000)
    low, high, _ = of_classes(truth, said, 3, "macro")["accuracy"]
    share = (truth == said.labels).mean()
    assert high - low == pytest.approx(2 * 1.96 * (share * (1 - share) / 1000) ** 0.5, rel=0.1)


def test_most_intervals_hold_what_many_rows_have():
    truth, said = classified(8, 20_000, sure=1.5)
    right = (truth == said.labels).mean()
    held = 0
    for seed in range(100):
        low, high, _ = of_classes(*classified(seed, 150, sure=1.5), 3, "macro")["accuracy"]
        held += low <= right <= high
    assert held >= 88  # 95 of 100, give or take three standard errors


@pytest.mark.parametrize(
    ("rows", "cost", "count"),
    [
        *((9, 1, 0), (10, 1, 1000), (2097, 1, 1000), (10_000, 1, 209), (60_000, 1, 100), (60_001, 1, 0)),
        *((360, 10, 582), (6_001, 10, 0)),
    ],
)
def test_large_sets_are_drawn_less_often_and_very_large_ones_not_at_all(rows, cost, count):
    assert resamples(rows, cost) == count


def test_a_set_without_intervals_says_why(monkeypatch):
    from nntrain.evaluation import evaluate as module

    for part in (bootstrap, module):
        monkeypatch.setattr(part, "LARGEST", 20)
    rows = np.arange(21.0)
    found = evaluate_numbers(rows, rows + 1, means=np.array([3.0])).to_json()
    assert (found["intervals"], found["notes"]) == (
        {},
        ["more than 20 rows, so the scores have no intervals"],
    )


def test_a_score_that_every_draw_has_alike_gets_no_interval():
    truth = np.repeat([0, 1], 20)
    perfect = decode(np.where(truth, 0.9, 0.2), classes=2, kind="sigmoid")
    found = of_classes(truth, perfect, 2, "macro")
    assert "accuracy" not in found
    assert isinstance(found["log_loss"], Interval)


def test_masks_have_intervals_of_images():
    random = np.random.default_rng(9)
    truth = random.integers(0, 2, (40, 6, 6)).astype(np.uint8)
    said = np.where(random.random(truth.shape) < random.random((40, 1, 1)), truth, 1 - truth).astype(np.uint8)
    found = evaluate_pixels(truth, said, counts=np.array([5, 5]), names=["a", "b"]).model.intervals
    assert set(found) == {"mean_iou", "dice", "accuracy", "balanced_accuracy", "precision", "recall", "kappa"}
    pixels = (truth == said).mean(axis=(1, 2))
    width = found["accuracy"].high - found["accuracy"].low
    assert width == pytest.approx(2 * 1.96 * pixels.std() / 40**0.5, rel=0.15)


def test_rows_are_counted_by_label():
    counts = np.array([[1.0, 0, 2, 1], [0, 4, 0, 0]])
    assert Groups(np.array([2, 0, 2, 3]), 5).counted(counts).tolist() == [[0, 0, 3, 1, 0], [4, 0, 0, 0, 0]]
