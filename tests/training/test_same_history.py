"""Losses and metrics are told as `model.fit` tells them, callbacks are called when it calls them."""

import keras
import numpy as np
import pytest

from nntrain.errors import ConfigError
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
    stack,
)

DENSE = layer("Dense", 8, activation="relu")
NET = regression(DENSE, metrics=lambda: ["mae"])
HELD_OUT = (numbers(15, 6, seed=8), numbers(15, 1, seed=9))
CHECKED = changed(NET, validation=HELD_OUT)


def binary(*metrics, loss="binary_crossentropy", make=list):
    network = stack(DENSE, layer("Dense", 1, activation="sigmoid"))
    rows = (numbers(ROWS, 6), labels(2).astype(np.float32))
    return Case(network, rows, loss, metrics=lambda: [*metrics, *make()])


def classes(*metrics, loss="categorical_crossentropy", sparse=False, make=list):
    network = stack(DENSE, layer("Dense", 4, activation="softmax"))
    y = labels(4)
    y = y if sparse else np.eye(4, dtype=np.float32)[y[:, 0]]
    return Case(network, (numbers(ROWS, 6), y), loss, metrics=lambda: [*metrics, *make()])


M = keras.metrics
MEASURED = {
    "of two classes": binary(
        "accuracy",
        "AUC",
        "Precision",
        "Recall",
        make=lambda: [
            M.F1Score(average="micro", threshold=0.5),
            M.BinaryIoU(),
            M.SpecificityAtSensitivity(0.5),
        ],
    ),
    "of classes": classes(
        "accuracy",
        "TopKCategoricalAccuracy",
        make=lambda: [M.F1Score(average="macro"), M.CategoricalCrossentropy()],
    ),
    "of class numbers": classes(
        "accuracy",
        loss="sparse_categorical_crossentropy",
        sparse=True,
        make=lambda: [
            M.SparseTopKCategoricalAccuracy(2),
            M.MeanIoU(4, sparse_y_pred=False),
        ],
    ),
    "of numbers": changed(
        NET, metrics=lambda: ["mse", "mae", M.R2Score(), M.RootMeanSquaredError(), M.CosineSimilarity()]
    ),
}


@pytest.mark.parametrize("name", MEASURED)
def test_metrics_are_those_of_fit(name):
    case = MEASURED[name]
    ours = assert_twins(changed(case, validation=tuple(part[:15] for part in case.rows)))
    assert len(ours.history) == 2 * (1 + len(case.metrics()))


LOSSES = {
    "a class": changed(NET, loss=keras.losses.Huber(0.5)),
    "a function": changed(NET, loss=keras.losses.log_cosh),
    "a function's name": changed(NET, loss="mean_squared_logarithmic_error"),
    "a sum over the batch": changed(NET, loss=keras.losses.MeanSquaredError(reduction="sum")),
    "smoothed labels": classes(loss=keras.losses.CategoricalCrossentropy(label_smoothing=0.1)),
    "a focus": binary(loss=keras.losses.BinaryFocalCrossentropy(gamma=1.5)),
}


@pytest.mark.parametrize("name", LOSSES)
def test_losses_are_those_of_fit(name):
    assert_twins(LOSSES[name])


SIZES = {
    "a batch larger than the rows": changed(CHECKED, batch_size=100),
    "a batch of all rows": changed(CHECKED, batch_size=ROWS),
    "batches of one row": changed(CHECKED, batch_size=1, epochs=2),
    "no rest": regression(DENSE, n=36),
    "a rest of one row": regression(DENSE, n=37),
    "one row": regression(DENSE, n=1),
    "one row held out": changed(NET, validation=tuple(part[:1] for part in HELD_OUT)),
    "a rest held out": changed(NET, validation=(numbers(256 + 9, 6), numbers(256 + 9, 1, seed=2))),
}


@pytest.mark.parametrize("name", SIZES)
def test_any_number_of_rows_is_trained_as_by_fit(name):
    assert_twins(SIZES[name])


class Heard(keras.callbacks.Callback):
    """Writes down when it's called and with what."""

    def __init__(self, script):
        super().__init__()
        self.script = script

    def _heard(self, hook, number, logs):
        logs = {name: float(np.float32(value)) for name, value in (logs or {}).items()}
        steps = int(self.model.optimizer.iterations)
        self.script.append((hook, number, steps, logs, dict(self.params, verbose=0)))

    def on_train_begin(self, logs=None):
        self._heard("train begins", None, logs)

    def on_train_end(self, logs=None):
        self._heard("train ends", None, logs)

    def on_epoch_begin(self, epoch, logs=None):
        self._heard("epoch begins", epoch, logs)

    def on_epoch_end(self, epoch, logs=None):
        self._heard("epoch ends", epoch, logs)

    def on_test_begin(self, logs=None):
        self._heard("test begins", None, logs)

    def on_test_end(self, logs=None):
        self._heard("test ends", None, logs)


