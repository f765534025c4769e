"""In which numbers a network computes, for the whole process and anew for each run."""

from __future__ import annotations

from pathlib import Path

import keras
import tensorflow as tf

from nntrain.config.training import Precision

ARITHMETIC: dict[Precision, tuple[str, tuple[str, ...]]] = {
    "mixed_bfloat16": ("bfloat16", ("avx512_bf16", "amx_bf16", "bf16")),
    "mixed_float16": ("float16", ("avx512_fp16", "amx_fp16", "fphp")),
}
"""What each precision computes in, and what a CPU that can calls it."""
CPU_FACTS = Path("/proc/cpuinfo")


def set_precision(precision: Precision, tf32: bool, on_cpu: bool) -> list[str]:
    """Set what is asked for, and unset what another run in this process has set.

    Returns:
        What the user should know, one sentence each.
    """
    keras.config.set_dtype_policy(precision)
    tf.config.experimental.enable_tensor_float_32_execution(tf32)
    notes = []
    if on_cpu and precision in ARITHMETIC:
        number, names = ARITHMETIC[precision]
        if not _cpu_has(names):
            notes.append(
                f"this CPU has no {number} arithmetic, so training.precision: {precision} makes training "
                "slower here than float32 does"
            )
    if on_cpu and tf32:
        notes.append("training.tf32 has no effect without a GPU")
    return notes


def _cpu_has(names: tuple[str, ...]) -> bool:
    """Whether the machine lists one of these; where it lists nothing, it has none."""
    try:
        lines = CPU_FACTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    listed = {
        word for line in lines if line.lower().startswith(("flags", "features")) for word in line.split()
    }
    return not listed.isdisjoint(names)
