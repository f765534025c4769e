"""What pictures show of a run's data and of the inside of its network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from nntrain.arrays import Values
from nntrain.config.schema import Config
from nntrain.data.dataset import Rows
from nntrain.evaluation.boxes import is_box, overlaps
from nntrain.evaluation.outputs import FloatArray
from nntrain.model.inside import (
    activations,
    disturbed,
    first_convolution,
    first_dense,
    image_convolutions,
    narrowest,
    nodes_of,
)
from nntrain.model.own.initializers import ImageKernel
from nntrain.report.plots import (
    MOST_IMAGES,
    MOST_MAPS,
    MOST_UNITS,
    Maps,
    Node,
    is_picture,
    shrunk,
    some_of,
)
from nntrain.run.balance import balances
from nntrain.run.experiment import Experiment, one_or_all
from nntrain.run.pictured import mistakes, picked
from nntrain.run.scoring import Scored
from nntrain.run.target import Array

PIXEL = re.compile(r"(?i)(pixel|px|image|img|bild)\D*\d+.*")
"""A column that is one pixel of an image."""
FLAT_IMAGES = ("digits", "olivetti_faces")
MNIST = 28 * 28
"""Pixels of the flat rows that are images most of all."""
NOT_IMAGES = ("series", "sequences", "text")
RECURRENT = ("LSTM", "GRU", "SimpleRNN", "Bidirectional", "RNN", "Conv1D", "Embedding")
MOST_LAYERS = 4
"""Convolutions whose maps are drawn."""
MOST_LATENT = 2_000
"""Of more rows some are put through the network's first part again."""
Found = Iterator[tuple[str, dict[str, Any]]]


Columns = Mapping[str, tuple[str, ...]]


def of_rows(config: Config, model: keras.Model, columns: Columns, rows: Rows, scored: Scored) -> Found:
    """Pictures of one output that take more than its scores: mistaken images, and a series in its order.

    Args:
        config: Of the model.
        model: Trained.
        columns: The names of each input's prepared columns.
        rows: What was scored.
        scored: Of the output.
    """
    images = image_input(config, model, columns, rows)
    if images is not None:
        found = mistakes(scored, rows.inputs[images])
        if found is not None:
            yield "mistakes", found
        if scored.target.task == "regression" and is_box(scored.target.names):
            yield "boxes", _boxes(scored, rows.inputs[images])
    if config.data.type == "series":
        yield "forecast", _forecast(config.data.group, rows, scored)


def _forecast(group: str | int | None, rows: Rows, scored: Scored) -> dict[str, Any]:
    """The rows in their order; of several series those of the one with the most rows."""
    names = scored.target.names
    what = names[0] if names else ""
    count = len(scored.index)
    kept = np.arange(count)
    if rows.series is not None:
        series, counts = np.unique(rows.series.astype(str), return_counts=True)
        longest = series[counts.argmax()]
        kept = np.flatnonzero(rows.series.astype(str) == longest)
        of = f"'{longest}', one of {len(series)} series"
        what = f"{what} of {of}" if what else of
    truth, outputs = scored.truth.reshape(count, -1), scored.outputs.reshape(count, -1)
    first = {"actual": truth[kept, 0], "predicted": outputs[kept, 0]}
    return {"index": scored.index[kept], **first, "what": what}


def _boxes(scored: Scored, images: Values) -> dict[str, Any]:
    """The first images with both boxes of each."""
    count = min(MOST_IMAGES, len(scored))
    actual, predicted = scored.truth[:count], scored.outputs[:count]
    return {
        "images": np.stack([np.atleast_3d(row) for row in picked(images, np.arange(count))]),
        "actual": actual,
        "predicted": predicted,
        "index": scored.index[:count],
        "scores": overlaps(actual, predicted),
    }


def of_data(experiment: Experiment) -> Iterator[tuple[str, dict[str, Any]]]:
    """The class balance of each output that has classes; its name is empty for a single target."""
    several = len(experiment.dataset.targets) > 1
    for balance in balances(experiment.dataset):
        yield balance.target if several else "", {"classes": balance.classes, "unit": balance.unit}


def of_network(experiment: Experiment, outputs: Mapping[str, Scored], split: str) -> Found:
    """The structure of the trained network, its first weights, and what it makes of rows on their way."""
    model = experiment.model
    nodes, edges = nodes_of(model)
    trainable = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    shown = [Node(node.name, node.type, node.shape, node.parameters) for node in nodes]
    yield "structure", {"nodes": shown, "edges": edges, "trainable": trainable}
    dataset = experiment.dataset
    images = image_input(experiment.config, model, dataset.inputs, dataset.train)
    if images is not None:
        yield from _of_images(experiment, images, split)
    task = [scored for scored in outputs.values() if scored.target.task == "reconstruction"]
    if images is not None and task and len(dataset.inputs) == 1:
        yield from _denoised(experiment, images, split)
    place = narrowest(model) if task else None
    if place is not None:
        yield "latent", _latent(experiment, outputs, split, place)


