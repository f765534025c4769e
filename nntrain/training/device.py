"""Which device trains: asked for, looked for, and never replaced in silence."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import tensorflow as tf

from nntrain.config.training import Device
from nntrain.errors import MachineError, Problem, listing


def choose_device(wanted: Device) -> str:
    """Make TensorFlow use the device that is wanted, and name it.

    Has to run before TensorFlow's first operation.

    Raises:
        MachineError: A GPU is asked for and TensorFlow has none, or none of that number; or another device
            is in use in this process.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if wanted.startswith("gpu") and not gpus:
        raise _refused(
            f"device {wanted} is asked for, and TensorFlow has none: {_why_no_gpu()}; "
            "use device cpu or auto to train on the CPU",
            "no-gpu",
        )
    if wanted == "cpu" or not gpus:
        if gpus and tf.config.get_visible_devices("GPU"):
            _show_only([], "device cpu is asked for, and TensorFlow already computes on a GPU")
        return "CPU"
    _, _, number = wanted.partition(":")
    if number:
        gpus = [_numbered(gpus, int(number))]
        if tf.config.get_visible_devices("GPU") != gpus:
            _show_only(gpus, f"device {wanted} is asked for, and TensorFlow already computes on another one")
    for gpu in gpus:
        # In a process where TensorFlow has computed before, it keeps the memory that it was given.
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name")
    return f"GPU{number and f' {int(number)}'}{f' ({name})' if name else ''}"


def _numbered(gpus: list[Any], number: int) -> Any:
    if number < len(gpus):
        return gpus[number]
    names = listing(f"gpu:{i}" for i in range(len(gpus)))
    count = f"{len(gpus)} GPU{'s' if len(gpus) > 1 else ''}"
    raise _refused(
        f"device gpu:{number} is asked for, and TensorFlow has {count}: {names}; "
        "name one of these, or use device auto",
        "no-gpu",
    )


def _show_only(gpus: list[Any], otherwise: str) -> None:
    try:
        tf.config.set_visible_devices(gpus, "GPU")
    except RuntimeError:
        message = f"{otherwise} in this process; choose the device before the first computation"
        raise _refused(message, "device-in-use") from None


def _refused(message: str, id: str) -> MachineError:
    return MachineError(Problem(message, ("training", "device"), id=id))


def _why_no_gpu() -> str:
    if not tf.test.is_built_with_cuda():
        return f"this build of TensorFlow {tf.__version__} is for CPUs alone"
    if not any(Path(node).exists() for node in ("/dev/nvidia0", "/dev/dxg", "/proc/driver/nvidia")):
        return "the machine shows no NVIDIA driver"
    return "its CUDA libraries were not found; pip install 'tensorflow[and-cuda]' brings them"
