"""Trials an hour: `nntrain tune --jobs 2`, whose processes stay warm, against a fresh `nntrain fit` for each.

    python -m tests.benchmarks.tune_rate [rounds] [trials]

Both sides try the same values of a small network, two at a time, in turns within each round, so that a busy
machine slows both. The first seconds of a search, in which its processes import TensorFlow, count too.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median

from nntrain.config import load_config
from nntrain.config.search.space import arguments
from nntrain.search.draw import next_values
from nntrain.search.trial import Trial

CONFIG = """\
version: 1
name: rate
seed: 7
data:
  type: sklearn
  name: digits
  split: {validation: 0.15, test: 0.2}
  preprocess: {numeric: {scale: rescale, range: [0, 16]}}
model:
  layers:
    - {type: Dense, units: 32, activation: relu}
    - {type: Dense, units: 10, activation: softmax}
training:
  loss: sparse_categorical_crossentropy
  optimizer: {type: Adam, learning_rate: 1e-3}
  metrics: [accuracy]
  epochs: 5
  batch_size: 64
search:
  objective: validation.accuracy
  sampler: random
  space:
    model.layers.0.units: {int: [8, 64]}
    training.optimizer.learning_rate: {log: [1e-4, 1e-1]}
"""
SIDE = 2
"""Processes at once, on either side."""
PER_FIT = 4
"""Trials of the search for each fresh process, which takes that much longer."""


def measured(action):
    """What an action comes to: seconds by the clock, and of the processors, its processes' among them."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    action()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.perf_counter() - began, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def search(folder, trials):
    """Try this many by a search."""
    command = [
        "tune",
        "rate.yaml",
        f"search.trials={trials}",
        "--jobs",
        str(SIDE),
        "-q",
        "--runs-dir",
        "tuned",
    ]
    _nntrain(folder, *command)


def fresh(folder, trials):
    """Try this many, each in a process of its own."""
    config = load_config(folder / "rate.yaml")
    known = []
    for number in range(1, trials + 1):
        known.append(Trial(number, next_values(config.search, config.seed, known, "maximize"), "finished"))
    with ThreadPoolExecutor(SIDE) as pool:
        jobs = [
            pool.submit(
                _nntrain, folder, "fit", "rate.yaml", *arguments(trial.values), "-q", "--runs-dir", "each"
            )
            for trial in known
        ]
        for job in jobs:
            job.result()


def _nntrain(folder, *arguments):
    command = [sys.executable, "-m", "nntrain", *arguments]
    threads = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **threads})


def main(rounds=2, trials=24):
    """Print both rates and their ratio, by the clock and by the processors' seconds."""
    ratios = []
    for number in range(1, rounds + 1):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "rate.yaml").write_text(CONFIG)
            few = max(SIDE, trials // PER_FIT)
            own = [seconds / few for seconds in measured(partial(fresh, folder, few))]
            warm = [seconds / trials for seconds in measured(partial(search, folder, trials))]
        ratios.append([one / other for one, other in zip(own, warm, strict=True)])
        print(
            f"round {number}: tune --jobs {SIDE} {3600 / warm[0]:,.0f} trials an hour ({warm[1]:.2f} s of a "
            f"processor each), a process a trial {3600 / own[0]:,.0f} ({own[1]:.2f} s); "
            f"ratio {ratios[-1][0]:.2f}, of the processors {ratios[-1][1]:.2f}",
            flush=True,
        )
    clock, processors = (median(column) for column in zip(*ratios, strict=True))
    print(f"median ratio {clock:.2f}, of the processors {processors:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
