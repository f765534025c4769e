import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from nntrain.config.data import Split
from nntrain.data.splits import Ties, divide
from nntrain.errors import DataError

SHARES = st.sampled_from([0.0, 0.1, 0.15, 0.25, 0.4])


def parts(division):
    return [part for part in (division.train, division.validation, division.test) if part is not None]


@settings(deadline=None)
@given(rows=st.integers(20, 200), validation=SHARES, test=SHARES, seed=st.integers(0, 2**40))
def test_splits_partition_the_rows_in_file_order(rows, validation, test, seed):
    split = Split(validation=validation, test=test)
    division = divide(rows, split, seed)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts(division))), np.arange(rows))
    assert all((np.diff(part) > 0).all() for part in parts(division))
    assert (division.test is None) == (test == 0)
    assert (division.validation is None) == (validation == 0)
    if division.test is not None:
        assert len(division.test) == round(rows * test)
    again = divide(rows, split, seed)
    assert all((a == b).all() for a, b in zip(parts(division), parts(again), strict=True))


@settings(deadline=None)
@given(
    counts=st.lists(st.integers(12, 60), min_size=2, max_size=4),
    validation=st.sampled_from([0.0, 0.15, 0.3]),
    test=st.sampled_from([0.15, 0.3]),
    seed=st.integers(0, 1000),
)
def test_each_class_keeps_its_share_to_within_one_row(counts, validation, test, seed):
    labels = np.repeat(np.arange(len(counts)), counts)
    np.random.default_rng(seed).shuffle(labels)
    names = tuple(map(str, range(len(counts))))
    division = divide(len(labels), Split(validation=validation, test=test), seed, Ties(labels, names))
    rest = np.setdiff1d(np.arange(len(labels)), division.test)
    for held, among in ((division.test, np.arange(len(labels))), (division.validation, rest)):
        if held is not None:
            expected = np.bincount(labels[among]) * len(held) / len(among)
            found = np.bincount(labels[held], minlength=len(counts))
            assert (np.abs(found - expected) < 1 + 1e-9).all()


def test_another_seed_draws_other_rows():
    split = Split()
    assert (divide(100, split, 1).test != divide(100, split, 2).test).any()


def test_without_stratify_a_single_row_of_a_class_is_allowed():
    labels = np.array([0] * 19 + [1])
    assert len(divide(20, Split(stratify=False), 0, Ties(labels, ("a", "b"))).test) == 3


def test_nothing_to_divide_needs_no_rows_of_each_class():
    labels = np.array([0, 1])
    assert divide(2, Split(validation=0, test=0), 0, Ties(labels, ("a", "b"))).train.tolist() == [0, 1]


GOLDEN = {
    "empty test": (
        3,
        {},
        None,
        "data.split.test: 0.15 of 3 rows makes 0 test rows and leaves 3; every split needs rows: change the "
        "share, or set it to 0 for none",
    ),
    "empty validation": (
        4,
        {"test": 0, "validation": 0.1},
        None,
        "data.split.validation: 0.1 of 4 rows makes 0 validation rows and leaves 4; every split needs rows: "
        "change the share, or set it to 0 for none",
    ),
    "nothing to train on": (
        1,
        {"test": 0.9, "validation": 0},
        None,
        "data.split.test: 0.9 of 1 rows makes 1 test rows and leaves 0; every split needs rows: change the "
        "share, or set it to 0 for none",
    ),
    "rare classes": (
        20,
        {},
        [0] * 17 + [1] * 2 + [2],
        "data.split.stratify: each class needs 3 rows, one for each split, but 'b' has 2, 'c' has 1; "
        "add rows of it, or leave it out of the file",
    ),
    "fewer rows than classes": (
        12,
        {"validation": 0},
        [0] * 4 + [1] * 4 + [2] * 4,
        "data.split.test: 2 test rows and 10 others can't each hold all 3 classes; change the shares, or set "
        "data.split.stratify: false",
    ),
    "one left over": (
        15,
        {"test": 0.6, "validation": 0.35},
        [0] * 12 + [1] * 3,
        "data.split.stratify: class 'b' has 1 row left once the test rows are taken, too few for two "
        "splits; add rows of it, or leave it out of the file",
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_an_impossible_split_is_explained(name):
    rows, shares, labels, expected = GOLDEN[name]
    with pytest.raises(DataError) as caught:
        divide(rows, Split(**shares), 0, Ties(None if labels is None else np.array(labels), ("a", "b", "c")))
    assert str(caught.value) == expected


@settings(deadline=None, max_examples=300)
@given(
    counts=st.lists(st.integers(3, 60), min_size=1, max_size=7),
    share=st.floats(0.2, 0.6),
    seed=st.integers(0, 2**40),
    stratify=st.booleans(),
)
def test_the_rows_are_those_that_scikit_learn_draws(counts, share, seed, stratify):
    labels = np.repeat(np.arange(len(counts)), counts)
    np.random.default_rng(seed).shuffle(labels)
    held = round(len(labels) * share)
    assume(len(counts) <= held <= len(labels) - len(counts))
    expected = train_test_split(
        np.arange(len(labels)),
        test_size=held,
        random_state=seed % 2**32,
        stratify=labels if stratify else None,
    )
    names = tuple(map(str, range(len(counts))))
    split = Split(validation=0, test=share, stratify=stratify)
    division = divide(len(labels), split, seed, Ties(labels, names))
    for found, wanted in zip((division.train, division.test), expected, strict=True):
        np.testing.assert_array_equal(found, np.sort(wanted))
