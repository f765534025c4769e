"""The four formats: how each is written, and what runs it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras

from nntrain.config.schema import Config
from nntrain.errors import ArtefactError, ConflictError, KeyPath, Problem
from nntrain.run.export import keras_file, onnx_file, saved_model, tflite_file
from nntrain.run.export.ask import Format
from nntrain.run.export.network import Made, Runner, layers_of
from nntrain.run.export.refused import Refused

AGAIN = re.compile(r"_\d+$")
"""What Keras appends to the name of a layer that is called once more."""
MODULES: dict[Format, Any] = {
    "saved_model": saved_model,
    "onnx": onnx_file,
    "tflite": tflite_file,
    "keras": keras_file,
}
TITLES: dict[Format, str] = {
    "saved_model": "A SavedModel",
    "onnx": "ONNX",
    "tflite": "TensorFlow Lite",
    "keras": "A .keras file",
}


def runtime(format: Format) -> str:
    """What runs a format here, with its version."""
    return str(MODULES[format].runtime())


def write(made: Made, format: Format, path: Path, config: Config, network: keras.Model) -> None:
    """Write a network.

    Args:
        made: The network.
        format: One of four.
        path: Of the file or folder.
        config: The run's.
        network: The run's own network.

    Raises:
        ArtefactError: The format can't hold it; names the layer, where that is known.
    """
    try:
        MODULES[format].write(made, path)
    except Refused as refused:
        raise _explained(refused, format, config, network) from refused


def opened(format: Format, path: Path, made: Made) -> Runner:
    """What runs what was written.

    Raises:
        ConflictError: It can't be opened by its own runtime.
    """
    try:
        if format == "keras":
            return keras_file.opened(path, [port.name for port in made.outputs])
        runner: Runner = MODULES[format].opened(path)
    except (ValueError, RuntimeError, TypeError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        message = f"{runtime(format)} can't open what was written, so nothing was: {reason}"
        raise ConflictError(Problem(message, id="export-differs")) from error
    return runner


def _explained(refused: Refused, format: Format, config: Config, network: keras.Model) -> ArtefactError:
    """What a format lacks, with the layer that needs it."""
    by_name = {layer.name: layer for layer in layers_of(network)}
    parts = (refused.place or "").split("/")
    layer = next((found for part in parts if (found := by_name.get(AGAIN.sub("", part)))), None)
    if layer is None:
        reason = " ".join(refused.text.split())[:200]
        message = f"{TITLES[format]} can't hold this network: {reason}"
        return ArtefactError(Problem(message, id="export-layer"))
    message = (
        f"{TITLES[format]} has no operation {refused.operation}, which layer '{layer.name}' "
        f"({type(layer).__name__}) computes with; export to saved_model, or train without that layer"
    )
    path = _path(layer, config, network)
    location = config.origin.location(path) if path else None
    return ArtefactError(Problem(message, path, location, "export-layer"))


def _path(layer: Any, config: Config, network: keras.Model) -> KeyPath:
    """Where a config names a layer; nothing where the layer's name does not tell."""
    steps = config.graph.steps
    if isinstance(network, keras.Sequential) and layer in network.layers:
        path: KeyPath = steps[network.layers.index(layer)].path
        return path
    return next((step.path for step in steps if step.label == layer.name), ())
