import tracemalloc

import numpy as np
import pytest

from nntrain import arrays
from nntrain.arrays import LARGEST, Scaled, in_blocks

BYTES = np.arange(256, dtype=np.uint8)
IMAGES = np.random.default_rng(0).integers(0, 256, (7, 3, 2), np.uint8)


def exact(values, shift, divisor):
    """What float64 makes of it, rounded once."""
    return ((values.astype(np.float64) - shift) / divisor).astype(np.float32)


@pytest.mark.parametrize("shift", [0, 1, 17, 128, 255, -5, -LARGEST, LARGEST])
def test_every_byte_is_the_number_that_float64_gives(shift):
    divisors = [*range(1, 1025), 4095, 10_000, 65_535, LARGEST]
    wrong = [
        divisor
        for divisor in divisors
        if np.asarray(Scaled(BYTES, shift, divisor)).tobytes() != exact(BYTES, shift, divisor).tobytes()
    ]
    assert wrong == []


def test_it_looks_like_the_array_that_it_stands_for():
    rows = Scaled(IMAGES, 0, 255)
    whole = np.asarray(rows)
    assert (rows.shape, rows.ndim, rows.size, rows.dtype) == (whole.shape, 3, 42, whole.dtype)
    assert (len(rows), rows.dtype, rows.nbytes) == (7, np.float32, 42)
    np.testing.assert_array_equal(whole, exact(IMAGES, 0, 255))


@pytest.mark.parametrize(
    "which", [slice(2, 5), slice(None, None, -1), np.array([4, 0, 4]), [1, 2], np.arange(7) % 2 == 0]
)
def test_several_rows_stay_bytes(which):
    rows = Scaled(IMAGES, 10, 20)
    chosen = rows[which]
    assert isinstance(chosen, Scaled)
    np.testing.assert_array_equal(np.asarray(chosen), np.asarray(rows)[which])


@pytest.mark.parametrize("which", [0, -1, np.int64(3)])
def test_a_row_alone_is_numbers(which):
    rows = Scaled(IMAGES, 10, 20)
    assert isinstance(rows[which], np.ndarray)
    np.testing.assert_array_equal(rows[which], np.asarray(rows)[which])
    assert rows[which].dtype == np.float32


def test_going_through_the_rows_ends():
    rows = Scaled(IMAGES, 0, 255)
    np.testing.assert_array_equal(np.stack(list(rows)), np.asarray(rows))


def test_another_type_of_number_is_made_on_request():
    rows = Scaled(IMAGES, 0, 255)
    assert np.asarray(rows, np.float64).dtype == np.float64
    np.testing.assert_array_equal(np.asarray(rows, np.float64), np.asarray(rows))
    with pytest.raises(ValueError, match="a copy can't be avoided"):
        np.array(rows, copy=False)


def test_making_the_floats_takes_the_memory_of_the_floats_alone():
    rows = Scaled(np.zeros((1000, 28, 28), np.uint8), 3, 255)
    tracemalloc.start()
    whole = np.asarray(rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.1 * whole.nbytes


@pytest.mark.parametrize(("shift", "divisor"), [(0, 1), (0, 255), (13, 7), (-3, 3)])
def test_least_and_greatest_are_those_of_the_numbers(shift, divisor):
    rows = Scaled(IMAGES, shift, divisor)
    whole = np.asarray(rows)
    assert (rows.min(), rows.max()) == (whole.min(), whole.max())
    assert rows.min().dtype == np.float32


@pytest.mark.parametrize("values", [IMAGES.astype(np.int16), np.asarray(3, np.uint8)])
def test_what_is_no_rows_of_bytes_is_refused(values):
    with pytest.raises(ValueError, match="takes rows of uint8"):
        Scaled(values, 0, 255)


@pytest.mark.parametrize(
    ("shift", "divisor"), [(LARGEST + 1, 1), (-LARGEST - 1, 1), (0, 0), (0, LARGEST + 1)]
)
def test_numbers_that_float32_would_round_twice_are_refused(shift, divisor):
    with pytest.raises(ValueError, match="out of range"):
        Scaled(BYTES, shift, divisor)


@pytest.mark.parametrize("rows", [Scaled(IMAGES, 2, 9), exact(IMAGES, 2, 9)], ids=["bytes", "floats"])
@pytest.mark.parametrize("size", [1, 12, 13, 1000])
def test_blocks_hold_every_row_once_in_order(monkeypatch, rows, size):
    monkeypatch.setattr(arrays, "BLOCK", size)
    blocks = list(in_blocks(rows))
    assert all(type(block) is np.ndarray and block.dtype == np.float32 for block in blocks)
    assert max(map(len, blocks)) == min(7, max(1, size // 6))
    np.testing.assert_array_equal(np.concatenate(blocks), exact(IMAGES, 2, 9))


def test_no_rows_are_no_blocks():
    assert list(in_blocks(Scaled(IMAGES[:0], 0, 1))) == []
