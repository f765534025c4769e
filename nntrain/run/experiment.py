"""A config made ready to train or to score: data, model, and how the two meet."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from nntrain.arrays import Values
from nntrain.config.network.outputs import outputs_of
from nntrain.config.reuse.facts import with_data_facts
from nntrain.config.schema import Config
from nntrain.data.dataset import Dataset, Rows
from nntrain.errors import ArtefactError, Location, NntrainError, Problem
from nntrain.evaluation import decode_pixels
from nntrain.model.build import InputSpec, build
from nntrain.model.moved import move_masks
from nntrain.model.targets import check_output, check_range, check_tokens, encode, encoding, output_kind
from nntrain.model.user_code import blamed_on_code
from nntrain.report.thinning import MOST_IMAGES
from nntrain.run import scoring
from nntrain.run.budget import check_budget, check_count
from nntrain.run.scoring import Scored
from nntrain.run.target import Target
from nntrain.training.forward import predict
from nntrain.training.recipe import Arrays
from nntrain.training.replicas import mirrored

Array = NDArray[Any]


@dataclass(frozen=True)
class Experiment:
    """Data that fit the model, and a model that fits the data."""

    config: Config
    """With what refers to the data put in."""
    dataset: Dataset
    model: keras.Model
    notes: tuple[Problem, ...] = ()
    """What is no mistake in the network and worth a word."""

    @cached_property
    def predicted(self) -> dict[str, Target]:
        """What is predicted, by the target's name."""
        train = self.dataset.train.targets
        return {
            info.name: Target.of(info.name, info.task, info.names, info.shape, train[info.name])
            for info in self.dataset.targets
        }

    def inputs(self, rows: Rows) -> Arrays:
        """Features as the model takes them."""
        return one_or_all(rows.inputs)

    def targets(self, rows: Rows) -> Arrays:
        """Targets as the losses take them."""
        shapes = output_shapes(self.config, self.model)
        found = {}
        for output in outputs_of(self.config):
            info = self.predicted[output.target]
            how = encoding(output, int(shapes[output.name][-1] or 1), info.task)
            found[output.name] = encode(rows.targets[output.target], how, len(info.names))
        return one_or_all(found)

    @property
    def scored_rows(self) -> dict[str, Rows]:
        """The rows that make a run's scores: those held out; the training rows where none are."""
        held_out: dict[str, Rows] = {n: rows for n, rows in self.dataset.splits.items() if n != "train"}
        return held_out or {"training": self.dataset.train}

    def fresh_model(self) -> keras.Model:
        """The same network with new weights."""
        return build_network(self.config, self.dataset.train)


def one_or_all(arrays: Mapping[str, Values]) -> Arrays:
    """A mapping of several arrays; of one, the array itself, as a network with one input takes it."""
    return next(iter(arrays.values())) if len(arrays) == 1 else dict(arrays)


def output_shapes(config: Config, model: keras.Model) -> dict[str, tuple[int | None, ...]]:
    """The shape of each output, None first, by its name."""
    names = config.graph.outputs
    if len(names) == 1:
        return {names[0]: tuple(model.output_shape)}
    return {name: tuple(tensor.shape) for name, tensor in model.output.items()}


def prepare(
    config: Config,
    dataset: Dataset,
    *,
    pretrained: bool = False,
    strategy: tf.distribute.Strategy | None = None,
) -> Experiment:
    """Build the model for data that were read.

    Args:
        config: From `load_config`.
        dataset: From `read_data`.
        pretrained: Whether the files of pretrained weights are read, as they are before training; without
            it, those weights are random.
        strategy: The devices of several machines, each of which gets a copy of the network.

    Raises:
        DataError: Pretrained weights are missing or unfit, or the targets are out of the model's reach.
        ConfigError: The network does not fit the data.
        MemoryLimitError: It does not fit into memory.
    """
    try:
        known = with_data_facts(config, dataset.facts)
        notes: list[Problem] = []
        with blamed_on_code(), mirrored(known.training.distribute == "mirrored", strategy):
            model = build_for(known, dataset, pretrained, notes)
        made = Experiment(known, dataset, model, tuple(notes))
        scoring.check_cut(known.evaluation.threshold, made.predicted, dataset.validation is not None)
        return made
    except NntrainError as error:
        raise error.located(config.origin.location) from error.__cause__


def build_for(
    config: Config, dataset: Dataset, pretrained: bool = False, notes: list[Problem] | None = None
) -> keras.Model:
    """A model whose inputs and outputs fit the data.

    Raises:
        ConfigError: A layer does not fit, or the outputs do not fit the targets.
        DataError: The targets are out of reach of the last activation, or the features of an Embedding.
    """
    model = build_network(config, dataset.train, pretrained, notes)
    shapes = output_shapes(config, model)
    infos = {info.name: info for info in dataset.targets}
    for output in outputs_of(config):
        info = infos[output.target]
        check_output(output, shapes[output.name], info.task, info.names, info.shape)
        if info.task in {"regression", "reconstruction"}:
            check_range(output, dataset.train.targets[info.name], reconstructed=info.task == "reconstruction")
    for rows in dataset.splits.values():
        for name, features in rows.inputs.items():
            check_tokens(config.graph, name, features)
    return model


