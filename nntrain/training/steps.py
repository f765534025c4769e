"""What Keras' own loop is told and tells, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from nntrain.training.keeper import Keeper


class StepKeeper(Keeper):
    """Looks at every step.

    The state is kept after any step of an epoch but the last, whose results Keras alone knows.
    """

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Look at the loss; stop after this step if asked to."""
        step, loss = batch + 1, float((logs or {})["loss"])
        if step < self.params["steps"] and not self.model.stop_training:
            self.advanced(step, loss)
        else:
            self.watch.advanced(step, loss)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """The epoch can't be kept without its last step's results."""

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep the state; stop if asked to since the last step."""
        super().on_epoch_end(epoch, logs)
        if epoch + 1 < self._epochs and not self.model.stop_training:
            self.watch.check_stop()


class Told(keras.callbacks.CallbackList):
    """Callbacks that hear nothing of what they were told before an epoch was broken off.

    Keras' loop runs through the epoch from its first step. Those that are done are left out: no batch is read
    for them, and nothing changes.
    """

    def __init__(self, callbacks: Sequence[Any], keeper: Keeper, model: keras.Model, **params: int) -> None:
        """Take a model's callbacks; the keeper is the last of them."""
        super().__init__([*callbacks, keeper], add_history=True, model=model, **params)
        self._keeper, self._left = keeper, keeper.done
        self._train: Any = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Pass it on, and let the steps that are done do nothing."""
        if self._left:
            self._train, self.model.train_function = self.model.train_function, lambda iterator: {}
        super().on_train_begin(logs)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Pass it on, or go on within the epoch."""
        if self._left:
            self._keeper.epoch_goes_on()
        else:
            super().on_epoch_begin(epoch, logs)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Pass it on if the batch is not done."""
        if not self._left:
            super().on_train_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Pass it on if the batch was not done."""
        if not self._left:
            super().on_train_batch_end(batch, logs)
            return
        self._left -= 1
        if not self._left:
            self.model.train_function = self._train
