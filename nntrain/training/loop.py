"""Keras' order of events around compiled epochs."""

from __future__ import annotations

from typing import Any

import keras

from nntrain.training.epochs import CompiledEpochs
from nntrain.training.forward import CompiledEvaluation
from nntrain.training.keeper import Keeper
from nntrain.training.recipe import Recipe
from nntrain.training.watch import Watch


def run(
    model: keras.Model,
    epochs: CompiledEpochs,
    evaluation: CompiledEvaluation | None,
    recipe: Recipe,
    watch: Watch,
    keeper: Keeper,
) -> None:
    """Train the model in place as `fit` does, with callbacks at the ends of epochs and of evaluations.

    Args:
        model: Built and compiled.
        epochs: Train it.
        evaluation: Of the held-out rows, after every epoch.
        recipe: How to train.
        watch: Is told of everything before the recipe's callbacks.
        keeper: Is told after them, and of every call; it knows where to begin.

    Raises:
        Diverged: The loss of a step is no finite number.
        KeyboardInterrupt: A stop is requested.
    """
    told = keras.callbacks.CallbackList(
        [watch, *recipe.all_callbacks, keeper],
        model=model,
        epochs=recipe.epochs,
        steps=epochs.steps,
        verbose=0,
    )
    done = keeper.done
    logs: dict[str, Any] = {}
    model.stop_training = False
    told.on_train_begin()
    for number in range(keeper.first, recipe.epochs):
        if done:
            keeper.epoch_goes_on()
        else:
            told.on_epoch_begin(number)
        for progress in epochs.epoch(number, done):
            keeper.advanced(progress.step, progress.loss)
        done = 0
        logs = epochs.sums.results()
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
