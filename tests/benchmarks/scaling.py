"""What several workers cost beside one, measured here; and a model fitted to it that reaches to 1,024 of them.

python tests/benchmarks/scaling.py [TURNS]

Networks of several sizes learn on one core, and by two workers of this machine, each with as many rows of a batch,
in turn. Counted is the fastest epoch: everything else is what other programs took. A step of W workers is taken to
last

    step + 6 * weights * rows / compute                        its own rows, forward and backward
         + 2 (W - 1) * hop + 2 (W - 1) / W * 4 * weights / link  the sum of all gradients, passed round a ring

and no less than `rows / input`. With one worker nothing is passed round. The ring is that of TensorFlow's collectives:
Patarasuk and Yuan, "Bandwidth Optimal All-reduce Algorithms for Clusters of Workstations", 2009.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median

CONFIG = """\
name: scaling
seed: 1
data: {{type: sklearn, name: make_blobs, n_samples: {rows}, n_features: 64, centers: 10, split: {{test: 0.2}}}}
model:
  layers:
    - {{type: Dense, units: {units}, activation: relu}}
    - {{type: Dense, units: {units}, activation: relu}}
    - {{type: Dense, units: 10, activation: softmax}}
training:
  {{loss: sparse_categorical_crossentropy, epochs: {epochs}, batch_size: {batch}, xla: false, checkpoint: false}}
