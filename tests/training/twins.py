"""A network trained twice, by nntrain and by Keras on the same batches, and both compared bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nntrain.run.observer import Silent
from nntrain.training.recipe import EVALUATION_BATCH, Recipe
from nntrain.training.rows import epoch_order, row_count
from nntrain.training.train import train

SEED = 5
ROWS, BATCH, EPOCHS = 41, 12, 3  # three full batches and one of five rows


class Notes(Silent):
    """Keeps what training notes."""

    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


@dataclass(frozen=True)
class Case:
    """What is trained, made anew for each training."""

    network: Callable[[], keras.Model]
    rows: tuple[Any, ...]
    loss: Any = "mse"
    optimizer: Callable[[], Any] = lambda: keras.optimizers.Adam(0.01)
    metrics: Callable[[], Any] = list
    loss_weights: Any = None
    callbacks: Callable[[], list[Any]] = list
    validation: tuple[Any, ...] | None = None
    batch_size: int = BATCH
    epochs: int = EPOCHS
    engine: str = "compiled"
    xla: bool = False

    def recipe(self):
        return Recipe(
            loss=self.loss,
            loss_weights=self.loss_weights,
            optimizer=self.optimizer(),
            metrics=self.metrics(),
            callbacks=self.callbacks(),
            early_stopping=None,
            epochs=self.epochs,
            batch_size=self.batch_size,
            shuffle=True,
            seed=SEED,
            device="CPU",
            engine=self.engine,
            xla=self.xla,
        )

    def seeded(self):
        """A network with the first weights and seeds that every twin has."""
        keras.utils.clear_session(free_memory=False)
        keras.utils.set_random_seed(SEED)
        return self.network()

    def compiled(self):
        model = self.seeded()
        told = self.recipe()
        model.compile(
            loss=told.loss, loss_weights=told.loss_weights, optimizer=told.optimizer, metrics=told.metrics
        )
        return model

    def batches(self, epochs=None):
        """The batches of all epochs, by hand: NumPy picks the rows."""
        count = row_count(self.rows)
        for epoch in range(epochs or self.epochs):
            order = epoch_order(count, SEED, tf.constant(epoch, tf.int64), True).numpy()
            for start in range(0, count, self.batch_size):
                chosen = order[start : start + self.batch_size]
                yield tf.nest.map_structure(lambda array, chosen=chosen: array[chosen], self.rows)


@dataclass
class Twin:
    """A trained network, and what was said of each epoch."""

    model: keras.Model
    history: dict[str, list[Any]]
    notes: list[str] = field(default_factory=list)
    engine: Any = None

    @property
    def state(self):
        """Every number that training can change, by the place where it's kept."""
        kept = [*self.model.variables, *self.model.optimizer.variables, *self.model.metrics_variables]
        return [(variable.path, variable.numpy()) for variable in kept]


def by_nntrain(case):
    observer, model, rows = Notes(), case.seeded(), []
    done = train(model, case.rows, case.validation, case.recipe(), observer, rows.append, lambda: False)
    assert rows == done.history
    names = [name for name in rows[0] if name not in ("epoch", "learning_rate")]
    return Twin(model, {name: [row[name] for row in rows] for name in names}, observer.notes, done.engine)


def by_fit(case, model=None):
    """By `model.fit` on the batches that were made by hand; of the network that is given, if one is."""
    model = model or case.compiled()
    told = model.fit(
        case.batches(),
        epochs=case.epochs,
        steps_per_epoch=-(-row_count(case.rows) // case.batch_size),
        validation_data=case.validation,
        validation_batch_size=EVALUATION_BATCH,
        callbacks=case.callbacks(),
        shuffle=False,
        verbose=0,
    )
    return Twin(model, told.history)


def by_batches(case):
    """By `train_on_batch`, which runs no evaluation and no callbacks."""
    model = case.compiled()
    for batch in case.batches():
        model.train_on_batch(*batch)
    model.optimizer.finalize_variable_values(model.trainable_weights)
    return Twin(model, {})


def assert_same(ours, theirs, history=True):
    """Weights, states of layers, seeds, optimizer and metrics, and every value of the history."""
    pairs = list(zip(ours.state, theirs.state, strict=True))
    other = [path for (path, mine), (_, kept) in pairs if not same_bits(mine, kept)]
    assert not other, f"these differ: {other}"
    if history:
        mine, kept = (_as_float32(twin.history) for twin in (ours, theirs))
        assert mine == kept, f"the histories differ: {mine} and {kept}"


def _as_float32(history):
    """A row of the history shows the shortest number that is the same float32."""
    return {name: np.float32(values).tolist() for name, values in history.items() if name != "learning_rate"}


def same_bits(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def assert_learnt(case, twin):
    """That the training changed every trainable weight, so that being equal says something."""
    first = case.seeded().trainable_weights
    for before, after in zip(first, twin.model.trainable_weights, strict=True):
        assert not np.array_equal(before.numpy(), after.numpy()), f"{after.path} is as it was"


def assert_twins(case):
    """Our engine trains as `fit` does."""
    ours = by_nntrain(case)
    assert ours.engine.name == "compiled"
    assert ours.notes == [], ours.notes
    assert_same(ours, by_fit(case))
    assert_learnt(case, ours)
    return ours


def changed(case, **what):
    return replace(case, **what)


# Networks and rows that cases share.


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def labels(classes, *shape, seed=1):
    return np.random.default_rng(seed).integers(0, classes, size=shape or (ROWS, 1))


def stack(*make, shape=(6,), **inputs):
    """A network of layers that are made anew each time."""

    def network():
        entry = keras.Input(shape, **inputs)
        x = entry
        for one in make:
            x = one()(x)
        return keras.Model(entry, x)

    return network


def layer(name, *arguments, **options):
    """Makes a Keras layer whenever it is called."""
    return lambda: getattr(keras.layers, name)(*arguments, **options)


def regression(*make, n=ROWS, **options):
    """Six numbers in, one out."""
    rows = (numbers(n, 6), numbers(n, 1, seed=1))
    return Case(stack(*make, layer("Dense", 1)), rows, **options)
