"""Scores of pixels against scikit-learn's, over masks drawn at random."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from nntrain.errors import DataError
from nntrain.evaluation import evaluate_pixels, score_segmentation, segmentation
from nntrain.evaluation.baseline import pixel_counts
from nntrain.evaluation.outputs import decode, sigmoid, softmax
from nntrain.evaluation.segmentation import decode_pixels, image_tallies, pixel_confusion, row_scores

NAMES = ("ground", "disc", "square", "star")
LEFT_OUT = 255


def masks(seed, classes, shape=(3, 5, 4), left_out=0.2):
    """Masks, predictions that are often right, and which pixels count."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, shape).astype(np.uint8)
    labels = np.where(random.random(shape) < 0.6, truth, random.integers(0, classes, shape)).astype(np.uint8)
    truth[random.random(shape) < left_out] = LEFT_OUT
    return truth, labels, truth != LEFT_OUT


def scored(truth, labels, average="macro"):
    matrix = pixel_confusion(truth, labels, len(NAMES))
    return score_segmentation(matrix, NAMES, rows=len(truth), average=average)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_scores_are_those_of_scikit_learn(seed, classes):
    truth, labels, counted = masks(seed, classes)
    actual, said = truth[counted], labels[counted]
    found = scored(truth, labels)
    assert np.array_equal(found.confusion, metrics.confusion_matrix(actual, said, labels=range(4)))
    assert found.accuracy == pytest.approx(metrics.accuracy_score(actual, said))
    there = sorted({*actual.tolist(), *said.tolist()})
    recalls = [np.mean(said[actual == i] == i) for i in set(actual.tolist())]
    assert found.balanced_accuracy == pytest.approx(np.mean(recalls))
    if len(there) > 1:
        assert found.kappa == pytest.approx(metrics.cohen_kappa_score(actual, said), abs=1e-12)
    else:
        assert found.undefined == {"kappa": "masks and predictions have one class"}
    functions = {
        "iou": metrics.jaccard_score,
        "dice": metrics.f1_score,
        "precision": metrics.precision_score,
        "recall": metrics.recall_score,
    }
    for name, function in functions.items():
        for average in ("macro", "weighted"):
            expected = function(actual, said, labels=there, average=average, zero_division=0)
            assert getattr(found.averages[average], name) == pytest.approx(expected), (name, average)
        each = function(actual, said, labels=range(4), average=None, zero_division=0)
        for i, row in enumerate(found.per_class):
            value = getattr(row, name)
            assert value is None if i not in there else value == pytest.approx(each[i])
    assert [row.pixels for row in found.per_class] == [(actual == i).sum() for i in range(4)]


def test_the_matrix_does_not_depend_on_the_blocks(monkeypatch):
    truth, labels, _ = masks(1, 4, (9, 6, 5))
    whole = pixel_confusion(truth, labels, 4)
    images = image_tallies(truth, labels, 4)
    monkeypatch.setattr(segmentation, "BLOCK", 60)
    assert np.array_equal(pixel_confusion(truth, labels, 4), whole)
    again = image_tallies(truth, labels, 4)
    assert np.array_equal(again.said, images.said)
    assert np.array_equal(images.actual.sum(axis=0), whole.sum(axis=1))
    assert np.array_equal(images.right[3], np.diag(pixel_confusion(truth[3:4], labels[3:4], 4)))


def test_the_rows_of_a_file_have_the_scores_of_their_pixels():
    truth, labels, counted = masks(2, 3, (6, 5, 4))
    truth[5], counted[5] = LEFT_OUT, False
    found = row_scores(truth, labels, 4)
    for row in range(5):
        actual, said = truth[row][counted[row]], labels[row][counted[row]]
        assert found.accuracy[row] == pytest.approx(metrics.accuracy_score(actual, said))
        there = sorted({*actual.tolist(), *said.tolist()})
        expected = metrics.jaccard_score(actual, said, labels=there, average="macro", zero_division=0)
        assert found.mean_iou[row] == pytest.approx(expected)
        assert np.isnan(found.iou[row, 3])
    assert np.isnan(found.accuracy[5])
    assert np.isnan(found.mean_iou[5])


def test_the_baseline_says_the_commonest_class_everywhere():
    truth, labels, counted = masks(3, 3)
    counts = pixel_counts(np.array([[[0, 1, 1, 255]]], np.uint8), 4)
    assert counts.tolist() == [1, 2, 0, 0]
    found = evaluate_pixels(truth, labels, counts=counts, names=NAMES)
    assert found.baseline_name == "the majority class of the training pixels, 'disc'"
    assert found.baseline.accuracy == pytest.approx((truth[counted] == 1).mean())
    written = found.to_json()
    assert written["left_out"] == (~counted).sum()
    assert written["pixels"] == counted.sum()
    assert written["baseline"]["mean_iou"] == found.baseline.mean_iou
    assert "confusion_matrix" not in written["baseline"]


def test_what_is_nowhere_or_never_predicted_is_told():
    truth = np.array([[[0, 0, 1]]], np.uint8)
    labels = np.array([[[0, 2, 0]]], np.uint8)
    assert scored(truth, labels).notes == (
        "never predicted, so precision and F1 count as 0: class 'disc'",
        "not in these rows, so recall and F1 count as 0: class 'square'",
        "in no mask and no prediction, so without scores: class 'star'",
    )


def test_masks_that_leave_everything_out_have_no_scores():
    truth, labels, _ = masks(4, 3, left_out=1.0)
    with pytest.raises(DataError) as caught:
        scored(truth, labels)
    message = "there are no pixels to score: the masks mark all of them to be left out"
    assert str(caught.value) == message


@pytest.mark.parametrize("kind", ["softmax", "softmax_logits", "sigmoid", "sigmoid_logits", "scores"])
@pytest.mark.parametrize("units", [1, 2, 3])
@pytest.mark.parametrize("threshold", [0.5, 0.3, 0.8])
def test_pixels_are_decoded_as_rows_are(kind, units, threshold):
    if units == 1 and kind.startswith("softmax"):
        return
    outputs = np.random.default_rng(units).normal(0, 2, (4, 5, 6, units))
    outputs = {"softmax": softmax, "sigmoid": sigmoid}.get(kind, lambda x: x)(outputs)
    rows = outputs.reshape(-1, units)
    if kind == "softmax":
        outputs = softmax(np.log(rows)).reshape(outputs.shape)
        rows = outputs.reshape(-1, units)
    how = {"kind": kind, "threshold": threshold, "boundary": 0.4}
    expected = decode(rows, classes=max(2, units), **how).labels.reshape(4, 5, 6)
    assert np.array_equal(decode_pixels(outputs, **how), expected)