"""
UNITS = (16, 256, 1024, 1792)
ROWS = 64
"""Rows of a batch for each worker."""
STEPS = 16
EPOCHS = 8
ONE_CORE = (
    "import os, runpy, sys; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); "
    "sys.argv[0] = 'nntrain'; runpy.run_module('nntrain', run_name='__main__', alter_sys=True)"
)


@dataclass(frozen=True)
class Constants:
    """What is fitted."""

    step: float
    """Seconds of a step without rows."""
    compute: float
    """Floating-point operations a second of one worker."""
    hop: float
    """Seconds from one worker of the ring to the next, for no bytes."""
    link: float
    """Bytes a second between two workers."""
    input: float
    """Rows of 784 bytes a second that one worker can be brought."""


RECORDED = Constants(step=0.000226, compute=1.01e11, hop=0.00109, link=5.9e08, input=3.57e06)
"""What `main 3` printed on 2 quiet cores: hops and link are those of a machine with itself, not of a network."""
WORKERS = (1, 2, 4, 8, 16, 64, 256, 1024)
NETWORKS = {"100 thousand": 1e5, "10 million": 1e7}


def weights_of(units: int) -> int:
    """Weights of a measured network."""
    return 65 * units + (units + 1) * units + (units + 1) * 10


def step_seconds(found: Constants, workers: int, weights: float, rows: float) -> float:
    """What a step takes by the model.

    Args:
        found: The constants.
        workers: How many there are.
        weights: Of the network, four bytes each.
        rows: Of a batch, for each worker.
    """
    passed = 0.0
    if workers > 1:
        each = 2 * (workers - 1)
        passed = each * found.hop + each / workers * 4 * weights / found.link
    return max(found.step + 6 * weights * rows / found.compute + passed, rows / found.input)


def speed_up(found: Constants, workers: int, weights: float, batch: float) -> float:
    """How many times faster an epoch is than with one worker, for batches of `batch` rows in all."""
    return step_seconds(found, 1, weights, batch) / step_seconds(found, workers, weights, batch / workers)


def efficiency(found: Constants, workers: int, weights: float, rows: float) -> float:
    """Rows a second and worker beside those of one worker, where each has `rows` rows of a batch."""
    return step_seconds(found, 1, weights, rows) / step_seconds(found, workers, weights, rows)


def table(found: Constants = RECORDED) -> str:
    """README's table: speed-up at one batch size, and efficiency where the batch grows with the workers."""
    heads = [f"{name} weights: {what}" for name in NETWORKS for what in ("batch 8,192", "256 rows each")]
    lines = [f"| Workers | {' | '.join(heads)} |", "|" + "---:|" * (1 + len(heads))]
    for workers in WORKERS:
        cells = []
        for weights in NETWORKS.values():
            cells.append(f"{speed_up(found, workers, weights, 8192):.2f} x")
            cells.append(f"{efficiency(found, workers, weights, 256):.0%}")
        lines.append(f"| {workers:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Where a line through points begins, and how it rises: neither is below zero, and relative errors count."""
    import numpy as np

    x, y = (np.asarray(values, float) for values in zip(*points, strict=True))
    rise, start = np.polyfit(x, y, 1, w=1 / y)
    if start < 0:
        start, rise = 0.0, float(median(y / x))
    return float(start), max(float(rise), 1e-15)


def fitted(one: dict[int, float], two: dict[int, float], rows_a_second: float) -> Constants:
    """The constants of steps that were measured.

    Args:
        one: Seconds of a step by units, of one worker.
        two: The same of two workers.
        rows_a_second: That one worker was brought.
    """
    step, per_weight = line([(weights_of(units), seconds) for units, seconds in one.items()])
    more = [(weights_of(units), max(two[units] - one[units], 1e-6)) for units in one]
    twice, per_byte = line(more)
    return Constants(step, 6 * ROWS / per_weight, twice / 2, 4 / per_byte, rows_a_second)


def measured(folder: Path, units: int, workers: int) -> float:
    """Seconds of a step in the fastest epoch but the first, which compiles."""
    batch = ROWS * workers
    file = folder / "scaling.yaml"
    rows = int(batch * STEPS / 0.8)
    file.write_text(CONFIG.format(rows=rows, units=units, epochs=EPOCHS, batch=batch))
    runs = Path(tempfile.mkdtemp(dir=folder))
    begin = ["-m", "nntrain", "launch", "--workers", "2"] if workers > 1 else ["-c", ONE_CORE, "fit"]
    command = [sys.executable, *begin, str(file), "--runs-dir", str(runs), "--quiet"]
    subprocess.run(command, check=True, capture_output=True)
    (record,) = runs.glob("scaling/2*/run.json")
    told = json.loads(record.read_text())
    steps = -(-told["data"]["rows"]["train"] // batch)
    return float(min(told["timings"]["epochs"][1:])) / steps


def input_rate() -> float:
    """Rows of 784 bytes a second that come to TensorFlow in blocks, of those that belong to one of two workers."""
    import numpy as np

    from nntrain.arrays import Scaled
    from nntrain.training.shares import Share
    from nntrain.training.sources import Streamed

    images = Scaled(np.zeros((60_000, 784), np.uint8), 0, 255)
    source = Streamed((images,), 256, 1, True, share=Share(0, 2))
    best = np.inf
    for epoch in range(5):
        began = time.perf_counter()
        for _ in source.epoch(epoch):
            pass
        best = min(best, time.perf_counter() - began)
    return 30_000 / best


def main(turns: int) -> None:
    """Measure, fit and print."""
    one: dict[int, list[float]] = {units: [] for units in UNITS}
    two: dict[int, list[float]] = {units: [] for units in UNITS}
    with tempfile.TemporaryDirectory() as name:
        for _ in range(turns):
            for units in UNITS:
                one[units].append(measured(Path(name), units, 1))
                two[units].append(measured(Path(name), units, 2))
                told = f"{1e3 * one[units][-1]:.2f} ms a step alone, {1e3 * two[units][-1]:.2f} ms by two"
                print(f"{weights_of(units):,} weights, {ROWS} rows each: {told}", flush=True)
    found = fitted(
        {units: min(seconds) for units, seconds in one.items()},
        {units: min(seconds) for units, seconds in two.items()},
        input_rate(),
    )
    for field in fields(found):
        print(f"{field.name} = {getattr(found, field.name):.3g}")
    print(table(found))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
