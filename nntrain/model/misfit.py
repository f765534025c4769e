"""Why a layer does not take its input, and the edit that would make it fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isqrt, prod

from nntrain.config.network.graph import Chain
from nntrain.config.network.merging import ATTENTION, SPREAD
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.errors import dotted
from nntrain.model.reasons import first_sentence

Shape = tuple[int | None, ...]

AXES = {
    2: "(features)",
    3: "(steps, features)",
    4: "(height, width, channels)",
    5: "(depth, height, width, channels)",
}
"""What the axes of a row are, by the rank of a batch."""
STEP_AXES = {4: "(steps, width, channels)", 5: "(steps, height, width, channels)"}
"""The same for layers that go through images step by step."""
CONVOLVED_STEPS = {"ConvLSTM1D": 4, "ConvLSTM2D": 5}
RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional", *CONVOLVED_STEPS, "ConvLSTM3D"})
IMAGE_LAYERS = frozenset(
    {"AugMix", "AutoContrast", "CenterCrop", "ContrastLimitedAdaptiveHistogramEqualization"}
    | {"ElasticDeformation"}
    | {"RandAugment", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast"}
    | {"RandomCrop", "RandomElasticTransform", "RandomErasing", "RandomFlip", "RandomGaussianBlur"}
    | {"RandomGrayscale", "RandomHue", "RandomInvert", "RandomPerspective", "RandomPosterization"}
    | {"RandomRotation", "RandomSaturation", "RandomSharpness", "RandomShear", "RandomTranslation"}
    | {"RandomZoom", "Resizing", "Solarization"}
)
"""Layers that would take a batch of `(height, width)` for one image, without a word."""
KEEP_SHAPE = frozenset(
    {"Activation", "ActivityRegularization", "AlphaDropout", "BatchNormalization", "Dropout", "ELU"}
    | {"GaussianDropout", "GaussianNoise", "Identity", "LayerNormalization", "LeakyReLU", "PReLU", "ReLU"}
)
MOVE_ONLY = frozenset({"Cropping1D", "Flatten", "Identity", "Masking", "Permute", "RepeatVector", "Reshape"})
"""Layers that hand on the numbers they get."""

_CELL = "is one step of a recurrent layer: put it into one, {{type: RNN, cell: {{type: {name}, ...}}}}"
_TEXT = "takes text, and the network gets numbers: remove it"
_LOST = "loses its input in a stack of this version of Keras: remove it"
_LABELS = "changes the labels too, which a layer of a stack never sees: remove it"
MISPLACED = {
    **dict.fromkeys(("GRUCell", "LSTMCell", "SimpleRNNCell", "StackedRNNCells"), _CELL),
    "Equalization": _LOST,
    **dict.fromkeys(("StringLookup", "TextVectorization"), _TEXT),
    **dict.fromkeys(("CutMix", "MaxNumBoundingBoxes", "MixUp"), _LABELS),
}
"""Layers that no stack can hold; the words follow the layer's name."""
LEARNT = {"Discretization": "bin_boundaries", "IntegerLookup": "vocabulary", "Normalization": "mean"}
"""Arguments that a Keras script finds with `adapt`."""


