"""A config made ready to train or to score: data, model, and how the two meet."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import TARGET, Task
from nntrain.config.losses import facts
from nntrain.config.schema import Config
from nntrain.config.semantics import check_task
from nntrain.data.dataset import Dataset, Rows, TargetInfo
from nntrain.data.load import load
from nntrain.data.new_rows import load_rows
from nntrain.errors import ArtefactError, ConfigError, Location, NntrainError, Problem
from nntrain.evaluation import SplitScores, decode, evaluate_split
from nntrain.model.build import build
from nntrain.model.targets import check_outputs, check_range, check_tokens, encode, encoding, output_kind
from nntrain.training.train import predict

Array = NDArray[Any]


@dataclass(frozen=True)
class Target:
    """What is predicted, and what a baseline knows of it: enough to score rows without the training data."""

    task: Task
    classes: tuple[str, ...]
    """Class names; empty for regression."""
    train_truth: Array
    """Labels of the training rows, in any order; for numbers, their mean alone will do."""

    def to_json(self) -> dict[str, Any]:
        """For a run's record: the training rows of each class, or the mean of their numbers."""
        if self.task == "regression":
            return {
                "task": self.task,
                "classes": [],
                "train_mean": float(np.mean(self.train_truth, dtype=float)),
            }
        counts = np.bincount(self.train_truth, minlength=len(self.classes))
        return {"task": self.task, "classes": list(self.classes), "train_counts": counts.tolist()}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Target:
        """The target of a run, from its record."""
        if record["task"] == "regression":
            return cls("regression", (), np.asarray([record["train_mean"]]))
        counts = record["train_counts"]
        return cls("classification", tuple(record["classes"]), np.repeat(np.arange(len(counts)), counts))


@dataclass(frozen=True)
class Experiment:
    """Data that fit the model, and a model that fits the data."""

    config: Config
    dataset: Dataset
    model: keras.Sequential

    @property
    def units(self) -> int:
        """Outputs of the network for each row."""
        return int(self.model.output_shape[1])

    @property
    def target(self) -> Target:
        """What is predicted."""
        return Target(self.dataset.task, self.dataset.classes, self.dataset.train.y)

    def targets(self, rows: Rows) -> Array:
        """Targets as the loss takes them."""
        classes = len(self.dataset.classes)
        return encode(rows.y, encoding(self.config, self.units, classes), classes)

    @property
    def scored_rows(self) -> dict[str, Rows]:
        """The rows that make a run's scores: those held out; the training rows where none are."""
        held_out: dict[str, Rows] = {n: rows for n, rows in self.dataset.splits.items() if n != "train"}
        return held_out or {"training": self.dataset.train}

    def fresh_model(self) -> keras.Sequential:
        """The same network with new weights."""
        return build_network(self.config, self.dataset.train.x)


def prepare(config: Config) -> Experiment:
    """Read the data and build the model.

    Raises:
        DataError: The data are missing or unfit.
        ConfigError: The network does not fit the data.
    """
    try:
        dataset = read_data(config)
        return Experiment(config, dataset, build_for(config, dataset))
    except NntrainError as error:
        raise error.located(config.origin.location) from error.__cause__


def read_data(config: Config) -> Dataset:
    """The three splits that the config describes.

    Raises:
        DataError: The data are missing or unfit.
        ConfigError: The config asks for what this kind of target can't have.
    """
    dataset = load(
        config.data,
        base=config.origin.folder,
        seed=config.seed,
        labels={TARGET: facts(config.training.loss).labels},
    )
    problems = check_task(config, dataset.task)
    if problems:
        raise ConfigError(*problems)
    return dataset


def read_rows(config: Config, target: Target, file: Path, preprocess: Mapping[str, Any]) -> Rows:
    """New labelled rows, prepared as the training rows were.

    Args:
        config: What the model was trained with.
        target: What it predicts.
        file: The rows, as the user wrote the path.
        preprocess: The content of the run's `preprocess.json`.

    Raises:
        DataError: The file is missing or does not hold what the model was trained on.
    """
    try:
        return load_rows(
            config.data,
            file,
            str(file),
            preprocess=preprocess,
            targets=(TargetInfo(TARGET, target.task, target.classes, ()),),
        )
    except NntrainError as error:
        raise error.located(config.origin.location) from error.__cause__


def build_for(config: Config, dataset: Dataset) -> keras.Sequential:
    """A model whose input and outputs fit the data.

    Raises:
        ConfigError: A layer does not fit, or the outputs do not fit the target.
        DataError: The targets are out of reach of the last activation, or the features of an Embedding.
    """
    model = build_network(config, dataset.train.x)
    check_outputs(config, model.output_shape, dataset.classes)
    for rows in dataset.splits.values():
        check_tokens(config, rows.x)
    if not dataset.classes:
        check_range(config, dataset.train.y)
    return model


def build_network(config: Config, features: Array) -> keras.Sequential:
    """The config's network for rows like these, shape `(n, ...)`.

    Raises:
        ConfigError: A layer does not fit.
    """
    dtype = "float32" if np.issubdtype(features.dtype, np.floating) else "int32"
    shape = tuple(int(size) for size in features.shape[1:])
    return build(config.name, config.model.layers, shape, dtype)


@dataclass(frozen=True)
class Scored:
    """One split, scored."""

    scores: SplitScores
    rows: Rows
    outputs: Array
    """What the model gave, shape `(n, outputs)`."""
    labels: Array | None
    """Predicted class indices; None for regression."""
    probabilities: Array | None
    """Shape `(n, classes)`; None where the outputs are no probabilities."""


def score(config: Config, target: Target, model: keras.Model, rows: Rows) -> Scored:
    """Run the model on rows and score it: the one way in which nntrain evaluates.

    Raises:
        DivergedError: The model's outputs are not finite numbers.
    """
    outputs = predict(model, rows.x)
    if target.task == "regression":
        scores = evaluate_split(rows.y, outputs[:, 0], train_truth=target.train_truth)
        return Scored(scores, rows, outputs, None, None)
    kind, boundary = output_kind(config, int(model.output_shape[1]))
    predictions = decode(
        outputs,
        classes=len(target.classes),
        kind=kind,
        threshold=config.evaluation.threshold,
        boundary=boundary,
    )
    scores = evaluate_split(
        rows.y,
        predictions,
        train_truth=target.train_truth,
        class_names=target.classes,
        average=config.evaluation.average,
    )
    return Scored(scores, rows, outputs, predictions.labels, predictions.probabilities)


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
