import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nntrain.data.findings.keys import keys_of

ROWS = arrays(np.float32, (12, 3), elements=st.sampled_from([0, 1, -1, 2.5, 1e30]))


@given(ROWS)
def test_rows_have_one_key_exactly_where_they_are_identical(rows):
    keys = keys_of(rows)
    for i, row in enumerate(rows):
        assert ((keys == keys[i]) == (rows == row).all(axis=1)).all()


def test_zeros_of_both_signs_are_alike_and_so_are_gaps():
    rows = np.array([[0.0, np.nan], [-0.0, -np.nan], [0.0, 1.0]])
    first, second, third = keys_of(rows)
    assert first == second != third


def test_rows_of_two_types_are_compared_as_numbers_of_one():
    small, large = np.array([[1, 2], [3, 4]], np.uint8), np.array([[3, 4]], np.int64)
    assert keys_of(small, np.dtype(np.int64))[1] == keys_of(large, np.dtype(np.int64))[0]


def test_ten_thousand_small_numbers_have_keys_of_their_own():
    whole = np.arange(10_000)
    rows = np.stack([whole // 100, whole % 100], axis=1).astype(np.float32)
    assert len(np.unique(keys_of(rows))) == 10_000
