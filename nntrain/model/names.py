"""Names of layers that the config gives none: those that Keras would choose, and never one that is taken."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from nntrain.config.vocabulary.keras_object import KerasObject

INSIDE_WORD = re.compile(r"(?<=.)(?=[A-Z][a-z])|(?<=[a-z])(?=[A-Z])")


class LayerNames:
    """Numbers the layers of one network: `dense`, `dense_1`, ... in their order, whatever was built before.

    Args:
        taken: Names that the config gives.
    """

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._seen: Counter[str] = Counter()

    def free(self, stem: str) -> str:
        """The next name of a stem that nothing has."""
        while True:
            number = self._seen[stem]
            self._seen[stem] += 1
            name = f"{stem}_{number}" if number else stem
            if name not in self._taken:
                self._taken.add(name)
                return name

    def give(self, layer: Any, spec: KerasObject, label: str | None) -> None:
        """Name a layer that is not built yet, also one whose class has no `name` among its arguments.

        Args:
            layer: Of Keras.
            spec: What it was made from; Keras numbers the layers among its arguments too.
            label: The name that the config gives.
        """
        for inner in _layers_in(spec.arguments.values()):
            self._seen[snake_case(inner.name)] += 1
        stem = layer.name if spec.kind == "applications" else snake_case(type(layer).__name__)
        name = label or self.free(stem)
        if layer.name != name:
            layer.name = name


def snake_case(name: str) -> str:
    """The name of a class as Keras writes it: `max_pooling2d`."""
    return INSIDE_WORD.sub("_", name).lower()


def _layers_in(values: Iterable[Any]) -> Iterator[KerasObject]:
    """Layers without a name among a layer's arguments."""
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from _layers_in(value)
        elif isinstance(value, KerasObject) and value.kind == "layers":
            yield from _layers_in(value.arguments.values())
            if "name" not in value.arguments:
                yield value
