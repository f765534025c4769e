"""The rows that training is given: the training split, weighted, or drawn anew to balance the classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import Stored
from nntrain.config.schema import Config
from nntrain.data.dataset import Dataset, Index, Rows
from nntrain.errors import ConfigError, Problem, listing
from nntrain.run.recipe import weights_of_rows
from nntrain.training.resample import resampled


@dataclass(frozen=True)
class TrainingRows:
    """What an epoch goes through."""

    rows: Rows
    weights: NDArray[np.float32] | None
    """What each row counts in the loss, shape `(n,)`; None where all count the same."""
    note: str | None = None
    """What became of the training split, if it is not taken as it is."""
    record: dict[str, Any] | None = None
    """The same for a run's record."""


def training_rows(config: Config, dataset: Dataset) -> TrainingRows:
    """The training split as training reads it; preprocessing and baselines know the split as it is.

    Raises:
        ConfigError: A weight is given for a class that the data do not have, or there are fewer rows than
            `training.rows`.
    """
    train, weights, how = dataset.train, weights_of_rows(config, dataset), config.training.resample
    if config.training.rows is not None:
        return _some(train, weights, config.training.rows, config.seed)
    if how is None:
        return TrainingRows(train, weights)
    labels, names = np.asarray(train.y), dataset.classes
    index = resampled(labels, how, config.seed)
    before = np.bincount(labels, minlength=len(names)).tolist()
    after = np.bincount(labels[index], minlength=len(names)).tolist()
    told = listing(f"{name} {a:,} -> {b:,}" for name, a, b in zip(names, before, after, strict=True))
    return TrainingRows(
        _taken(train, index),
        None if weights is None else weights[index],
        f"resample: {how} makes {len(index):,} of {len(train):,} training rows: {told}",
        {"how": how, "rows": len(index), "before": before, "after": after},
    )


def _some(train: Rows, weights: NDArray[np.float32] | None, count: int, seed: int) -> TrainingRows:
    """As many of the rows, drawn by the seed, in their order.

    Raises:
        ConfigError: There are fewer.
    """
    if count > len(train):
        message = f"is {count:,}, and there are {len(train):,} training rows; make it less, or remove it"
        raise ConfigError(Problem(message, ("training", "rows"), id="rows"))
    index = np.sort(np.random.default_rng(seed).choice(len(train), count, replace=False))
    drawn = None if weights is None else weights[index]
    return TrainingRows(
        _taken(train, index), drawn, f"{count:,} of {len(train):,} training rows are learnt from"
    )


def _taken(train: Rows, index: Index) -> Rows:
    """The rows at some positions."""
    return replace(
        train,
        inputs={
            name: x.take(index) if isinstance(x, Stored) else x[index] for name, x in train.inputs.items()
        },
        targets={name: y[index] for name, y in train.targets.items()},
        index=train.index[index],
    )
