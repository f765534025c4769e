"""What checkpoints cost: the same training with them and with `checkpoint: false`, in turn, in one process.

python tests/benchmarks/checkpoint_cost.py [TURNS]

Counted is the loop from the end of the first epoch on, which has compiled the steps, by the clock and by the CPU.
A checkpoint is written at most once a second, after 75 times what one takes, and at the end.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

CONFIG = """\
name: cost
seed: 1
data: {{type: sklearn, name: make_blobs, n_samples: {rows}, n_features: {features}, centers: 5, split: {{test: 0.2}}}}
model:
  layers:
    - {{type: Dense, units: {units}, activation: relu}}
    - {{type: Dense, units: {units}, activation: relu}}
    - {{type: Dense, units: 5, activation: softmax}}
training: {{loss: sparse_categorical_crossentropy, epochs: {epochs}, batch_size: 64, xla: false}}
"""
NETS = {
    "tiny": {"rows": 400, "features": 4, "units": 8, "epochs": 600},
    "a million parameters": {"rows": 2560, "features": 200, "units": 900, "epochs": 30},
}


class Cost(NamedTuple):
    """What a training took."""

    seconds: float
    cpu: float
    commits: int


def cost(config: Path, folder: Path | None) -> Cost:
    """Train once; where there is a folder, with checkpoints in it."""
    import keras

    from nntrain import load_config
    from nntrain.run.checkpoint.store import Store
    from nntrain.run.experiment import prepare
    from nntrain.run.observer import Silent
    from nntrain.run.reading import read_data
    from nntrain.run.recipe import recipe
    from nntrain.training.state import Snapshot, never
    from nntrain.training.train import train

    read = load_config(config)
    keras.utils.clear_session(free_memory=False)
    keras.utils.set_random_seed(1)
    ours = prepare(read, read_data(read))
    commits: list[int] = []

    class Counted(Store):
        def commit(self, snapshot: Snapshot) -> None:
            commits.append(snapshot.epoch)
            super().commit(snapshot)

    store = None if folder is None else Counted(folder)
    began: list[tuple[float, float]] = []
    train(
        ours.model,
        (ours.dataset.train.x, ours.targets(ours.dataset.train)),
        None,
        recipe(read, "CPU"),
        Silent(),
        lambda row: began.append((time.perf_counter(), time.process_time())),
        lambda: False,
        keep=None if store is None else store.offer,
        due=never if store is None else store.due,
    )
    clock, cpu = began[0]
    return Cost(time.perf_counter() - clock, time.process_time() - cpu, len(commits))


def main(arguments: Sequence[str]) -> None:
    """Print a line for each net."""
    turns = int(arguments[0]) if arguments else 5
    for name, sizes in NETS.items():
        with tempfile.TemporaryDirectory() as place:
            config = Path(place, "c.yaml")
            config.write_text(CONFIG.format(**sizes))
            pairs = []
            for turn in range(turns):
                run = Path(place, str(turn))
                run.mkdir()
                given = [None, run] if turn % 2 else [run, None]
                found = {folder: cost(config, folder) for folder in given}
                pairs.append((found[run], found[None]))
        shares = [
            median(100 * (kept[i] / plain[i] - 1) for kept, plain in pairs)  # type: ignore[misc]
            for i in range(2)
        ]
        plain, commits = median(p.seconds for _, p in pairs), median(k.commits for k, _ in pairs)
        print(f"{name}: {plain:.1f} s without, {commits:.0f} checkpoints; {shares[0]:+.1f} % of the time, "
              f"{shares[1]:+.1f} % of the CPU's", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
