"""Compile and fit: what the config asks of Keras, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nntrain.training import loop
from nntrain.training.batches import TrainingBatches
from nntrain.training.choice import Engine, choose, step_of
from nntrain.training.epochs import CompiledEpochs
from nntrain.training.forward import CompiledEvaluation
from nntrain.training.keeper import Keeper
from nntrain.training.observer import Plan, TrainingObserver
from nntrain.training.recipe import EVALUATION_BATCH, Arrays, Recipe
from nntrain.training.released import released
from nntrain.training.rows import DeviceRows, row_count
from nntrain.training.sources import source_of
from nntrain.training.state import Due, Keep, Snapshot, never
from nntrain.training.steps import StepKeeper, Told
from nntrain.training.stored import evaluation_rows, from_file, is_stored
from nntrain.training.together import ALONE, Together
from nntrain.training.watch import Diverged, Row, Watch

Array = NDArray[Any]
Lesson = tuple[Arrays, ...]


@dataclass(frozen=True)
class Trained:
    """What training left behind, besides the model's weights."""

    history: list[Row]
    """One row an epoch: `epoch` from 1, loss, metrics, the same for validation, learning rate."""
    seconds: list[float]
    best_epoch: int | None
    """The epoch whose weights the model has; None without early stopping: the last one's."""
    stopped_early: bool
    engine: Engine


class Halted(Exception):
    """Training broke off; carries what is good of it."""

    def __init__(self, cause: Diverged | KeyboardInterrupt, watch: Watch, has_weights: bool) -> None:
        super().__init__(cause)
        self.cause = cause
        self.history = watch.history
        self.seconds = watch.seconds
        self.has_weights = has_weights
        """Whether the model was put back to the weights of its last whole epoch."""


