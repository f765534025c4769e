"""The callback behind all others: it keeps the state of training, and begins with one that was kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from nntrain.training.choice import Engine
from nntrain.training.snapshot import Taker, draw_apart, put_back, put_sums_back, sums_of, weights_of
from nntrain.training.state import Due, Keep, Snapshot, never
from nntrain.training.together import ALONE, Together
from nntrain.training.watch import Watch

LONG = 1.0
"""Seconds after which an epoch is long enough to be kept while it is evaluated."""


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
        due: Due = never,
        together: Together = ALONE,
    ) -> None:
        """Keep what training changes.

        Args:
            watch: Has the history.
            callbacks: Whose state is kept.
            engine: What runs the steps.
            epochs: Epochs in all.
            keep: Takes the state after each epoch, and within one; None: nothing but the weights is kept, in
                memory.
            begin: What training goes on from.
            due: Whether the state within an epoch is wanted.
            together: The processes that train. What their metrics have summed up within an epoch all of them
                tell one another, if one of them keeps it.
        """
        super().__init__()
        self.watch, self._callbacks, self._epochs = watch, callbacks, epochs
        self._keep, self._begin, self._due, self._together = keep, begin, due, together
        self.engine = engine
        """May turn out to be another one than was chosen, in the first step."""
        self._taker: Taker | None = None
        self._latest: Snapshot | None = begin if begin is not None and not begin.step else None
        self._broken_off: Snapshot | None = None
        self._weights: list[Any] = []
        self._epoch = self._step = 0
        self._kept = keep is not None
        """Whether one of the processes keeps the state within an epoch."""

    @property
    def first(self) -> int:
        """The epoch to begin with, from 0; the one after the last where training was ended already."""
        if self._begin is None:
            return 0
        return self._epochs if self._begin.stopped else self._begin.epoch

    @property
    def done(self) -> int:
        """Steps of that epoch that are done already."""
        return 0 if self._begin is None else self._begin.step

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Put everything back, after the others have begun anew."""
        if self._begin is not None:
            put_back(self._begin, self.model, self._callbacks)
            self.watch.history += self._begin.history
            self.watch.seconds += self._begin.seconds
        draw_apart(self.model, self._together.worker)
        self._kept = self._together.any(self._kept)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note the epoch."""
        self._epoch = epoch

    def epoch_goes_on(self) -> None:
        """Begin where an epoch was broken off: of its begin the callbacks were told before."""
        if self._begin is not None:
            self.watch.on_epoch_begin(self.first)
            self.watch.goes_on(self._begin.elapsed)
            self.on_epoch_begin(self.first)
            put_sums_back(self._begin, self.model, self._together)

    def advanced(self, step: int, loss: float) -> None:
        """Look at the loss after a step, counted from 1; keep the state if that is due; stop if asked to.

        Raises:
            Diverged: The loss is no finite number.
            KeyboardInterrupt: A stop is requested. The state of this moment is what will have been kept.
        """
        self._step = step
        try:
            self.watch.advanced(step, loss)
            self.watch.check_stop()
        except KeyboardInterrupt:
            self._broken_off = self._within()
            raise
        if self._kept and self._together.any(self._keep is not None and self._due()):
            self._offer(self._within(), for_good=False)

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Have what an evaluation that is broken off leaves of a long epoch."""
        if self._kept and self._together.any(self.watch.elapsed > LONG):
            self._broken_off = self._within()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        """Forget it: the epoch is about to end."""
        self._broken_off = None

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep the state."""
        if self._keep is None:
            self._weights = self.model.get_weights()
            return
        self._latest = self._take(epoch + 1)
        self._offer(self._latest, for_good=self.model.stop_training or epoch + 1 == self._epochs)

    def halt(self) -> bool:
        """Keep for good what training has come to, and put the weights of the last whole epoch back.

        Returns:
            Whether there are such weights.
        """
        kept = self._broken_off or self._latest
        if kept is not None:
            self._offer(kept, for_good=True)
        if self._latest is not None:
            self.model.set_weights(weights_of(self._latest, self.model))
        elif self._weights:
            self.model.set_weights(self._weights)
        return self._latest is not None or bool(self._weights)

    def _offer(self, snapshot: Snapshot | None, for_good: bool) -> None:
        if self._keep is not None and snapshot is not None:
            self._keep(snapshot, for_good)

    def _within(self) -> Snapshot | None:
        """The state within the epoch at hand."""
        if not self._kept:
            return None
        sums = sums_of(self.model, self._together)
        return None if self._keep is None else self._take(self._epoch, self._step, self.watch.elapsed, sums)

    def _take(self, epoch: int, step: int = 0, elapsed: float = 0.0, sums: Sequence[Any] = ()) -> Snapshot:
        if self._taker is None:
            self._taker = Taker(self.model, self._callbacks)
        watch, engine = self.watch, self.engine.to_json()
        return self._taker.take(epoch, watch.history, watch.seconds, engine, step, elapsed, sums)
