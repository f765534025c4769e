"""Memory that training rows may take."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from nntrain.data.memory import available_memory
from nntrain.errors import MemoryLimitError, Problem


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


@contextmanager
def told_as_memory(batch_size: int, doing: str) -> Iterator[None]:
    """Say what to change when memory runs out. TensorFlow has to be imported before.

    Args:
        batch_size: Of the config.
        doing: What was done meanwhile.

    Raises:
        MemoryLimitError: In place of Python's and TensorFlow's own.
    """
    import tensorflow as tf

    try:
        yield
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        message = (
            f"the memory was used up while {doing}; lower training.batch_size, which is {batch_size:,}, or "
            "use a smaller network"
        )
        raise MemoryLimitError(Problem(message, id="memory")) from error