@pytest.mark.parametrize("case", [NET, CHECKED], ids=["plain", "with held-out rows"])
def test_callbacks_are_called_when_fit_calls_them(case):
    mine, theirs = [], []
    by_nntrain(changed(case, callbacks=lambda: [Heard(mine)]))
    by_fit(changed(case, callbacks=lambda: [Heard(theirs)]))
    assert mine == theirs
    assert len(mine) == 2 + (4 if case.validation else 2) * case.epochs


class StopsAfter(keras.callbacks.Callback):
    """Ends training after an epoch, as any callback may."""

    def __init__(self, epoch):
        super().__init__()
        self.last = epoch

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch == self.last


class Halves(keras.callbacks.Callback):
    """Changes the learning rate."""

    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = float(self.model.optimizer.learning_rate) / 2


def averaging():
    return keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.8)


C = keras.callbacks
ACTING = {
    "early stopping": (lambda: [C.EarlyStopping("val_loss", patience=1, min_delta=10)], {"epochs": 5}),
    "early stopping that gives back the best": (
        lambda: [C.EarlyStopping("val_loss", patience=2, min_delta=10, restore_best_weights=True)],
        {"epochs": 5},
    ),
    "a plateau": (lambda: [C.ReduceLROnPlateau("val_loss", patience=1, min_delta=10)], {"epochs": 4}),
    "rates by epoch": (lambda: [C.LearningRateScheduler(lambda epoch, rate: rate * 0.5)], {}),
    "a stop": (lambda: [StopsAfter(1)], {}),
    "another rate": (lambda: [Halves()], {}),
    "averaged weights at evaluation": (lambda: [C.SwapEMAWeights()], {"optimizer": averaging}),
    "averaged weights at the end": (
        lambda: [C.SwapEMAWeights(swap_on_epoch=True)],
        {"optimizer": averaging},
    ),
    "a watch for NaN": (lambda: [C.TerminateOnNaN()], {}),
}


@pytest.mark.parametrize("name", ACTING)
def test_callbacks_act_as_under_fit(name):
    callbacks, settings = ACTING[name]
    assert_twins(changed(CHECKED, callbacks=callbacks, **settings))


def test_early_stopping_ends_at_its_epoch():
    callbacks, settings = ACTING["early stopping that gives back the best"]
    ours = by_nntrain(changed(CHECKED, callbacks=callbacks, **settings))
    assert len(ours.history["loss"]) == 3
    best = by_nntrain(changed(CHECKED, epochs=1))
    for mine, kept in zip(ours.model.get_weights(), best.model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, kept)


class EveryBatch(keras.callbacks.Callback):
    """Looks at every batch."""

    def on_train_batch_end(self, batch, logs=None):
        self.model.seen = getattr(self.model, "seen", 0) + 1


class OwnStep(keras.Model):
    """Trains in a way of its own, which is the usual one."""

    def train_step(self, data):
        return super().train_step(data)


def own_step():
    entry = keras.Input((6,))
    return OwnStep(entry, keras.layers.Dense(1)(entry))


KERAS_LOOP = {
    "EveryBatch looks at every batch, which takes Keras' own loop": changed(
        NET, callbacks=lambda: [EveryBatch()]
    ),
    "the model has a train_step of its own, which takes Keras' own loop": changed(NET, network=own_step),
}


@pytest.mark.parametrize("reason", KERAS_LOOP)
def test_what_needs_every_batch_gets_the_loop_of_keras_and_a_note(reason):
    case = KERAS_LOOP[reason]
    ours = by_nntrain(changed(case, engine="auto"))
    assert ours.notes == [reason]
    assert (ours.engine.name, ours.engine.reason) == ("keras", reason)
    assert_same(ours, by_fit(changed(case, callbacks=list)))
    assert getattr(ours.model, "seen", 12) == 12  # four batches in each of three epochs


@pytest.mark.parametrize("reason", KERAS_LOOP)
def test_what_needs_every_batch_is_an_error_where_the_compiled_engine_is_asked_for(reason):
    with pytest.raises(ConfigError) as error:
        by_nntrain(changed(KERAS_LOOP[reason], engine="compiled"))
    (problem,) = error.value.problems
    assert problem.message == f"{reason}; use engine: auto or keras"
    assert problem.key == ("training", "engine")


def test_the_loop_of_keras_gives_what_the_compiled_engine_gives():
    for engine in ("auto", "keras"):
        twin = by_nntrain(changed(CHECKED, engine=engine))
        assert twin.notes == []
        assert_same(by_nntrain(CHECKED), twin)
        assert twin.engine.name == ("compiled" if engine == "auto" else "keras")
