"""`python -m tests.reliability.limits FOLDER`: networks and batches that do not fit into 4 GiB, as JSON what is said."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

from tests.conftest import BLOBS, ROOT

LIMIT = 4 << 30
OVERSIZED = {
    "units": [f"model.layers.0.units={3 * 10**8}"],
    "two wide layers": ["model.layers.0.units=40000", "model.layers.1={type: Dense, units: 40000}"],
    "embedding": ["model.layers.0={type: Embedding, input_dim: 2000000, output_dim: 900}", "model.layers.1={type: Flatten}"],
    "recurrent": ["model.layers.0={type: RepeatVector, n: 3}", "model.layers.1={type: LSTM, units: 30000}"],
    "upsampled": ["model.layers.0={type: Reshape, target_shape: [1, 1, 2]}", "model.layers.1={layers: [{type: UpSampling2D, size: 20000}, {type: Flatten}]}"],
    "repeated rows": ["model.layers.0={type: RepeatVector, n: 200000000}", "model.layers.1={type: Flatten}"],
    "padded": ["model.layers.0={type: Reshape, target_shape: [2, 1]}", "model.layers.1={layers: [{type: ZeroPadding1D, padding: 300000000}, {type: Flatten}]}"],
    "many layers": ["model.layers.0={repeat: 40, layers: [{type: Dense, units: 6000}]}"],
    "filters": ["model.layers.0={type: Reshape, target_shape: [1, 1, 2]}", "model.layers.1={layers: [{type: Conv2D, filters: 50000, kernel_size: 1}, {type: Conv2D, filters: 50000, kernel_size: 1}, {type: Flatten}]}"],
    "rows": [f"data.n_samples={2 * 10**9}"],
}  # fmt: skip
"""By name, what is changed in a small config."""


def judge(folder: Path) -> None:
    """Try to train each in this process, which has 4 GiB of addresses."""
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    from nntrain import fit, load_config
    from nntrain.errors import NntrainError

    (folder / "blobs.yaml").write_text(BLOBS)
    for name, overrides in OVERSIZED.items():
        try:
            fit(load_config(folder / "blobs.yaml", overrides), folder / "runs")
            print(json.dumps([name, 0, "trained"]), flush=True)
        except NntrainError as error:
            print(json.dumps([name, error.exit_code, str(error)]), flush=True)


def judged(folder: Path) -> tuple[int, dict[str, tuple[int, str]]]:
    """How the process that tries them ended, and of each the exit code and the message."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.reliability.limits", str(folder)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    return done.returncode, {name: (code, text) for name, code, text in lines}


if __name__ == "__main__":
    judge(Path(sys.argv[1]))
