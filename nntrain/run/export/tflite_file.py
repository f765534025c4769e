"""A `.tflite` file: a flat buffer, and behind it a ZIP archive of what there is to know."""

from __future__ import annotations

import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.lite.python.convert_phase import ConverterError

from nntrain.run.export import saved_model
from nntrain.run.export.network import Made, Runner
from nntrain.run.export.refused import Refused

MISSING = re.compile(r"'?(?:tf\.)?(\w+)'? op is neither a custom op nor a flex op")
PLACE = re.compile(r'"([^"]+/[^"]+)@')


def runtime() -> str:
    """What runs it."""
    return f"the TensorFlow Lite interpreter of TensorFlow {tf.__version__}"


def write(made: Made, path: Path) -> None:
    """Write the file.

    Raises:
        Refused: The format has no such operation.
    """
    with tempfile.TemporaryDirectory() as folder:
        saved_model.write(made, Path(folder) / "model", made.rows)
        converter = tf.lite.TFLiteConverter.from_saved_model(
            str(Path(folder) / "model"), signature_keys=[saved_model.SIGNATURE]
        )
        if made.quantize is not None:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if made.quantize == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if made.quantize == "int8" and made.rows is None:  # TensorFlow Lite dies of examples for loops
            converter.representative_dataset = lambda: _examples(made)
        try:
            content = converter.convert()
        except ConverterError as error:
            raise _refused(str(error)) from error
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:  # readers of the buffer do not look behind its end
        archive.writestr("nntrain.json", made.about)
        if made.preprocess is not None:
            archive.writestr("preprocess.json", made.preprocess)
    path.write_bytes(file.getvalue())


def _examples(made: Made) -> Iterator[tuple[str, dict[str, Any]]]:
    """Training rows, one at a time."""
    for i in range(len(next(iter(made.examples.values())))):
        yield saved_model.SIGNATURE, {name: values[i : i + 1] for name, values in made.examples.items()}


def _refused(text: str) -> Refused:
    operation, place = MISSING.search(text), PLACE.search(text)
    return Refused(operation[1] if operation else None, place[1] if place else None, text)


def opened(path: Path) -> Runner:
    """What runs the network of a file."""
    interpreter = tf.lite.Interpreter(str(path))
    runner = interpreter.get_signature_runner(saved_model.SIGNATURE)

    def run(feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return dict(runner(**feeds))

    return run
