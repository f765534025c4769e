"""The rows that a config names, read before there is a model; nothing here needs Keras."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nntrain.config.checks.expectations import check_expectations
from nntrain.config.checks.tasks import check_tasks
from nntrain.config.data import Task
from nntrain.config.network.outputs import outputs_of
from nntrain.config.schema import Config
from nntrain.config.vocabulary.losses import Labels, facts
from nntrain.data.dataset import Dataset, Rows, TargetInfo
from nntrain.data.findings.find import Look, quick
from nntrain.data.findings.view import View
from nntrain.data.load import load, survey
from nntrain.data.new_rows import load_rows
from nntrain.errors import ConfigError, NntrainError

if TYPE_CHECKING:
    from nntrain.run.target import Target


def read_data(config: Config, look: Look = quick) -> Dataset:
    """The three splits that the config describes.

    Args:
        config: From `load_config`.
        look: Finds what is worth knowing about the rows.

    Raises:
        DataError: The data are missing or unfit; names the config's line.
        ConfigError: The config asks for what this kind of target can't have.
    """
    try:
        dataset = load(
            config.data,
            base=config.origin.folder,
            seed=config.split_seed,
            labels=loss_labels(config),
            look=look,
        )
        tasks: dict[str, Task | None] = {info.name: info.task for info in dataset.targets}
        scored = [str(name) for name in dataset.splits if name != "train"] or ["training"]
        problems = [*check_tasks(config, tasks), *check_expectations(config, tasks, scored)]
        if problems:
            raise ConfigError(*problems)
    except NntrainError as error:
        raise error.located(config.origin.location) from error.__cause__
    return dataset


def survey_data(config: Config) -> View:
    """The splits as they are before anything is prepared; gaps that nothing replaces may stay.

    Raises:
        DataError: The data are missing or unfit; names the config's line.
    """
    try:
        return survey(
            config.data, base=config.origin.folder, seed=config.split_seed, labels=loss_labels(config)
        )
    except NntrainError as error:
        raise error.located(config.origin.location) from error.__cause__


def loss_labels(config: Config) -> dict[str, Labels]:
    """The labels that the loss of each output takes, by target."""
    return {output.target: facts(output.loss).labels for output in outputs_of(config)}


def read_rows(
    config: Config, targets: Mapping[str, Target], file: Path, preprocess: Mapping[str, Any]
) -> Rows:
    """New labelled rows, prepared as the training rows were.

    Args:
        config: What the model was trained with.
        targets: What it predicts.
        file: The rows, as the user wrote the path.
        preprocess: The content of the run's `preprocess.json`.

    Raises:
        DataError: The file is missing or does not hold what the model was trained on.
    """
    infos = [TargetInfo(t.name, t.task, t.names, t.shape) for t in targets.values()]
    try:
        return load_rows(config.data, file, str(file), preprocess=preprocess, targets=infos)
    except NntrainError as error:
        raise error.located(config.origin.location) from error.__cause__
