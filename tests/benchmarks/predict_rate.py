"""Rows a second of `nntrain predict`: a table of numbers in CSV through a small network, CSV out, start-up excluded.

python tests/benchmarks/predict_rate.py [ROWS] [COLUMNS]

Trains a network of two hidden layers of 16 units, then predicts ROWS rows of COLUMNS numbers in processes of
their own. The clock runs from the first row that the model is given to the last that is written, so reading,
preparing, predicting and writing are in it, and starting Python, TensorFlow and the model are not. The most memory
that a process took is told for a tenth of the rows beside it: rows are read and written some at a time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

TURNS = 3
CONFIG = """\
name: small
data: {type: csv, path: train.csv, target: y, preprocess: {numeric: {scale: standard}}}
model:
  layers:
    - {type: Dense, units: 16, activation: relu}
    - {type: Dense, units: 16, activation: relu}
    - {type: Dense, units: 1, activation: sigmoid}
training: {loss: binary_crossentropy, optimizer: Adam, epochs: 2}
"""
PREDICT = """
import json, resource, sys
from nntrain.run.prediction.ask import Ask
from nntrain.run.prediction.predict import predict
run, rows, to = sys.argv[1:]
done = predict(run, Ask((rows,), to, force=True), sys.stdout.buffer)
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"rows": done.rows, "seconds": done.seconds, "memory": memory}))
"""


def write(file: Path, rows: int, columns: int) -> None:
    """Draw a table: normal numbers of four decimals, and a target."""
    from pyarrow import Table, csv

    draw = np.random.default_rng(0)
    table = {f"x{i}": draw.normal(size=rows).round(4) for i in range(columns)}
    csv.write_csv(Table.from_pydict({**table, "y": (table["x0"] > 0).astype(int)}), file)


def measured(run: str, rows: Path, to: Path) -> dict[str, float]:
    """Rows, seconds and the most memory of one process, in MiB."""
    arguments = [sys.executable, "-c", PREDICT, run, str(rows), str(to)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(rows: int = 2_000_000, columns: int = 8) -> dict[str, float]:
    """Print rates and memory; the rate of the best turn as rows a second, and both peaks of memory."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, count in (("train.csv", 2000), ("few.csv", rows // 10), ("many.csv", rows)):
            write(folder / file, count, columns)
        (folder / "small.yaml").write_text(CONFIG)
        fit = [sys.executable, "-m", "nntrain", "fit", str(folder / "small.yaml"), "--quiet"]
        subprocess.run([*fit, "--runs-dir", str(folder / "runs")], check=True, capture_output=True)
        run = str(folder / "runs" / "small" / "latest")
        few = measured(run, folder / "few.csv", folder / "out.csv")
        turns = [measured(run, folder / "many.csv", folder / "out.csv") for _ in range(TURNS)]
    rates = [turn["rows"] / turn["seconds"] for turn in turns]
    found = {"rate": max(rates), "few": few["memory"], "many": max(turn["memory"] for turn in turns)}
    print(
        f"{rows:,} rows of {columns} numbers, CSV to CSV: {', '.join(f'{rate:,.0f}' for rate in rates)} rows a second"
    )
    print(f"memory: {found['many']:,.0f} MiB, of {rows // 10:,} rows {found['few']:,.0f} MiB")
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
