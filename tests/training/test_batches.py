import numpy as np
import pytest

from nntrain.training.batches import TrainingBatches


def order(batches, epoch):
    """The rows of an epoch, batch by batch."""
    return [[int(i) for i in batch[0]] for batch in batches.epoch(epoch)]


def numbers(n, batch_size, seed=5, shuffle=True):
    return TrainingBatches((np.arange(n), np.arange(n) * 2), batch_size, seed, shuffle)


@pytest.mark.parametrize(("n", "batch_size"), [(10, 4), (8, 4), (3, 8), (1, 1)])
@pytest.mark.parametrize("shuffle", [True, False])
def test_every_epoch_holds_every_row_once(n, batch_size, shuffle):
    batches = numbers(n, batch_size, shuffle=shuffle)
    sizes = [batch_size] * (n // batch_size) + ([n % batch_size] if n % batch_size else [])
    assert batches.steps == len(sizes)
    for epoch in range(3):
        found = order(batches, epoch)
        assert [len(batch) for batch in found] == sizes
        assert sorted(row for batch in found for row in batch) == list(range(n))


def test_every_epoch_has_another_order():
    batches = numbers(20, 6)
    assert len({str(order(batches, epoch)) for epoch in range(8)}) == 8


def test_the_order_is_a_function_of_seed_and_epoch():
    first, again, other = numbers(20, 6), numbers(20, 6), numbers(20, 6, seed=6)
    expected = [order(first, epoch) for epoch in range(3)]
    assert [order(again, epoch) for epoch in (2, 1, 0)] == expected[::-1]
    assert order(first, 1) == expected[1]
    assert order(other, 0) != expected[0]


def test_an_order_of_today_is_the_order_of_tomorrow():
    assert order(numbers(8, 8, seed=1), 0) == [[5, 1, 6, 4, 7, 2, 0, 3]]


def test_seeds_of_32_bits_are_taken():
    assert order(numbers(20, 20, seed=2**32 - 1), 0) != order(numbers(20, 20, seed=2**31 - 1), 0)


def test_without_shuffling_rows_keep_their_order():
    batches = numbers(10, 4, shuffle=False)
    for epoch in range(2):
        assert order(batches, epoch) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_features_targets_and_weights_stay_together():
    for x, y in numbers(10, 4).epoch(0):
        np.testing.assert_array_equal(y, x * 2)


def test_one_iterator_goes_from_epoch_to_epoch():
    batches = numbers(10, 4)
    running = batches.dataset(1).as_numpy_iterator()
    found = [[int(i) for i in next(running)[0]] for _ in range(2 * batches.steps)]
    assert found == order(batches, 1) + order(batches, 2)
