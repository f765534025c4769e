"""Which kernels a CPU computes with: TensorFlow's own, or those of oneDNN.

TensorFlow chooses oneDNN by itself on CPUs with AVX512-VNNI, AMX and the like alone. Others gain as much
where a network convolves, pools or remembers: measured on an AMD EPYC with AVX2, a convolution of 32 5x5
filters with pooling learns 1.6 times as fast, a GRU 1.7, an LSTM 1.2; dense layers alone learn no faster.
"""

from __future__ import annotations

import os
import sys

from nntrain.config.network.cost import DENSE, is_made_of
from nntrain.config.network.graph import Graph

VARIABLE = "TF_ENABLE_ONEDNN_OPTS"
"""What TensorFlow reads as it is imported; a user who sets it has chosen."""
NO_GAIN = DENSE | {"Embedding", "Conv1D"}
"""Layers that learn as fast with TensorFlow's own kernels."""


def gains_by_onednn(graph: Graph) -> bool:
    """Whether a layer of the network is faster with oneDNN on any CPU; one that is unknown counts as such."""
    return not is_made_of(NO_GAIN, graph)


def choose_kernels(graph: Graph) -> None:
    """Choose for a network; too late, and so without effect, once TensorFlow is imported."""
    if "tensorflow" not in sys.modules and gains_by_onednn(graph):
        os.environ.setdefault(VARIABLE, "1")


def onednn() -> bool | None:
    """Whether oneDNN was chosen or refused; None where TensorFlow decides."""
    return {"1": True, "0": False}.get(os.environ.get(VARIABLE, ""))
