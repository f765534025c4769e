"""What workers that train together do alike, and what each does by itself."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from nntrain.errors import ArtefactError
from nntrain.training.pace import Pace
from nntrain.training.snapshot import METRICS, draw_apart, put_sums_back, sums_of
from nntrain.training.sources import Resident, Streamed, source_of
from nntrain.training.state import Snapshot
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


def compiled():
    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    model.evaluate(np.zeros((2, 2)), np.zeros(2), verbose=0)
    return model


def test_every_worker_takes_its_own_sums_back_from_those_of_all():
    model = compiled()
    own = [variable.numpy() for variable in model.metrics_variables]
    size = sum(array.size for array in own)
    others = np.arange(size, dtype=np.float64) + 0.5

    def gather(given):
        assert given.tolist() == [float(number) for array in own for number in array.ravel()]
        return np.stack([given, others])

    sums = sums_of(model, Together(0, 2, gather=gather))
    assert len(sums) == 2 * len(own)
    described = [[one.name, str(one.numpy().dtype), list(one.shape)] for one in sums]
    arrays = {f"{METRICS}/{i:04}": one.read_value() for i, one in enumerate(sums)}
    kept = Snapshot(1, False, arrays, {METRICS: described}, {}, [], [], 3)
    put_sums_back(kept, model, Together(1, 2))
    found = np.concatenate([variable.numpy().ravel() for variable in model.metrics_variables])
    assert found.tolist() == others.tolist()
    put_sums_back(kept, model, Together(0, 2))
    assert all(np.array_equal(v.numpy(), a) for v, a in zip(model.metrics_variables, own, strict=True))
    with pytest.raises(ArtefactError) as error:
        put_sums_back(kept, model, Together(0, 3))
    assert str(error.value) == (
        f"the checkpoint does not fit the config: it has {len(sums)} sums of metrics, and the config makes "
        f"{3 * len(own)}"
    )
