"""What does not fit masks: layers that move images alone, metrics that misread pixels, and the like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from nntrain.config.data import ImagesSource
from nntrain.config.network.graph import Graph
from nntrain.config.network.outputs import NetworkOutput
from nntrain.config.schema import Config
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.config.vocabulary.losses import EITHER_METRICS, INDEX_METRICS, facts
from nntrain.errors import Problem, listing

TOGETHER = frozenset(
    {"ElasticDeformation", "RandomFlip", "RandomRotation", "RandomShear", "RandomTranslation", "RandomZoom"}
)
"""Layers that move pixels of images by chance, and can do the same to masks."""
MOVING = TOGETHER | {
    *("AugMix", "CutMix", "MixUp", "RandAugment", "RandomCrop", "RandomElasticTransform", "RandomPerspective")
}
"""All that move pixels of images, or mix images, by chance."""
IN_PLACE = frozenset(
    {"AutoContrast", "GaussianNoise", "Normalization", "RandomBrightness", "RandomColorDegeneration"}
    | {"RandomColorJitter", "RandomContrast", "RandomGrayscale", "RandomHue", "RandomInvert"}
    | {"RandomPosterization", "RandomSaturation", "Rescaling", "Solarization"}
)
"""Layers that leave pixels in place, and may stand before those that move them."""
WHOLE_LOSSES = frozenset({"Dice", "Tversky"})
"""Losses that are one number for all pixels together."""
FLAT_METRICS = frozenset({"F1Score", "FBetaScore", "R2Score", "ConcordanceCorrelation", "PearsonCorrelation"})
"""Metrics of a single list of outputs a row."""
UNION_METRICS = frozenset({"IoU", "MeanIoU"})
LARGEST_METRICS = frozenset(
    {"CategoricalAccuracy", "CategoricalCrossentropy", "CategoricalHinge", "OneHotIoU", "OneHotMeanIoU"}
    | {"TopKCategoricalAccuracy"}
)
"""Metrics that compare a column for each class."""
IGNORING = "SparseCategoricalCrossentropy"
Form = Literal["index", "one_hot", "column"]
SINGLE_METRICS = "use accuracy or {type: BinaryIoU, target_class_ids: [0, 1]}"


def check_segmentation(config: Config, output: NetworkOutput) -> Iterator[Problem]:
    """What of the network, the loss and the metrics does not fit a class for each pixel."""
    yield from _moving_layers(config.graph)
    yield from _filters(config, output)
    ignored = config.data.ignore_label if isinstance(config.data, ImagesSource) else None
    if ignored is not None:
        yield from _ignoring_loss(output, ignored)
    if output.loss.name in WHOLE_LOSSES and config.training.class_weight is not None:
        message = f"{output.loss.name} is one number for all pixels together, so no pixel can be weighed"
        at = ("training", "class_weight")
        yield Problem(f"{message}; use a cross-entropy, or remove this", at, id="metric-task")
    form = _form(output)
    for path, metric in output.metrics:
        fault = None if metric.registered else _misreads(metric, form, output.loss.type, ignored)
        if fault:
            yield Problem(fault, path, id="metric-labels")


def _moving_layers(graph: Graph, first: frozenset[str] | None = None) -> Iterator[Problem]:
    """Layers that move images and not their masks: all but those that come first, as `TOGETHER` can."""
    first = _first_steps(graph) if first is None else first
    for step in graph.steps:
        if isinstance(step.layer, Graph):
            yield from _moving_layers(step.layer, frozenset())
            continue
        for layer in _inner(step.layer):
            if layer.name not in MOVING or layer.registered:
                continue
            together = layer.name in TOGETHER and layer is step.layer
            if not together:
                message = (
                    f"{layer.type} would move or mix the images and not their masks; use one that moves "
                    f"both: {listing(sorted(TOGETHER))}"
                )
            elif step.name not in first:
                message = (
                    f"{layer.type} moves images and masks together where it comes first; put it before all "
                    "layers but those that change colours or brightness alone, and let one layer read it"
                )
            elif layer.argument("fill_mode") == "constant":
                message = (
                    f"{layer.type} would fill masks with a number that is no class; use fill_mode: reflect, "
                    "wrap or nearest"
                )
            else:
                continue
            yield Problem(message, step.path, id="moved-images")


def _first_steps(graph: Graph) -> frozenset[str]:
    """The steps at the beginning, each read by the next alone, that move pixels or leave them in place."""
    read = [name for step in graph.steps for name in step.inputs]
    found, before = set(), graph.inputs[0]
    for step in graph.steps:
        known = isinstance(step.layer, KerasObject) and step.layer.name in TOGETHER | IN_PLACE
        if not known or step.shares or step.inputs != (before,) or read.count(before) > 1:
            break
        found.add(step.name)
        before = step.name
    return frozenset(found) if read.count(before) < 2 else frozenset(found - {before})


def _inner(value: object) -> Iterator[KerasObject]:
    """A layer and those among its arguments."""
    if isinstance(value, KerasObject):
        yield value
        value = value.arguments
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, (list, tuple)):
        for inner in value:
            yield from _inner(inner)


def _filters(config: Config, output: NetworkOutput) -> Iterator[Problem]:
    """The last layer's outputs a pixel, where the config names the classes."""
    names = config.data.class_names if isinstance(config.data, ImagesSource) else None
    last = output.last
    if names is None or last is None or last.units is None or last.units == len(names):
        return
    index = facts(output.loss).labels == "index"
    if last.units == 1 and len(names) == 2 and not index:
        return
    fix = f"use {len(names)}" + (", or 1 with sigmoid" if len(names) == 2 and not index else "")
    message = f"the last layer gives {last.units} outputs a pixel, and class_names are {len(names)}; {fix}"
    yield Problem(message.replace("1 outputs", "1 output"), (*last.units_path, last.units_key), id="units")


