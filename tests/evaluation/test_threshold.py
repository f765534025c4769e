"""The threshold that is chosen is the best that there is, and the usual one where nothing is better."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from nntrain.evaluation.threshold import choose


@st.composite
def rows(draw):
    """Rows of both kinds with probabilities, some of them equal, some of them 0 or 1."""
    count = draw(st.integers(2, 30))
    shares = draw(
        st.lists(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.6, 0.9, 1.0]), min_size=count, max_size=count)
    )
    positive = draw(
        st.lists(st.integers(0, 1), min_size=count, max_size=count).filter(lambda p: len(set(p)) == 2)
    )
    return np.array(positive), np.array(shares) + draw(st.sampled_from([0.0, 1e-3])) * (np.array(shares) < 1)


def measured(rule, positive, called):
    if rule == "f1":
        return metrics.f1_score(positive, called, zero_division=0)
    return metrics.recall_score(positive, called) - metrics.recall_score(1 - positive, called, pos_label=1)


def measured_at_each(rule, positive, shares, thresholds):
    """The same for many thresholds at once: scikit-learn takes milliseconds for each."""
    called, wanted = shares > thresholds[:, None], positive == 1
    right, wrong, missed = (called & wanted).sum(1), (called & ~wanted).sum(1), (~called & wanted).sum(1)
    if rule == "f1":
        return 2 * right / np.maximum(2 * right + wrong + missed, 1)
    return right / wanted.sum() - wrong / (~wanted).sum()


@settings(max_examples=100, deadline=None)
@given(rows(), st.sampled_from(["f1", "youden"]))
def test_no_threshold_is_better_on_the_rows_it_was_chosen_on(given_rows, rule):
    positive, shares = given_rows
    found = choose(positive, shares, rule)
    assert 0 < found.value < 1
    assert found.gained == pytest.approx(measured(rule, positive, (shares > found.value).astype(int)))
    assert found.usual == pytest.approx(measured(rule, positive, (shares > 0.5).astype(int)))
    tried = np.linspace(0.0005, 0.9995, 201)
    at_each = measured_at_each(rule, positive, shares, tried)
    assert found.gained >= at_each.max() - 1e-9
    some = int(at_each.argmax())
    assert at_each[some] == pytest.approx(measured(rule, positive, (shares > tried[some]).astype(int)))


def test_the_usual_threshold_stays_where_nothing_is_better():
    found = choose(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.6, 0.9]), "f1")
    assert found == (0.5, 1.0, 1.0)


def test_rare_rows_are_cut_lower():
    found = choose(np.array([0, 0, 0, 0, 1, 1]), np.array([0.01, 0.05, 0.1, 0.1, 0.2, 0.4]), "f1")
    assert found.value == pytest.approx(0.15)
    assert (found.gained, found.usual) == (1.0, 0.0)


def test_probabilities_that_are_neighbours_are_told_apart():
    low = 0.3
    positive, shares = np.array([0, 1]), np.array([low, np.nextafter(low, 1)])
    found = choose(positive, shares, "youden")
    assert (shares > found.value).tolist() in ([False, True], [False, False])
    assert found.gained == (shares > found.value)[1]


@pytest.mark.parametrize("alike", [0, 1])
def test_rows_that_are_all_alike_choose_nothing(alike):
    assert choose(np.full(3, alike), np.array([0.2, 0.5, 0.7]), "f1") is None
