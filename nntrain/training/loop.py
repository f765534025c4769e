"""Keras' order of events around compiled epochs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from nntrain.training.epochs import CompiledEpochs
from nntrain.training.forward import CompiledEvaluation
from nntrain.training.recipe import Recipe
from nntrain.training.watch import Watch


def run(
    model: keras.Model,
    epochs: CompiledEpochs,
    evaluation: CompiledEvaluation | None,
    recipe: Recipe,
    watch: Watch,
    callbacks: Sequence[Any],
    first: int = 0,
) -> None:
    """Train the model in place as `fit` does, with callbacks at the ends of epochs and of evaluations.

    Args:
        model: Built and compiled.
        epochs: Train it.
        evaluation: Of the held-out rows, after every epoch.
        recipe: How to train.
        watch: Is told of every call.
        callbacks: After the watch, in this order.
        first: The epoch to begin with, from 0.

    Raises:
        Diverged: The loss of a step is no finite number.
        KeyboardInterrupt: A stop is requested.
    """
    told = keras.callbacks.CallbackList(
        [watch, *callbacks], model=model, epochs=recipe.epochs, steps=epochs.steps, verbose=0
    )
    logs: dict[str, Any] = {}
    model.stop_training = False
    told.on_train_begin()
    for number in range(first, recipe.epochs):
        told.on_epoch_begin(number)
        for progress in epochs.epoch(number):
            watch.advanced(progress.step, progress.loss)
        logs = dict(model.get_metrics_result())
        if evaluation is not None:
            told.on_test_begin()
            measured = evaluation(watch.check_stop)
            told.on_test_end(measured)
            logs |= {f"val_{name}": value for name, value in measured.items()}
        told.on_epoch_end(number, logs)
        if model.stop_training:
            break
    model.optimizer.finalize_variable_values(model.trainable_weights)
    told.on_train_end(logs)
