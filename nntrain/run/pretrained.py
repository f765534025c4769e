"""The files of pretrained weights that a config names, as a run's record tells them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from nntrain.config.network.graph import Graph
from nntrain.config.schema import Config
from nntrain.config.text.source import located
from nntrain.errors import MachineError


def pretrained(config: Config) -> list[dict[str, str]]:
    """Each file as the config names it, once, with the SHA-256 of its content.

    Raises:
        MachineError: A file can't be read.
    """
    return [{"file": name, "sha256": _digest(config, name)} for name in dict.fromkeys(_names(config.graph))]


def _names(graph: Graph) -> Iterator[str]:
    """The files that the network's backbones start from, those in nested stacks too."""
    for step in graph.steps:
        if isinstance(step.layer, Graph):
            yield from _names(step.layer)
        elif step.layer.kind == "applications" and step.layer.arguments.get("weights") is not None:
            yield str(step.layer.arguments["weights"])


def _digest(config: Config, name: str) -> str:
    file = located(name, config.origin.folder)
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise MachineError(f"{name} was there and can't be read any more: {error.strerror}") from error
