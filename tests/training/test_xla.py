"""Where XLA pays on a CPU, and that `auto` uses it there and nowhere else."""

import math

import pytest

from nntrain.config.load import load_config
from nntrain.run.reading import read_data
from nntrain.run.recipe import recipe, xla_pays
from nntrain.training.xla import COMPILING, GAIN, GAIN_A_STEP, RATE, pays_on_cpu

LAST = "{type: Dense, units: 3, activation: softmax}]"
DENSE = "[{type: Dense, units: 64, activation: relu}, " + LAST
ROW = {"features": (4,)}
CONVOLVED = "[{type: Reshape, target_shape: [4, 1]}, {type: Conv1D, filters: 2, kernel_size: 2}, Flatten, "
NESTED = f"[{{layers: {CONVOLVED[:-2]}]}}, {LAST}"


@pytest.fixture
def graph(write_config):
    return lambda layers: load_config(write_config(), [f"model.layers={layers}"]).graph


def test_it_pays_once_steps_save_what_compiling_takes(graph):
    dense, flops = graph(DENSE), 600e6
    enough = math.ceil(COMPILING / (GAIN_A_STEP + GAIN * flops / RATE)) + 1
    assert pays_on_cpu(dense, ROW, flops, enough)
    assert not pays_on_cpu(dense, ROW, flops, enough - 2)


def test_it_does_not_pay_where_layers_are_not_dense_or_not_known(graph):
    assert not pays_on_cpu(graph(CONVOLVED + LAST), ROW, 1e9, 10**6)
    assert not pays_on_cpu(graph(NESTED), ROW, 1e9, 10**6)
    assert not pays_on_cpu(graph(DENSE), ROW, math.inf, 10**6)


@pytest.mark.parametrize(
    ("units", "pays"), [((64,), False), ((64, 64), True), ((64, 32), False), ((64, 32, 64, 32), True)]
)
def test_random_numbers_cost_more_than_it_saves_where_one_layer_alone_draws_their_shape(graph, units, pays):
    stack = "".join(f"{{type: Dense, units: {n}}}, {{type: Dropout, rate: 0.2}}, " for n in units)
    assert pays_on_cpu(graph(f"[{stack}{LAST}"), ROW, 1e9, 10**6) is pays
    inner = f"[{{layers: [{stack[:-2]}]}}, {LAST}"
    assert pays_on_cpu(graph(inner), ROW, 1e9, 10**6) is pays


@pytest.mark.parametrize(
    ("overrides", "device", "used"),
    [
        ([], "CPU", False),
        (["training.epochs=20000"], "CPU", True),
        (["training.epochs=20000", "training.split_batch=true"], "CPU", False),
        (["training.epochs=20000", "training.precision=mixed_bfloat16"], "CPU", False),
        (["training.epochs=20000", "training.xla=false"], "CPU", False),
        (["training.xla=true"], "CPU", True),
        ([], "GPU (made up)", True),
    ],
)
def test_auto_uses_it_where_it_pays_and_a_choice_stands(write_config, overrides, device, used):
    config = load_config(write_config(), [f"model.layers={DENSE}", *overrides])
    dataset = read_data(config)
    how = recipe(config, device, xla_pays=xla_pays(config, dataset))
    assert how.xla is used
