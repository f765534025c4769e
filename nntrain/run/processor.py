"""What the CPU is and can do: TensorFlow chooses kernels by that, and other kernels give other last bits."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from pathlib import Path

INFO = Path("/proc/cpuinfo")
"""Where Linux tells of the CPU; other systems have no such file."""
VECTORS = ("sse", "ssse", "avx", "fma", "f16c", "amx", "asimd", "sve", "i8mm", "bf16")
"""What the names of those instructions begin with by which kernels are chosen."""


def processor() -> dict[str, str | None]:
    """The CPU's name, and its instructions for vectors and matrices; None where the system doesn't say."""
    told = _told()
    flags = told.get("flags") or told.get("Features")
    chosen = sorted(flag for flag in set(flags.split()) if flag.startswith(VECTORS)) if flags else None
    return {
        "cpu": told.get("model name") or platform.processor() or platform.machine() or None,
        "instructions": " ".join(chosen) if chosen is not None else None,
    }


def _told() -> Mapping[str, str]:
    """What is told of the first core."""
    try:
        text = INFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {key.strip(): value.strip() for key, _, value in lines}
