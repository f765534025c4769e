"""What a forest over the trials of a search says of their keys."""

import numpy as np
import pytest

from nntrain.evaluation.surrogate import LEAST, Surrogate

LEVELS = (None, None, (0.0, 0.5, 1.0))


def trials(count, heights):
    draw = np.random.default_rng(1)
    at = draw.random((count, 3))
    at[:, 2] = draw.choice(LEVELS[2], count)
    return at, heights(at)


def test_the_key_that_matters_has_the_share_and_its_line_the_course():
    at, heights = trials(80, lambda at: 3.0 * at[:, 0] + 0.5 * at[:, 2])
    forest = Surrogate(at, heights, LEVELS)
    shares = forest.shares()
    # of independent uniform keys: 9 / 12, 0 and 0.25 / 6 parts
    assert shares == pytest.approx([0.947, 0.0, 0.053], abs=0.06)
    line = forest.line(0)
    assert line[-1] - line[0] == pytest.approx(3.0, abs=0.5)
    assert np.argmax(forest.line(2)) == 2
    assert list(forest.places(2)) == [0.0, 0.5, 1.0]
    assert forest.plane(0, 2).shape == (len(forest.places(0)), 3)
    assert np.array_equal(Surrogate(at, heights, LEVELS).shares(), shares)


def test_what_only_two_keys_explain_together_is_no_keys_own():
    at, heights = trials(300, lambda at: np.sign(at[:, 0] - 0.5) * np.sign(at[:, 1] - 0.5))
    forest = Surrogate(at, heights, LEVELS)
    assert forest.shares().sum() < 0.2
    plane = forest.plane(0, 1)
    assert plane[0, 0] > 0.5 > -0.5 > plane[0, -1]


def test_too_few_trials_or_equal_ones_have_no_forest():
    with pytest.raises(ValueError, match="too few"):
        Surrogate(*trials(LEAST - 1, lambda at: at[:, 0]), LEVELS)
    with pytest.raises(ValueError, match="same"):
        Surrogate(*trials(LEAST, lambda at: np.full(len(at), 0.3)), LEVELS)
