"""Which engine runs the steps, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import keras

from nntrain.errors import ConfigError, Problem
from nntrain.training.recipe import Recipe

BATCH_HOOKS = tuple(f"on_{phase}batch_{end}" for phase in ("", "train_", "test_") for end in ("begin", "end"))
"""What a callback is called with by Keras' own loop alone."""
COVERED = (keras.callbacks.TerminateOnNaN,)
"""Callbacks that look at every batch for something that ends every training here."""


@dataclass(frozen=True)
class Engine:
    """What runs the steps."""

    name: Literal["compiled", "keras"]
    xla: bool
    reason: str | None = None
    """Why it is Keras' own loop though that was not asked for."""


def choose(model: keras.Model, recipe: Recipe) -> Engine:
    """The engine that a recipe asks for, or that suits it.

    Raises:
        ConfigError: The compiled engine is asked for, and something needs Keras' own loop.
    """
    if recipe.engine == "keras":
        return Engine("keras", False)
    reason = _needs_every_batch(recipe.callbacks) or _own_step(model)
    if reason is None:
        return Engine("compiled", recipe.xla)
    if recipe.engine == "compiled":
        raise ConfigError(
            Problem(f"{reason}; use engine: auto or keras", ("training", "engine"), id="engine")
        )
    return Engine("keras", False, reason)


def _needs_every_batch(callbacks: Sequence[Any]) -> str | None:
    for callback in callbacks:
        if not isinstance(callback, COVERED) and any(_has(callback, hook) for hook in BATCH_HOOKS):
            return f"{type(callback).__name__} looks at every batch, which takes Keras' own loop"
    return None


def _has(callback: Any, hook: str) -> bool:
    own = getattr(type(callback), hook) is not getattr(keras.callbacks.Callback, hook)
    return own or hook in vars(callback)


def _own_step(model: keras.Model) -> str | None:
    for method in ("train_step", "test_step", "make_train_function"):
        if getattr(type(model), method) is not getattr(keras.Model, method):
            return f"the model has a {method} of its own, which takes Keras' own loop"
    return None
