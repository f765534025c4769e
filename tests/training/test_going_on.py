"""Training that goes on from any state, between two epochs or within one, ends as if it had never stopped."""

from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.model.own.elastic import ElasticDeformation
from nntrain.run.observer import Silent
from nntrain.training import pace, snapshot, train
from nntrain.training.sources import Streamed
from nntrain.training.stored import FromFile
from tests.training.test_stored import Kept
from tests.training.twins import ROWS, Case, labels, layer, numbers, regression, stack

STEPS = 4
NOISY = [
    layer("GaussianNoise", 0.1),
    layer("Dense", 5, "relu"),
    layer("BatchNormalization"),
    layer("Dropout", 0.3),
]
IMAGES = (numbers(ROWS, 6, 6, 1), labels(3))
SEQUENCES = (numbers(ROWS, 4, 3), numbers(ROWS, 1, seed=1))
CLASSES = {"loss": "sparse_categorical_crossentropy", "metrics": lambda: ["accuracy"]}
HELD_OUT = (numbers(23, 6, seed=2), numbers(23, 1, seed=3))


def schedule():
    return keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.05, 3, 0.7), momentum=0.9)


def stopping():
    return [
        keras.callbacks.ReduceLROnPlateau(patience=0, min_delta=1.0),
        keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.9),
        keras.callbacks.EarlyStopping(patience=1, min_delta=1.0, restore_best_weights=True),
    ]


def two_outputs():
    entry = keras.Input((6,))
    shared = keras.layers.Dropout(0.2)(keras.layers.Dense(4, "tanh")(entry))
    outputs = {
        "one": keras.layers.Dense(1, name="one")(shared),
        "kind": keras.layers.Dense(3, "softmax", name="kind")(shared),
    }
    return keras.Model(entry, outputs)


def images(*make):
    return stack(*make, layer("Flatten"), layer("Dense", 3, "softmax"), shape=(6, 6, 1))


AUGMENTED = [
    layer("RandomFlip"),
    layer("RandomRotation", 0.1),
    layer("RandomTranslation", 0.1, 0.1),
    layer("RandomZoom", 0.1),
    layer("RandomContrast", 0.2),
    lambda: ElasticDeformation(alpha=1.0, sigma=1.0),
]
CASES = {
    "noise, batch statistics, dropout": regression(
        *NOISY, metrics=lambda: ["mae", "r2_score"], validation=HELD_OUT
    ),
    "weighted rows": replace(
        regression(*NOISY, validation=HELD_OUT),
        rows=(numbers(ROWS, 6), numbers(ROWS, 1, seed=1), np.linspace(0.1, 3, ROWS, dtype=np.float32)),
    ),
    "early stopping, plateau, rates by epoch": regression(
        *NOISY, validation=HELD_OUT, callbacks=stopping, epochs=4
    ),
    "augmented": Case(images(*AUGMENTED), IMAGES, **CLASSES),
    "recurrent": Case(
        stack(
            lambda: keras.layers.LSTM(3, dropout=0.2, recurrent_dropout=0.2), layer("Dense", 1), shape=(4, 3)
        ),
        SEQUENCES,
    ),
    "schedule, averaged weights": regression(*NOISY, optimizer=schedule),
    "moving averages": regression(
        *NOISY,
        optimizer=lambda: keras.optimizers.Adam(0.01, use_ema=True, ema_overwrite_frequency=3),
    ),
    "accumulated gradients": regression(
        *NOISY, optimizer=lambda: keras.optimizers.Adam(0.01, gradient_accumulation_steps=3)
    ),
    "several outputs": Case(
        two_outputs,
        (numbers(ROWS, 6), {"one": numbers(ROWS, 1, seed=1), "kind": labels(3)}),
        loss={"one": "mse", "kind": "sparse_categorical_crossentropy"},
        loss_weights={"one": 0.3, "kind": 1.0},
        metrics=lambda: {"one": ["mae"], "kind": ["accuracy"]},
    ),
    "xla": regression(*NOISY, xla=True, validation=HELD_OUT),
}
BY_KERAS = ["noise, batch statistics, dropout", "early stopping, plateau, rates by epoch", "several outputs"]


@dataclass
class Trained:
    """What a training left."""

    model: keras.Model
    history: list[Any]
    kept: list[Any]

    @property
    def bits(self):
        everything = [*self.model.variables, *self.model.optimizer.variables]
        return [(variable.path, np.asarray(variable.numpy()).tobytes()) for variable in everything]


@pytest.fixture(autouse=True)
def one_step_a_call(monkeypatch):
    monkeypatch.setattr(pace, "SLICE", 0.0)


def trained(case, begin=None, due=lambda: True, stop=lambda kept: False):
    """One training; `stop` is asked with the states kept so far."""
    kept = []
    model = case.seeded()
    if begin is not None:
        keras.utils.set_random_seed(99)  # what is put back must not depend on it
    done = train.train(
        model, case.rows, case.validation, case.recipe(), Silent(), lambda row: None, lambda: stop(kept),
        keep=lambda state, last: kept.append(state), due=due, begin=begin,
    )  # fmt: skip
    return Trained(model, done.history, kept)


