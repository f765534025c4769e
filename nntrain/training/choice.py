"""Which engine runs the steps, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import keras

from nntrain.errors import ConfigError, Problem
from nntrain.training.parts import Step, divided_step, obstacle, replicated_step, whole_step
from nntrain.training.recipe import Recipe

BATCH_HOOKS = tuple(f"on_{phase}batch_{end}" for phase in ("", "train_", "test_") for end in ("begin", "end"))
"""What a callback is called with by Keras' own loop alone."""
COVERED = (keras.callbacks.TerminateOnNaN,)
"""Callbacks that look at every batch for something that ends every training here."""


@dataclass(frozen=True)
class Engine:
    """What runs the steps."""

    name: Literal["compiled", "keras"]
    xla: bool = False
    parts: int = 1
    """Parts of a batch that the CPU's cores compute side by side."""
    replicas: int = 1
    """Devices among which each batch is divided."""
    reason: str | None = None
    """Why it is Keras' own loop though that was not asked for."""

    def to_json(self) -> dict[str, Any]:
        """For a run's record."""
        return asdict(self)


def choose(model: keras.Model, recipe: Recipe, count: int, *, stored: bool = False) -> Engine:
    """The engine that a recipe asks for, or that suits it.

    Args:
        model: Built.
        recipe: What is asked for.
        count: Training rows.
        stored: Whether rows stay in their file, which the compiled engine alone reads.

    Raises:
        ConfigError: What is asked for can't be had: the compiled engine, or rows that stay in their file,
            where something needs Keras' own loop, or divided batches that can't be divided.
    """
    replicas = model.distribute_strategy.num_replicas_in_sync
    reason = _needs_every_batch(recipe.callbacks) or _own_step(model)
    if recipe.engine == "compiled" and reason:
        raise _refused("engine", f"{reason}; use engine: auto or keras")
    if stored and (recipe.engine == "keras" or reason):
        message = f"rows that stay in their file take the compiled engine, and {reason or 'this is set'}"
        raise _refused("engine", f"{message}; set data.streaming: false")
    if recipe.engine == "keras" or reason:
        if replicas > 1:
            raise _refused("distribute", f"takes the compiled engine, and {reason or 'engine: keras is set'}")
        return Engine("keras", reason=reason)
    if replicas > 1:
        hindrance = obstacle(model, recipe, count, replicas, apart=True)
        if hindrance:
            raise _refused("distribute", f"batches can't be divided among {replicas} devices: {hindrance}")
        return Engine("compiled", replicas=replicas)
    return Engine("compiled", recipe.xla, _parts(model, recipe, count))


def _parts(model: keras.Model, recipe: Recipe, count: int) -> int:
    hindrance = obstacle(model, recipe, count, recipe.parts, apart=False) if recipe.parts > 1 else None
    if hindrance:
        raise _refused("split_batch", f"batches can't be divided into {recipe.parts} parts: {hindrance}")
    return recipe.parts


def _refused(key: str, message: str) -> ConfigError:
    return ConfigError(Problem(message, ("training", key), id=f"engine-{key}"))


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


def step_of(engine: Engine, batch_size: int) -> Step:
    """What one step is."""
    if engine.replicas > 1:
        return replicated_step(batch_size)
    return divided_step(engine.parts) if engine.parts > 1 else whole_step
