"""A `.keras` file that opens with Keras alone."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nntrain.errors import ArtefactError, Problem
from nntrain.run.experiment import at_least_single, one_or_all
from nntrain.run.export.network import Made, Runner, own_layers


def runtime() -> str:
    """What runs it."""
    return f"Keras {keras.__version__}"


def write(made: Made, path: Path) -> None:
    """Write the file.

    Raises:
        ArtefactError: The network has layers that Keras alone does not know.
    """
    for layer in own_layers(made.model):
        message = (
            f"layer '{layer.name}' ({type(layer).__name__}) is none of Keras' own, and a .keras file would "
            "not open without its code; export to saved_model, onnx or tflite, which need no code"
        )
        raise ArtefactError(Problem(message, id="export-layer"))
    made.model.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("nntrain.json", made.about)
        if made.preprocess is not None:
            archive.writestr("preprocess.json", made.preprocess)


def opened(path: Path, outputs: list[str]) -> Runner:
    """What runs the network of a file."""
    model = keras.models.load_model(path, compile=False)

    def run(feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        given = model(one_or_all({name: tf.constant(values) for name, values in feeds.items()}))
        named = given if isinstance(given, Mapping) else {outputs[0]: given}
        return {name: at_least_single(np.asarray(named[name])) for name in outputs}

    return run
