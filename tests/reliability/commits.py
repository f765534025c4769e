"""A command that commits checkpoints without TensorFlow, for as long as it lives: `FOLDER FIRST`."""

import resource
import sys
from pathlib import Path

import numpy as np

from nntrain.run.checkpoint.store import Store
from nntrain.training.state import Snapshot


def main(rows=lambda epoch: 300):
    """Commit the epochs from the first to the ninth; every number in one is the epoch's."""
    store = Store(Path(sys.argv[1]))
    history = [{"epoch": i + 1, "loss": 1 / (i + 1)} for i in range(9)]
    for epoch in range(int(sys.argv[2]), 10):
        arrays = {"weights/0000": np.full((rows(epoch), 20), epoch, np.float32)}
        store.commit(Snapshot(epoch, False, arrays, {}, {}, history, [0.0] * 9))


def limited():
    """The same with files that grow with the epoch, of which none may become larger than 9 kB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))
    main(lambda epoch: 30 * epoch)
