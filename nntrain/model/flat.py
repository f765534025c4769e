"""Activations without a slope: what comes before them never learns."""

from __future__ import annotations

from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.keras_object import KerasObject


def flat_note(layer: KerasObject) -> str | None:
    """What does not learn because of a layer's activation; None if nothing is known to."""
    given = layer.argument("activation")
    name = given.name if isinstance(given, KerasObject) else given
    found = catalogue.entry("activations", name) if isinstance(name, str) else None
    if found is None or found.name != "binary_step" or layer.argument("trainable") is False:
        return None
    return (
        "the derivative of binary_step is 0, so neither this layer nor any before it learns; use sigmoid, or "
        "weights that are set by hand and trainable: false"
    )
