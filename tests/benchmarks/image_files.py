"""How many image files a second are read: `python tests/benchmarks/image_files.py [FILES] [FOLDER]`.

Makes that many grey PNG files of 28 x 28 pixels in ten classes (60,000 in a temporary folder if nothing is
said), then reads them three ways, each in a process of its own: decoded, decoded and kept, and from what was
kept. The first time may wait for the disk.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

READ = """
import json, sys, time
from pathlib import Path
from nntrain.config.data import ImagesSource
from nntrain.data.images import source
import nntrain.data.images.read
given = ImagesSource(type="images", path=sys.argv[1], cache=sys.argv[2] == "cache")
began, busy = time.perf_counter(), time.process_time()
raw = source.load(given, Path())
spent = {"seconds": time.perf_counter() - began, "busy": time.process_time() - busy}
print(json.dumps({**spent, "files": len(raw.rows)}))
"""


def make(folder: Path, count: int) -> None:
    """Blurred noise, which PNG packs about as well as handwriting."""
    random = np.random.default_rng(0)
    for kind in range(10):
        (folder / str(kind)).mkdir(parents=True, exist_ok=True)
    for i in range(count):
        pixels = np.zeros((28, 28), np.uint8)
        pixels[6:22, 6:22] = random.integers(0, 256, (16, 16)) * (random.random((16, 16)) < 0.4)
        Image.fromarray(pixels).save(folder / str(i % 10) / f"{i:06}.png")


def rates(folder: Path, how: str, cache: Path) -> tuple[float, float]:
    """Files a second, and files a second of a processor, which other programs do not slow down."""
    environment = {**os.environ, "NNTRAIN_CACHE_HOME": str(cache)}
    command = [sys.executable, "-c", READ, str(folder), how]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    found = json.loads(told)
    return found["files"] / found["seconds"], found["files"] / found["busy"]


def main() -> None:
    """Print the rates."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60_000
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(temporary) / "images"
        if not folder.exists():
            make(folder, count)
        cache = Path(temporary) / "cache"
        for title, how in (
            ("decoded", "none"),
            ("decoded and kept", "cache"),
            ("from what was kept", "cache"),
        ):
            passed, busy = rates(folder, how, cache)
            print(f"{title:<18} {passed:>8,.0f} files a second, {busy:>8,.0f} a second of a processor")


if __name__ == "__main__":
    main()
