"""Epochs as calls of one compiled function, each of many steps.

Unless batches are divided, a step is Keras' own `train_step` on the rows that the epoch's order names. What
training means is not defined here: losses, penalties, metrics, gradients and updates are Keras'.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from nntrain.training.pace import Pace
from nntrain.training.parts import Step, verdict, whole_step
from nntrain.training.rows import Tensors
from nntrain.training.sources import Block, Source
from nntrain.training.sums import Sums
from nntrain.training.together import ALONE, Together

NOT_COMPILED = (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError)
"""What TensorFlow raises, before anything is computed, at steps that XLA can't compile."""

NEVER = 1 << 20
"""More steps than a call has; as a float32 it is itself."""


@dataclass(frozen=True)
class Progress:
    """Where an epoch stands after a call."""

    step: int
    """Steps that are done."""
    loss: float
    """Mean over the epoch's rows so far; if it is no finite number, the last step made it so."""

    @property
    def is_finite(self) -> bool:
        """Whether training can go on."""
        return math.isfinite(self.loss)


class CompiledEpochs:
    """Trains a model, epoch by epoch."""

    def __init__(
        self,
        model: keras.Model,
        source: Source,
        *,
        batch_size: int,
        xla: bool = False,
        step: Step = whole_step,
        note: Callable[[str], None] = lambda text: None,
        together: Together = ALONE,
    ) -> None:
        """Prepare the function.

        Args:
            model: Built and compiled.
            source: Delivers features, targets and, where rows are weighted, weights.
            batch_size: Rows a step; the last one of an epoch may have fewer.
            xla: Whether XLA compiles the steps, all of a call into one program. Where it can't, they run
                without it.
            step: What a step is: Keras' own, or one that divides its batch.
            note: Is told that XLA can't, and why.
            together: The processes that make the same calls.
        """
        self._step = step
        self.model, self.source, self.xla, self._note = model, source, xla, note
        self.batch_size = min(batch_size, source.count)
        self.steps = -(-source.count // self.batch_size)
        self.traces = 0
        """How often the steps were traced."""
        self.sums = Sums(model, together)
        self._pace = Pace(together.number)
        layout = source.layout
        batch = layout.on_device([array[: self.batch_size] for array in layout.arrays])
        # The states of metrics come to be now: in the first trace they would make it have to be done twice.
        model._symbolic_build(data_batch=layout.chosen(batch, lambda tensor: tensor))
        self._make(layout.specs(batch, None))

    def _make(self, tensors: Tensors) -> None:
        step, order = tf.TensorSpec((), tf.int32), tf.TensorSpec((None,), tf.int64)
        if self.xla:  # compiles for the rows of one block, and again for those of a last, smaller one
            self._run = tf.function(self._full_steps, autograph=False, jit_compile=True)
            self._run_rest = tf.function(self._rest, autograph=False, jit_compile=True)
        else:
            self._run = tf.function(self._all_steps, [tensors, order, step, step], autograph=False)
        self._specs = tensors

    def epoch(self, number: int, done: int = 0) -> Iterator[Progress]:
        """Train one epoch, or what is left of it.

        Args:
            number: From 0.
            done: Steps of it that are done; its metrics hold what they summed up.

        Yields:
            Where it stands after each call of a fraction of a second. The last one is that of the whole
            epoch, or of the step that made the loss no finite number.
        """
        if not done:
            self.sums.begin()
        for block in self.source.epoch(number, done):
            for start, stop in self._pace.calls(block.steps, max(0, done - block.first)):
                progress = self._call(block, start, stop)
                yield progress
                if not progress.is_finite:
                    return

    def _call(self, block: Block, start: int, stop: int) -> Progress:
        """Some steps; with XLA, those of full batches and the one of the rest are two functions."""
        full = int(block.order.shape[0]) // self.batch_size
        if self.xla and start < full < stop:
            progress = self._call(block, start, full)
            return self._call(block, full, stop) if progress.is_finite else progress
        try:
            return self._steps(block, start, stop, rest=start == full)
        except NOT_COMPILED as error:
            if not self.xla:
                raise
            self._note(f"XLA can't compile the steps, which run without it: {_reason(error)}")
            self.xla = False
            self._make(self._specs)
            return self._steps(block, start, stop)

    def _steps(self, block: Block, start: int, stop: int, rest: bool = False) -> Progress:
        if self.xla and rest:
            return Progress(block.first + stop, float(self._run_rest(block.tensors, block.order)))
        done, loss = self._run(block.tensors, block.order, tf.constant(start), tf.constant(stop))
        return Progress(block.first + int(done), float(loss))

    def _all_steps(self, tensors: Tensors, order: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> Any:
        """Steps of which the last may have fewer rows: each finds out how many it has."""

        def chosen(i: tf.Tensor) -> tf.Tensor:
            return order[i * self.batch_size : (i + 1) * self.batch_size]

        return self._loop(tensors, chosen, start, stop)

    def _full_steps(self, tensors: Tensors, order: tf.Tensor, start: tf.Tensor, stop: tf.Tensor) -> Any:
        """Steps of `batch_size` rows: XLA compiles for one number of them."""

        def chosen(i: tf.Tensor) -> tf.Tensor:
            return tf.slice(order, [i * self.batch_size], [self.batch_size])

        return self._loop(tensors, chosen, start, stop)

    def _rest(self, tensors: Tensors, order: tf.Tensor) -> Any:
        """The step of the rows that fill no batch."""
        self.traces += 1
        left = int(order.shape[0]) % self.batch_size
        return self._step_on(tensors, order[-left:])

    def _loop(
        self,
        tensors: Tensors,
        chosen: Callable[[tf.Tensor], tf.Tensor],
        start: tf.Tensor,
        stop: tf.Tensor,
    ) -> Any:
        self.traces += 1
        if self.model.distribute_strategy.num_replicas_in_sync > 1:
            return self._side_by_side(tensors, chosen, start, stop)
        return tf.while_loop(
            lambda i, loss: (i < stop) & tf.math.is_finite(loss),
            lambda i, loss: (i + 1, self._step_on(tensors, chosen(i))),
            (start, tf.constant(0.0)),
        )

    def _side_by_side(
        self,
        tensors: Tensors,
        chosen: Callable[[tf.Tensor], tf.Tensor],
        start: tf.Tensor,
        stop: tf.Tensor,
    ) -> Any:
        """Steps of several devices, which tell one another of their losses when all steps are done.

        What is learnt after a loss that is no finite number is lost in any case.
        """
        here = len(self.model.distribute_strategy.extended.worker_devices)

        def step(i: tf.Tensor, bad: tf.Tensor, losses: tf.Tensor) -> Any:
            found = self._step_on(tensors, chosen(i))
            fine = bad == NEVER
            new = fine & ~tf.reduce_all(tf.math.is_finite(found))
            return i + 1, tf.where(new, i - start, bad), tf.where(fine, found, losses)

        never = tf.constant(NEVER)
        _, bad, losses = tf.while_loop(lambda i, *_: i < stop, step, (start, never, tf.zeros((here,))))
        first, loss = verdict(self.model, bad, losses)
        return tf.minimum(start + first + 1, stop), loss

    def _step_on(self, tensors: Tensors, indices: tf.Tensor) -> tf.Tensor:
        def rows(indices: tf.Tensor) -> Any:
            return self.source.layout.chosen(tensors, lambda tensor: tf.gather(tensor, indices))

        return tf.cast(self._step(self.model, rows, indices), tf.float32)


def _reason(error: tf.errors.OpError) -> str:
    """What XLA lacks, or the first line of what TensorFlow says about itself."""
    text = str(error.message)
    missing = sorted(set(re.findall(r"No registered '(\w+)' OpKernel", text)))
    if missing:
        return f"it has no {' and no '.join(missing)}"
    return re.sub(r"\s*(\{\{node|\[Op:|\n).*", "", text, flags=re.DOTALL)[:200]
