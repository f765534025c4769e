"""With any optimizer and any way of weighing, a network is trained as `model.fit` trains it."""

import keras
import numpy as np
import pytest

from nntrain.config.vocabulary import catalogue
from tests.training.twins import (
    ROWS,
    Case,
    assert_same,
    assert_twins,
    by_fit,
    by_nntrain,
    changed,
    labels,
    layer,
    numbers,
    regression,
    same_bits,
    stack,
)

DENSE = layer("Dense", 8, activation="relu")
NET = regression(DENSE, metrics=lambda: ["mae"])

WRAPPERS = ("LossScaleOptimizer", "MultiOptimizer", "Optimizer")
"""Optimizers that take others, or no rule of their own."""
SCHEDULES = {
    "CosineDecay": (0.1, 9),
    "CosineDecayRestarts": (0.1, 4),
    "ExponentialDecay": (0.1, 5, 0.5),
    "InverseTimeDecay": (0.1, 5, 0.5),
    "PiecewiseConstantDecay": ([3, 7], [0.1, 0.05, 0.01]),
    "PolynomialDecay": (0.1, 10),
}


def optimized(name, **options):
    """The net with an optimizer."""
    return changed(NET, optimizer=lambda: getattr(keras.optimizers, name)(**options))


def own(name):
    return [one for one in catalogue.names(name) if one not in (*WRAPPERS, "LearningRateSchedule")]


@pytest.mark.parametrize("name", [name for name in own("optimizers") if name != "ScheduleFreeAdamW"])
def test_every_optimizer_updates_as_in_fit(name):
    assert_twins(optimized(name, learning_rate=0.05))


def test_an_optimizer_that_begins_with_the_weights_does_so_once():
    """`fit` lets the first step that it traces build the optimizer, and what ScheduleFreeAdamW assigns then
    is a part of every step. Built before, it is trained alike.
    """
    case = optimized("ScheduleFreeAdamW", learning_rate=0.05)
    ours = by_nntrain(case)
    with pytest.raises(AssertionError, match="momentum"):
        assert_same(ours, by_fit(case))
    model = case.compiled()
    model.optimizer.build(model.trainable_variables)
    assert_same(ours, by_fit(case, model))
    assert_same(ours, by_nntrain(changed(case, engine="keras")))


def test_every_schedule_is_in_the_table():
    assert sorted(SCHEDULES) == sorted(own("schedules"))


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_counts_steps_as_in_fit(name):
    arguments = SCHEDULES[name]
    assert_twins(
        changed(
            NET,
            optimizer=lambda: keras.optimizers.SGD(getattr(keras.optimizers.schedules, name)(*arguments)),
        )
    )


OPTIONS = {
    "momentum": optimized("SGD", momentum=0.9),
    "Nesterov momentum": optimized("SGD", momentum=0.9, nesterov=True),
    "amsgrad": optimized("Adam", amsgrad=True),
    "a centred RMSprop": optimized("RMSprop", momentum=0.5, centered=True),
    "clipnorm": optimized("Adam", clipnorm=0.1),
    "clipvalue": optimized("SGD", clipvalue=0.05),
    "global_clipnorm": optimized("SGD", global_clipnorm=0.1),
    "weight decay": optimized("Adam", weight_decay=0.1),
    "averaged weights": optimized("Adam", use_ema=True, ema_momentum=0.8),
    "averaged weights put back every 5 steps": optimized(
        "SGD", use_ema=True, ema_momentum=0.8, ema_overwrite_frequency=5
    ),
    "gradients of 3 steps": optimized("Adam", gradient_accumulation_steps=3),
    "a scaled loss": changed(
        NET, optimizer=lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(0.01), 2.0**6)
    ),
    "a loss scaled too far at first": changed(
        NET,
        optimizer=lambda: keras.optimizers.LossScaleOptimizer(
            keras.optimizers.Adam(0.01), 2.0**127, dynamic_growth_steps=2
        ),
        epochs=4,
    ),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_of_optimizers_work_as_in_fit(name):
    assert_twins(OPTIONS[name])


def test_averaged_weights_are_those_that_training_ends_with():
    averaged = by_nntrain(OPTIONS["averaged weights"])
    optimizer = averaged.model.optimizer
    for weight, average in zip(
        averaged.model.trainable_weights, optimizer._model_variables_moving_average, strict=True
    ):
        np.testing.assert_array_equal(weight.numpy(), average.numpy())
    assert not same_bits(averaged.model.get_weights()[0], by_nntrain(NET).model.get_weights()[0])