def misfit(chain: Chain, shape: Shape, dtype: str) -> str | None:
    """What is wrong with a layer on its input, as far as names and shapes tell; None if nothing is.

    Keras finds some of this itself, in other words, and trains on the rest.

    Args:
        chain: The layer that is to be applied, behind those that lead straight to it.
        shape: Shape of its input, None first.
        dtype: Type of its input.

    Returns:
        What the layer needs, what it gets, and what to change.
    """
    *before, (_, layer) = ((link.path, link.layer) for link in chain)
    if layer.registered:
        return None  # its own code knows what it takes
    if layer.name in MISPLACED:
        return f"{layer.name} {MISPLACED[layer.name].format(name=layer.name)}"
    if layer.name == "Embedding" and "int" not in dtype and any(x.name not in MOVE_ONLY for _, x in before):
        return (
            f"Embedding takes the numbers of words, and gets {dtype} from the layers before it: put it first"
        )
    given = LEARNT.get(layer.name)
    if given and layer.arguments.get(given) is None:
        needs = "mean and variance" if given == "mean" else given
        return f"{layer.name} is not adapted to the data here: give it {needs}"
    wanted = wanted_rank(layer)
    if layer.name == "TimeDistributed" and len(shape) < (wanted or 3):
        inner = layer.argument("layer")
        needs = f"{_axes(layer, wanted)}" if wanted else "(steps, ...)"
        fix = f"use the {inner.name} itself, without TimeDistributed"
        return f"TimeDistributed needs rows of shape {needs}, and gets {shape}: {fix}"
    if wanted is not None and len(shape) != wanted:
        needs = f"{layer.name} needs rows of shape {_axes(layer, wanted)}, and gets {shape}"
        return f"{needs}: {_rank_fix(chain, shape, wanted, dtype)}"
    if layer.name == "Permute":
        return _permutation(layer, shape)
    return next(_missing_axes(layer, shape), None)


def advice(layer: KerasObject, shape: Shape, error: BaseException) -> str:
    """Explain Keras' refusal to apply a layer.

    Args:
        layer: The layer that failed.
        shape: Shape of its input, None first.
        error: What Keras raised.

    Returns:
        What the layer needs, what it gets, and what to change.
    """
    reason = first_sentence(error)
    if layer.name == "Reshape":
        return _reshaping(layer, shape)
    if layer.name.startswith("Cropping"):
        return f"{layer.name} cuts off more than {shape} has: use a smaller cropping"
    if layer.argument("stateful") and "stateful" in reason:
        said = (
            f"{layer.name} would keep its state from one batch to the next, for rows that have no such order"
        )
        return f"{said}: remove stateful: true"
    window = layer.argument("kernel_size") or layer.argument("pool_size")
    if window is not None and re.search(r"negative|non-positive|<= ?0|less than", reason, re.IGNORECASE):
        return (
            f"{layer.name}'s window of {_window(layer, window, len(shape) - 2)} is larger than its input "
            f"{shape}: use a smaller window, padding: same, or less pooling before it"
        )
    return f"{layer.name} does not take {shape}: {reason}"


def only_output(layer: KerasObject) -> str:
    """The edit that leaves a layer one output."""
    inner = layer.argument("layer")
    if layer.argument("return_state"):
        return "remove return_state: true"
    if isinstance(inner, KerasObject) and inner.argument("return_state"):
        return "remove return_state: true from its layer"
    if layer.name == "Bidirectional":
        return "use merge_mode: concat"
    return "let its call return one tensor"


def wanted_rank(layer: KerasObject) -> int | None:
    """Rank of the batches that a layer takes, where its name tells."""
    name = layer.name
    if layer.registered:
        return None
    if name in {"Bidirectional", "TimeDistributed"}:
        inner = layer.argument("layer")
        rank = wanted_rank(inner) if isinstance(inner, KerasObject) else None
        return rank + (name == "TimeDistributed") if rank else None
    if name in {"SimpleRNN", "LSTM", "GRU", "RNN", "STFTSpectrogram"} | ATTENTION | SPREAD:
        return 3
    if name == "RepeatVector":
        return 2
    if name in IMAGE_LAYERS:
        return 4
    if name.startswith("ConvLSTM"):
        return CONVOLVED_STEPS.get(name)
    found = re.search(
        r"(?:Conv|LocallyConnected|Pooling|UpSampling|ZeroPadding|Cropping|SpatialDropout).*([123])D", name
    )
    return int(found[1]) + 2 if found else None


def sequence_layer(chain: Chain) -> str | None:
    """The recurrent layer that a chain ends with, as `model.layers[0], the LSTM`; None if it is another."""
    before = next((link for link in reversed(chain) if link.layer.name not in KEEP_SHAPE), None)
    if before is None or before.layer.name not in RECURRENT:
        return None
    layer, path = before.layer, dotted(before.path)
    inner = layer.argument("layer")
    if layer.name == "Bidirectional" and isinstance(inner, KerasObject):
        layer, path = inner, f"{path}.layer"
    return f"{path}, the {layer.name}"


