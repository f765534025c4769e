"""How many threads TensorFlow computes with: as many as the machine grants, and one where a step is tiny."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nntrain import cgroups

TINY_STEP = 50e6
"""Floating-point operations of a step, about a millisecond of one core, below which threads cost more
than they bring."""


@dataclass(frozen=True)
class Threads:
    """Sizes of TensorFlow's pools."""

    intra: int
    """Threads that share one operation."""
    inter: int
    """Operations that run side by side."""


def threads_for(step_flops: float, cores: int, split: bool = False) -> Threads:
    """The pools for a model on a CPU.

    Args:
        step_flops: Floating-point operations of one training step; infinite where they are not known.
        cores: How many the process may use.
        split: Whether each batch is split into slices that are computed side by side.
    """
    if cores == 1 or step_flops < TINY_STEP:
        return Threads(1, 1)
    return Threads(1, cores) if split else Threads(cores, cores)


def use_threads(wanted: Threads) -> Threads:
    """Set TensorFlow's pools; what is used, if TensorFlow has computed before in this process."""
    import tensorflow as tf

    threading = tf.config.threading
    try:
        threading.set_intra_op_parallelism_threads(wanted.intra)
        threading.set_inter_op_parallelism_threads(wanted.inter)
    except RuntimeError:
        everything = _granted_cores()
        return Threads(
            threading.get_intra_op_parallelism_threads() or everything,
            threading.get_inter_op_parallelism_threads() or everything,
        )
    return wanted


def usable_cores(root: Path = Path("/")) -> int:
    """Cores that this process may keep busy: those granted to it, or the share that its container has.

    Args:
        root: Where the files of the system begin.
    """
    quotas = [quota for quota in _quotas(root) if quota > 0]
    return max(1, min([_granted_cores(), *map(math.ceil, quotas)]))


def _granted_cores() -> int:
    """Cores that the process may be put on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(root: Path) -> Iterator[float]:
    """Cores that each control group above the process grants, in either version."""
    for folder in cgroups.unified(root):
        words = _words(folder / "cpu.max")
        if len(words) == 2:
            yield _ratio(*words)
    for folder in cgroups.legacy(root, "cpu"):
        words = [*_words(folder / "cpu.cfs_quota_us"), *_words(folder / "cpu.cfs_period_us")]
        if len(words) == 2:
            yield _ratio(*words)


def _words(file: Path) -> list[str]:
    return cgroups.read(file).split()


def _ratio(quota: str, period: str) -> float:
    """Cores in a quota; 0 where there is no limit."""
    if not quota.isdecimal() or not period.isdecimal() or not int(period):
        return 0.0
    return int(quota) / int(period)
