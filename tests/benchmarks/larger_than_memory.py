"""Rows that stay in their file: the memory that training takes, and rows a second beside Keras' own `fit`.

python tests/benchmarks/larger_than_memory.py memory [GIB]     an .npy file, in a process that may allocate 2 GiB
python tests/benchmarks/larger_than_memory.py csv [GIB]        a CSV file, in such a process
python tests/benchmarks/larger_than_memory.py images [FILES]   a folder of PNG files, beside the same in memory
python tests/benchmarks/larger_than_memory.py speed [ROWS]     a Parquet file, beside `fit` on a generator of it

Files are made in a temporary folder and removed. `memory` trains by `nntrain.run.fit` and tells the most that
was resident; RLIMIT_DATA bounds what the process may allocate, whether it is resident or not. `speed` takes
turns of one epoch each in one process, on the same network; `images` compares epochs of a small CNN. The
generator reads chunks of 65,536 rows by
pyarrow, standardises and permutes them, and yields batches of 256.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

WIDTH = 256
"""Numbers in a row of the .npy file: 1 KiB."""
COLUMNS = 28
TURNS = 3
BATCH = 256
MEMORY = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_DATA, (2 << 30, 2 << 30))
from pathlib import Path
from nntrain.config import load_config
from nntrain.run.fit import fit
folder = Path(sys.argv[1])
done = fit(load_config(folder / "t.yaml"), folder / "runs")
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
record = json.loads(next((folder / "runs").glob("*/*/run.json")).read_text())
print(json.dumps({
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    "anonymous": int(status["RssAnon"].split()[0]) * 1024,
    "seconds": done.seconds,
    "epoch": min(record["timings"]["epochs"]),
    "rows": record["data"]["rows"]["train"],
    "loss": done.history[-1]["loss"],
}))
"""
CONFIG = f"""
version: 1
name: large
data:
  type: npy
  x: x.npy
  y: y.npy
  streaming: true
  split: {{validation: 0.02, test: 0.02}}
  preprocess: {{numeric: {{scale: standard}}}}
model:
  layers:
    - {{type: Dense, units: 32, activation: relu}}
    - {{type: Dense, units: 1}}
training: {{loss: mse, epochs: 2, batch_size: {BATCH}}}
"""


def write_npy(folder: Path, size: int) -> int:
    """Draw a file of about so many bytes; how many rows it has."""
    rows, draw, step = size // (4 * WIDTH), np.random.default_rng(0), 65_536
    weights = draw.normal(size=WIDTH).astype(np.float32) / WIDTH**0.5
    targets = []
    header = {"descr": "<f4", "fortran_order": False, "shape": (rows, WIDTH)}
    with (folder / "x.npy").open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, header)
        for start in range(0, rows, step):
            block = draw.standard_normal((min(step, rows - start), WIDTH), np.float32)
            targets.append(block @ weights)
            stream.write(block.tobytes())
    np.save(folder / "y.npy", np.concatenate(targets))
    return rows


def write_csv(folder: Path, size: int) -> int:
    """Draw a text file of about so many bytes; how many rows it has."""
    from pyarrow import Table, csv

    draw, step, rows = np.random.default_rng(0), 50_000, 0
    file = folder / "x.csv"
    with file.open("wb") as stream:
        while stream.tell() < size:
            found = {f"x{i}": draw.normal(i, 1 + i, step).round(6) for i in range(COLUMNS)}
            found["y"] = found["x0"] + draw.normal(size=step).round(6)
            csv.write_csv(Table.from_pydict(found), stream, csv.WriteOptions(include_header=not rows))
            rows += step
    return rows


def measure_memory(size: int, kind: str) -> str:
    """The line of a run on a file of about so many bytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "csv":
            rows, what, width = write_csv(folder, size), "csv", COLUMNS
            settings = CONFIG.replace(
                "type: npy\n  x: x.npy\n  y: y.npy", "type: csv\n  path: x.csv\n  target: y"
            )
        else:
            rows, what, width, settings = write_npy(folder, size), "npy", WIDTH, CONFIG
        (folder / "t.yaml").write_text(settings)
        environment = {**os.environ, "NNTRAIN_CACHE_HOME": str(folder / "cache")}
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, name], capture_output=True, text=True, check=False, env=environment
        )
        if done.returncode:
            return done.stderr
        found = json.loads(done.stdout)
        held = (folder / f"x.{what}").stat().st_size
    return (
        f"{what} {rows:,} x {width}, {held / 2**30:.2f} GiB: most resident {found['peak'] / 2**20:,.0f} MiB "
        f"(anonymous at the end {found['anonymous'] / 2**20:,.0f} MiB); {found['seconds']:.0f} s in all, an "
        f"epoch {found['epoch']:.1f} s = {found['rows'] / found['epoch']:,.0f} rows/s; last loss {found['loss']:.4f}"
    )


IMAGES = """
version: 1
name: images
data:
  type: images
  path: images
  split: {validation: 0, test: 0.01}
  preprocess: {numeric: {scale: rescale, range: [0, 255]}}
