"""The callback behind all others: it keeps the state after each epoch, and begins with one that was kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from nntrain.training.choice import Engine
from nntrain.training.snapshot import Taker, put_back, weights_of
from nntrain.training.state import Keep, Snapshot
from nntrain.training.watch import Watch


class Keeper(keras.callbacks.Callback):
    """Comes last: what it keeps is what all others left, and what it puts back they do not undo."""

    def __init__(
        self,
        watch: Watch,
        callbacks: Sequence[Any],
        engine: Engine,
        epochs: int,
        keep: Keep | None,
        begin: Snapshot | None,
    ) -> None:
        """Keep what training changes.

        Args:
            watch: Has the history.
            callbacks: Whose state is kept.
            engine: What runs the steps.
            epochs: Epochs in all.
            keep: Takes the state after each epoch; None: nothing but the weights is kept, in memory.
            begin: What training goes on from.
        """
        super().__init__()
        self._watch, self._callbacks, self._epochs = watch, callbacks, epochs
        self._keep, self._begin = keep, begin
        self.engine = engine
        """May turn out to be another one than was chosen, in the first step."""
        self._taker: Taker | None = None
        self._latest: Snapshot | None = begin
        self._weights: list[Any] = []

    @property
    def first(self) -> int:
        """The epoch to begin with, from 0; the one after the last where training was ended already."""
        if self._begin is None:
            return 0
        return self._epochs if self._begin.stopped else self._begin.epoch

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Put everything back, after the others have begun anew."""
        if self._begin is not None:
            put_back(self._begin, self.model, self._callbacks)
            self._watch.history += self._begin.history
            self._watch.seconds += self._begin.seconds

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep the state."""
        if self._keep is None:
            self._weights = self.model.get_weights()
            return
        if self._taker is None:
            self._taker = Taker(self.model, self._callbacks)
        watch, engine = self._watch, self.engine.to_json()
        self._latest = self._taker.take(epoch + 1, watch.history, watch.seconds, engine)
        self._keep(self._latest, self.model.stop_training or epoch + 1 == self._epochs)

    def halt(self) -> bool:
        """Put the weights of the last whole epoch back, and keep its state for good; whether there is one."""
        if self._latest is not None:
            self.model.set_weights(weights_of(self._latest, self.model))
            if self._keep is not None:
                self._keep(self._latest, True)
        elif self._weights:
            self.model.set_weights(self._weights)
        return self._latest is not None or bool(self._weights)
