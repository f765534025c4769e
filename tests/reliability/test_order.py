"""A shuffle that shuffles: every reader has another order in every epoch, and a resumed one has that epoch's."""

import itertools

import numpy as np
import pytest

from nntrain.training.batches import TrainingBatches
from nntrain.training.sources import Resident, Streamed
from nntrain.training.stored import FromFile
from tests.training.test_stored import Kept

ROWS, BATCH, EPOCHS = 203, 8, 12


def numbers():
    return np.arange(ROWS, dtype=np.float32)


def by_source(make):
    def order(seed, first, epochs):
        source = make(seed)
        found = []
        for epoch in range(first, first + epochs):
            steps = []
            for block in source.epoch(epoch):
                (rows,) = source.layout.chosen(block.tensors, lambda tensor: tensor)
                steps.append(np.asarray(rows)[block.order.numpy()])
            found.append(np.concatenate(steps))
        return found

    return order


def by_keras(seed, first, epochs):
    batches = TrainingBatches((numbers(),), BATCH, seed, True)
    steps = itertools.islice(batches.dataset(first).as_numpy_iterator(), epochs * batches.steps)
    found = np.concatenate([rows for (rows,) in steps])
    return list(found.reshape(epochs, ROWS))


READERS = {
    "resident": by_source(lambda seed: Resident((numbers(),), BATCH, seed, True)),
    "streamed": by_source(lambda seed: Streamed((numbers(),), BATCH, seed, True, 40)),
    "a file": by_source(lambda seed: FromFile((Kept(numbers()),), BATCH, seed, True, 40)),
    "a file of large chunks": by_source(lambda seed: FromFile((Kept(numbers(), 100),), BATCH, seed, True)),
    "Keras' loop": by_keras,
}


@pytest.mark.parametrize("order", READERS.values(), ids=READERS)
def test_every_epoch_has_an_order_of_its_own_and_a_resumed_one_that_of_its_number(order):
    epochs = order(5, 0, EPOCHS)
    for rows in epochs:
        assert np.array_equal(np.sort(rows), numbers())
    assert len({rows.tobytes() for rows in epochs}) == EPOCHS
    resumed = order(5, 7, EPOCHS - 7)
    assert [rows.tobytes() for rows in resumed] == [rows.tobytes() for rows in epochs[7:]]
    assert order(6, 0, 1)[0].tobytes() not in {rows.tobytes() for rows in epochs}
