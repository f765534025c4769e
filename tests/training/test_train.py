import logging
import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from nntrain.arrays import Scaled
from nntrain.run.recipe import recipe
from nntrain.training.forward import predict
from nntrain.training.recipe import EVALUATION_BATCH
from nntrain.training.train import Halted, balanced_weights, row_weights, train
from nntrain.training.watch import Diverged

HIDDEN = [
    {"type": "Dense", "units": 8, "activation": "relu", "kernel_regularizer": "l2"},
    {"type": "Dropout", "rate": 0.3},
    "BatchNormalization",
    {"type": "Dense", "units": 1, "activation": "sigmoid"},
]
NOISY = [HIDDEN[1], HIDDEN[3]]
LINEAR = [{"type": "Dense", "units": 1}]


def same_weights(one, other):
    pairs = zip(one.get_weights(), other.get_weights(), strict=True)
    return all(np.array_equal(mine, theirs) for mine, theirs in pairs)


def keras_twin(lesson):
    """The lesson's network with its first weights and states, compiled by hand."""
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(lesson.config.seed)
    twin = lesson.experiment.fresh_model()
    twin.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return twin


def test_the_same_seed_gives_the_same_rows_and_weights(lesson):
    first, again, other = (lesson(HIDDEN, epochs=2, seed=seed) for seed in (1, 1, 2))
    for one in (first, again, other):
        keras.utils.clear_session(free_memory=False)
        keras.utils.set_random_seed(one.config.seed)
        one.train()
    assert first.rows == again.rows
    assert same_weights(first.model, again.model)
    assert first.rows != other.rows
    assert not same_weights(first.model, other.model)


def test_without_shuffling_training_is_model_fit_bit_for_bit(lesson):
    ours = lesson(HIDDEN, validation=True, shuffle=False, metrics=["accuracy"])
    history = ours.train().history
    x, y = ours.arrays
    twin = keras_twin(ours)
    told = twin.fit(
        x,
        y,
        epochs=3,
        batch_size=16,
        shuffle=False,
        verbose=0,
        validation_data=ours.held_out,
        validation_batch_size=EVALUATION_BATCH,
    ).history
    assert same_weights(ours.model, twin)
    for name, values in told.items():
        assert np.float32([row[name] for row in history]).tolist() == values, name
    assert list(history[0]) == [
        "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate"
    ]  # fmt: skip


def test_the_shuffled_batches_are_those_that_keras_is_trained_on(lesson):
    ours = lesson(HIDDEN, epochs=2)
    ours.train()
    twin = keras_twin(ours)
    from nntrain.training.batches import TrainingBatches

    batches = TrainingBatches(ours.arrays, 16, ours.config.seed, True)
    for epoch in range(2):
        for x, y in batches.epoch(epoch):
            twin.train_on_batch(x, y)
    assert same_weights(ours.model, twin)


def test_the_reported_loss_is_the_mean_over_rows(lesson):
    ours = lesson(epochs=1, optimizer={"type": "SGD", "learning_rate": 1e-30}, batch_size=16)
    before = predict(ours.model, ours.arrays[0])[:, 0].astype(float)
    history = ours.train().history
    y = ours.arrays[1][:, 0]
    expected = -np.mean(y * np.log(before) + (1 - y) * np.log(1 - before))
    assert len(y) % 16
    assert history[0]["loss"] == pytest.approx(expected, rel=1e-6)


def test_class_weights_are_those_of_keras(lesson):
    given = {"a": 0.25, "b": 3.0}
    ours = lesson(NOISY, class_weight=given, shuffle=False, epochs=2)
    ours.train()
    x, y, weights = ours.arrays
    assert set(weights) == {0.25, 3.0}
    twin = keras_twin(ours)
    labels = {0: 0.25, 1: 3.0}
    twin.fit(x, y, epochs=2, batch_size=16, shuffle=False, verbose=0, class_weight=labels)
    assert same_weights(ours.model, twin)
    plain = lesson(NOISY, shuffle=False, epochs=2)
    plain.train()
    assert not same_weights(ours.model, plain.model)


