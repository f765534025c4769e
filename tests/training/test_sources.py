import numpy as np
import pytest

from nntrain.arrays import Scaled
from nntrain.training.epochs import CompiledEpochs
from nntrain.training.sources import BLOCK_ROWS, Resident, Streamed, source_of

ROWS = 53


def rows(n=ROWS):
    generator = np.random.default_rng(0)
    images = Scaled(generator.integers(0, 256, (n, 3, 3), np.uint8), 0, 255)
    return ({"images": images, "numbers": np.arange(n, dtype=np.float32)}, np.arange(n) % 2)


def delivered(source, epoch, batch_size=8):
    """Features by step, as the blocks of an epoch give them."""
    found = []
    for block in source.epoch(epoch):
        assert block.first == len(found)
        for step in range(block.steps):
            chosen = block.order[step * batch_size : (step + 1) * batch_size].numpy()
            inputs, targets = source.layout.chosen(block.tensors, lambda t: t.numpy()[chosen])  # noqa: B023
            found.append((inputs["images"].numpy(), inputs["numbers"], targets))
    return found


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("block_rows", [1, 8, 20, 48, 1000])
def test_blocks_bring_the_batches_that_rows_on_the_device_give(block_rows, shuffle):
    resident, streamed = Resident(rows(), 8, 3, shuffle), Streamed(rows(), 8, 3, shuffle, block_rows)
    for epoch in range(2):
        expected, found = delivered(resident, epoch), delivered(streamed, epoch)
        assert len(found) == len(expected) == 7
        for ours, theirs in zip(found, expected, strict=True):
            assert [part.tobytes() for part in ours] == [part.tobytes() for part in theirs]


@pytest.mark.parametrize("block_rows", [8, 16, 1000])
@pytest.mark.parametrize("done", range(7))
def test_what_is_left_of_an_epoch_are_its_last_blocks(block_rows, done):
    whole = delivered(Streamed(rows(), 8, 3, True, block_rows), 1)
    source = Streamed(rows(), 8, 3, True, block_rows)
    left = list(source.epoch(1, done))
    assert all(block.first + block.steps > done for block in left)
    assert sum(block.steps for block in left) < 7 - done + block_rows // 8
    for block in left:
        numbers = block.tensors[1].numpy()
        for step in range(block.steps):
            expected = whole[block.first + step][1]
            assert np.array_equal(numbers[step * 8 : (step + 1) * 8], expected)


def test_rows_that_are_their_own_targets_come_once():
    packed = rows()[0]["images"]
    source = Streamed((packed, packed), 8, 3, True, 16)
    block = next(source.epoch(0))
    assert len(block.tensors) == 1
    inputs, targets = source.layout.chosen(block.tensors, lambda tensor: tensor)
    assert inputs is targets


def test_training_in_blocks_gives_the_weights_of_training_on_the_device(lesson):
    trained = []
    for make in (Resident, lambda *given: Streamed(*given, 32)):
        ours = lesson(
            [{"type": "Dropout", "rate": 0.3}, {"type": "Dense", "units": 1, "activation": "sigmoid"}]
        )
        ours.model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        ours.model.optimizer.build(ours.model.trainable_variables)
        epochs = CompiledEpochs(ours.model, make(ours.arrays, 16, 7, True), batch_size=16)
        told = [[(p.step, p.loss) for p in epochs.epoch(number)][-1] for number in range(3)]
        trained.append((told, [weight.tobytes() for weight in ours.model.get_weights()]))
        assert epochs.traces == 1
    assert trained[0] == trained[1]


class Asked:
    """As much of a recipe as a source looks at."""

    batch_size, seed, shuffle = 8, 3, True

    def __init__(self, memory):
        self.memory = memory


@pytest.mark.parametrize("memory", [None, 1 << 40])
def test_rows_that_fit_stay_on_the_device(memory):
    notes = []
    assert isinstance(source_of(rows(), Asked(memory), notes.append), Resident)
    assert notes == []


def test_rows_that_do_not_fit_come_in_blocks_and_the_note_says_so():
    notes = []
    numbers = np.zeros((1000, 100_000), np.float16)  # never touched, so no memory is taken
    assert isinstance(source_of((numbers, numbers), Asked(300 << 20), notes.append), Streamed)
    assert notes == [
        "the training rows take 0.2 GiB and the device has 0.3 GiB free, "
        f"so they go there in blocks of {BLOCK_ROWS:,} rows"
    ]
