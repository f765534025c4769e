"""What each of several processes is brought: together all rows of every batch, and none of them twice."""

import numpy as np
import pytest
import tensorflow as tf

from nntrain.training.parts import _part
from nntrain.training.shares import Share
from nntrain.training.sources import Streamed
from nntrain.training.stored import FromFile, StoredRows, evaluation_rows
from nntrain.training.together import Together
from tests.training.test_stored import Kept

ROWS = 205
BATCH = 8
WORKERS = [2, 4]


def batches(source, shares, epoch, done=0):
    """Rows of every step, as the workers learn from them: a part of each, one after another."""
    count = len(shares)
    found = {}
    for worker, share in enumerate(shares):
        for block in source(share).epoch(epoch, done):
            (numbers,) = source(share).layout.chosen(block.tensors, lambda tensor: tensor)
            assert len(numbers) == int((block.order.numpy() >= 0).sum())
            for step in range(block.steps):
                indices = block.order[step * BATCH : (step + 1) * BATCH]
                own = tf.gather(numbers, _part(indices, worker, count)).numpy().astype(int)
                found.setdefault(block.first + step, []).append(own)
    return {step: np.concatenate(parts) for step, parts in found.items()}


def of(count):
    return [Share(worker, count) for worker in range(count)]


@pytest.mark.parametrize("workers", [1, 2, 3, 4])
@pytest.mark.parametrize("rows", [0, 1, 7, 12, 24, 101])
def test_every_row_belongs_to_one_worker(workers, rows):
    shares = of(workers)
    places = [share.places(rows, 12) for share in shares]
    assert sorted(np.concatenate(places).tolist()) == list(range(rows))
    stretches = [share.stretch(rows, 12) for share in shares]
    assert [first for first, _ in stretches] == [0, *(last for _, last in stretches[:-1])]
    assert stretches[-1][1] == rows
    for share, own, (first, last) in zip(shares, places, stretches, strict=True):
        assert len(own) == last - first == share.rows(rows, 12)
        order = share.order(rows, 12)
        assert order[own].tolist() == list(range(len(own)))
        assert (order >= 0).sum() == len(own)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize(("shuffle", "block"), [(True, 40), (False, 40), (True, 1000)])
def test_rows_in_memory_come_in_the_batches_of_one_process(workers, shuffle, block):
    numbers = np.arange(ROWS, dtype=np.float32)

    def source(share):
        return Streamed((numbers,), BATCH, 3, shuffle, block, share)

    for epoch in range(2):
        alone = batches(source, of(1), epoch)
        ours = batches(source, of(workers), epoch)
        assert ours.keys() == alone.keys()
        assert all(np.array_equal(ours[step], alone[step]) for step in alone)


def from_file(kept, shuffle=True):
    return lambda share: FromFile((kept[share.worker],), BATCH, 3, shuffle, 40, share)


def kept(workers, chunk=10):
    return [Kept(np.arange(ROWS, dtype=np.float32), chunk) for _ in range(workers)]


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("chunk", [1, 10, 64, 1000])
def test_an_epoch_of_several_workers_has_every_row_of_a_file_once(workers, chunk):
    first, second = (batches(from_file(kept(workers, chunk)), of(workers), epoch) for epoch in (0, 1))
    for found in (first, second):
        assert [len(found[step]) for step in sorted(found)] == [8] * 25 + [5]
        assert sorted(np.concatenate([*found.values()]).tolist()) == list(range(ROWS))
    assert not np.array_equal(first[0], second[0])


@pytest.mark.parametrize("workers", WORKERS)
def test_every_worker_reads_a_part_of_the_file_of_its_own(workers):
    files = kept(workers)
    for share in of(workers):
        source, asked = from_file(files)(share), files[share.worker].asked
        begin, end = share.stretch(ROWS, BATCH)
        assert all(begin <= first and last <= end + BATCH for first, last in asked)
        for epoch in range(2):
            asked.clear()
            list(source.epoch(epoch))
            assert sum(last - first for first, last in asked) == end - begin
            assert min(first for first, _ in asked) == begin
            assert max(last for _, last in asked) == end


def test_workers_do_not_draw_the_same_order():
    found = batches(from_file(kept(2)), of(2), 0)
    parts = [np.concatenate([found[step][half] for step in range(25)]) for half in (slice(4), slice(4, 8))]
    assert not np.array_equal(parts[0] - parts[0].min(), parts[1] - parts[1].min())


@pytest.mark.parametrize("done", [0, 3, 5, 17, 25])
def test_what_is_left_of_an_epoch_is_what_it_ends_with(done):
    whole = batches(from_file(kept(2)), of(2), 1)
    left = batches(from_file(kept(2)), of(2), 1, done)
    assert set(range(done, 26)) <= left.keys()
    assert min(left) > done - 5
    assert all(np.array_equal(left[step], whole[step]) for step in left)


def test_without_shuffle_a_file_gives_the_batches_of_one_process():
    alone = batches(from_file(kept(1), False), of(1), 0)
    ours = batches(from_file(kept(2), False), of(2), 0)
    assert all(np.array_equal(ours[step], alone[step]) for step in alone)


@pytest.mark.parametrize("make", [lambda array: array, Kept])
@pytest.mark.parametrize(("rows", "workers"), [(ROWS, 2), (ROWS, 4), (5, 2), (17, 2)])
def test_every_held_out_row_is_evaluated_by_one_worker_in_as_many_calls(make, rows, workers, monkeypatch):
    monkeypatch.setattr("nntrain.training.stored.BLOCK_BYTES", 3 * BATCH * 4)
    told, read = [], []
    for worker in range(workers):
        numbers = make(np.arange(rows, dtype=np.float32))
        found = evaluation_rows((numbers,), BATCH, Together(worker, workers))
        calls = []
        for tensors, count, most in found.blocks():
            (held,) = found.layout.chosen(tensors, lambda tensor: tensor)
            read += held.numpy()[:count].astype(int).tolist()
            assert count <= most
            calls.append(-(-most // BATCH))
        told.append(calls)
    assert sorted(read) == list(range(rows))
    assert all(calls == told[0] for calls in told)


def test_held_out_rows_that_one_worker_can_not_hold_come_in_blocks_to_all():
    numbers = np.arange(40, dtype=np.float32)
    together = Together(0, 2, any=lambda here: True)
    assert type(evaluation_rows((numbers,), BATCH, together)) is StoredRows
