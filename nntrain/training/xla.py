"""When XLA pays on a CPU: where layers are dense, and training is long enough to make up for compiling.

Measured on 2 cores of an AMD EPYC: a step of 784-512-512-512-10 with dropout and RMSprop takes 8.6 ms with
XLA, which fuses dropout and the optimizer's update, and 10 without; one of 784-10-10 takes 0.65 ms and 0.95.
Convolutions take three times as long with XLA, and recurrent layers gain nothing.
"""

from __future__ import annotations

import math

from nntrain.config.network.cost import DENSE, is_made_of
from nntrain.config.network.graph import Graph

COMPILING = 3.0
"""Seconds that compiling takes, once a run."""
RATE = 60e9
"""Floating-point operations a second that a step is supposed to reach, with which its time is estimated."""
GAIN_A_STEP, GAIN = 2e-4, 0.12
"""What XLA saves, a little less than was measured: seconds a step, and a share of the rest of its time."""


def pays_on_cpu(graph: Graph, step_flops: float, steps: int) -> bool:
    """Whether XLA saves more than compiling takes.

    Args:
        graph: The network.
        step_flops: Floating-point operations of one training step; infinite where they are not known.
        steps: Steps of all epochs.
    """
    if not math.isfinite(step_flops) or not is_made_of(DENSE, graph):
        return False
    return steps * (GAIN_A_STEP + GAIN * step_flops / RATE) > COMPILING
