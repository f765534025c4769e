"""Whole runs of tiny networks in this process, photographed at moments of which each could be their last.

A `kill -9` leaves the files as they are at its moment, so a copy of a run's directory is what it would leave;
the copy goes on while the run itself ends undisturbed. `python -m tests.reliability.trainings CELL ...` trains
cells straight and prints their digests.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from nntrain import fit, load_config, resume
from nntrain.errors import ConflictError
from nntrain.run import artefacts, completion
from nntrain.run.checkpoint import store
from tests.reliability.disk import Disk

HEAD = """\
name: net
seed: 5
data:
  type: sklearn
  name: make_blobs
  n_samples: 60
  n_features: 64
  centers: 3
  cluster_std: 9.0
  split: {validation: 0.2, test: 0.2}
model:
  layers:
    - {type: Reshape, target_shape: [8, 8, 1]}
"""
NETS = {
    "MLP": "    - {type: Flatten}\n    - {type: Dense, units: 6, activation: relu}\n",
    "CNN": "    - {type: Conv2D, filters: 3, kernel_size: 3, activation: relu}\n    - {type: Flatten}\n",
    "LSTM": "    - {type: Reshape, target_shape: [8, 8]}\n    - {type: LSTM, units: 4}\n",
}
BEFORE = {"noise": "{type: GaussianNoise, stddev: 0.3}", "augment": "{type: RandomTranslation, height_factor: 0.2, width_factor: 0.2}"}  # fmt: skip
LAYERS = ("dropout", "noise", "augment")
RULES = {
    "EarlyStopping": "  early_stopping: {monitor: val_loss, patience: 2, min_delta: 0.1}\n",
    "ReduceLROnPlateau": "  callbacks:\n    - {type: ReduceLROnPlateau, monitor: loss, patience: 1, "
    "min_delta: 0.5, factor: 0.5}\n",
    "schedule": "",
}
SMALL = f"""{HEAD.partition("model:")[0]}\
model:
  layers:
    - {{type: Dense, units: 3, activation: softmax}}
training: {{loss: sparse_categorical_crossentropy, optimizer: SGD, epochs: 2, batch_size: 64}}
"""
"""A step an epoch."""
CELLS = list(itertools.product(NETS, LAYERS, RULES))
EPOCHS = 4
NINE = [
    ((net, layer, list(RULES)[(i + j) % 3]), 1 + (i + 2 * j) % 3)
    for i, net in enumerate(NETS)
    for j, layer in enumerate(LAYERS)
]
"""Cells and the epoch after which they are killed: every pair of values of two of the four stands in one."""
COMPARED = ("weights.safetensors", "history.csv", "metrics.json", "predictions.csv", "resolved.yaml")


def text_of(net, layer, rule, epochs=EPOCHS):
    """The config of a cell."""
    before = f"    - {BEFORE[layer]}\n" if layer in BEFORE else ""
    after = "    - {type: Dropout, rate: 0.3}\n" if layer == "dropout" else ""
    rate = "{type: CosineDecay, initial_learning_rate: 0.1, decay_steps: 9}" if rule == "schedule" else "0.03"
    training = (
        f"    - {{type: Dense, units: 3, activation: softmax}}\ntraining:\n"
        f"  loss: sparse_categorical_crossentropy\n  optimizer: {{type: Adam, learning_rate: {rate}}}\n"
        f"  epochs: {epochs}\n  batch_size: 16\n"
    )
    return HEAD + before + NETS[net] + after + training + RULES[rule]


def digest(run):
    """What two runs must have in common, to the last bit."""
    return {name: hashlib.sha256((run / name).read_bytes()).hexdigest()[:16] for name in COMPARED}


@contextmanager
def eager(*, plots=False):
    """Checkpoints after every epoch however short it is; pictures only if they are asked for."""
    with patch.object(store, "PAUSE", 0.0), patch.object(store, "SHARE", 0):
        if plots:
            yield
            return
        with patch.object(artefacts, "write_plots", lambda *_: None):
            yield


def written(folder, text):
    """The config in a file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "net.yaml").write_text(text)
    return load_config(folder / "net.yaml")


def straight(folder, text):
    """A run from its beginning to its end."""
    with eager():
        return fit(written(folder, text), folder / "runs").path


def photographed(folder, text, wanted):
    """A run, and copies of its directory at the moments that `wanted(number, call, path)` says.

    Moments are the calls that change files, and the failpoints, which have no path.

    Returns:
        The run; by number, what came next then and the copy.
    """
    config, moments = written(folder, text), []
    (folder / "runs").mkdir()

    def moment(call, path):
        number = len(moments)
        made = [*(folder / "runs").glob("net/*/run.json")]
        copy = folder / "copies" / f"{number:04}" / "runs" / "net" / "run"
        moments.append((call, path, copy if made and wanted(number, call, path) else None))
        if moments[-1][2]:
            shutil.copytree(made[0].parent, copy)

    def reached(name):
        moment(name, None)

    with eager(), Disk(folder / "runs", before=moment), patch.object(store, "reached", reached):  # noqa: SIM117
        with patch.object(completion, "reached", reached):
            run = fit(config, folder / "runs").path
    return run, {number: told for number, told in enumerate(moments) if told[2]}


def gone_on(run):
    """The digest of a run after it was resumed, if it can be."""
    with eager():
        try:
            resume(run)
        except ConflictError as error:
            if "has finished its" not in str(error):
                raise
    return digest(run)


def tree(run):
    """What a resume finds in a run that matters to it."""
    files = (path for path in run.rglob("*") if path.is_file() and not path.name.startswith("."))
    found = sorted(
        (str(path.relative_to(run)), path.read_bytes()) for path in files if path.name != "log.txt"
    )
    return hashlib.sha256(repr(found).encode()).hexdigest()


def main():
    """Train the cells that the arguments name, and write their digests."""
    with tempfile.TemporaryDirectory() as folder:
        cells = [tuple(name.split(",")) for name in sys.argv[1:]]
        found = {",".join(cell): digest(straight(Path(folder, *cell), text_of(*cell))) for cell in cells}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
