"""Epochs as calls of one compiled function, each of many steps.

A step is Keras' own `train_step` on the rows that the epoch's order names, so that nothing that training
means is defined here: losses, penalties, metrics, weights of rows, gradients and updates are Keras'.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from nntrain.training.pace import Pace
from nntrain.training.rows import DeviceRows, Tensors, epoch_order

Logs = Mapping[str, Any]
NOT_COMPILED = (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError)
"""What TensorFlow raises, before anything is computed, at steps that XLA can't compile."""


@dataclass(frozen=True)
class Progress:
    """Where an epoch stands after a call."""

    step: int
    """Steps that are done."""
    loss: float
    """Mean over the epoch's rows so far; if it is no finite number, the last step made it so."""
    logs: Logs
    """Loss and metrics so far, by name."""

    @property
    def is_finite(self) -> bool:
        """Whether training can go on."""
        return math.isfinite(self.loss)


class CompiledEpochs:
    """Trains a model, epoch by epoch."""

    def __init__(
        self,
        model: keras.Model,
        rows: DeviceRows,
        *,
        batch_size: int,
        seed: int,
        shuffle: bool,
        xla: bool,
        note: Callable[[str], None],
    ) -> None:
        """Prepare the function.

        Args:
            model: Built and compiled.
            rows: Features, targets and, where rows are weighted, weights.
            batch_size: Rows a step; the last one of an epoch may have fewer.
            seed: With the epoch's number, decides the order of the rows.
            shuffle: False keeps the rows' own order.
            xla: Whether XLA compiles the steps, all of a call into one program. Where it can't, they run
                without it.
            note: Is told that XLA can't, and why.
        """
        self.model, self.rows, self.xla, self._note = model, rows, xla, note
        self.batch_size = min(batch_size, rows.count)
        self.steps = -(-rows.count // self.batch_size)
        self.full_steps = rows.count // self.batch_size
        self.traces = 0
        """How often the steps were traced."""
        self._pace = Pace()
        self._order = tf.function(
            lambda epoch: epoch_order(rows.count, seed, epoch, shuffle),
            input_signature=[tf.TensorSpec((), tf.int64)],
            autograph=False,
        )
        # As `fit` does before its first step: the states of metrics and optimizer come to be.
        model._symbolic_build(data_batch=rows.part(rows.tensors, 0, 1))
        self._make()

    def _make(self) -> None:
        signature = [self.rows.specs(self.rows.count), tf.TensorSpec((self.rows.count,), tf.int64)]
        steps = [tf.TensorSpec((), tf.int32)] * 2
        body = self._full_steps if self.xla else self._all_steps
        self._run = tf.function(body, [*signature, *steps], autograph=False, jit_compile=self.xla)
        self._run_rest = tf.function(self._rest, signature, autograph=False, jit_compile=self.xla)

    def epoch(self, number: int) -> Iterator[Progress]:
        """Train one epoch.

        Args:
            number: From 0.

        Yields:
            Where it stands after each call of a fraction of a second. The last one is that of the whole
            epoch, or of the step that made the loss no finite number.
        """
        self.model.reset_metrics()
        order = self._order(tf.constant(number, tf.int64))
        for start, stop in self._pace.calls(self.steps):
            progress = self._call(order, start, stop)
            yield progress
            if not progress.is_finite:
                return

    def _call(self, order: tf.Tensor, start: int, stop: int) -> Progress:
        """Some steps; with XLA, those of full batches and the one of the rest are two functions."""
        if self.xla and start < self.full_steps < stop:
            progress = self._call(order, start, self.full_steps)
            return self._call(order, self.full_steps, stop) if progress.is_finite else progress
        try:
            return self._steps(order, start, stop)
        except NOT_COMPILED as error:
            if not self.xla:
                raise
            self._note(f"XLA can't compile the steps, which run without it: {_reason(error)}")
            self.xla = False
            self._make()
            return self._steps(order, start, stop)

    def _steps(self, order: tf.Tensor, start: int, stop: int) -> Progress:
        tensors = self.rows.tensors
        if self.xla and start == self.full_steps:
            loss, logs = self._run_rest(tensors, order)
            return Progress(stop, float(loss), logs)
        done, loss, logs = self._run(tensors, order, tf.constant(start), tf.constant(stop))
        return Progress(int(done), float(loss), logs)

    def _all_steps(self, tensors: Tensors, order: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> Any:
        """Steps of which the last may have fewer rows: each finds out how many it has."""

        def chosen(i: tf.Tensor) -> tf.Tensor:
            return order[i * self.batch_size : tf.minimum((i + 1) * self.batch_size, self.rows.count)]

        return self._loop(tensors, chosen, start, stop)

    def _full_steps(self, tensors: Tensors, order: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> Any:
        """Steps of `batch_size` rows: XLA compiles for one number of them."""

        def chosen(i: tf.Tensor) -> tf.Tensor:
            return tf.slice(order, [i * self.batch_size], [self.batch_size])

        return self._loop(tensors, chosen, start, stop)

    def _rest(self, tensors: Tensors, order: tf.Tensor) -> Any:
        """The step of the rows that fill no batch."""
        self.traces += 1
        loss = self._step(self.rows.take(tensors, order[self.full_steps * self.batch_size :]))
        return loss, self.model.get_metrics_result()

    def _loop(
        self,
        tensors: Tensors,
        chosen: Callable[[tf.Tensor], tf.Tensor],
        start: tf.Tensor,
        stop: tf.Tensor,
    ) -> Any:
        self.traces += 1
        done, loss = tf.while_loop(
            lambda i, loss: (i < stop) & tf.math.is_finite(loss),
            lambda i, loss: (i + 1, self._step(self.rows.take(tensors, chosen(i)))),
            (start, tf.constant(0.0)),
        )
        return done, loss, self.model.get_metrics_result()

    def _step(self, batch: Any) -> tf.Tensor:
        return tf.cast(self.model.train_step(batch)["loss"], tf.float32)


def _reason(error: tf.errors.OpError) -> str:
    return " ".join(str(error.message).split())[:200]