def _axes(layer: KerasObject, rank: int) -> str:
    steps = layer.name.startswith("ConvLSTM") or (layer.name in {"Bidirectional", "TimeDistributed"})
    return STEP_AXES.get(rank, AXES.get(rank, "")) if steps else AXES[rank]


def _rank_fix(chain: Chain, shape: Shape, wanted: int, dtype: str) -> str:
    sizes = [size or 0 for size in shape[1:]]
    layer = chain[-1].layer
    name = layer.name
    recurrent = sequence_layer(chain[:-1])
    if recurrent and len(shape) == wanted - 1:
        return f"add return_sequences: true to {recurrent}"
    if wanted == 2:
        return "add {type: Flatten} before it"
    if wanted == 3 and len(shape) == 2 and "int" in dtype:
        embedding = "{type: Embedding, input_dim: N, output_dim: 32}"
        return f"add {embedding} before it, where N is the number of different words"
    if len(shape) > wanted:
        return f"add {_reshape([*sizes[: wanted - 2], prod(sizes[wanted - 2 :])])} before it"
    if len(shape) == wanted - 1:
        if name.startswith("ConvLSTM"):
            return f"add {_reshape([1, *sizes])} before it"
        if name.endswith("3D"):
            return f"use {name.replace('3D', '2D')}"
        return f"add {_reshape([*sizes, 1])} before it"
    if wanted == 4 and len(shape) == 2:
        for channels in (1, 3):
            side = isqrt(sizes[0] // channels)
            if side > 1 and side * side * channels == sizes[0]:
                return f"add {_reshape([side, side, channels])} before it"
    axes = _axes(layer, wanted)
    return f"add a Reshape before it, whose target_shape is {axes} and holds {prod(sizes)} numbers"


def _reshape(target: list[int]) -> str:
    return f"{{type: Reshape, target_shape: {target}}}"


def _reshaping(layer: KerasObject, shape: Shape) -> str:
    """Numbers before and after, and the target that differs in one size and fits."""
    target = [size or -1 for size in layer.argument("target_shape") or ()]
    count = prod(size or 1 for size in shape[1:])
    held = abs(prod(target))
    holds = f"a multiple of {held}" if -1 in target else f"{held}"
    fix = f"use sizes whose product is {count}"
    for j in reversed(range(len(target))):
        others = prod(target[:j]) * prod(target[j + 1 :])
        if others > 0 and count % others == 0:
            fix = f"use target_shape: {[*target[:j], count // others, *target[j + 1 :]]}"
            break
    return (
        f"Reshape can't turn {shape} into {target}: a row has {count} numbers, and that holds {holds}: {fix}"
    )


def _permutation(layer: KerasObject, shape: Shape) -> str | None:
    dims, axes = layer.argument("dims") or (), len(shape) - 1
    if len(dims) == axes:
        return None
    fix = "remove it" if axes == 1 else f"list each number from 1 to {axes} once"
    return f"Permute's dims list {len(dims)} axes, and a row of {shape} has {axes}: {fix}"


def _missing_axes(layer: KerasObject, shape: Shape) -> Iterator[str]:
    last = len(shape) - 1
    for name in ("axis", "shared_axes"):
        value = layer.arguments.get(name)
        for axis in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(axis, int) and not -last <= axis <= last:
                there = f"the axes of {shape} after the rows go from 1 to {last}"
                yield f"{layer.name}'s {name} is {axis}, and {there}: use a number up to {last}"


def _window(layer: KerasObject, size: object, dimensions: int) -> str:
    """Rows and columns that a window covers, its gaps included."""

    def sizes(value: object) -> list[int]:
        return list(value) if isinstance(value, (list, tuple)) else [int(str(value))] * max(dimensions, 1)

    gaps = sizes(layer.argument("dilation_rate") or 1)
    covered = [(part - 1) * gap + 1 for part, gap in zip(sizes(size), gaps, strict=False)]
    return "x".join(str(part) for part in covered)
