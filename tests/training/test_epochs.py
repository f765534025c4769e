"""The compiled engine itself: its traces, the step that goes wrong, and XLA."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.python.framework import config

from nntrain.training import epochs as module
from nntrain.training.epochs import CompiledEpochs
from nntrain.training.sources import Resident
from nntrain.training.train import Halted
from tests.training.twins import (
    BATCH,
    ROWS,
    SEED,
    Case,
    assert_same,
    by_fit,
    by_nntrain,
    changed,
    labels,
    layer,
    numbers,
    regression,
    stack,
)

DENSE = layer("Dense", 8, activation="relu")
NET = regression(DENSE, metrics=lambda: ["mae"], optimizer=lambda: keras.optimizers.SGD(0.01))
HONEST = regression(layer("Dense", 8), optimizer=lambda: keras.optimizers.SGD(0.01))
"""Passes on what is no finite number; the ReLU of oneDNN makes 0 of NaN."""
FULL, ALL = ROWS // BATCH, -(-ROWS // BATCH)


class AtOnce:
    """A pace of one call for all steps."""

    def __init__(self, agreed):
        self.agreed = agreed

    def calls(self, steps, done):
        yield done, steps


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(module, "Pace", AtOnce)


def made(case, xla=False):
    """The engine for a case, in the order of its rows."""
    source = Resident(case.rows, case.batch_size, SEED, False)
    return CompiledEpochs(case.compiled(), source, batch_size=case.batch_size, xla=xla)


@pytest.mark.parametrize(("rows", "xla", "traces"), [(ROWS, False, 1), (ROWS, True, 2), (36, True, 1)])
def test_steps_are_traced_once_and_with_xla_once_more_for_the_rest(rows, xla, traces):
    engine = made(regression(DENSE, layer("Dropout", 0.2), n=rows), xla)
    for epoch in range(4):
        *_, last = engine.epoch(epoch)
        assert last.step == -(-rows // BATCH)
    assert engine.traces == traces
    assert engine.xla is xla


def test_every_call_tells_how_far_it_came():
    engine = made(NET)
    assert [progress.step for progress in engine.epoch(0)] == [1, 2, 4]  # the second tells the pace
    assert engine.batch_size == BATCH


BAD_ROWS = {1: 0, 2: BATCH + 3, FULL: (FULL - 1) * BATCH, ALL: ROWS - 1}
"""A row of each step."""


@pytest.mark.parametrize("xla", [False, True])
@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("step", BAD_ROWS)
def test_the_step_that_goes_wrong_is_the_last_one(step, value, xla, at_once):
    x, y = HONEST.rows
    x = x.copy()
    x[BAD_ROWS[step]] = value
    engine = made(changed(HONEST, rows=(x, y)), xla)
    *_, last = engine.epoch(0)
    assert not math.isfinite(last.loss)
    assert last.step == step
    assert int(engine.model.optimizer.iterations) == step


@pytest.mark.parametrize("step", [1, 3, ALL])
def test_a_step_that_goes_wrong_in_a_later_epoch_is_named(step, at_once):
    before = 2 * ALL + step - 1  # the rate makes the step before it leap
    rates = keras.optimizers.schedules.PiecewiseConstantDecay([before - 2], [0.01, 1e30])
    case = changed(NET, optimizer=lambda: keras.optimizers.SGD(rates), epochs=5)
    with pytest.raises(Halted) as halted:
        by_nntrain(case)
    cause = halted.value.cause
    assert (cause.epoch, cause.step) == (3, step)
    assert [row["epoch"] for row in halted.value.history] == [1, 2]


# With XLA.

TOLERANCE = 2e-5
"""How far weights of about 1 may be apart after 12 steps: XLA fuses a product and a sum into one rounding, and
adds up in another order. Each step's differences are about 1e-7; SGD doesn't enlarge them, as Adam does those of
gradients near zero.
"""


def images():
    network = stack(
        layer("Conv2D", 4, 3, activation="relu"),
        layer("MaxPooling2D"),
        layer("Flatten"),
        layer("Dense", 3, activation="softmax"),
        shape=(8, 8, 1),
    )
    return Case(network, (numbers(ROWS, 8, 8, 1), labels(3)), "sparse_categorical_crossentropy")


WITH_XLA = {
    "dense": NET,
    "penalties and batch normalization": regression(
        layer("Dense", 8, kernel_regularizer="l2"), layer("BatchNormalization")
    ),
    "layer normalization": regression(DENSE, layer("LayerNormalization")),
    "images": images(),
    "sequences": Case(
        stack(layer("SimpleRNN", 4), layer("Dense", 1), shape=(5, 4)), (numbers(ROWS, 5, 4), numbers(ROWS, 1))
    ),
}


@pytest.fixture
def undetermined():
    """As a run with XLA begins; a run before it in this process may have left it otherwise."""
    was = config.is_op_determinism_enabled()
    config.disable_op_determinism()
    yield
    if was:
        config.enable_op_determinism()


@pytest.mark.usefixtures("undetermined")
@pytest.mark.parametrize("name", WITH_XLA)
def test_xla_gives_the_same_to_a_tolerance(name):
    case = changed(
        WITH_XLA[name], xla=True, optimizer=lambda: keras.optimizers.SGD(0.02, momentum=0.9), metrics=list
    )
    ours, theirs = by_nntrain(case), by_fit(case)
    assert ours.engine.xla
    assert ours.notes == []
    for (path, mine), (_, kept) in zip(ours.state, theirs.state, strict=True):
        np.testing.assert_allclose(mine, kept, rtol=TOLERANCE, atol=TOLERANCE, err_msg=path)
    np.testing.assert_allclose(ours.history["loss"], theirs.history["loss"], rtol=TOLERANCE)


@pytest.mark.usefixtures("undetermined")
def test_with_xla_dropout_draws_what_it_draws_in_fit_with_xla():
    """Which isn't what it draws without: TensorFlow's generator is another one there."""
    case = changed(
        regression(DENSE, layer("Dropout", 0.3), optimizer=lambda: keras.optimizers.SGD(0.02)), xla=True
    )
    ours, model = by_nntrain(case), case.compiled()
    model.jit_compile = True
    theirs = by_fit(case, model)
    for (path, mine), (_, kept) in zip(ours.state, theirs.state, strict=True):
        np.testing.assert_allclose(mine, kept, rtol=TOLERANCE, atol=TOLERANCE, err_msg=path)


class Foreign(keras.layers.Layer):
    """Leaves a part of the step to Python, which XLA can't compile."""

    def __init__(self, function, **options):
        super().__init__(**options)
        self.function = function

    def call(self, x):
        return tf.ensure_shape(self.function(tf.math.sin, [x], x.dtype), x.shape)

    def compute_output_shape(self, shape):
        return shape


def test_what_xla_can_not_compile_runs_without_it_and_says_so():
    case = regression(DENSE, lambda: Foreign(tf.py_function), layer("Dropout", 0.2))
    ours = by_nntrain(changed(case, xla=True))
    assert ours.notes == ["XLA can't compile the steps, which run without it: it has no EagerPyFunc"]
    assert ours.engine.xla is False
    assert_same(ours, by_nntrain(case))
    assert_same(ours, by_fit(case))
