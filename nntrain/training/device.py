"""Which device trains: asked for, looked for, and never replaced in silence."""

from __future__ import annotations

import contextlib
from pathlib import Path

import tensorflow as tf

from nntrain.config.training import Device
from nntrain.errors import MachineError, Problem


def choose_device(wanted: Device) -> str:
    """Make TensorFlow use the device that is wanted, and name it.

    Has to run before TensorFlow's first operation.

    Raises:
        MachineError: A GPU is asked for and TensorFlow has none.
    """
    gpus = tf.config.list_physical_devices("GPU")
    if wanted == "gpu" and not gpus:
        raise MachineError(
            Problem(
                f"device gpu is asked for, and TensorFlow has none: {_why_no_gpu()}; "
                "use device cpu or auto to train on the CPU",
                ("training", "device"),
                id="no-gpu",
            )
        )
    if wanted == "cpu" or not gpus:
        if gpus and tf.config.get_visible_devices("GPU"):
            _hide_gpus()
        return "CPU"
    for gpu in gpus:
        # In a process where TensorFlow has computed before, it keeps the memory that it was given.
        with contextlib.suppress(RuntimeError):
            tf.config.experimental.set_memory_growth(gpu, True)
    name = tf.config.experimental.get_device_details(gpus[0]).get("device_name")
    return f"GPU ({name})" if name else "GPU"


def _hide_gpus() -> None:
    try:
        tf.config.set_visible_devices([], "GPU")
    except RuntimeError:
        raise MachineError(
            Problem(
                "device cpu is asked for, and TensorFlow already computes on a GPU in this process; "
                "choose the device before the first computation",
                ("training", "device"),
                id="device-in-use",
            )
        ) from None


def _why_no_gpu() -> str:
    if not tf.test.is_built_with_cuda():
        return f"this build of TensorFlow {tf.__version__} is for CPUs alone"
    if not any(Path(node).exists() for node in ("/dev/nvidia0", "/dev/dxg", "/proc/driver/nvidia")):
        return "the machine shows no NVIDIA driver"
    return "its CUDA libraries were not found; pip install 'tensorflow[and-cuda]' brings them"
