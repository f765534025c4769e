"""A table of numbers in CSV, read, split and standardised: nntrain beside pandas with scikit-learn.

python tests/benchmarks/csv_table.py [ROWS] [COLUMNS]

Each side runs in processes of its own, in turn, and is timed from the first byte that is read to the last
number that is standardised, imports left out. pandas is no dependency: without it there is nothing to compare.
Which pandas it is decides: 3.1 reads large files with all cores, six times as fast as 2.3.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy as np

TURNS = 3
OURS = """
import sys, time
from pathlib import Path
import pyarrow.csv
from nntrain.config.data import CsvSource
from nntrain.data.load import load
file = Path(sys.argv[1])
source = CsvSource(type="csv", path=file.name, target="y", task="regression",
                   split={"validation": 0, "test": 0.2}, preprocess={"numeric": {"scale": "standard"}})
began = time.perf_counter()
data = load(source, base=file.parent, seed=0)
print(time.perf_counter() - began)
"""
THEIRS = """
import sys, time
import pandas
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
began = time.perf_counter()
table = pandas.read_csv(sys.argv[1])
x = table.drop(columns="y").to_numpy()
train, test = train_test_split(x, test_size=0.2, random_state=0)
scaler = StandardScaler().fit(train)
train, test = scaler.transform(train).astype("float32"), scaler.transform(test).astype("float32")
print(time.perf_counter() - began)
"""


def write(file: Path, rows: int, columns: int) -> None:
    """Draw a table: normal numbers of six decimals, and a target."""
    from pyarrow import Table, csv

    draw = np.random.default_rng(0)
    table = {f"x{i}": draw.normal(size=rows).round(6) for i in range(columns - 1)}
    csv.write_csv(Table.from_pydict({**table, "y": draw.normal(size=rows).round(6)}), file)


def seconds(program: str, file: Path) -> float:
    """How long a side takes."""
    done = subprocess.run([sys.executable, "-c", program, file], capture_output=True, text=True, check=True)
    return float(done.stdout)


def measure(rows: int, columns: int) -> str:
    """The line of a benchmark: rows a second, and the ratio to pandas where it is installed."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.csv"
        write(file, rows, columns)
        compared = importlib.util.find_spec("pandas") is not None
        pairs = [(seconds(OURS, file), seconds(THEIRS, file) if compared else 0.0) for _ in range(TURNS)]
    ours, theirs = (min(times) for times in zip(*pairs, strict=True))
    line = f"csv {rows:,} x {columns}: {rows / ours:,.0f} rows/s ({ours:.2f} s)"
    if not compared:
        return f"{line}; no comparison: pandas is not installed"
    return f"{line}; pandas {version('pandas')} and scikit-learn {theirs:.2f} s; ratio {ours / theirs:.2f}"


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    print(measure(*(given + [1_000_000, 30][len(given) :])))
