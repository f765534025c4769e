import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.arrays import Scaled, Stored
from nntrain.training.epochs import CompiledEpochs
from nntrain.training.forward import CompiledEvaluation, predict
from nntrain.training.rows import DeviceRows, Layout
from nntrain.training.sources import Block
from nntrain.training.stored import BLOCK_BYTES, FromFile, StoredRows, ahead, block_rows, pools

ROWS = 203


class Kept(Stored):
    """Rows of an array, as if they were in a file."""

    def __init__(self, array, chunk=10):
        self.array, self.chunk = array, chunk
        self.asked = []

    @property
    def shape(self):
        return self.array.shape

    @property
    def dtype(self):
        return self.array.dtype

    @property
    def bounds(self):
        return np.unique([*range(0, len(self.array), self.chunk), len(self.array)])

    def take(self, rows):
        return Kept(self.array[rows], self.chunk)

    def read(self, start, stop):
        self.asked.append((start, stop))
        return self.array[start:stop]


def arrays(n=ROWS):
    draw = np.random.default_rng(0)
    return {
        "images": Scaled(draw.integers(0, 256, (n, 3, 3), np.uint8), 0, 255),
        "numbers": np.arange(n, dtype=np.float32),
    }


def stored(chunk=10):
    return {name: Kept(array, chunk) for name, array in arrays().items()}, np.arange(ROWS) % 2


def order(source, epoch):
    """Row numbers in the order in which an epoch delivers them, and the steps of each block."""
    found, steps = [], []
    for block in source.epoch(epoch):
        inputs, targets = source.layout.chosen(block.tensors, lambda tensor: tensor)
        rows = inputs["numbers"].numpy().astype(int)
        assert np.array_equal(targets, rows % 2)
        assert np.array_equal(inputs["images"], np.asarray(arrays()["images"][rows]))
        assert np.array_equal(block.order, np.arange(len(rows)))
        assert block.first == sum(steps)
        found.append(rows)
        steps.append(block.steps)
    return np.concatenate(found), steps