def test_balanced_weights_make_classes_count_the_same():
    labels = np.asarray([0, 0, 0, 2])
    found = balanced_weights(labels, 3)
    assert found == {0: pytest.approx(4 / 9), 2: pytest.approx(4 / 3)}
    weights = row_weights(labels, found)
    assert weights.dtype == np.float32
    assert weights[:3].sum() == pytest.approx(weights[3:].sum())
    np.testing.assert_array_equal(row_weights(np.asarray([1, 0]), {0: 2.0}), [1, 2])


class Sequence(keras.callbacks.Callback):
    """Makes what is watched what a test wants it to be, and keeps the weights of each epoch."""

    def __init__(self, watched, values):
        super().__init__()
        self.watched, self.values, self.weights = watched, values, []

    def on_epoch_end(self, epoch, logs=None):
        logs[self.watched] = self.values[epoch]
        self.weights.append(self.model.get_weights())


@pytest.fixture
def staged(lesson, monkeypatch):
    """Trains with early stopping on values that are given."""

    def run(values, mode="min", **stopping):
        from nntrain.run import recipe as recipes

        watched = "val_loss" if mode == "min" else "val_accuracy"
        stage = Sequence(watched, values)
        monkeypatch.setattr(recipes, "make", _with(recipes.make, stage))
        settings = {"monitor": watched, "mode": mode, **stopping}
        ours = lesson(
            validation=True,
            epochs=len(values),
            metrics=["accuracy"],
            early_stopping=settings,
            callbacks=["SwapEMAWeights"],
        )
        return ours, ours.train(), stage

    return run


def _with(make, stage):
    return lambda spec, path: stage if spec.kind == "callbacks" else make(spec, path)


STOPPING = {
    # values, settings, epochs trained, best epoch
    "stops after patience": ([3, 1, 2, 2, 0], {"patience": 2}, 4, 2),
    "goes on while it improves": ([4, 3, 2, 1], {"patience": 1}, 4, 4),
    "keeps the best of a run that ends by itself": ([3, 1, 2], {"patience": 5}, 3, 2),
    "patience 0 stops at the first that is no better": ([3, 2, 2, 1], {"patience": 0}, 3, 2),
    "small gains count for nothing": ([3, 2.9, 2.8, 1], {"patience": 2, "min_delta": 0.5}, 3, 1),
    "more is better": ([1, 3, 2, 2], {"patience": 1, "mode": "max"}, 3, 2),
    "the first epochs are not watched": ([0, 3, 2, 2, 2], {"patience": 1, "start_from_epoch": 2}, 4, 3),
    "nothing is watched": ([1, 2, 3], {"patience": 0, "start_from_epoch": 9}, 3, None),
    "a baseline that is not reached": ([3, 2, 2, 0], {"patience": 2, "baseline": 1.0}, 3, 2),
}


