"""Whether a network is fed numbers of a size that it learns well from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import Stored, Values
from nntrain.config.network.graph import Graph
from nntrain.config.schema import Config
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.config.vocabulary.losses import CONVOLUTIONS
from nntrain.data.dataset import Dataset
from nntrain.errors import listing

FAR = 30.0
"""Root of the mean square of a column (of an array: of all its numbers) from which on it is told."""
SAMPLE = 1_000
"""Training rows that are measured, evenly spread."""
MOST_VALUES = 4_000_000
WEIGHING = frozenset({"Conv1D", "Conv3D", "Dense", "GRU", "LSTM", "SimpleRNN", *CONVOLUTIONS})
"""Layers that multiply what they are fed as it stands, without bringing it to a common size."""
PASSING = frozenset(
    {
        "Bidirectional",
        "Dropout",
        "Flatten",
        "Masking",
        "Permute",
        "RepeatVector",
        "Reshape",
        "TimeDistributed",
    }
    | {f"{kind}{n}D" for kind in ("Cropping", "MaxPooling", "ZeroPadding") for n in (1, 2, 3)}
    | {f"Random{what}" for what in ("Crop", "Flip", "Rotation", "Shear", "Translation", "Zoom")}
)


def unscaled(config: Config, dataset: Dataset) -> Iterator[str]:
    """A sentence on each input whose numbers are large, and which a layer reads that scales nothing.

    Rows that stay in their file are not looked at.
    """
    for name, features in dataset.train.inputs.items():
        if isinstance(features, Stored) or not len(features) or features.dtype.kind != "f":
            continue
        if not _reads_as_it_stands(config.graph, name):
            continue
        rows = _sample(features)
        columns = dataset.inputs.get(name, ())
        told = _columns(rows, columns) if rows.ndim == 2 and len(columns) == rows.shape[1] else _whole(rows)
        if told:
            found, advice = told
            yield f"{found}, and nothing scales them: networks learn badly from such numbers; {advice}"


def _sample(features: Values) -> NDArray[np.float64]:
    """Training rows, evenly spread, fewer where they are large."""
    width = max(1, features.size // len(features))
    count = min(SAMPLE, len(features), max(1, MOST_VALUES // width))
    chosen = np.linspace(0, len(features) - 1, count).astype(np.int64)
    return np.asarray(features[chosen], np.float64)


def _size(values: NDArray[np.float64], axis: int | None) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.sqrt(np.nanmean(np.square(values), axis=axis))
    return found


def _columns(rows: NDArray[np.float64], names: tuple[str, ...]) -> tuple[str, str] | None:
    """The columns that are far from 0 and 1, the farthest first, with their ends, and what to do."""
    size = _size(rows, 0)
    far = [i for i in np.argsort(-size) if size[i] > FAR]
    if not far:
        return None
    told = [f"'{names[i]}' ({np.nanmin(rows[:, i]):g} to {np.nanmax(rows[:, i]):g})" for i in far]
    hold = f"columns {listing(told, 4)} hold" if len(far) > 1 else f"column {told[0]} holds"
    return f"{hold} large numbers", "set data.preprocess.numeric: {scale: standard}"


def _whole(rows: NDArray[np.float64]) -> tuple[str, str] | None:
    """The ends of an array that is far from 0 and 1, and what to do."""
    if _size(rows, None) <= FAR:
        return None
    low, high = np.nanmin(rows), np.nanmax(rows)
    of_bytes = low >= 0 and 100 < high <= 255
    steps = "{scale: rescale, range: [0, 255]}" if of_bytes else "{scale: standard}"
    return f"the features go from {low:g} to {high:g}", f"set data.preprocess.numeric: {steps}"


def _reads_as_it_stands(graph: Graph, name: str) -> bool:
    """Whether a layer that weighs its input is the first to change an input's numbers."""
    for step in graph.steps:
        if name not in step.inputs:
            continue
        if isinstance(step.layer, Graph):
            if _reads_as_it_stands(step.layer, step.layer.inputs[step.inputs.index(name)]):
                return True
        elif _weighs(step.layer) or (step.layer.name in PASSING and _reads_as_it_stands(graph, step.name)):
            return True
    return False


def _weighs(layer: KerasObject) -> bool:
    """Whether a layer, or the one that it wraps, multiplies what it is fed."""
    wrapped = layer.argument("layer") if layer.name in {"Bidirectional", "TimeDistributed"} else None
    return (layer if not isinstance(wrapped, KerasObject) else wrapped).name in WEIGHING
