"""Memory that training rows may take."""

from __future__ import annotations

import subprocess

from nntrain.data.files import available_memory


def free_memory(device: str) -> int | None:
    """Bytes that are free where a model is trained; None where nobody says.

    Args:
        device: In words, `CPU` or one that begins with `GPU`. Of several GPUs the fullest counts.
    """
    return available_memory() if device == "CPU" else _free_on_gpus()


def _free_on_gpus() -> int | None:
    command = ["nvidia-smi", "--query-gpu=memory.free", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return min((int(line) * 2**20 for line in told.split() if line.isdecimal()), default=None)
