"""What may be read as a model at all, told by its name and without opening more than need be."""

from __future__ import annotations

import re
from pathlib import Path

from nntrain.errors import ArtefactError, Problem
from nntrain.run.directory import MODEL, RECORD, WEIGHTS, RunDirectory
from nntrain.run.model_files.archive import refused
from nntrain.run.model_files.tensors import MAX_HEADER

EAGER = 64 << 20
"""Bytes of numbers that are read before there is a network to compare them with."""
WIDEST = 8
"""Bytes of a number at most."""
COPIES = 5
"""An optimizer keeps up to four numbers beside each weight."""
ROOM = 64 << 20
"""Bytes of a `.keras` file for all that is no number."""
ADDRESS = re.compile(r"[a-z][a-z0-9+]*://", re.IGNORECASE)
OTHERS = {
    **dict.fromkeys(
        (".h5", ".hdf5"),
        "is a model in the HDF5 format of older versions of Keras, which nntrain does not read; where you "
        "trust it, save it again: keras.models.load_model('{name}').save('{stem}.keras')",
    ),
    **dict.fromkeys(
        (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".bin"),
        "is a pickle or may be one: reading it runs what it says, so it is refused; save the model with "
        "Keras as a .keras file",
    ),
    **dict.fromkeys(
        (".pb", ".tflite", ".onnx"),
        "is a compiled network and no model of Keras; save the model with Keras as a .keras file",
    ),
}
"""Kinds of files that hold models and are never read, by their ending."""


def refuse_others(model: str) -> None:
    """Refuse what is neither a run nor a `.keras` file.

    Args:
        model: As the user wrote it.

    Raises:
        ArtefactError: With what to do instead.
    """
    if ADDRESS.match(model):
        raise refused("is an address, and nntrain downloads no models; fetch the file yourself", model)
    path = Path(model)
    if path.is_dir() and (path / "saved_model.pb").is_file():
        raise refused(
            "is a SavedModel of TensorFlow, which is a program and not only numbers, so it is never loaded; "
            "save the model with Keras as a .keras file",
            model,
        )
    reason = OTHERS.get(path.suffix.lower())
    if reason is not None and not path.is_dir():
        raise refused(reason.format(name=path.name, stem=path.stem), model)


def check_trust(path: Path, trusted: bool) -> None:
    """Refuse a model file that nobody vouches for.

    Raises:
        ArtefactError: It is there, and --trust-model is not.
    """
    if trusted or not path.exists():
        return
    run = path.parent
    instead = f"; for the run's own scores, name {run}" if (run / RECORD).is_file() else ""
    raise ArtefactError(
        Problem(
            f"{path} is a model file that no run vouches for; if you know where it comes from, add "
            f"--trust-model{instead}",
            id="model-not-trusted",
        )
    )


def read_weights(run: RunDirectory) -> bytes | None:
    """The numbers of a run, as they were written; None where the network is to be asked before, being many.

    Raises:
        ArtefactError: They are missing, were changed since, or are more than the run's network has.
    """
    if WEIGHTS not in run.record.get("sha256", {}) and (run.path / MODEL).is_file():
        message = (
            f"the run was made by an older nntrain and has no {WEIGHTS}; score its model with "
            f"nntrain evaluate {run.path / MODEL} --config {run.path / 'resolved.yaml'} --trust-model"
        )
        raise ArtefactError(Problem(message, id="older-run"))
    file, most = run.path / WEIGHTS, weights_limit(run)
    if file.is_file() and EAGER < file.stat().st_size <= most:
        return None
    return run.read(WEIGHTS, most)


def weights_limit(run: RunDirectory) -> int:
    """Bytes that the numbers of a run's network can take in a file."""
    return _parameters(run) * WIDEST + MAX_HEADER + 8


def model_limit(run: RunDirectory) -> int:
    """Bytes that the run's `.keras` file can have, the optimizer's numbers among them."""
    return COPIES * _parameters(run) * WIDEST + ROOM


def _parameters(run: RunDirectory) -> int:
    count = run.record.get("parameters")
    return count if type(count) is int and count > 0 else 0
