"""Paired tests of two models on the same rows, against what others compute."""

import numpy as np
import pytest
from scipy import stats

from nntrain.evaluation.compare import EXACT, mcnemar, paired_bootstrap


def answers(both, first, second, neither):
    """Whether each of two models has a row right."""
    pairs = [(1, 1)] * both + [(1, 0)] * first + [(0, 1)] * second + [(0, 0)] * neither
    return np.array(pairs, bool).reshape(-1, 2).T


@pytest.mark.parametrize(
    ("first", "second"), [(0, 1), (1, 9), (5, 5), (0, 6), (30, 12), (200, 260), (499, 501)]
)
def test_mcnemar_is_the_binomial_test_of_the_rows_that_one_model_has_right(first, second):
    found = mcnemar(*answers(40, first, second, 7))
    assert (found.first_alone, found.second_alone) == (first, second)
    assert found.p == pytest.approx(stats.binomtest(first, first + second, 0.5).pvalue, rel=1e-9)


@pytest.mark.parametrize("gap", [0, 10, 60, 120])
def test_beyond_a_thousand_such_rows_the_normal_limit_is_close(gap):
    first, second = EXACT, EXACT + gap
    found = mcnemar(*answers(10, first, second, 0))
    assert found.p == pytest.approx(stats.binomtest(first, first + second, 0.5).pvalue, abs=2e-3)


def test_mcnemar_of_equal_answers_is_one():
    found = mcnemar([True, False], [True, False])
    assert (found.p, found.within_noise) == (1.0, True)


def test_few_rows_prove_nothing_and_many_do():
    assert mcnemar(*answers(90, 0, 5, 5)).within_noise
    assert not mcnemar(*answers(90, 0, 6, 4)).within_noise


@pytest.mark.parametrize("kinds", [3, 100_000])
def test_the_bootstrap_interval_is_that_of_a_mean(kinds):
    """By the central limit theorem, for values of few kinds and of many."""
    random = np.random.default_rng(0)
    first = random.integers(0, kinds, 900) / kinds
    second = random.integers(0, kinds, 900) / kinds + 0.02
    found = paired_bootstrap(first, second)
    gaps = second - first
    half = 1.96 * gaps.std() / np.sqrt(len(gaps))
    assert found.difference == pytest.approx(gaps.mean())
    assert (found.low, found.high) == pytest.approx((gaps.mean() - half, gaps.mean() + half), abs=0.05 * half)
    assert (found.rows, found.first, found.second) == (900, first.mean(), second.mean())


def test_pairs_tell_what_two_intervals_would_not():
    """Rows differ far more from one another than the models do on each."""
    random = np.random.default_rng(1)
    hard = random.normal(0, 10, 200)
    assert not paired_bootstrap(hard, hard + random.normal(0.2, 0.1, 200)).within_noise
    assert paired_bootstrap(hard, hard + random.normal(0.0, 0.1, 200)).within_noise


def test_the_same_rows_give_the_same_interval():
    values = np.random.default_rng(2).normal(size=(2, 500))
    assert paired_bootstrap(*values) == paired_bootstrap(*values)


def test_the_interval_holds_what_is_true_nineteen_times_of_twenty():
    random = np.random.default_rng(3)
    held = [paired_bootstrap(np.zeros(80), random.normal(0.3, 1, 80)) for _ in range(400)]
    share = np.mean([one.low <= 0.3 <= one.high for one in held])
    assert 0.91 < share < 0.98


@pytest.mark.parametrize(("first", "second"), [([1.0], [1.0]), ([1, 2], [1, 2, 3]), ([[1, 2]], [[1, 2]])])
def test_what_is_no_pair_of_rows_is_a_bug(first, second):
    with pytest.raises(ValueError, match="are no two values"):
        paired_bootstrap(first, second)
