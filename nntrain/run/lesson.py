"""What training is given: how to train, the rows, and those that are watched."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from nntrain.errors import NntrainError
from nntrain.run.memory import free_memory
from nntrain.run.session import Session
from nntrain.run.team import is_stored

if TYPE_CHECKING:
    from nntrain.run.experiment import Experiment
    from nntrain.training.recipe import Arrays, Recipe


@dataclass(frozen=True)
class Lesson:
    """What training is given."""

    recipe: Recipe
    rows: tuple[Arrays, ...]
    """Features, targets and, where rows are weighted, weights."""
    watched: tuple[Arrays, Arrays] | None
    """Features and targets of the validation rows."""
    resampled: dict[str, Any] | None = None
    """For the record: how the training rows were drawn anew."""


def lesson_of(session: Session, experiment: Experiment, engine: Mapping[str, Any] | None = None) -> Lesson:
    """Make loss, optimizer, metrics and weights: what Keras refuses is found before a directory is made.

    Args:
        session: What has been started.
        experiment: What is trained.
        engine: What ran the steps until now, and is to go on; None to choose one.
    """
    from nntrain.run.recipe import recipe, xla_pays
    from nntrain.run.training_rows import training_rows
    from nntrain.training.choice import choose

    config, dataset, computing = session.config, experiment.dataset, session.computing
    told = nullcontext() if session.team is None else session.team.told()
    try:
        with told, experiment.model.distribute_strategy.scope():
            how = recipe(
                config,
                computing.device,
                parts=computing.cores if config.training.split_batch and computing.device == "CPU" else 1,
                memory=free_memory(computing.device),
                xla_pays=xla_pays(experiment.config, dataset),
            )
            if engine is not None:
                how = replace(how, xla=engine["xla"], parts=engine["parts"])
        given = training_rows(config, dataset)
        stored = any(is_stored(rows) for rows in dataset.splits.values())
        choose(experiment.model, how, len(given.rows), stored=stored)
    except NntrainError as error:
        raise error.located(config.origin.location) from error.__cause__
    if session.team is not None:
        session.log.note(session.team.described(config, is_stored(dataset.train)))
    if given.note:
        session.log.note(given.note)
    wanted, count = config.training.batch_size, len(given.rows)
    if wanted > count and "batch_size" in config.training.model_fields_set:
        rows_are = "is 1 training row" if count == 1 else f"are {count:,} training rows"
        session.log.note(f"training.batch_size is {wanted:,} and there {rows_are}: every epoch is one step")
    extra = () if given.weights is None else (given.weights,)
    rows = (experiment.inputs(given.rows), experiment.targets(given.rows), *extra)
    held_out = dataset.validation
    if config.pretrain is not None:
        from nntrain.run.pretraining import check_ready

        try:
            check_ready(experiment)
        except NntrainError as error:
            raise error.located(config.origin.location) from error.__cause__
    watched = None if held_out is None else (experiment.inputs(held_out), experiment.targets(held_out))
    return Lesson(how, rows, watched, given.record)
