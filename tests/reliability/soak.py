"""`python -m tests.reliability.soak FOLDER N`: N runs in one process, and what they leave behind, as JSON."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import BLOBS, ROOT


def measured() -> dict[str, float]:
    """Open files, memory in MiB, and processes of this one's own."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return {
        "files": len(list(Path("/proc/self/fd").iterdir())),
        "memory": int(status.partition("VmRSS:")[2].split()[0]) / 1024,
        "threads": int(status.partition("Threads:")[2].split()[0]),
        "processes": len(children),
    }


def soak(folder: Path, count: int) -> None:
    from nntrain import evaluate, fit, load_config

    (folder / "blobs.yaml").write_text(BLOBS.replace("epochs: 5", "epochs: 1"))
    config = load_config(folder / "blobs.yaml")
    after = []
    for number in range(count):
        done = fit(config, folder / "runs")
        if number % 5 == 0:
            evaluate(done.path)
        after.append(measured())
    left = sorted(path.name for path in Path(tempfile.gettempdir()).iterdir())
    unfinished = [
        path.name for path in folder.rglob("*") if path.name.endswith(".tmp") or ".tmp-" in path.name
    ]
    hidden = [path.name for path in (folder / "runs").rglob(".writable-*")]
    finished = len([*(folder / "runs" / "blobs").glob("2*/metrics.json")])
    print(json.dumps({"after": after, "left": left, "unfinished": unfinished + hidden, "finished": finished}))


def soaked(folder: Path, count: int) -> dict:
    """What a process of its own found, whose folder of temporary files is its own too."""
    (folder / "tmp").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.reliability.soak", str(folder), str(count)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder / "tmp")},
        stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def slope(numbers: list[float]) -> float:
    """How much a number grows from one to the next: of the line through the second half of them."""
    import numpy as np

    half = numbers[len(numbers) // 2 :]
    return float(np.polyfit(range(len(half)), half, 1)[0])


if __name__ == "__main__":
    soak(Path(sys.argv[1]), int(sys.argv[2]))