def _ignoring_loss(output: NetworkOutput, ignored: int) -> Iterator[Problem]:
    if output.loss.registered:
        return
    if output.loss.name != IGNORING:
        message = f"{output.loss.type} can't leave out the pixels of data.ignore_label"
    elif output.loss.argument("ignore_class") != ignored:
        message = "the loss would count the pixels of data.ignore_label as a class"
    else:
        return
    message += f"; use {{type: {IGNORING}, ignore_class: {ignored}}}"
    yield Problem(message, output.loss_path, id="loss-task")


def _form(output: NetworkOutput) -> Form | None:
    """How targets reach the metrics; None where only building the network can tell."""
    labels = facts(output.loss).labels
    if labels == "index":
        return "index"
    if output.last is not None and output.last.units is not None:
        return "column" if output.last.units == 1 else "one_hot"
    return "one_hot" if labels == "one_hot" else None


def _misreads(metric: KerasObject, form: Form | None, loss: str, ignored: int | None) -> str | None:
    """Why a metric says nothing of pixels, and what to use."""
    name = metric.name
    if name in FLAT_METRICS:
        return f"'{metric.type}' takes one list of outputs a row, and a mask has one a pixel; remove it: " + (
            "evaluation has IoU, Dice (which is F1), precision and recall of each class anyway"
        )
    if ignored is not None and (name not in UNION_METRICS or metric.argument("ignore_class") != ignored):
        instead = f"{{type: MeanIoU, num_classes: ..., sparse_y_pred: false, ignore_class: {ignored}}}"
        return f"'{metric.type}' would count the pixels of data.ignore_label; use {instead}"
    if form == "index":
        return _misreads_numbers(metric, loss)
    if name in INDEX_METRICS:
        return f"'{metric.type}' needs class numbers, and {loss} does not take them; use accuracy"
    if form == "column" and name in UNION_METRICS | LARGEST_METRICS:
        return (
            f"'{metric.type}' looks for the largest of several outputs, and a pixel has one; {SINGLE_METRICS}"
        )
    if form == "one_hot" and name in UNION_METRICS:
        wrong = [key for key in ("sparse_y_true", "sparse_y_pred") if metric.argument(key) is not False]
        if wrong:
            given = " and ".join(f"{key}: false" for key in wrong)
            return f"'{metric.type}' takes one-hot labels and outputs for class numbers; add {given}"
    return None


def _misreads_numbers(metric: KerasObject, loss: str) -> str | None:
    if metric.name in UNION_METRICS:
        if metric.argument("sparse_y_true") is False:
            return (
                f"'{metric.type}' needs class numbers here, which {loss} takes; remove sparse_y_true: false"
            )
        if metric.argument("sparse_y_pred") is not False:
            return f"'{metric.type}' takes outputs for class numbers; add sparse_y_pred: false"
        return None
    if metric.name in INDEX_METRICS | EITHER_METRICS:
        return None
    instead = "accuracy or {type: MeanIoU, num_classes: ..., sparse_y_pred: false}"
    return f"'{metric.type}' needs one-hot labels, and {loss} takes class numbers; use {instead}"
