"""The larger forms of the tests of bad inputs, for one run before a release.

`python -m tests.reliability.larger_inputs texts 1000000` and so on; figures are kept in `RECORD.md`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from nntrain.run.verify import verify
from tests.reliability.fuzz import damaged_texts, valid_values, wrong_values
from tests.reliability.limits import judged
from tests.reliability.soak import slope, soaked
from tests.reliability.starts import train_together
from tests.reliability.trainings import SMALL

SEED = 1_000
"""Other mutants than those of the tests."""
BEGAN = time.monotonic()

PART = 5_000
"""Of the mutants of one seed."""


def told(done: int) -> None:
    """How far it is, for one that is ended before its end."""
    print(f"{done:,} without a fault after {time.monotonic() - BEGAN:.0f} s", file=sys.stderr, flush=True)


def texts(count: int, folder: Path) -> str:
    found: Counter[str] = Counter()
    for part in range(count // PART):
        found += damaged_texts(PART, SEED + part, folder)
        told(found.total())
    return f"{found.total():,} damaged texts, no other exception, every place told: {dict(found)}"


def values(count: int, folder: Path) -> str:
    wrong, each = 0, PART // 10
    for part in range(count // (2 * each)):
        wrong += wrong_values(each, SEED + part, folder)
        valid_values(each, SEED + part, folder)
        told(wrong)
    return f"{wrong:,} wrong values named where they stand, and as many good configs accepted"


def starts(count: int, folder: Path) -> str:
    (folder / "net.yaml").write_text(SMALL)
    failed: list[str] = []
    for _ in range(count // 8):
        failed += train_together(folder, 8)
    whole = [
        path
        for path in folder.glob("runs/net/2*")
        if not verify(path).problems and (path / "metrics.json").exists()
    ]
    scores = {(path / "metrics.json").read_bytes() for path in whole}
    return (
        f"{count} starts of one second, 8 at a time: {len(whole)} whole runs, {len(scores)} scores, {failed}"
    )


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
    with tempfile.TemporaryDirectory() as folder:
        print(f"{LARGER[name](int(count), Path(folder))}; {time.monotonic() - BEGAN:.0f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
