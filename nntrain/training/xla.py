"""When XLA pays on a CPU: where layers are dense, and training is long enough to make up for compiling.

Measured on 2 cores of an AMD EPYC: a step of 784-512-512-512-10 with dropout and RMSprop takes 8.6 ms with
XLA, which fuses dropout and the optimizer's update, and 10 without; one of 784-10-10 takes 0.65 ms and 0.95.
Convolutions take three times as long with XLA, and recurrent layers gain nothing.

Random numbers are the exception: 256 x 500 of them take 23 ms with XLA and 0.7 without, if one call alone
draws that shape, and next to nothing if two do. So 784-500-300-10 with dropout, at a batch of 256, takes
40 ms a step with XLA and 4 without, but 784-500-500-10 takes 8 instead of 11.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from nntrain.config.network.cost import DENSE, Shape, is_made_of, layer_shapes
from nntrain.config.network.graph import Graph

COMPILING = 3.0
"""Seconds that compiling takes, once a run."""
RATE = 60e9
"""Floating-point operations a second that a step is supposed to reach, with which its time is estimated."""
GAIN_A_STEP, GAIN = 2e-4, 0.12
"""What XLA saves, a little less than was measured: seconds a step, and a share of the rest of its time."""


RANDOM = frozenset(
    {
        *("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout"),
        *("GaussianDropout", "GaussianNoise"),
    }
)
"""Layers among those that XLA compiles well that draw random numbers in training."""


def pays_on_cpu(graph: Graph, shapes: Mapping[str, Shape], step_flops: float, steps: int) -> bool:
    """Whether XLA saves more than compiling takes.

    Args:
        graph: The network.
        shapes: Of one row, by input.
        step_flops: Floating-point operations of one training step; infinite where they are not known.
        steps: Steps of all epochs.
    """
    if not math.isfinite(step_flops) or not is_made_of(DENSE, graph) or _draws_alone(graph, shapes):
        return False
    return steps * (GAIN_A_STEP + GAIN * step_flops / RATE) > COMPILING


def _draws_alone(graph: Graph, shapes: Mapping[str, Shape]) -> bool:
    """Whether a layer draws random numbers of a shape that no other draws."""
    random = (kind for kind in layer_shapes(graph, shapes) if kind[0].name in RANDOM)
    return 1 in Counter((layer.name, shape) for layer, shape in random).values()
