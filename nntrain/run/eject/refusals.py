"""What a short script would not do as the config says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nntrain.arrays import Stored
from nntrain.config.checks.kernels import kernels_of
from nntrain.config.data import (
    CsvSource,
    KerasSource,
    NpySource,
    NpzSource,
    ParquetSource,
    SklearnSource,
)
from nntrain.config.network.graph import Step
from nntrain.config.network.merging import LISTED
from nntrain.config.schema import Config
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.data.dataset import Dataset
from nntrain.errors import ConfigError, KeyPath, Problem
from nntrain.run.eject.code import MODULES

SOURCES = (CsvSource, KerasSource, NpySource, NpzSource, ParquetSource, SklearnSource)
PICTURES = ("mnist", "fashion_mnist")
TASKS = ("classification", "regression", "reconstruction")
OWN = frozenset({"ElasticDeformation"})
"""Layers that are nntrain's."""
Found = Iterator[tuple[KeyPath, str]]


def check_config(config: Config) -> None:
    """Refuse, before data are read, what a plain script would not say in a few lines.

    Raises:
        ConfigError: Naming every such key.
    """
    _refuse(config, (*_of_data(config), *_of_network(config), *_of_training(config)))


def check_data(config: Config, dataset: Dataset) -> None:
    """The same for what only the data tell.

    Raises:
        ConfigError: Naming every such key.
    """
    found: list[tuple[KeyPath, str]] = []
    if len(dataset.input_shapes) > 1 or len(dataset.targets) > 1:
        found.append((("data",), "several inputs or outputs"))
    elif dataset.target.task not in TASKS:
        found.append((("data", "task"), f"the task {dataset.target.task}"))
    elif dataset.target.task == "regression" and dataset.target.shape not in ((), (1,)):
        found.append((("data", "target"), "several numbers to predict"))
    if isinstance(dataset.train.inputs[next(iter(dataset.train.inputs))], Stored):
        found.append((("data", "streaming"), "rows that stay in their file"))
    for state in dataset.preprocess["inputs"].values():
        found += [
            (("data",), f"the column '{column['name']}' of texts")
            for column in state.get("columns", ())
            if column["kind"] != "numeric"
        ][:1]
    _refuse(config, found)


def _refuse(config: Config, found: Iterable[tuple[KeyPath, str]]) -> None:
    problems = [
        Problem(
            f"a plain script has no short way for {what}, so this config stays with nntrain", key, id="eject"
        )
        for key, what in found
    ]
    if problems:
        error = ConfigError(*problems)
        raise error.located(config.origin.location)


def _of_data(config: Config) -> Found:
    data = config.data
    if not isinstance(data, SOURCES):
        yield ("data", "type"), f"a source of type {data.type}"
        return
    if isinstance(data, KerasSource) and data.name not in PICTURES:
        yield ("data", "name"), f"Keras' set {data.name}"
    for key in ("inputs", "targets", "dates", "categorical", "sample_weight", "validation_path", "test_path"):
        if getattr(data, key, None):
            yield ("data", key), f"data.{key}"
    if getattr(data, "streaming", None) is True:
        yield ("data", "streaming"), "rows that stay in their file"
    if isinstance(data, CsvSource) and not (data.header and data.delimiter is None):
        yield ("data", "header" if not data.header else "delimiter"), "such a CSV file"
    if isinstance(data, (CsvSource, ParquetSource)) and any(sign in data.path for sign in "*?["):
        yield ("data", "path"), "several files"
    for key in ("by_group", "by_time", "fold"):
        if getattr(data.split, key):
            yield ("data", "split", key), f"data.split.{key}"
    steps = data.preprocess
    if steps.columns:
        yield ("data", "preprocess", "columns"), "steps of single columns"
    if steps.numeric.flag_missing:
        yield ("data", "preprocess", "numeric", "flag_missing"), "flags of gaps"
    if steps.numeric.impute == "most_frequent":
        yield ("data", "preprocess", "numeric", "impute"), "most frequent values"


def _of_network(config: Config) -> Found:
    if config.user_code is not None:
        yield ("code",), "code of your own"
    if config.model.trainable:
        yield ("model", "trainable"), "frozen layers"
    for step in config.graph.steps:
        what = _odd(step)
        if what:
            yield step.path, what


def _odd(step: Step) -> str | None:
    layer = step.layer
    if not isinstance(layer, KerasObject):
        return "nested stacks"
    if layer.name in OWN or layer.registered:
        return f"{layer.name}, which is none of Keras' own"
    if layer.kind not in MODULES:
        return f"the pretrained network {layer.name}"
    if kernels_of(layer):
        return "ImageKernel, which is none of Keras' own"
    if step.shares is not None or not step.trainable:
        return "layers that are shared or frozen"
    if len(step.inputs) > 1 and layer.name not in LISTED:
        return f"{layer.name} with several inputs"
    return None


def _of_training(config: Config) -> Found:
    training = config.training
    if config.pretrain is not None:
        yield ("pretrain",), "layers that are pretrained"
    if training.precision != "float32":
        yield ("training", "precision"), f"training.precision: {training.precision}"
    for key in ("resample", "rows", "distribute", "split_batch"):
        if getattr(training, key):
            yield ("training", key), f"training.{key}"
    if isinstance(config.evaluation.threshold, str):
        yield ("evaluation", "threshold"), "a threshold that is chosen on validation rows"
