"""A trained model on its way into its run: two files, both read back before they are trusted."""

from __future__ import annotations

from pathlib import Path

import keras

from nntrain.errors import ArtefactError
from nntrain.run.directory import MODEL, WEIGHTS, RunDirectory
from nntrain.run.experiment import Experiment, load_weights, model_bytes
from nntrain.run.model_files.weights import load_numbers, same_weights, weights_bytes


def save(run: RunDirectory, experiment: Experiment) -> tuple[Path, keras.Model]:
    """Write the model, and build it again from the config and the numbers that were written.

    Returns:
        The file of the numbers, and the model that has them.

    Raises:
        MachineError: The disk is full.
        ArtefactError: What was written can't be read back.
    """
    run.write(MODEL, model_bytes(experiment.model))
    saved = run.write(WEIGHTS, weights_bytes(experiment.model))
    restored = experiment.fresh_model()
    load_numbers(restored, saved.read_bytes(), str(saved))
    return saved, restored


def check_export(run: RunDirectory, experiment: Experiment, spare: keras.Model) -> None:
    """Make sure that the file for other programs holds the trained weights.

    Args:
        run: Has just written it.
        experiment: With the trained model.
        spare: The same network, whose weights are overwritten.

    Raises:
        ArtefactError: The file is damaged.
    """
    file = run.path / MODEL
    load_weights(spare, run.read(MODEL, file.stat().st_size), str(file))
    if not same_weights(spare, experiment.model):
        raise ArtefactError(f"{file} does not hold the trained weights; look at the disk, and train again")