@pytest.mark.parametrize("case", STOPPING)
def test_early_stopping(case, staged):
    values, settings, epochs, best = STOPPING[case]
    ours, trained, stage = staged(values, **settings)
    assert [row["epoch"] for row in trained.history] == list(range(1, epochs + 1))
    assert trained.best_epoch == best
    assert trained.stopped_early is (epochs < len(values))
    kept = stage.weights[(best or epochs) - 1]
    for mine, theirs in zip(ours.model.get_weights(), kept, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert not np.array_equal(stage.weights[0][0], stage.weights[-1][0])


def test_the_reason_of_an_early_end_is_told(staged):
    ours, _, _ = staged([1, 2, 3, 4], patience=2)
    assert ours.observer.reasons == ["val_loss did not improve for 2 epochs; the weights of epoch 1 are kept"]
    for patience in (0, 1):
        ours, _, _ = staged([1, 2, 3], patience=patience)
        assert ours.observer.reasons == [
            "val_loss did not improve for 1 epoch; the weights of epoch 1 are kept"
        ]


class Enough(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch == 1


@pytest.mark.parametrize("stopping", [None, {"monitor": "val_loss", "patience": 9}])
@pytest.mark.parametrize("engine", ["compiled", "keras"])
def test_the_reason_of_an_end_by_another_callback_is_told(engine, stopping, lesson, monkeypatch):
    from nntrain.run import recipe as recipes

    monkeypatch.setattr(recipes, "make", _with(recipes.make, Enough()))
    ours = lesson(
        validation=True, epochs=5, early_stopping=stopping, callbacks=["SwapEMAWeights"], engine=engine
    )
    assert ours.train().stopped_early
    kept = "; the weights of epoch 2 are kept" if stopping else ""
    assert ours.observer.reasons == [f"a callback of training.callbacks ended training after epoch 2{kept}"]


def test_a_plateau_lowers_the_learning_rate(lesson):
    plateau = {"type": "ReduceLROnPlateau", "monitor": "loss", "patience": 1, "factor": 0.5, "min_delta": 100}
    ours = lesson(epochs=4, callbacks=[plateau], optimizer={"type": "SGD", "learning_rate": 0.5})
    assert [row["learning_rate"] for row in ours.train().history] == [0.5, 0.5, 0.25, 0.125]


def test_history_shows_the_learning_rate_of_an_epochs_last_step(lesson):
    decay = {"type": "PiecewiseConstantDecay", "boundaries": [3, 7], "values": [1, 0.5, 0.25]}
    ours = lesson(epochs=3, optimizer={"type": "SGD", "learning_rate": decay})
    rates = [row["learning_rate"] for row in ours.train().history]
    assert ours.observer.steps[-1][:2] == (3, 4)  # steps 0-3 at 1, 4-7 at 0.5, 8-11 at 0.25
    assert rates == [1, 0.5, 0.25]


def test_a_loss_that_is_no_number_ends_training_and_gives_back_the_last_epoch(lesson):
    ours = lesson(LINEAR, loss="mse", epochs=5, optimizer={"type": "SGD", "learning_rate": 1e30})
    with pytest.raises(Halted) as halted:
        ours.train()
    cause = halted.value.cause
    assert isinstance(cause, Diverged)
    assert (cause.epoch, cause.step) == (1, 2)
    assert not math.isfinite(cause.loss)
    assert cause.learning_rate == pytest.approx(1e30, rel=1e-6)
    assert halted.value.history == ours.rows == []
    assert not halted.value.has_weights


def test_the_weights_before_the_break_are_those_of_the_last_whole_epoch(lesson, blobs):
    decay = {"type": "PiecewiseConstantDecay", "boundaries": [4], "values": [0.01, 1e30]}
    broken = lesson(LINEAR, loss="mse", epochs=4, optimizer={"type": "SGD", "learning_rate": decay})
    with pytest.raises(Halted) as halted:
        broken.train()
    assert (halted.value.cause.epoch, halted.value.has_weights) == (2, True)
    whole = lesson(LINEAR, loss="mse", epochs=1, optimizer={"type": "SGD", "learning_rate": 0.01})
    whole.train()
    assert same_weights(broken.model, whole.model)
    assert [row["loss"] for row in broken.rows] == [row["loss"] for row in whole.rows]


def test_a_value_that_is_no_number_is_found_in_its_step(lesson, blobs):
    x, y = blobs()
    x[40] = np.inf
    ours = lesson(LINEAR, data=(x, y), loss="mse", shuffle=False)
    with pytest.raises(Halted) as halted:
        ours.train()
    assert (halted.value.cause.epoch, halted.value.cause.step) == (1, 3)


@pytest.mark.parametrize(
    ("engine", "moment", "epochs"),
    [
        ("compiled", (1, 2), 0),
        ("compiled", (3, 4), 2),
        ("keras", (1, 2), 0),
        ("keras", (3, 3), 2),
        ("keras", (3, 4), 3),  # the results of an epoch's last step are known at its end
    ],
)
def test_a_stop_leaves_the_history_and_weights_of_whole_epochs(moment, epochs, engine, lesson):
    ours = lesson(NOISY, epochs=4, engine=engine)
    with pytest.raises(Halted) as halted:
        ours.train(stop=lambda: ours.observer.steps[-1][:2] == moment)
    assert isinstance(halted.value.cause, KeyboardInterrupt)
    assert ours.observer.steps[-1][:2] == moment
    assert [row["epoch"] for row in ours.rows] == list(range(1, epochs + 1))
    assert halted.value.history == ours.rows
    assert halted.value.has_weights is (epochs > 0)
    if epochs:
        whole = lesson(NOISY, epochs=epochs)
        whole.train()
        assert same_weights(ours.model, whole.model)


def test_training_and_predicting_warn_of_nothing(lesson, caplog):
    plateau = {"type": "ReduceLROnPlateau", "monitor": "val_loss", "patience": 1}
    stopping = {"monitor": "val_accuracy", "patience": 5, "start_from_epoch": 1}
    ours = lesson(
        HIDDEN,
        validation=True,
        metrics=["accuracy", "AUC"],
        callbacks=[plateau],
        early_stopping=stopping,
        class_weight="balanced",
        epochs=4,
    )
    logging.getLogger("tensorflow").propagate = True
    with caplog.at_level(logging.WARNING):  # Python's own warnings are errors in every test
        ours.train()
        predict(ours.model, ours.arrays[0])
    assert caplog.messages == []


def test_predictions_come_a_row_each_in_order(lesson):
    ours = lesson(LINEAR, loss="mse", classes=0)
    x = np.random.default_rng(0).normal(size=(EVALUATION_BATCH + 7, 3)).astype(np.float32)
    kernel, bias = ours.model.get_weights()
    np.testing.assert_allclose(predict(ours.model, x), x @ kernel + bias, rtol=1e-5, atol=1e-5)


def test_bytes_and_their_numbers_train_and_predict_to_the_last_bit(lesson):
    layers = [{"type": "Flatten"}, {"type": "BatchNormalization"}, *NOISY]
    count = 2 * EVALUATION_BATCH + 30
    images = Scaled(np.random.default_rng(0).integers(0, 256, (count, 3, 2), np.uint8), 7, 49)
    labels = images.values[:, 0, 0] > 128
    trained = []
    for x in (images, np.asarray(images)):
        ours = lesson(layers, data=(np.asarray(x), labels), metrics=["accuracy"], epochs=2)
        target = ours.experiment.targets(ours.dataset.train)
        how = recipe(ours.config, "CPU")
        rows = [(x, target), (x[::2], target[::2])]
        train(ours.model, *rows, how, ours.observer, ours.rows.append, lambda: False)
        trained.append((ours.rows, ours.model.get_weights(), predict(ours.model, x)))
    for packed, whole in zip(tf.nest.flatten(trained[0]), tf.nest.flatten(trained[1]), strict=True):
        assert np.asarray(packed).tobytes() == np.asarray(whole).tobytes()
    assert len(trained[0][2]) == count


def test_held_out_rows_are_scored_as_keras_scores_arrays(lesson, blobs):
    data = blobs(n=6 * EVALUATION_BATCH + 90)
    ours = lesson(HIDDEN, data=data, validation=True, metrics=["accuracy"], epochs=2, batch_size=100)
    ours.train()
    x, y = ours.held_out
    loss, accuracy = ours.model.evaluate(x, y, batch_size=EVALUATION_BATCH, verbose=0)
    assert np.float32(ours.rows[-1]["val_loss"]) == np.float32(loss)
    assert np.float32(ours.rows[-1]["val_accuracy"]) == np.float32(accuracy)
    expected = ours.model.predict(x, batch_size=EVALUATION_BATCH, verbose=0)
    assert predict(ours.model, x).tobytes() == expected.tobytes()
