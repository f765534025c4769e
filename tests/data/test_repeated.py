import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nntrain.arrays import Scaled
from nntrain.data.repeated import repeated, row_keys

ROWS = arrays(np.float32, (12, 3), elements=st.sampled_from([0, 1, -1, 2.5, 1e30]))


@given(ROWS, ROWS)
def test_rows_are_counted_that_another_split_holds(train, held_out):
    known = {row.tobytes() for row in train}
    assert repeated([train], [held_out]) == sum(row.tobytes() in known for row in held_out)


def test_a_row_is_repeated_where_all_its_inputs_are():
    a, b = np.array([[1.0], [2.0]], np.float32), np.array([[3], [4]], np.int32)
    assert repeated([a, b], [a, b]) == 2
    assert repeated([a, b], [a, b[::-1]]) == 0


def test_bytes_are_compared_with_bytes_or_with_the_floats_they_stand_for():
    pixels = np.arange(18, dtype=np.uint8).reshape(2, 9)
    scaled = Scaled(pixels, 0, 255)
    assert repeated([scaled], [scaled[1:]]) == 1
    assert repeated([scaled], [np.asarray(scaled)[:1]]) == 1


def test_ten_thousand_small_numbers_have_keys_of_their_own():
    whole = np.arange(10_000)
    rows = np.stack([whole // 100, whole % 100], axis=1).astype(np.float32)
    assert len(np.unique(row_keys([rows]))) == 10_000
