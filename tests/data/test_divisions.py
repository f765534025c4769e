"""Rows divided by group, by time and into folds: what must hold for every seed."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nntrain.config.data import Split
from nntrain.data.splits import Ties, divide
from nntrain.errors import DataError

SEEDS = st.integers(0, 2**40)
SHARES = st.sampled_from([0.0, 0.1, 0.25, 0.4])


NONE = Ties()


def parts(division):
    return [part for part in (division.train, division.validation, division.test) if part is not None]


def folds(rows, count, seed, test=0.2, ties=NONE):
    return [
        divide(rows, Split(test=test, fold=f"{number}/{count}"), seed, ties) for number in range(1, count + 1)
    ]


def is_partition(division, rows):
    together = np.sort(np.concatenate(parts(division)))
    return np.array_equal(together, np.arange(rows)) and all(
        (np.diff(part) > 0).all() for part in parts(division)
    )


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 20), min_size=6, max_size=25),
    validation=SHARES,
    test=st.sampled_from([0.1, 0.25, 0.4]),
    seed=SEEDS,
    with_classes=st.booleans(),
)
def test_no_group_stands_in_two_splits(sizes, validation, test, seed, with_classes):
    random = np.random.default_rng(seed)
    groups = np.repeat(np.arange(len(sizes)), sizes)
    random.shuffle(groups)
    labels = random.integers(0, 2, len(groups)) if with_classes else None
    split, ties = Split(validation=validation, test=test, by_group="g"), Ties(labels, ("a", "b"), groups)
    if round(len(groups) * test) == 0:
        return
    division = divide(len(groups), split, seed, ties)
    assert is_partition(division, len(groups))
    seen = [set(groups[part]) for part in parts(division)]
    assert sum(map(len, seen)) == len(sizes)
    assert all(seen)
    again = divide(len(groups), split, seed, ties)
    assert all(np.array_equal(a, b) for a, b in zip(parts(division), parts(again), strict=True))


@settings(deadline=None)
@given(sizes=st.lists(st.integers(1, 20), min_size=3, max_size=25), seed=SEEDS)
def test_groups_come_as_near_to_the_share_as_one_more_group_could(sizes, seed):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    held = round(len(groups) * 0.3)
    division = divide(len(groups), Split(validation=0, test=0.3, by_group="g"), seed, Ties(groups=groups))
    gap = held - len(division.test)
    out = min(sizes[group] for group in set(groups[division.train]))
    alone = len(set(groups[division.test])) == 1
    assert abs(gap) <= abs(gap - out) or len(set(groups[division.train])) == 1
    assert gap >= 0 or alone or -gap < max(sizes)


def test_classes_keep_their_shares_as_groups_allow():
    groups = np.repeat(np.arange(40), 10)
    labels = np.repeat(np.arange(40) % 4 == 0, 10).astype(int)  # each group has one class
    ties = Ties(labels, ("a", "b"), groups)
    shares = [
        labels[divide(400, Split(test=0.2, by_group="g"), seed, ties).test].mean() for seed in range(20)
    ]
    assert max(abs(share - 0.25) for share in shares) < 1e-9
    apart = Split(test=0.2, by_group="g", stratify=False)
    assert any(labels[divide(400, apart, seed, ties).test].mean() != 0.25 for seed in range(20))


@settings(deadline=None)
@given(
    times=st.lists(st.integers(0, 30), min_size=20, max_size=80).filter(lambda given: len(set(given)) > 3),
    validation=SHARES,
    seed=SEEDS,
)
def test_the_order_of_time_holds(times, validation, seed):
    times = np.array(times)
    division = divide(
        len(times), Split(validation=validation, test=0.2, by_time="t"), seed, Ties(times=times)
    )
    assert is_partition(division, len(times))
    ordered = [
        times[part] for part in (division.train, division.validation, division.test) if part is not None
    ]
    assert all(older.max() < newer.min() for older, newer in pairwise(ordered))


def test_rows_of_different_times_are_cut_where_the_shares_say():
    times = np.random.default_rng(0).permutation(100)
    division = divide(100, Split(validation=0.25, test=0.2, by_time="t"), 0, Ties(times=times))
    assert [len(part) for part in parts(division)] == [60, 20, 20]
    assert times[division.test].min() == 80


@settings(deadline=None)
@given(
    rows=st.integers(20, 90),
    count=st.integers(2, 7),
    test=st.sampled_from([0.0, 0.2]),
    seed=SEEDS,
    stratified=st.booleans(),
)
def test_every_row_is_held_out_by_exactly_one_fold(rows, count, test, seed, stratified):
    labels = np.arange(rows) % 3 if stratified else None
    found = folds(rows, count, seed, test, Ties(labels, ("a", "b", "c")))
    assert all(is_partition(division, rows) for division in found)
    held = np.concatenate([division.validation for division in found])
    rest = np.arange(rows) if not test else np.setdiff1d(np.arange(rows), found[0].test)
    np.testing.assert_array_equal(np.sort(held), rest)
    sizes = [len(division.validation) for division in found]
    assert max(sizes) - min(sizes) <= 1
    if test:
        assert all(np.array_equal(division.test, found[0].test) for division in found)
    if labels is not None:
        counts = np.array([np.bincount(labels[d.validation], minlength=3) for d in found])
        assert (counts.max(axis=0) - counts.min(axis=0) <= 1).all()


def test_the_test_rows_are_those_of_a_plain_fit():
    labels = np.arange(60) % 3
    ties = Ties(labels, ("a", "b", "c"))
    np.testing.assert_array_equal(
        folds(60, 3, 7, ties=ties)[1].test, divide(60, Split(test=0.2), 7, ties).test
    )


def test_the_same_seed_gives_the_same_folds_and_another_gives_others():
    first, again, other = (folds(60, 3, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a.validation, b.validation) for a, b in zip(first, again, strict=True))
    assert any(not np.array_equal(a.validation, b.validation) for a, b in zip(first, other, strict=True))


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 20), min_size=8, max_size=25),
    count=st.integers(2, 4),
    seed=SEEDS,
    with_classes=st.booleans(),
)
def test_folds_keep_groups_whole(sizes, count, seed, with_classes):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    labels = groups % 2 if with_classes else None
    found = folds(len(groups), count, seed, 0.0, Ties(labels, ("a", "b"), groups))
    assert sorted(np.concatenate([division.validation for division in found])) == list(range(len(groups)))
    for division in found:
        assert not set(groups[division.train]) & set(groups[division.validation])
    if not with_classes:
        lengths = [len(division.validation) for division in found]
        assert max(lengths) - min(lengths) <= max(sizes)


GOLDEN = {
    "one group": (
        Split(by_group="g"),
        Ties(groups=np.zeros(30, int)),
        "data.split.by_group: the 30 rows are all of one group, and each of 3 splits needs one of its own; name "
        "a column of more groups, or hold out fewer splits",
    ),
    "two groups for three splits": (
        Split(by_group="g"),
        Ties(groups=np.arange(30) % 2),
        "data.split.by_group: the 30 rows are of 2 groups, and each of 3 splits needs one of its own; name a "
        "column of more groups, or hold out fewer splits",
    ),
    "one time": (
        Split(test=0, by_time="t"),
        Ties(times=np.zeros(30)),
        "data.split.by_time: the 30 rows are all of one time, and each of 2 splits needs one of its own; name a "
        "column of finer times, or hold out fewer splits",
    ),
    "fewer groups than folds": (
        Split(test=0, fold="1/5", by_group="g"),
        Ties(groups=np.arange(30) % 3),
        "data.split.fold: the 30 rows are of 3 groups, too few for 5 folds; ask for fewer",
    ),
    "fewer rows than folds": (
        Split(test=0, fold="1/40"),
        Ties(),
        "data.split.fold: 30 rows are too few for 40 folds; ask for fewer",
    ),
    "a class of one row": (
        Split(test=0, fold="1/2"),
        Ties(np.array([0] * 29 + [1]), ("a", "b")),
        "data.split.stratify: each class needs 2 rows, one for each split, but 'b' has 1; add rows of it, or "
        "leave it out of the file",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_an_impossible_division_is_explained(name):
    split, ties, expected = GOLDEN[name]
    with pytest.raises(DataError) as caught:
        divide(30, split, 0, ties)
    assert str(caught.value) == expected
