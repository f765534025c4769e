"""What TensorFlow would keep of a training until the process ends, let go of."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

from tensorflow.python.framework import ops

CUSTOM = "CustomGradient-"
"""How the names begin under which TensorFlow registers gradients that come with a function of their own."""


@contextmanager
def released() -> Iterator[None]:
    """Forget the gradients of their own that are registered inside the block.

    Each trace registers new ones and none is ever forgotten, though nobody asks for them once the steps are
    traced. They hold the graph of the steps, and so the network, some MiB for each training of a process.
    """
    gradients = _gradients()
    before = set(gradients)
    try:
        yield
    finally:
        for name in [name for name in gradients if name.startswith(CUSTOM) and name not in before]:
            del gradients[name]


def _gradients() -> MutableMapping[str, Any]:
    """TensorFlow's table, which is no part of what it promises; an empty one where it has gone."""
    table: MutableMapping[str, Any] = getattr(getattr(ops, "gradient_registry", None), "_registry", {})
    return table
