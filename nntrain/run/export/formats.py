"""The four formats: how each is written, and what runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nntrain.config.schema import Config
from nntrain.errors import ArtefactError, ConflictError, Problem
from nntrain.run.export import keras_file, onnx_file, saved_model, tflite_file
from nntrain.run.export.ask import Format
from nntrain.run.export.network import Made, Runner, layers_of
from nntrain.run.export.refused import Refused

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


def write(made: Made, format: Format, path: Path, config: Config) -> None:
    """Write a network.

    Raises:
        ArtefactError: The format can't hold it; names the layer, where that is known.
    """
    try:
        MODULES[format].write(made, path)
    except Refused as refused:
        raise _explained(refused, made, format, config) from refused


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


def _explained(refused: Refused, made: Made, format: Format, config: Config) -> ArtefactError:
    parts = (refused.place or "").split("/")
    layer = next((one for one in layers_of(made.model) if one.name in parts), None)
    operation = f"no operation {refused.operation}" if refused.operation else "an operation less than this needs"
    if layer is None:
        reason = " ".join(refused.text.split())[:200]
        message = f"{TITLES[format]} can't hold this network: {reason}"
        return ArtefactError(Problem(message, id="export-layer"))
    message = (
        f"{TITLES[format]} has {operation}, which layer '{layer.name}' ({type(layer).__name__}) computes with; "
        "export to saved_model, or train without that layer"
    )
    path = next((step.path for step in config.graph.steps if step.label == layer.name), ())
    return ArtefactError(Problem(message, path, config.origin.location(path) if path else None, "export-layer"))