def build_network(
    config: Config, rows: Rows, pretrained: bool = False, notes: list[Problem] | None = None
) -> keras.Model:
    """The config's network for rows like these, with the files of its pretrained weights if it is to learn.

    Raises:
        ConfigError: A layer does not fit, or the network has more weights than it may have.
        DataError: Pretrained weights are missing or unfit.
        MemoryLimitError: The network is too large for the memory that is free.
    """
    inputs = {}
    for name, features in rows.inputs.items():
        dtype = "float32" if np.issubdtype(features.dtype, np.floating) else "int32"
        inputs[name] = InputSpec(tuple(int(size) for size in features.shape[1:]), dtype)
    check_budget(config, {name: spec.shape for name, spec in inputs.items()}, len(rows), training=pretrained)
    model = build(
        config.name,
        config.graph,
        inputs,
        trainable=config.model.trainable,
        folder=config.origin.folder if pretrained else None,
        notes=notes,
    )
    check_count(config, model)
    if config.data.task == "segmentation":
        move_masks(model)
    return model


def predictions(config: Config, model: keras.Model, rows: Rows) -> dict[str, Array]:
    """What the model gives for rows, shape `(n, ...)`, by the target's name; of masks a row's sum, `(n,)`."""
    if config.data.task == "segmentation":
        (output,) = outputs_of(config)
        return {output.target: predicted_masks(config, model, rows)["sums"]}
    given = predict(model, one_or_all(rows.inputs))
    if isinstance(given, Mapping):
        return {output.target: at_least_single(given[output.name]) for output in outputs_of(config)}
    return {outputs_of(config)[0].target: at_least_single(given)}


def predicted_masks(config: Config, model: keras.Model, rows: Rows) -> Mapping[str, Array]:
    """`labels`, the class of each pixel `(n, height, width)`, and `sums` of each row's outputs, `(n,)`.

    The outputs of some rows at a time are in memory.
    """
    found = predict(model, one_or_all(rows.inputs), masks_of(config))
    assert isinstance(found, Mapping)
    return found


def masks_of(config: Config) -> Callable[[Array], dict[str, Array]]:
    """What is kept of the outputs for some images: `labels` and `sums`, as `predicted_masks` says."""
    (output,) = outputs_of(config)
    kind, boundary = output_kind(output)
    threshold = config.evaluation.threshold
    if isinstance(threshold, str):
        raise TypeError(f"a mask is cut at a number, received threshold={threshold!r}")

    def keep(outputs: Array) -> dict[str, Array]:
        given = at_least_single(outputs)
        labels = decode_pixels(given, kind=kind, threshold=threshold, boundary=boundary)
        return {"labels": labels, "sums": given.reshape(len(given), -1).sum(axis=1, dtype=np.float64)}

    return keep


def at_least_single(values: Array) -> Array:
    """Numbers of 16 bits as float32: an output whose layer has such a dtype gives them."""
    return values.astype(np.float32) if values.dtype.itemsize == 2 else values


def score(config: Config, targets: Mapping[str, Target], model: keras.Model, rows: Rows) -> dict[str, Scored]:
    """Run the model on rows and score each of its outputs: the one way in which nntrain evaluates.

    Returns:
        By the target's name.

    Raises:
        DivergedError: The model's outputs are not finite numbers.
    """
    if config.data.task == "segmentation":
        return _score_masks(config, targets, model, rows)
    given = predictions(config, model, rows)
    found = {}
    for output in outputs_of(config):
        kind, boundary = output_kind(output)
        found[output.target] = scoring.score(
            targets[output.target],
            np.asarray(rows.targets[output.target]),
            given[output.target],
            rows.index,
            kind=kind,
            boundary=boundary,
            evaluation=config.evaluation,
            last=rows.last,
        )
    return found


def _score_masks(
    config: Config, targets: Mapping[str, Target], model: keras.Model, rows: Rows
) -> dict[str, Scored]:
    (output,) = outputs_of(config)
    given = predicted_masks(config, model, rows)
    scored = scoring.score_masks(
        targets[output.target],
        np.asarray(rows.targets[output.target]),
        given["labels"],
        given["sums"],
        rows.index,
        config.evaluation.average,
    )
    return {output.target: replace(scored, images=np.asarray(rows.x[:MOST_IMAGES]))}


def model_bytes(model: keras.Model) -> bytes:
    """The model as the content of a `.keras` file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        model.save(file)
        return file.read_bytes()


def load_weights(model: keras.Model, content: bytes, shown: str) -> None:
    """Put the weights of a `.keras` file into a model built from the config: numbers, never code.

    Args:
        model: Built, with the same layers.
        content: Of the file.
        shown: The file's path, for messages.

    Raises:
        ArtefactError: It is no `.keras` file, or its weights are not this model's.
    """
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise ArtefactError(Problem("is not a .keras file, or was cut off", location=Location(shown)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        file.write_bytes(content)
        try:
            model.load_weights(file)
        except (ValueError, KeyError, OSError, zipfile.BadZipFile) as error:
            reason = " ".join(str(error).split())[:200]
            message = f"holds other weights than the config's layers have: {reason}"
            raise ArtefactError(Problem(message, location=Location(shown))) from error