@pytest.fixture
def policy(request):
    """A policy of precision, for as long as a test runs."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(request.param)
    yield request.param
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"], indirect=True)
def test_half_precision_is_that_of_fit(policy):
    def network():
        keras.config.set_dtype_policy(policy)  # a cleared session forgets it
        return stack(DENSE, layer("BatchNormalization"), layer("Dropout", 0.2), layer("Dense", 1))()

    ours = assert_twins(changed(NET, network=network))
    scaled = isinstance(ours.model.optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled is (policy == "mixed_float16")
    assert ours.model.trainable_weights[0].dtype == "float32"
    assert ours.model.layers[1].compute_dtype == policy.removeprefix("mixed_")


CLASSES = Case(
    stack(DENSE, layer("Dense", 3, activation="softmax")),
    (numbers(ROWS, 6), labels(3)),
    "sparse_categorical_crossentropy",
    metrics=lambda: ["accuracy"],
)
WEIGHTS = np.random.default_rng(7).uniform(0, 3, ROWS).astype(np.float32)


def test_weights_of_rows_count_as_in_fit():
    plain = by_nntrain(CLASSES)
    weighted = assert_twins(changed(CLASSES, rows=(*CLASSES.rows, WEIGHTS)))
    assert not same_bits(plain.model.get_weights()[0], weighted.model.get_weights()[0])


def test_rows_without_weight_count_for_nothing():
    assert_twins(changed(CLASSES, rows=(*CLASSES.rows, np.float32(WEIGHTS > 2.5))))


def test_class_weights_count_as_those_of_fit():
    given = {0: 0.2, 1: 1.0, 2: 5.0}
    x, y = CLASSES.rows
    weights = np.asarray([given[label] for label in y[:, 0]], np.float32)
    ours = by_nntrain(changed(CLASSES, rows=(x, y, weights), epochs=1))
    theirs = changed(CLASSES, epochs=1).compiled()
    x, y = (np.concatenate(part) for part in zip(*changed(CLASSES, epochs=1).batches(), strict=True))
    theirs.fit(x, y, batch_size=CLASSES.batch_size, class_weight=given, shuffle=False, verbose=0)
    for mine, other in zip(ours.model.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, other)


def branching():
    """Two inputs, two outputs."""
    left, right = keras.Input((6,), name="left"), keras.Input((3,), name="right")
    x = keras.layers.Concatenate()(
        [keras.layers.Dense(4, "relu")(left), keras.layers.Dense(4, "tanh")(right)]
    )
    x = keras.layers.Dropout(0.2)(x)
    kind = keras.layers.Dense(3, "softmax", name="kind")(x)
    size = keras.layers.Dense(1, name="size")(x)
    return keras.Model({"left": left, "right": right}, {"kind": kind, "size": size})


SEVERAL = Case(
    branching,
    (
        {"left": numbers(ROWS, 6), "right": numbers(ROWS, 3, seed=3)},
        {"kind": labels(3), "size": numbers(ROWS, 1, seed=4)},
    ),
    {"kind": "sparse_categorical_crossentropy", "size": keras.losses.Huber()},
    metrics=lambda: {"kind": ["accuracy"], "size": ["mae", keras.metrics.R2Score()]},
    loss_weights={"kind": 1.0, "size": 0.3},
)


def test_several_inputs_and_outputs_are_trained_as_by_fit():
    held_out = tuple({name: part[:10] for name, part in parts.items()} for parts in SEVERAL.rows)
    ours = assert_twins(changed(SEVERAL, validation=held_out))
    assert {"size_r2_score", "val_size_r2_score", "kind_accuracy", "kind_loss"} <= set(ours.history)


def test_weights_of_losses_count():
    other = changed(SEVERAL, loss_weights={"kind": 1.0, "size": 3.0})
    ours, heavier = by_nntrain(SEVERAL), by_nntrain(other)
    assert not same_bits(ours.model.get_weights()[0], heavier.model.get_weights()[0])


def test_equal_states_are_told_from_others():
    ours, theirs = by_nntrain(NET), by_fit(NET)
    moment = ours.model.optimizer.variables[-1]
    moment.assign(moment + 1e-7)
    with pytest.raises(AssertionError, match="velocity"):
        assert_same(ours, theirs)
