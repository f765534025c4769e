"""What courses teach and Keras lacks: layers, losses and activations, named in a config like Keras' own."""

from __future__ import annotations

from typing import Any

from nntrain.model.own import activations, losses
from nntrain.model.own.elastic import ElasticDeformation
from nntrain.model.own.initializers import ImageKernel
from nntrain.model.own.local import LocallyConnected1D, LocallyConnected2D
from nntrain.model.own.maxout import Maxout
from nntrain.model.own.metrics import BoxIoU

OWN: dict[str, dict[str, Any]] = {
    "layers": {
        "ElasticDeformation": ElasticDeformation,
        "LocallyConnected1D": LocallyConnected1D,
        "LocallyConnected2D": LocallyConnected2D,
        "Maxout": Maxout,
    },
    "initializers": {"ImageKernel": ImageKernel},
    "losses": {
        "CauchySchwarz": losses.CauchySchwarz,
        "Chebyshev": losses.Chebyshev,
        "Expectation": losses.Expectation,
        "L1Loss": losses.L1Loss,
        "L2Loss": losses.L2Loss,
        "MarginHinge": losses.MarginHinge,
        "RegularizedExpectation": losses.RegularizedExpectation,
        "SquaredLog": losses.SquaredLog,
        "Tanimoto": losses.Tanimoto,
    },
    "metrics": {"BoxIoU": BoxIoU},
    "activations": {"arctan": activations.arctan, "binary_step": activations.binary_step},
}
"""By kind, under the names that a config uses."""
GROUPS = {
    "ElasticDeformation": "augmentation",
    "LocallyConnected1D": "convolution",
    "LocallyConnected2D": "convolution",
    "Maxout": "core",
}
"""What sort of layer each is."""
ALIASES = {"activations": {"identity": "linear", "logistic": "sigmoid"}}
"""What courses call some of Keras' own."""
