"""The optimizers that courses name: the first steps worked out by the papers' formulas, and a run's way to go on.

Each step is that of Keras 3: epsilon stands where Keras has it.
"""

import keras
import numpy as np
import pytest

from nntrain.config.vocabulary.keras_object import Kind
from nntrain.model.objects import make
from nntrain.training.snapshot import Taker, put_back
from tests.model.stacks import build_graph

STEEP = np.array([[1.0], [4.0], [0.25]])
"""Of the quadratic `sum steep w^2 / 2`, whose slope is `steep w`."""
START = np.array([[1.0], [-2.0], [0.5]])
RATE, EPSILON = 0.1, 1e-7


def plain(w, g, step, kept):
    return w - RATE * g


def momentum(w, g, step, kept):
    """Polyak (1964)."""
    kept["v"] = 0.9 * kept.get("v", 0) - RATE * g
    return w + kept["v"]


def nesterov(w, g, step, kept):
    """Nesterov (1983), as Sutskever et al. (2013) write it."""
    momentum(w, g, step, kept)
    return w + 0.9 * kept["v"] - RATE * g


def adam(w, g, step, kept):
    """Kingma and Ba (2015), with both corrections in the rate."""
    kept["m"] = 0.9 * kept.get("m", 0) + 0.1 * g
    kept["v"] = 0.999 * kept.get("v", 0) + 0.001 * g**2
    rate = RATE * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
    return w - rate * kept["m"] / (np.sqrt(kept["v"]) + EPSILON)


def adamax(w, g, step, kept):
    """Kingma and Ba (2015), section 7.1."""
    kept["m"] = 0.9 * kept.get("m", 0) + 0.1 * g
    kept["u"] = np.maximum(0.999 * kept.get("u", 0), np.abs(g))
    return w - RATE / (1 - 0.9**step) * kept["m"] / (kept["u"] + EPSILON)


def rmsprop(w, g, step, kept):
    """Hinton's lecture 6e (2012)."""
    kept["v"] = 0.9 * kept.get("v", 0) + 0.1 * g**2
    return w - RATE * g / np.sqrt(kept["v"] + EPSILON)


def adagrad(w, g, step, kept):
    """Duchi et al. (2011); the sum begins with 0.1."""
    kept["n"] = kept.get("n", 0.1) + g**2
    return w - RATE * g / np.sqrt(kept["n"] + EPSILON)


def adadelta(w, g, step, kept):
    """Zeiler (2012), whose step has the rate 1."""
    kept["g"] = 0.95 * kept.get("g", 0) + 0.05 * g**2
    move = -np.sqrt(kept.get("d", 0) + EPSILON) / np.sqrt(kept["g"] + EPSILON) * g
    kept["d"] = 0.95 * kept.get("d", 0) + 0.05 * move**2
    return w + RATE * move


def ftrl(w, g, step, kept):
    """McMahan et al. (2013), algorithm 1; the sum begins with 0.1."""
    before = kept.get("n", 0.1)
    kept["n"] = before + g**2
    kept["z"] = kept.get("z", 0) + g - (np.sqrt(kept["n"]) - np.sqrt(before)) / RATE * w
    small = np.clip(kept["z"], -0.05, 0.05)
    return -(kept["z"] - small) / (np.sqrt(kept["n"]) / RATE + 2 * 0.01)


RULES = {
    "SGD": ({}, plain),
    "SGD with momentum": ({"momentum": 0.9}, momentum),
    "SGD by Nesterov": ({"momentum": 0.9, "nesterov": True}, nesterov),
    "Adam": ({}, adam),
    "RMSprop": ({}, rmsprop),
    "Adagrad": ({}, adagrad),
    "Adadelta": ({}, adadelta),
    "Adamax": ({}, adamax),
    "Ftrl": ({"l1_regularization_strength": 0.05, "l2_regularization_strength": 0.01}, ftrl),
}
FIRST = {
    # From 1, where the slope is 1: 1 - .1
    "SGD": 0.9,
    "SGD with momentum": 0.9,
    # 1 - .9 * .1 - .1
    "SGD by Nesterov": 0.81,
    # 1 - .1 * 1 / 1, whatever the slope
    "Adam": 0.9,
    "Adamax": 0.9,
    # 1 - .1 / sqrt(.1)
    "RMSprop": 0.683772,
    # 1 - .1 / sqrt(1.1)
    "Adagrad": 0.904654,
    # 1 - .1 sqrt(1e-7) / sqrt(.05)
    "Adadelta": 0.999859,
    # z = 1 - (sqrt 1.1 - sqrt .1) / .1, (-z - .05) / (sqrt 1.1 / .1 + .02)
    "Ftrl": 0.597236,
}
"""Where the first weight is after one step, by hand."""


class Context:
    context = None


def optimizer(name):
    arguments = {"type": name.split()[0], "learning_rate": RATE, **RULES[name][0]}
    return make(Kind("optimizers").read(arguments, Context), ())


def network(name):
    """A single layer of three weights, and what makes a step down the quadratic."""
    model = build_graph("{type: Dense, units: 1, use_bias: false}", x=(3,))
    model.compile(optimizer=optimizer(name), loss="mse")
    model.optimizer.build(model.trainable_variables)
    (weight,) = model.trainable_variables
    weight.assign(START)

    def step():
        slope = keras.ops.convert_to_tensor(STEEP, "float32") * weight
        model.optimizer.apply([slope], [weight])
        return np.array(weight)

    return model, step


@pytest.mark.parametrize("name", RULES)
def test_an_optimizer_steps_as_its_formula_says(name):
    _, step = network(name)
    w, kept = START, {}
    for number in range(1, 4):
        w = RULES[name][1](w, STEEP * w, number, kept)
        found = step()
        np.testing.assert_allclose(found, w, rtol=1e-5, atol=1e-6)
        if number == 1:
            assert found[0, 0] == pytest.approx(FIRST[name], abs=2e-6)


@pytest.mark.parametrize("name", RULES)
def test_an_optimizer_goes_on_from_what_a_run_keeps(name):
    model, step = network(name)
    for _ in range(2):
        step()
    kept = Taker(model, []).take(0, [], [], {"name": "compiled", "xla": False})
    straight = [step() for _ in range(2)]
    again, step_again = network(name)
    put_back(kept, again, [])
    np.testing.assert_array_equal([step_again() for _ in range(2)], straight)
    assert len(again.optimizer.variables) == len(model.optimizer.variables)


def test_a_network_of_a_run_keeps_its_optimizer(tmp_path):
    for name in RULES:
        model, step = network(name)
        step()
        model.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        assert type(loaded.optimizer) is type(model.optimizer)
        for one, other in zip(model.optimizer.variables, loaded.optimizer.variables, strict=True):
            np.testing.assert_array_equal(one, other)