def assert_goes_on(case, *places):
    """From these places, counted from the first state that is kept, training goes on to the same bits."""
    straight = trained(case)
    within = STEPS if case.engine == "compiled" else STEPS - 1
    epochs = len(straight.history)
    expected = [(epoch, step) for epoch in range(epochs) for step in range(1, within + 1)]
    expected += [(epoch, 0) for epoch in range(1, epochs + 1)]
    assert [(state.epoch, state.step) for state in straight.kept] == sorted(expected)
    found = {(state.epoch, state.step): state for state in straight.kept}
    for place in places:
        resumed = trained(case, found[place], due=lambda: False)
        assert resumed.history == straight.history, place
        assert [path for path, _ in resumed.bits] == [path for path, _ in straight.bits]
        assert resumed.bits == straight.bits, place
    return straight


@pytest.mark.parametrize("name", CASES)
def test_the_compiled_loop_goes_on_from_any_step(name):
    straight = assert_goes_on(CASES[name], (1, 0), (1, 2))
    if name.startswith("early stopping"):
        assert len(straight.history) < CASES[name].epochs


@pytest.mark.parametrize("name", BY_KERAS)
def test_keras_own_loop_goes_on_from_any_step_but_the_last(name):
    assert_goes_on(replace(CASES[name], engine="keras"), (0, 1), (1, 3))


@pytest.mark.parametrize("place", [(0, 1), (0, 4), (1, 3), (2, 4)])
def test_every_place_of_an_epoch_will_do(place):
    assert_goes_on(CASES["noise, batch statistics, dropout"], place)


@pytest.mark.parametrize("engine", ["compiled", "keras"])
def test_keeping_the_state_changes_nothing(engine):
    case = replace(CASES["noise, batch statistics, dropout"], engine=engine)
    assert trained(case).bits == trained(case, due=lambda: False).bits


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_goes_on_from_any_step(policy, monkeypatch):
    def network():
        keras.config.set_dtype_policy(policy)  # a cleared session forgets it
        return stack(*NOISY, layer("Dense", 1, dtype="float32"))()

    case = replace(CASES["noise, batch statistics, dropout"], network=network)
    try:
        straight = assert_goes_on(case, (1, 0), (1, 2))
    finally:
        keras.config.set_dtype_policy("float32")
    scaled = isinstance(straight.model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled is (policy == "mixed_float16")


def blocks(rows, recipe, *_):
    return Streamed(rows, recipe.batch_size, recipe.seed, recipe.shuffle, 2 * recipe.batch_size)


def pooled(rows, recipe, *_):
    return FromFile(rows, recipe.batch_size, recipe.seed, recipe.shuffle, recipe.batch_size)


def test_rows_that_come_in_blocks_go_on_from_any_step(monkeypatch):
    monkeypatch.setattr(train, "source_of", blocks)
    assert_goes_on(CASES["weighted rows"], (0, 1), (1, 2), (1, 3), (1, 4))


def test_rows_in_their_file_go_on_from_any_step(monkeypatch):
    monkeypatch.setattr(train, "from_file", pooled)
    case = regression(*NOISY)
    assert_goes_on(replace(case, rows=(Kept(case.rows[0], 7), case.rows[1])), (0, 1), (1, 3), (1, 4))


@pytest.mark.parametrize(("engine", "place"), [("compiled", (1, 2)), ("keras", (1, 2))])
def test_a_stop_within_an_epoch_keeps_the_state_of_that_moment(engine, place):
    case = replace(CASES["noise, batch statistics, dropout"], engine=engine)
    straight, told = trained(case, due=lambda: False), []

    def keep(state, last):
        told.append((state, last))

    observer = Counting(6)
    with pytest.raises(train.Halted) as halted:
        train.train(
            case.seeded(), case.rows, case.validation, case.recipe(), observer, lambda row: None, observer.full,
            keep=keep,
        )  # fmt: skip
    assert [(state.epoch, state.step, last) for state, last in told] == [(1, 0, False), (*place, True)]
    assert halted.value.has_weights
    assert len(halted.value.history) == 1
    assert trained(case, told[-1][0]).bits == straight.bits


class Counting(Silent):
    """Asks for a stop after so many steps."""

    def __init__(self, steps):
        self.left = steps

    def step(self, epoch, step, loss):
        self.left -= 1

    def full(self):
        return self.left <= 0


def test_a_stop_while_a_long_epoch_is_evaluated_keeps_its_last_step(monkeypatch):
    monkeypatch.setattr("nntrain.training.keeper.LONG", 0.0)
    case = CASES["noise, batch statistics, dropout"]
    straight, told = trained(case, due=lambda: False), []
    evaluating = []
    monkeypatch.setattr(
        "nntrain.training.forward.CompiledEvaluation._batches",
        lambda *given: evaluating.append(True) or tf.constant(0.0),
    )
    with pytest.raises(train.Halted):
        train.train(
            case.seeded(), case.rows, case.validation, case.recipe(), Silent(), lambda row: None,
            lambda: bool(evaluating), keep=lambda state, last: told.append((state, last)),
        )  # fmt: skip
    monkeypatch.undo()
    assert [(state.epoch, state.step, last) for state, last in told] == [(0, 4, True)]
    assert trained(case, told[0][0]).bits == straight.bits


def test_what_xla_may_write_over_is_copied():
    variable = keras.Variable(np.ones(3, np.float32))
    held = snapshot._copied(variable.value)
    variable.assign(np.zeros(3, np.float32))
    assert held.tolist() == [1, 1, 1]
