"""TensorFlow's SavedModel: a folder, with what there is to know under `assets.extra`."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from nntrain.run.export.network import Made, Runner

EXTRA = "assets.extra"
"""Where TensorFlow leaves room for files of others."""
SIGNATURE = "serving_default"


def runtime() -> str:
    """What runs it."""
    return f"TensorFlow {tf.__version__}"


def write(made: Made, path: Path, rows: int | None = None) -> None:
    """Write the folder.

    Args:
        made: The network.
        path: Of the folder.
        rows: How many it takes at once; None for any number.
    """
    archive = keras.export.ExportArchive()
    archive.track(made.model)
    archive.add_endpoint(SIGNATURE, made.called, input_signature=[made.specs(rows)])
    archive.write_out(path, verbose=False)
    extra = path / EXTRA
    extra.mkdir()
    (extra / "nntrain.json").write_bytes(made.about)
    if made.preprocess is not None:
        (extra / "preprocess.json").write_bytes(made.preprocess)


def opened(path: Path) -> Runner:
    """What runs the network of a folder."""
    loaded = tf.saved_model.load(str(path))
    function = loaded.signatures[SIGNATURE]

    def run(feeds: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        assert loaded is not None  # its variables live as long as it does
        given = function(**{name: tf.constant(values) for name, values in feeds.items()})
        return {name: np.asarray(values) for name, values in given.items()}

    return run
