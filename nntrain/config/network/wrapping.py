"""What can stand inside Bidirectional and TimeDistributed."""

from __future__ import annotations

from typing import Any

from nntrain.config.vocabulary import catalogue
from nntrain.config.vocabulary.hints import Fault
from nntrain.errors import KeyPath

WRAPPERS = frozenset({"Bidirectional", "TimeDistributed"})
RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU", "RNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})


def kind_of(name: Any) -> str:
    """`applications` for a backbone of `keras.applications`, else `layers`."""
    backbone = isinstance(name, str) and not catalogue.entry("layers", name)
    return "applications" if backbone and catalogue.entry("applications", name) else "layers"


def unfit_inside(value: dict[str, Any], path: KeyPath) -> Fault | None:
    """What is wrong with the layer inside a wrapper, as far as its type tells; None if nothing is.

    Args:
        value: A layer with a `type`, as the config has it.
        path: Its place.
    """
    found = catalogue.entry("layers", value["type"]) if isinstance(value["type"], str) else None
    if found is None or found.name not in WRAPPERS or "layer" not in value:
        return None
    wrapper, inner, at = found.name, value["layer"], (*path, "layer")
    name = inner.get("type") if isinstance(inner, dict) else inner
    if name is None and isinstance(inner, dict) and ("layers" in inner or "repeat" in inner):
        fix = f"give each of its layers a {wrapper} of its own"
        return f"{wrapper} holds one layer, and gets a list of layers; {fix}", at, "bad-argument"
    if not isinstance(name, str):
        return None
    if kind_of(name) == "applications":
        fix = "use layers such as Conv2D, each inside a TimeDistributed of its own"
        return f"a backbone can't stand inside {wrapper}, which holds one layer; {fix}", at, "bad-argument"
    known = catalogue.entry("layers", name)
    if wrapper == "Bidirectional" and known is not None and known.name not in RECURRENT:
        message = f"Bidirectional needs a recurrent layer, such as LSTM, and gets {known.name}"
        return message, at, "bad-argument"
    return unfit_inside(inner, at) if isinstance(inner, dict) else None
