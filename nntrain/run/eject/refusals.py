"""What a short script would not do as the config says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nntrain.config.checks.segmentation import TOGETHER
from nntrain.config.data import ImagesSource, NpzSource, SeriesSource, TfrecordSource
from nntrain.config.network.graph import Step
from nntrain.config.network.merging import LISTED
from nntrain.config.network.outputs import outputs_of
from nntrain.config.schema import Config
from nntrain.config.section import Section
from nntrain.config.vocabulary.keras_object import KerasObject
from nntrain.data.dataset import Dataset
from nntrain.errors import ConfigError, KeyPath, Problem
from nntrain.model.own import OWN
from nntrain.run.eject.code import MODULES, SAID_SHORTLY
from nntrain.run.eject.sources.tables import TRUTH

TASKS = ("classification", "regression", "reconstruction", "segmentation")
SAID = frozenset(
    {
        *("version", "name", "description", "seed", "extends", "data", "model", "training", "evaluation"),
        *("limits", "expect", "search"),
    }
)
TRAINING = frozenset(
    {
        *(
            "loss",
            "loss_weights",
            "optimizer",
            "metrics",
            "epochs",
            "batch_size",
            "shuffle",
            "early_stopping",
        ),
        *("callbacks", "class_weight", "resample", "rows"),
        *("checkpoint", "device", "tf32", "engine", "xla", "tensorboard", "mlflow"),
    }
)
"""The keys of `training` that a script says, and those that change no result."""
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
    for info in dataset.targets:
        if info.task not in TASKS:
            found.append((("data", "task"), f"the task {info.task}"))
    gaps = any(
        column.get("missing")
        for state in dataset.preprocess["inputs"].values()
        for column in state.get("columns", ())
    )
    if gaps and any(note.startswith(TRUTH) for note in dataset.notes):
        found.append((("data",), "columns of yes and no beside gaps"))
    if len(dataset.targets) > 1 and (config.training.resample or config.training.class_weight):
        found.append((("data", "targets"), "weights of one of several outputs"))
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
    for key in ("validation_path", "test_path", "x_validation", "x_test"):
        if getattr(data, key, None):
            yield ("data", key), f"data.{key}"
    for i, column in enumerate(getattr(data, "dates", ())):
        if isinstance(column, int):
            yield ("data", "dates", i), "a column of dates without a name"
    if isinstance(data, NpzSource):
        for key in ("inputs", "targets"):
            if getattr(data, key):
                yield ("data", key), f"data.{key}"
        for key in ("by_group", "by_time"):
            if getattr(data.split, key):
                yield ("data", "split", key), f"data.split.{key} of arrays"
    if isinstance(data, TfrecordSource) and len(data.input_features) > 1:
        yield ("data", "features"), "records of several inputs"
    if isinstance(data, SeriesSource) and data.gaps == "split":
        yield ("data", "gaps"), "series that are cut at gaps"
    if isinstance(data, ImagesSource):
        yield from _of_images(data)
    if data.preprocess.numeric.flag_missing and not getattr(data, "has_columns", False):
        yield ("data", "preprocess", "numeric", "flag_missing"), "flags of gaps in arrays"
    if data.preprocess.numeric.impute == "most_frequent" and not getattr(data, "has_columns", False):
        yield ("data", "preprocess", "numeric", "impute"), "most frequent values of arrays"


def _of_images(data: ImagesSource) -> Found:
    for key in ("ignore_label", "skip_bad"):
        if getattr(data, key) not in (None, False):
            yield ("data", key), f"data.{key}"


def _of_network(config: Config) -> Found:
    if config.user_code is not None:
        yield ("code",), "code of your own"
    if config.model.trainable:
        yield ("model", "trainable"), "frozen layers"
    for step in config.graph.steps:
        what = _odd(step, moves=config.data.task == "segmentation")
        if what:
            yield step.path, what


def _odd(step: Step, *, moves: bool) -> str | None:
    layer = step.layer
    if not isinstance(layer, KerasObject):
        return "nested stacks"
    own = _own_part(layer)
    if own:
        return f"{own}, which is none of Keras' own"
    if layer.kind not in MODULES:
        return f"the pretrained network {layer.name}"
    if step.shares is not None:
        return "layers that are shared"
    if len(step.inputs) > 1 and layer.name not in LISTED:
        return f"{layer.name} with several inputs"
    if moves and layer.name in TOGETHER:
        return f"{layer.name}, which moves images and their masks together"
    return None


def _own_part(value: Any) -> str | None:
    """The first part that is nntrain's or the user's own: an object, or one of its arguments."""
    if isinstance(value, KerasObject):
        if value.registered or (value.name in OWN.get(value.kind, ()) and value.name not in SAID_SHORTLY):
            return value.name
        value = value.arguments
    if isinstance(value, Mapping):
        value = tuple(value.values())
    found = map(_own_part, value) if isinstance(value, (list, tuple)) else ()
    return next(filter(None, found), None)


def _of_training(config: Config) -> Found:
    training = config.training
    for output in outputs_of(config):
        for path, part in ((output.loss_path, output.loss), *output.metrics):
            own = _own_part(part)
            if own:
                yield path, f"{own}, which is none of Keras' own"
    for key in _given(config, SAID):
        if key != "code":
            yield (key,), key
    for key in _given(training, TRAINING):
        value = getattr(training, key)
        yield ("training", key), f"training.{key}{f': {value}' if isinstance(value, str) else ''}"
    if training.class_weight is not None and config.data.task == "segmentation":
        yield ("training", "class_weight"), "weights of pixels"
    if isinstance(config.evaluation.threshold, str):
        yield ("evaluation", "threshold"), "a threshold that is chosen on validation rows"


def _given(section: Section, known: frozenset[str]) -> list[str]:
    """The keys of a section that are set to something, and that a script knows nothing of."""
    fields = type(section).model_fields
    return [key for key in fields if key not in known and getattr(section, key) != fields[key].get_default()]