@pytest.mark.parametrize("chunk", [1, 7, 10, 64, 1000])
@pytest.mark.parametrize("most", [1, 8, 24, 40, 1000])
def test_an_epoch_delivers_every_row_once_in_blocks_of_whole_batches(chunk, most):
    rows, steps = order(FromFile(stored(chunk), 8, 3, True, most), 0)
    assert sorted(rows) == list(range(ROWS))
    assert sum(steps) == -(-ROWS // 8)
    assert set(steps[:-1]) <= {max(1, most // 8)}


@pytest.mark.parametrize("most", [8, 24, 1000])
@pytest.mark.parametrize("done", [0, 1, 3, 5, 6, 25])
def test_what_is_left_of_an_epoch_are_its_last_blocks(most, done):
    rows = stored()
    source = FromFile(rows, 8, 3, True, most)
    whole = list(source.epoch(1))
    rows[0]["images"].asked.clear()
    left = list(source.epoch(1, done))
    first = left[0].first
    assert [block.first for block in left] == [
        block.first for block in whole if block.first + block.steps > done
    ]
    assert first <= done
    for mine, theirs in zip(left[::-1], whole[::-1], strict=False):
        (_, numbers, targets), (_, expected, same) = mine.tensors, theirs.tensors
        assert np.array_equal(numbers, expected)
        assert np.array_equal(targets, same)
    assert len(rows[0]["images"].asked) <= 21 - 3 * (first * 8 // 30)


def test_the_order_is_a_function_of_seed_and_epoch():
    first, _ = order(FromFile(stored(), 8, 3, True, 40), 0)
    again, _ = order(FromFile(stored(), 8, 3, True, 80), 0)
    assert np.array_equal(first, again)
    for seed, epoch in ((3, 1), (4, 0)):
        other, _ = order(FromFile(stored(), 8, seed, True, 40), epoch)
        assert not np.array_equal(first, other)


def test_without_shuffle_rows_come_in_their_own_order():
    rows, _ = order(FromFile(stored(), 8, 3, False, 40), 5)
    assert np.array_equal(rows, np.arange(ROWS))


def test_rows_are_mixed_within_pools_of_three_chunks():
    rows, _ = order(FromFile(stored(), 8, 3, True, 40), 0)
    assert len(set(rows[:30] // 10)) == 3
    assert not np.array_equal(rows[:10] // 10, np.sort(rows[:10] // 10))


def test_an_epoch_reads_each_chunk_once():
    rows = stored()
    source = FromFile(rows, 8, 3, True, 40)
    kept = rows[0]["images"]
    kept.asked.clear()
    list(source.epoch(0))
    assert sorted(kept.asked) == [(start, min(start + 10, ROWS)) for start in range(0, ROWS, 10)]


def test_rows_that_stand_in_two_places_are_read_once():
    kept = Kept(np.arange(40, dtype=np.float32))
    source = FromFile((kept, kept), 8, 3, True, 40)
    block = next(source.epoch(0))
    assert len(block.tensors) == 1
    inputs, targets = source.layout.chosen(block.tensors, lambda tensor: tensor)
    assert inputs is targets


def test_a_block_of_wide_rows_has_fewer_of_them():
    wide = Layout(np.zeros((4, BLOCK_BYTES // 64), np.uint8))
    assert block_rows(wide, 8) == 64
    assert block_rows(wide, 48) == 48
    assert block_rows(wide, 100) == 100
    assert block_rows(Layout(np.zeros(4, np.uint8)), 8) == 65_536


class InThatOrder:
    """All rows in memory, in the order in which another source delivers them."""

    def __init__(self, rows, bounds, seed):
        self.layout, self.count, self.bounds, self.seed = Layout(rows), len(rows[1]), bounds, seed

    def epoch(self, number, done):
        assert done == 0
        found = []
        for chunks, order in pools(self.bounds, self.seed, number, True):
            pool = np.concatenate([np.arange(*self.bounds[chunk : chunk + 2]) for chunk in chunks])
            found.append(pool[order])
        tensors = self.layout.on_device(self.layout.arrays)
        yield Block(tensors, tf.constant(np.concatenate(found)), 0, -(-self.count // 16))


def network():
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(5, "tanh"), keras.layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    model.optimizer.build(model.trainable_variables)
    return model


def numbers():
    draw = np.random.default_rng(0)
    return draw.normal(size=(ROWS, 4)).astype(np.float32), draw.normal(size=(ROWS, 1)).astype(np.float32)


def test_training_from_a_file_gives_the_weights_of_training_in_memory_in_that_order():
    x, y = numbers()
    kept = Kept(x)
    trained = []
    for source in (InThatOrder((x, y), kept.bounds, 7), FromFile((kept, y), 16, 7, True, 32)):
        model = network()
        epochs = CompiledEpochs(model, source, batch_size=16)
        told = [[(p.step, p.loss) for p in epochs.epoch(number)][-1] for number in range(3)]
        trained.append((told, [weight.tobytes() for weight in model.get_weights()]))
        assert epochs.traces == 1
    assert trained[0] == trained[1]


def test_evaluation_from_a_file_gives_the_numbers_of_rows_in_memory(monkeypatch):
    x, y = (np.tile(array, (4, 1)) for array in numbers())
    monkeypatch.setattr("nntrain.training.stored.BLOCK_BYTES", 256 * 20)
    model, kept = network(), Kept(x, 100)
    ours = CompiledEvaluation(model, StoredRows((kept, y), 256))
    assert ours(lambda: None) == CompiledEvaluation(model, DeviceRows((x, y)))(lambda: None)
    assert kept.asked[1:] == [(0, 256), (256, 512), (512, 768), (768, 812)]
    assert predict(model, kept).tobytes() == predict(model, x).tobytes()


def test_what_goes_wrong_while_reading_ahead_is_told():
    def made():
        yield 1
        raise OSError("gone")

    items = ahead(made)
    assert next(items) == 1
    with pytest.raises(OSError, match="gone"):
        next(items)
