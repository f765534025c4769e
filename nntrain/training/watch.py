"""The callback that records epochs, and catches a loss that is no number."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from nntrain.training.observer import TrainingObserver

Row = dict[str, float]


class Diverged(Exception):
    """The loss of a step is not a finite number."""

    def __init__(self, epoch: int, step: int, loss: float, learning_rate: float) -> None:
        super().__init__(epoch, step, loss, learning_rate)
        self.epoch, self.step, self.loss, self.learning_rate = epoch, step, loss, learning_rate


class Watch(keras.callbacks.Callback):
    """Follows training from epoch to epoch."""

    def __init__(
        self, observer: TrainingObserver, on_epoch: Callable[[Row], None], stop_requested: Callable[[], bool]
    ) -> None:
        """Watch for `observer`.

        Args:
            observer: Is told of every step and epoch.
            on_epoch: Takes the history row of each whole epoch, before the next one begins.
            stop_requested: Asked by `check_stop`.
        """
        super().__init__()
        self.observer = observer
        self.on_epoch = on_epoch
        self.stop_requested = stop_requested
        self.history: list[Row] = []
        self.seconds: list[float] = []
        self._epoch = 0
        self._began = 0.0

    @property
    def elapsed(self) -> float:
        """Seconds since the epoch began."""
        return time.perf_counter() - self._began

    def goes_on(self, elapsed: float) -> None:
        """Put the epoch's begin back by the seconds that it had taken when it was broken off."""
        self._began -= elapsed

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Start the epoch's clock."""
        self._epoch = epoch + 1
        self._began = time.perf_counter()

    def advanced(self, step: int, loss: float) -> None:
        """Check the loss after a step, counted from 1.

        Raises:
            Diverged: The loss is no finite number.
        """
        if not math.isfinite(loss):
            raise Diverged(self._epoch, step, loss, self._learning_rate())
        self.observer.step(self._epoch, step, loss)

    def check_stop(self) -> None:
        """Stop if asked to.

        Raises:
            KeyboardInterrupt: A stop is requested.
        """
        if self.stop_requested():
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the epoch."""
        logs = logs or {}
        seconds = self.elapsed
        measured = {name: _number(value) for name, value in logs.items() if name != "learning_rate"}
        row = {"epoch": epoch + 1, **_ordered(measured), "learning_rate": self._learning_rate()}
        self.history.append(row)
        self.seconds.append(seconds)
        self.on_epoch(row)
        self.observer.epoch_ended(epoch + 1, row, seconds)

    def _learning_rate(self) -> float:
        """The rate that the last step used: a schedule by itself already tells the next step's."""
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)
        rate = optimizer._learning_rate
        if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
            rate = rate(optimizer.iterations - 1)
        return _number(float(keras.ops.convert_to_numpy(rate)))


def _number(value: Any) -> float:
    """A float that prints with the digits that a float32 has: 0.003, not 0.003000000026077032."""
    single = np.float32(value)
    return float(str(single)) if float(single) == float(value) else float(value)


def _ordered(measured: Row) -> Row:
    """Loss first, then the metrics; the validation's values after the training's."""
    return dict(sorted(measured.items(), key=lambda item: _rank(item[0])))


def _rank(name: str) -> tuple[bool, bool, str]:
    return name.startswith("val_"), not name.endswith("loss"), name
