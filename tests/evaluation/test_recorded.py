"""Scores that were read back say what those that were written said."""

import json

import pytest

from nntrain.evaluation import SplitScores, evaluate_pixels
from tests.run.outputs import TARGETS, scored


@pytest.mark.parametrize("name", TARGETS)
def test_scores_are_the_same_when_they_are_read_back(name):
    written = scored(name)[name].scores
    check(written)


def test_scores_of_masks_are_the_same_when_they_are_read_back():
    import numpy as np

    truth = np.array([[[0, 1], [1, 0]], [[1, 1], [0, 0]]])
    found = np.array([[[0, 1], [0, 0]], [[1, 1], [0, 1]]])
    check(evaluate_pixels(truth, found, counts=np.array([9, 7]), names=("sky", "road"), average="macro"))


def check(written):
    again = SplitScores.from_json(json.loads(json.dumps(written.to_json())))
    assert again.headline() == written.headline()
    assert again.to_json() == written.to_json()
    assert list(again.to_json()) == list(written.to_json())
    assert again.worse() == written.worse()