def train(
    model: keras.Model,
    rows: Lesson,
    validation: Lesson | None,
    recipe: Recipe,
    observer: TrainingObserver,
    on_epoch: Callable[[Row], None],
    stop_requested: Callable[[], bool],
    *,
    keep: Keep | None = None,
    due: Due = never,
    begin: Snapshot | None = None,
    together: Together = ALONE,
) -> Trained:
    """Train the model in place.

    Args:
        model: Built, not compiled.
        rows: Features, targets and, where rows are weighted, weights: an array of shape `(n, ...)` each,
            or a mapping of such arrays by input or output.
        validation: The same without weights; None if no rows are held out.
        recipe: How to train.
        observer: Is told what happens.
        on_epoch: Takes each history row as its epoch ends.
        stop_requested: Asked several times a second whether to break off.
        keep: Takes the whole state after each epoch; if training breaks off, that of the moment, or the last
            one again.
        due: Asked several times a second whether it takes the state within an epoch as well.
        begin: The state to go on from, rather than from the beginning.
        together: The processes that train the model, if there are several.

    Raises:
        ArtefactError: That state is of another network, optimizer or list of callbacks.
        ConfigError: The compiled engine is asked for, and something needs Keras' own loop.
        Halted: The loss became NaN or infinite, or a stop was requested.
    """
    count = row_count(rows)
    with model.distribute_strategy.scope():
        compile_model(model, recipe)
    engine = choose(model, recipe, count, stored=is_stored((rows, validation)))
    if engine.reason:
        observer.note(engine.reason)
    watch = Watch(observer, on_epoch, lambda: together.any(stop_requested()))
    keeps = Keeper if engine.name == "compiled" else StepKeeper
    keeper = keeps(watch, recipe.all_callbacks, engine, recipe.epochs, keep, begin, due, together)
    observer.started(Plan(recipe.epochs, -(-count // recipe.batch_size), count, recipe.device))
    try:
        with released():
            if engine.name == "compiled":
                _train_compiled(model, rows, validation, recipe, watch, keeper, together)
            else:
                _train_by_keras(model, rows, validation, recipe, watch, keeper)
    except (Diverged, KeyboardInterrupt) as cause:
        raise Halted(cause, watch, keeper.halt()) from cause
    except tf.errors.OpError:
        if together.several:  # another one is gone: what this one has is good
            keeper.halt()
        raise
    return _result(watch, recipe, keeper.engine, observer)


def _train_compiled(
    model: keras.Model,
    rows: Lesson,
    validation: Lesson | None,
    recipe: Recipe,
    watch: Watch,
    keeper: Keeper,
    together: Together,
) -> None:
    note, engine = watch.observer.note, keeper.engine
    source = from_file(rows, recipe, together) if is_stored(rows) else source_of(rows, recipe, note, together)

    def without_xla(text: str) -> None:
        keeper.engine = replace(engine, xla=False)
        note(text)

    with model.distribute_strategy.scope():
        epochs = CompiledEpochs(
            model,
            source,
            batch_size=recipe.batch_size,
            xla=engine.xla,
            step=step_of(engine, recipe.batch_size),
            note=without_xla,
            together=together,
        )
    watched = None if validation is None else evaluation_rows(validation, EVALUATION_BATCH, together)
    evaluation = None if watched is None else CompiledEvaluation(model, watched, together)
    loop.run(model, epochs, evaluation, recipe, watch, keeper)


def _train_by_keras(
    model: keras.Model, rows: Lesson, validation: Lesson | None, recipe: Recipe, watch: Watch, keeper: Keeper
) -> None:
    batches = TrainingBatches(rows, recipe.batch_size, recipe.seed, recipe.shuffle)
    if keeper.done:  # its metrics are to be put back, so they must be there
        model._symbolic_build(data_batch=batches.first())
    callbacks = [watch, *recipe.all_callbacks]
    model.fit(
        batches.dataset(keeper.first, keeper.done),
        steps_per_epoch=batches.steps,
        initial_epoch=keeper.first,
        epochs=recipe.epochs,
        validation_data=None if validation is None else _in_order(validation),
        callbacks=Told(callbacks, keeper, model, epochs=recipe.epochs, steps=batches.steps),
        shuffle=False,
        verbose=0,
    )


def compile_model(model: keras.Model, recipe: Recipe) -> None:
    """Tell the model what is minimised, and how."""
    model.compile(
        loss=recipe.loss,
        loss_weights=recipe.loss_weights,
        optimizer=recipe.optimizer,
        metrics=recipe.metrics,
    )
    # In its first traced step Keras would make the optimizer's first values anew in every step.
    model.optimizer.build(model.trainable_variables)


def _result(watch: Watch, recipe: Recipe, engine: Engine, observer: TrainingObserver) -> Trained:
    early = len(watch.history) < recipe.epochs
    stopping = recipe.early_stopping
    kept = stopping is not None and stopping.best_weights is not None
    best = stopping.best_epoch + 1 if stopping is not None and kept else None
    observer.stopped(_reason(stopping, len(watch.history), best) if early else None)
    return Trained(watch.history, watch.seconds, best, early, engine)


def _reason(stopping: keras.callbacks.EarlyStopping | None, epochs: int, best: int | None) -> str:
    """Why training ended after so many epochs: early stopping, or another callback that ends it."""
    why = f"a callback of training.callbacks ended training after epoch {epochs}"
    if stopping is not None and 0 < stopping.stopped_epoch == epochs - 1:
        count = max(1, stopping.patience)
        why = f"{stopping.monitor} did not improve for {count} epoch{'s' if count > 1 else ''}"
    return why if best is None else f"{why}; the weights of epoch {best} are kept"


def row_weights(labels: Array, class_weights: dict[int, float]) -> Array:
    """Each row's weight in the loss, from its class; 1 for a class without one. float32, shape `(n,)`."""
    return np.asarray([class_weights.get(int(label), 1.0) for label in labels], np.float32)


def balanced_weights(labels: Array, classes: int) -> dict[int, float]:
    """Weights that make every class count the same: rows / (classes * rows of the class).

    Source: scikit-learn's `class_weight="balanced"`, after King and Zeng, "Logistic Regression in Rare
    Events Data", 2001.
    """
    counts = np.bincount(labels, minlength=classes)
    return {i: float(len(labels) / (classes * count)) for i, count in enumerate(counts) if count}


def pixel_weights(masks: Array, class_weights: dict[int, float], classes: int) -> Array:
    """Each pixel's weight in the loss, from its class; 0 for what is left out. float32, shape of `masks`."""
    table = np.zeros(256, np.float32)
    table[:classes] = [class_weights.get(i, 1.0) for i in range(classes)]
    return table[masks]


def balanced_pixels(masks: Array, classes: int) -> dict[int, float]:
    """Weights that make the pixels of every class count the same, as `balanced_weights` those of rows."""
    counts = np.zeros(256, np.int64)
    for mask in masks:
        counts += np.bincount(mask.ravel(), minlength=256)
    counts = counts[:classes]
    total = int(counts.sum())
    return {i: float(total / (classes * count)) for i, count in enumerate(counts) if count}


def _in_order(rows: Lesson) -> tf.data.Dataset:
    """Rows in batches for Keras' own evaluation, none of them made floats before its batch is read."""
    with tf.device("CPU"):  # where Keras' pipelines run
        return DeviceRows(rows).dataset(EVALUATION_BATCH)
