"""The larger forms of the tests of bad inputs, for one run before a release.

`python -m tests.reliability.larger_inputs texts 1000000` and so on; figures are kept in `RECORD.md`.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

from tests.reliability.fuzz import damaged_texts, valid_values, wrong_values
from tests.reliability.limits import judged
from tests.reliability.soak import slope, soaked
from tests.reliability.starts import begin_together

SEED = 1_000
"""Other mutants than those of the tests."""


def texts(count: int, folder: Path) -> str:
    return f"{count:,} damaged texts, no other exception, every place told: {dict(damaged_texts(count, SEED, folder))}"


def values(count: int, folder: Path) -> str:
    wrong = wrong_values(count // 2, SEED, folder)
    valid_values(count // 2, SEED, folder)
    return f"{wrong:,} wrong values named where they stand, and {count // 2:,} good configs accepted"


def starts(count: int, folder: Path) -> str:
    begin_together(folder, count // 4)
    records = [json.loads(file.read_text()) for file in folder.glob("runs/x/2*/run.json")]
    return f"{count} starts in one second: {len({record['owner'] for record in records})} runs"


def runs(count: int, folder: Path) -> str:
    found = soaked(folder, count)
    memory = slope([one["memory"] for one in found["after"]])
    grown = {what: found["after"][-1][what] - found["after"][4][what] for what in ("files", "threads", "processes")}  # fmt: skip
    left = len(found["left"]) + len(found["unfinished"])
    return f"{found['finished']} runs in one process: {left} files left, {grown}, {memory:.2f} MiB a run"


def limits(count: int, folder: Path) -> str:
    ended, told = judged(folder)
    return f"{len(told)} oversized configs in 4 GiB: process ended with {ended}, exit codes {sorted(c for c, _ in told.values())}"


LARGER = {one.__name__: one for one in (texts, values, starts, runs, limits)}


def main(name: str, count: str = "10") -> None:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        print(f"{LARGER[name](int(count), Path(folder))}; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