def _of_images(experiment: Experiment, name: str, split: str) -> Found:
    model, rows = experiment.model, _rows(experiment, split)
    shape = tuple(int(size) for size in rows.inputs[name].shape[1:])
    dense = first_dense(model, name)
    if dense is not None and dense.weights.shape[0] == np.prod(shape):
        units = dense.weights.T.reshape(-1, *_sides(shape))
        kept = _strongest(units)
        title = f"Weights of the units of '{dense.name}'{', the largest' if len(kept) < len(units) else ''}"
        yield "first_weights", {"weights": kept, "title": title, "of": len(units)}
    convolution = first_convolution(model, name)
    if convolution is not None and min(convolution.weights.shape[:2]) > 1:
        filters = np.moveaxis(convolution.weights, 3, 0)
        title = f"Filters of '{convolution.name}'"
        if filters.shape[3] not in (1, 3):
            filters, title = filters.mean(axis=3), f"{title}, means over their channels"
        elif filters.shape[3] == 1:
            filters = filters[..., 0]
        yield "filters", {"weights": filters[:MOST_UNITS], "title": title, "of": len(filters)}
    layers = image_convolutions(model)[:MOST_LAYERS]
    if layers:
        example = {key: picked(values, np.zeros(1, np.int64)) for key, values in rows.inputs.items()}
        maps = activations(model, layers, one_or_all(example))
        made = []
        for layer, values in zip(layers, maps, strict=True):
            each = np.moveaxis(values[0], 2, 0)
            shown = np.stack([shrunk(one) for one in each[:MOST_MAPS]])
            made.append(Maps(layer, shown, len(each), _kernel_names(model.get_layer(layer))[:MOST_MAPS]))
        image = shrunk(example[name][0])
        yield "feature_maps", {"image": image, "layers": made, "row": int(rows.index[0])}


def _kernel_names(layer: Any) -> list[str]:
    """What the filters of a layer are called: of image kernels that stay as they are, their names."""
    kernels = getattr(layer, "kernel_initializer", None)
    if not isinstance(kernels, ImageKernel) or layer.trainable:
        return []
    return [one if isinstance(one, str) else f"kernel {i}" for i, one in enumerate(kernels.kernels, 1)]


def _strongest(units: Array) -> Array:
    """The units with the largest weights, in their order."""
    size = np.square(units).reshape(len(units), -1).sum(axis=1)
    return np.asarray(units[np.sort(np.argsort(-size, kind="stable")[:MOST_UNITS])])


def _sides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Height and width, and three channels where there are as many."""
    if len(shape) == 1:
        return (round(shape[0] ** 0.5),) * 2
    return shape if shape[2:] == (3,) else shape[:2]


def _denoised(experiment: Experiment, name: str, split: str) -> Found:
    """The first images, with the noise that the network adds in training, and what it makes of those."""
    rows = _rows(experiment, split)
    count = np.arange(min(MOST_IMAGES, len(rows)))
    images = picked(rows.inputs[name], count)
    found = disturbed(experiment.model, images)
    if found is not None and found[0].size == images.size and found[1].shape == images.shape:
        noisy, made = found
        index = np.asarray(rows.index)[count]
        yield "denoised", {"actual": images, "made": made, "index": index, "noisy": noisy}


def _latent(experiment: Experiment, outputs: Mapping[str, Scored], split: str, layer: str) -> dict[str, Any]:
    """The rows at the network's narrowest place, in two dimensions."""
    rows = _rows(experiment, split)
    drawn = some_of(len(rows), MOST_LATENT)
    given = {name: picked(values, drawn) for name, values in rows.inputs.items()}
    (values,) = activations(experiment.model, [layer], one_or_all(given))
    codes = np.asarray(values, np.float64).reshape(len(values), -1)
    points, axes, how = _flat(codes)
    classes = [scored for scored in outputs.values() if scored.target.task == "classification"]
    known = classes[0] if classes else None
    chance = f" ({len(drawn):,} of {len(rows):,} rows by chance)" if len(drawn) < len(rows) else ""
    return {
        "points": points,
        "axes_names": axes,
        "title": f"Latent space '{layer}'{how}{chance}",
        "labels": None if known is None else np.asarray(known.truth)[drawn],
        "class_names": () if known is None else known.target.names,
    }


def _flat(codes: FloatArray) -> tuple[FloatArray, tuple[str, str], str]:
    """Codes of two or more numbers in two dimensions, what these are, and how they were made."""
    if codes.shape[1] == 2:
        return codes, ("first number", "second number"), ", its two numbers"
    from sklearn.decomposition import PCA

    found = PCA(2, svd_solver="full").fit(codes)
    shares = found.explained_variance_ratio_
    first, second = (f"component ({share:.0%} of the variance)" for share in shares)
    return (
        found.transform(codes),
        (f"first {first}", f"second {second}"),
        f", {codes.shape[1]:,} numbers by PCA",
    )


def image_input(config: Config, model: keras.Model, columns: Columns, rows: Rows) -> str | None:
    """The first input whose rows are images; None where there is none."""
    if config.data.type in NOT_IMAGES:
        return None
    types = {node.type for node in nodes_of(model)[0]}
    for name, values in rows.inputs.items():
        shape = tuple(int(size) for size in values.shape[1:])
        if not is_picture(shape) or not np.issubdtype(values.dtype, np.floating):
            continue
        if len(shape) == 1 and not _holds_pixels(config, model, columns.get(name, ()), shape[0]):
            continue
        if len(shape) == 2 and types & set(RECURRENT):
            continue
        return name
    return None


def _holds_pixels(config: Config, model: keras.Model, columns: tuple[str, ...], size: int) -> bool:
    """Whether flat rows are images, as the source, the columns' names or the network tell."""
    data = config.data
    if (data.type == "sklearn" and data.name in FLAT_IMAGES) or size == MNIST:
        return True
    if columns and all(PIXEL.fullmatch(column) for column in columns):
        return True
    reshaped = [node.shape for node in nodes_of(model)[0] if node.type == "Reshape"]
    shapes = [[size or 0 for size in shape] for shape in reshaped]
    return any(np.prod(shape) == size and is_picture(shape) for shape in shapes)


def _rows(experiment: Experiment, split: str) -> Any:
    return experiment.scored_rows[split]
