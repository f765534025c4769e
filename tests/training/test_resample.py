import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nntrain.training.resample import resampled

LABELS = st.lists(st.integers(0, 4), min_size=2, max_size=60).map(np.array)
SEEDS = st.integers(0, 2**32 - 1)


@given(LABELS, SEEDS)
def test_over_keeps_every_row_and_repeats_evenly(labels, seed):
    index = resampled(labels, "over", seed)
    counts = np.bincount(labels)
    assert set(np.bincount(labels[index])[counts > 0]) == {counts.max()}
    times = np.bincount(index, minlength=len(labels))
    for label in np.unique(labels):
        own = times[labels == label]
        assert own.min() >= 1
        assert own.max() - own.min() <= 1


@given(LABELS, SEEDS)
def test_under_takes_no_row_twice(labels, seed):
    index = resampled(labels, "under", seed)
    counts = np.bincount(labels)
    assert set(np.bincount(labels[index], minlength=5)[np.unique(labels)]) == {counts[counts > 0].min()}
    assert len(set(index)) == len(index)
    assert (np.diff(index) > 0).all()


def test_the_seed_draws_the_rows():
    labels = np.array([0] * 50 + [1] * 5)
    first, again, other = (resampled(labels, "under", seed).tolist() for seed in (1, 1, 2))
    assert first == again != other
