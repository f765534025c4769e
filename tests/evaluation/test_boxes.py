"""Boxes: which numbers are one, and how far two agree, worked out by hand."""

import numpy as np
import pytest

from nntrain.evaluation import evaluate_numbers
from nntrain.evaluation.boxes import is_box, overlaps

NAMES = ("left", "top", "right", "bottom")
PAIRS = {
    "the same": ([0, 0, 2, 2], [0, 0, 2, 2], 1.0),
    "half of each": ([0, 0, 2, 2], [1, 0, 3, 2], 2 / 6),
    "one in the other": ([0, 0, 4, 4], [1, 1, 3, 3], 4 / 16),
    "apart": ([0, 0, 1, 1], [2, 2, 3, 3], 0.0),
    "edge to edge": ([0, 0, 1, 1], [1, 0, 2, 1], 0.0),
    "turned round": ([0, 0, 1, 1], [1, 1, 0, 0], 0.0),
    "no area": ([1, 1, 1, 1], [1, 1, 1, 1], 0.0),
}


@pytest.mark.parametrize(("one", "other", "expected"), PAIRS.values(), ids=PAIRS)
def test_boxes_overlap_by_what_both_hold_over_what_either_holds(one, other, expected):
    assert overlaps([one], [other]).tolist() == [expected]
    assert overlaps([other], [one]).tolist() == [expected]


def test_a_box_is_known_by_the_names_of_its_columns():
    assert is_box(NAMES)
    assert is_box(("XMin", "YMin", "XMax", "YMax"))
    assert not is_box(("top", "left", "right", "bottom"))
    assert not is_box(("a", "b", "c", "d"))


def test_numbers_that_are_a_box_are_scored_as_one():
    actual = np.array([[0.0, 0, 2, 2], [0, 0, 4, 4]] * 20)
    made = np.array([[1.0, 0, 3, 2], [1, 1, 3, 3]] * 20)
    means = actual.mean(axis=0)
    found = evaluate_numbers(actual, made, means=means, names=NAMES)
    assert found.model.box_iou == pytest.approx((2 / 6 + 4 / 16) / 2)
    assert found.model.to_json()["box_iou"] == found.model.box_iou
    assert "box_iou" in found.model.intervals
    assert ("box IoU", found.model.box_iou) in found.model.headline()
    other = evaluate_numbers(actual, made, means=means, names=("a", "b", "c", "d"))
    assert "box_iou" not in other.model.to_json()
