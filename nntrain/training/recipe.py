"""What training is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from nntrain.arrays import Values
from nntrain.config.training import EngineName

Arrays = Values | Mapping[str, Values]
EVALUATION_BATCH = 256
"""Rows a batch wherever nothing is learnt; one number, because sums depend on it in their last bits."""


@dataclass(frozen=True)
class Recipe:
    """How to train, in Keras' objects."""

    loss: Any
    """A loss, or a mapping of losses by output."""
    loss_weights: dict[str, float] | None
    optimizer: Any
    metrics: Any
    """A list, or a mapping of lists by output."""
    callbacks: list[Any]
    early_stopping: keras.callbacks.EarlyStopping | None
    epochs: int
    batch_size: int
    shuffle: bool
    seed: int
    device: str
    """In words, as it is shown."""
    engine: EngineName
    xla: bool
    """Whether XLA compiles the steps of the compiled engine."""
    parts: int = 1
    """Parts into which each batch is divided, for the CPU's cores to compute side by side."""
    memory: int | None = None
    """Bytes that are free on the device; None if that is not known."""

    @property
    def all_callbacks(self) -> list[Any]:
        """The callbacks in the order in which they are called: early stopping comes last."""
        return [*self.callbacks, *([self.early_stopping] if self.early_stopping else [])]
