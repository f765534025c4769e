"""What each loss expects of labels and outputs, and what that makes of the last layer.

Keras trains without a word on softmax with binary cross-entropy, or on probabilities passed as
logits. This is the one table that says what belongs together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from nntrain.config.network.graph import Chain
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import KeyPath

Labels = Literal["index", "one_hot", "binary", "any"]


@dataclass(frozen=True)
class LossFacts:
    """One loss."""

    labels: Labels = "any"
    """`index`: class numbers; `one_hot`: a column a class; `binary`: 0 and 1 for each output; `any`:
    numbers, or classes encoded to fit the outputs."""
    probabilities: Literal["softmax", "sigmoid"] | None = None
    """The activation whose outputs the loss takes; None if it takes any."""


SOFTMAX_LOSS = {
    "SparseCategoricalCrossentropy": LossFacts("index", "softmax"),
    "CategoricalCrossentropy": LossFacts("one_hot", "softmax"),
    "CategoricalFocalCrossentropy": LossFacts("one_hot", "softmax"),
    "CategoricalGeneralizedCrossEntropy": LossFacts("index", "softmax"),
    "KLDivergence": LossFacts("one_hot", "softmax"),
    **dict.fromkeys(
        ("CauchySchwarz", "Chebyshev", "Expectation", "RegularizedExpectation", "SquaredLog", "Tanimoto"),
        LossFacts("one_hot", "softmax"),
    ),
}
LOSSES = {
    **SOFTMAX_LOSS,
    "BinaryCrossentropy": LossFacts("binary", "sigmoid"),
    "BinaryFocalCrossentropy": LossFacts("binary", "sigmoid"),
    "CategoricalHinge": LossFacts("one_hot"),
    "MarginHinge": LossFacts("one_hot"),
    "Hinge": LossFacts("binary"),
    "SquaredHinge": LossFacts("binary"),
}
"""Losses made for classes. The others, such as MeanSquaredError, take any numbers."""

INDEX_METRICS = frozenset(
    {"SparseCategoricalAccuracy", "SparseCategoricalCrossentropy", "SparseTopKCategoricalAccuracy"}
)
"""Metrics that read class numbers."""
EITHER_METRICS = frozenset({"Accuracy", "acc", "accuracy"})
"""Names by which Keras chooses the accuracy that suits the labels' shape."""
ONE_HOT_METRICS = frozenset(
    {
        "AUC",
        "BinaryAccuracy",
        "BinaryCrossentropy",
        "BinaryIoU",
        "CategoricalAccuracy",
        "CategoricalCrossentropy",
        "CategoricalHinge",
        "F1Score",
        "FBetaScore",
        "FalseNegatives",
        "FalsePositives",
        "Hinge",
        "IoU",
        "MeanIoU",
        "OneHotIoU",
        "OneHotMeanIoU",
        "Precision",
        "PrecisionAtRecall",
        "Recall",
        "RecallAtPrecision",
        "SensitivityAtSpecificity",
        "SpecificityAtSensitivity",
        "SquaredHinge",
        "TopKCategoricalAccuracy",
        "TrueNegatives",
        "TruePositives",
    }
)
"""Metrics that need a column of 0 and 1 for each output."""
CLASS_METRICS = INDEX_METRICS | EITHER_METRICS | ONE_HOT_METRICS
"""Metrics that mean nothing for a target of numbers."""

UPWARD = frozenset(
    {
        "AUC",
        "Accuracy",
        "BinaryAccuracy",
        "BinaryIoU",
        "BoxIoU",
        "CategoricalAccuracy",
        "ConcordanceCorrelation",
    }
    | {"CosineSimilarity", "F1Score", "FBetaScore", "IoU", "MeanIoU", "OneHotIoU", "OneHotMeanIoU"}
    | {"PearsonCorrelation", "Precision", "PrecisionAtRecall", "R2Score", "Recall", "RecallAtPrecision"}
    | {"SensitivityAtSpecificity", "SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy"}
    | {"SpecificityAtSensitivity", "TopKCategoricalAccuracy", "TrueNegatives", "TruePositives"}
)
"""Metrics of which more is better; of the others, less."""

SHAPELESS = frozenset({"Dropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization"})
"""Layers that change neither the shape nor, when evaluating, the values."""


CONVOLUTIONS = frozenset({"Conv2D", "Conv2DTranspose", "SeparableConv2D"})
"""Layers that give each pixel as many outputs as they have filters."""


@dataclass(frozen=True)
class Output:
    """What the config says about the network's outputs."""

    activation: str
    """Keras' name of the last activation; `linear` if there is none."""
    units: int | None
    """Outputs for each row, if the config says so."""
    path: KeyPath
    """The key that a change of the activation belongs to."""
    units_path: KeyPath
    """The layer that decides the number of outputs."""
    units_key: str = "units"
    """The argument of that layer which does: `filters` of a convolution."""


def facts(loss: KerasObject) -> LossFacts:
    """What the loss expects; the user's own one takes labels as the class of Keras that it derives from."""
    if loss.registered:
        return LossFacts(LOSSES.get(loss.base or "", LossFacts()).labels)
    return LOSSES.get(loss.name, LossFacts())


def takes_logits(loss: KerasObject) -> bool:
    """Whether the loss was told that outputs are logits."""
    return loss.argument("from_logits") is True


def last_output(chain: Chain, *, per_pixel: bool = False) -> Output | None:
    """The outputs at the end of a chain of layers; None where only building the network can tell.

    Args:
        chain: The layers.
        per_pixel: Whether outputs may be those of a convolution.
    """
    activation: str | None = None
    path: KeyPath = ()
    for link in reversed(chain):
        layer, here = link.layer, link.path
        if layer.name in SHAPELESS:
            continue
        if layer.registered or (activation is None and _has_own_activation(layer)):
            return None
        if layer.name in {"Activation", "Softmax", "ReLU", "LeakyReLU", "PReLU", "ELU"}:
            if activation is None:
                activation, path = _activation(layer), here
            continue
        key = "filters" if per_pixel and layer.name in CONVOLUTIONS else "units"
        units = layer.argument(key)
        if layer.name != "Dense" and not isinstance(units, int):
            return None
        if activation is None:
            activation, path = _activation(layer), (*here, "activation")
        return Output(activation, units if isinstance(units, int) else None, path, here, key)
    return None


def _has_own_activation(layer: KerasObject) -> bool:
    """Whether the user's own code decides what the outputs are."""
    value = layer.argument("activation")
    return isinstance(value, KerasObject) and value.registered is not None


def _activation(layer: KerasObject) -> str:
    if layer.name in {"Softmax", "ReLU", "LeakyReLU", "PReLU", "ELU"}:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", layer.name).lower()
    value = layer.argument("activation")
    if isinstance(value, KerasObject):
        return value.name
    return value if isinstance(value, str) else "linear"


def log_name(metric: KerasObject) -> str:
    """The column that a metric gets in `history.csv`: as Keras names it.

    A bare name stays as it is written; with arguments it is `name`, or the class in snake case.
    """
    given = metric.arguments.get("name")
    if isinstance(given, str):
        return given
    if not metric.arguments:
        return metric.type
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", metric.name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
