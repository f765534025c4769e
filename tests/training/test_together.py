"""What workers that train together do alike, and what each does by itself."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from nntrain.training.pace import Pace
from nntrain.training.snapshot import draw_apart
from nntrain.training.sources import Resident, Streamed, source_of
from nntrain.training.together import Together


def states(worker):
    keras.utils.set_random_seed(5)
    model = keras.Sequential(
        [keras.layers.Input((4,)), keras.layers.Dropout(0.5), keras.layers.GaussianNoise(1.0)]
    )
    draw_apart(model, worker)
    return [variable.numpy().tolist() for variable in model.variables]


def test_every_worker_draws_random_numbers_of_its_own():
    found = [states(worker) for worker in (0, 1, 2)]
    assert found[0] == states(0)
    for layer in range(2):
        seeds = [one[layer][0] for one in found]
        assert len({*seeds}) == 3
        assert all(0 <= seed < 2**31 for seed in seeds)
        assert [one[layer][1] for one in found] == [0, 0, 0]


def test_the_first_worker_says_how_many_steps_a_call_has():
    said = iter([3, 3, 1])
    assert list(Pace(lambda wanted: next(said)).calls(7)) == [(0, 3), (3, 6), (6, 7)]


@pytest.mark.parametrize(("workers", "kind"), [(2, Streamed), (1, Resident)])
def test_rows_come_in_blocks_to_workers(workers, kind):
    recipe = SimpleNamespace(memory=None, batch_size=2, seed=0, shuffle=True)
    source = source_of((np.zeros((4, 2), np.float32),), recipe, pytest.fail, Together(workers=workers))
    assert type(source) is kind
