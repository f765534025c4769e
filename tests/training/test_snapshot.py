"""Training that goes on from a kept state ends as if it had never been interrupted, to the last bit."""

import random
from dataclasses import replace

import keras
import numpy as np
import pytest

from nntrain.errors import ArtefactError
from nntrain.run.recipe import recipe
from nntrain.training.train import Halted, train

ENGINES = ["compiled", "keras"]
NOISY = [
    {"type": "GaussianNoise", "stddev": 0.3},
    {"type": "Dense", "units": 6, "activation": "relu"},
    {"type": "BatchNormalization"},
    {"type": "Dropout", "rate": 0.4},
    {"type": "Dense", "units": 1, "activation": "sigmoid"},
]
RECURRENT = [
    {"type": "Reshape", "target_shape": [3, 1]},
    {"type": "LSTM", "units": 4, "dropout": 0.2},
    {"type": "Dense", "units": 1, "activation": "sigmoid"},
]
DECAY = {"type": "CosineDecay", "initial_learning_rate": 0.1, "decay_steps": 20}
PLATEAU = {"type": "ReduceLROnPlateau", "monitor": "val_loss", "patience": 1, "min_delta": 1, "cooldown": 1}
CASES = {
    "noise, plateau": {"layers": NOISY, "callbacks": [PLATEAU]},
    "recurrent, early stopping": {
        "layers": RECURRENT,
        "optimizer": {"type": "Nadam", "learning_rate": 0.03},
        "early_stopping": {"monitor": "val_loss", "patience": 2, "min_delta": 0.2},
        "epochs": 9,
    },
    "schedule, accumulated": {
        "layers": NOISY,
        "optimizer": {
            "type": "SGD", "learning_rate": DECAY, "momentum": 0.9, "gradient_accumulation_steps": 3,
        },
    },
    "averaged": {
        "layers": NOISY,
        "optimizer": {"type": "Adam", "use_ema": True, "ema_momentum": 0.9},
        "callbacks": ["SwapEMAWeights"],
    },
}  # fmt: skip


def bits(model):
    return [np.asarray(variable.numpy()).tobytes() for variable in model.weights]


def trained(lesson, case, engine, keep=None, begin=None, stop=lambda: False):
    ours = lesson(**{"validation": True, "epochs": 5, "metrics": ["accuracy"], **case, "engine": engine})
    keras.utils.set_random_seed(99 if begin else 3)  # what is put back must not depend on it
    how = recipe(ours.config, "CPU")
    done = train(
        ours.model, ours.arrays, ours.held_out, how, ours.observer, ours.rows.append, stop,
        keep=keep, begin=begin,
    )  # fmt: skip
    return ours.model, done


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_training_goes_on_from_any_epoch_to_the_same_bits(lesson, case, engine):
    kept = []
    whole, straight = trained(lesson, case, engine, keep=lambda snapshot, last: kept.append(snapshot))
    assert [one.epoch for one in kept] == list(range(1, len(straight.history) + 1))
    expected = bits(whole)
    for begin in (kept[1], kept[-1]):
        model, resumed = trained(lesson, case, engine, begin=begin)
        assert resumed.history == straight.history
        assert bits(model) == expected
        assert (resumed.best_epoch, resumed.stopped_early) == (straight.best_epoch, straight.stopped_early)
        assert len(resumed.seconds) == len(straight.seconds)


def test_the_last_state_says_so_and_that_early_stopping_ended_it(lesson):
    told = []
    _, done = trained(
        lesson,
        CASES["recurrent, early stopping"],
        "compiled",
        keep=lambda snapshot, last: told.append((snapshot, last)),
    )
    assert done.stopped_early
    assert [last for _, last in told] == [False] * (len(told) - 1) + [True]
    assert [snapshot.stopped for snapshot, _ in told] == [last for _, last in told]


def test_what_the_users_code_draws_goes_on(lesson):
    kept, drawn = [], []

    def keep(snapshot, last):
        kept.append(snapshot)
        drawn.append((random.random(), np.random.random()))  # noqa: NPY002 - as the user's code may

    trained(lesson, CASES["noise, plateau"], "compiled", keep=keep)
    straight = drawn.copy()
    drawn.clear()
    trained(lesson, CASES["noise, plateau"], "compiled", keep=keep, begin=kept[1])
    assert drawn == straight[1:4]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_stop_keeps_what_training_has_come_to_for_good(lesson, engine):
    told = []

    def keep(snapshot, last):
        told.append((snapshot.epoch, snapshot.step, last))

    with pytest.raises(Halted) as halted:
        trained(lesson, CASES["noise, plateau"], engine, keep, stop=lambda: len(told) == 2)
    *before, (epoch, step, last) = told
    assert before == [(1, 0, False), (2, 0, False)]
    assert (epoch, step > 0, last) == (2, engine == "compiled", True)
    assert halted.value.has_weights


def test_a_new_learning_rate_takes_the_place_of_the_kept_one(lesson):
    kept = []
    trained(lesson, CASES["noise, plateau"], "compiled", keep=lambda snapshot, last: kept.append(snapshot))
    other = {**CASES["noise, plateau"], "optimizer": {"type": "Adam", "learning_rate": 0.5}}
    _, same = trained(lesson, other, "compiled", begin=kept[0])
    assert same.history[1]["learning_rate"] == kept[0].history[0]["learning_rate"]
    _, new = trained(lesson, other, "compiled", begin=replace(kept[0], new_rate=True))
    assert new.history[1]["learning_rate"] == 0.5


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"layers": NOISY[1:]}, "it has 2 arrays of seeds, and the config makes 1"),
        (
            {"layers": [NOISY[0], {**NOISY[1], "units": 5}, *NOISY[2:]]},
            "it has dense/kernel of float32 (3, 6), and the config makes float32 (3, 5)",
        ),
        (
            {"layers": NOISY, "optimizer": "SGD"},
            "it has 14 arrays of optimizer, and the config makes 2",
        ),
        (
            {"layers": NOISY},
            "it has callbacks ['ReduceLROnPlateau'], and the config makes []",
        ),
    ],
)
def test_a_state_of_something_else_is_refused(lesson, other, message):
    kept = []
    trained(lesson, CASES["noise, plateau"], "compiled", keep=lambda snapshot, last: kept.append(snapshot))
    with pytest.raises(ArtefactError) as raised:
        trained(lesson, other, "compiled", begin=kept[0])
    assert str(raised.value) == f"the checkpoint does not fit the config: {message}"