model:
  layers:
    - {type: Conv2D, filters: 8, kernel_size: 3, activation: relu}
    - MaxPooling2D
    - Flatten
    - {type: Dense, units: 10, activation: softmax}
training: {loss: sparse_categorical_crossentropy, epochs: 3, batch_size: 128}
"""


def measure_images(files: int) -> str:
    """The line of a benchmark: rows a second of both sides, on a small CNN."""
    from image_files import make

    from nntrain.config import load_config
    from nntrain.run.fit import fit

    told = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder / "images", files)
        os.environ["NNTRAIN_CACHE_HOME"] = str(folder / "cache")
        (folder / "t.yaml").write_text(IMAGES)
        for how in ("true", "false"):
            done = fit(load_config(folder / "t.yaml", [f"data.streaming={how}"]), folder / "runs")
            record = json.loads((done.path / "run.json").read_text())
            told.append((min(record["timings"]["epochs"]), record["data"]["rows"]["train"]))
    (streamed, rows), (held, _) = told
    return (
        f"images {files:,} x 28 x 28: {rows / streamed:,.0f} rows/s ({streamed:.2f} s an epoch); in memory "
        f"{rows / held:,.0f} rows/s ({held:.2f} s); ratio {held / streamed:.2f}"
    )


def write_parquet(file: Path, rows: int) -> None:
    """Draw a table of float64 columns and a target, in groups of 65,536 rows."""
    from pyarrow import Table, parquet

    draw = np.random.default_rng(0)
    table = {f"x{i}": draw.normal(i, 1 + i, rows) for i in range(COLUMNS)}
    table["y"] = (table["x0"] + draw.normal(size=rows) > 0).astype(np.float64)
    parquet.write_table(Table.from_pydict(table), file, row_group_size=65_536)


def measure_speed(rows: int) -> str:
    """The line of a benchmark: rows a second of each side, and their ratio."""
    import time

    from nntrain.config.data import ParquetSource
    from nntrain.data.load import load
    from nntrain.training.epochs import CompiledEpochs
    from nntrain.training.stored import FromFile

    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "table.parquet"
        write_parquet(file, rows)
        source = ParquetSource(
            type="parquet",
            path=file.name,
            target="y",
            task="regression",
            streaming=True,
            split={"validation": 0},
            preprocess={"numeric": {"scale": "standard"}},
        )
        train = load(source, base=file.parent, seed=0).train
        columns = list(_steps(train))
        model, theirs = _network(), _network()
        epochs = CompiledEpochs(
            model, FromFile((train.x, np.asarray(train.y)[:, None]), BATCH, 0, True), batch_size=BATCH
        )
        times: list[tuple[float, float]] = []
        for turn in range(TURNS + 1):
            began = time.perf_counter()
            list(epochs.epoch(turn))
            between = time.perf_counter()
            theirs.fit(_batches(file, turn, columns), steps_per_epoch=-(-rows // BATCH), verbose=0)
            times.append((between - began, time.perf_counter() - between))
    ours, keras = (min(side) for side in zip(*times[1:], strict=True))
    return (
        f"parquet {rows:,} x {COLUMNS}: {rows / ours:,.0f} rows/s ({ours:.2f} s an epoch); Keras' fit on a "
        f"generator {rows / keras:,.0f} rows/s ({keras:.2f} s); ratio {keras / ours:.2f}"
    )


def _steps(train):
    """Mean and deviation of each column, as they were fitted."""
    for column in train.x._fitted.steps.values():
        yield column.statistics.mean[0], column.statistics.std[0]


def _network():
    import keras

    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(32, "relu"), keras.layers.Dense(1, "sigmoid")]
    model = keras.Sequential([keras.Input((COLUMNS,)), *layers])
    model.compile("adam", "binary_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model


def _batches(file: Path, epoch: int, columns):
    """What a script would write."""
    from pyarrow import parquet

    mean, std = (np.array(side) for side in zip(*columns, strict=True))
    draw = np.random.default_rng(epoch)
    rest = (np.empty((0, COLUMNS), np.float32), np.empty((0, 1), np.float32))
    for chunk in parquet.ParquetFile(file).iter_batches(65_536):
        values = np.column_stack([column.to_numpy() for column in chunk.columns])
        order = draw.permutation(len(values))
        x = ((values[:, :COLUMNS] - mean) / std).astype(np.float32)[order]
        y = values[:, COLUMNS:].astype(np.float32)[order]
        x, y = (np.concatenate(pair) for pair in zip(rest, (x, y), strict=True))
        whole = len(x) // BATCH * BATCH
        for start in range(0, whole, BATCH):
            yield x[start : start + BATCH], y[start : start + BATCH]
        rest = (x[whole:], y[whole:])
    if len(rest[0]):
        yield rest


if __name__ == "__main__":
    what, given = sys.argv[1], sys.argv[2:]
    if what in ("memory", "csv"):
        print(measure_memory(int(float((given or ["4"])[0]) * 2**30), what))
    elif what == "images":
        print(measure_images(int((given or ["60000"])[0])))
    else:
        print(measure_speed(int((given or ["1000000"])[0])))
