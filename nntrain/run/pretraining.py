"""`pretrain:`: the layers of a stack learn one after another, before the whole network does."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from nntrain.config.checks.pretraining import PRETRAIN, REACH, pretrained_steps
from nntrain.config.pretrain import Pretrain
from nntrain.data.files import size
from nntrain.data.memory import available_memory
from nntrain.errors import ConfigError, DivergedError, MemoryLimitError, Problem
from nntrain.model.autoencoder import Below, autoencoder
from nntrain.model.objects import make
from nntrain.run.checkpoint.folder import PRETRAINED
from nntrain.run.lesson import Lesson
from nntrain.run.log import epoch_line
from nntrain.run.observer import Silent
from nntrain.run.session import Session
from nntrain.training.forward import predict
from nntrain.training.observer import Logs, Plan
from nntrain.training.recipe import Recipe
from nntrain.training.rows import row_count
from nntrain.training.stored import is_stored
from nntrain.training.train import Halted, train
from nntrain.training.watch import Diverged

if TYPE_CHECKING:
    from nntrain.run.experiment import Experiment

HISTORY = "pretrain.csv"
"""A row for each layer and epoch."""


def check_ready(experiment: Experiment) -> None:
    """Refuse what only the data and the built network tell.

    Raises:
        ConfigError: The rows stay in their file, or no layer is left that learns.
    """
    if is_stored(experiment.inputs(experiment.dataset.train)):
        message = (
            "takes all training rows in memory, and these stay in their file; set 'streaming: false' if they "
            "have room, or remove this"
        )
        raise ConfigError(Problem(message, PRETRAIN, id="pretrain"))
    if not _places(experiment):
        message = (
            "every hidden layer is frozen by model.trainable; name those that are to be pretrained all the "
            "same in pretrain.layers, or remove this"
        )
        raise ConfigError(Problem(message, PRETRAIN, id="pretrain"))


def pretrain(session: Session, experiment: Experiment, lesson: Lesson, stop: Callable[[], bool]) -> None:
    """Give the network's layers the weights with which they give back what the layers below make of the rows.

    Everything is drawn from the config's seed, so that it comes to the same weights each time.

    Args:
        session: With the run, which takes the history.
        experiment: With the network, whose weights are changed.
        lesson: With how training computes.
        stop: Asked several times a second whether to break off.

    Raises:
        ConfigError: The decoder can't give what a layer gets.
        DivergedError: A loss became NaN or infinite.
        KeyboardInterrupt: A stop was requested.
        MemoryLimitError: What the layers below give does not fit into memory.
    """
    section = experiment.config.pretrain
    assert section is not None
    run, places = session.directory, _places(experiment)
    told: list[dict[str, Any]] = []
    table: list[list[Any]] = []
    run.update({PRETRAINED: told})
    for number, place in enumerate(places, 1):
        layer = _layers(experiment.model)[place]
        session.log.phase(f"pretraining '{layer.name}', {number} of {len(places)}")
        learning = _Learning(session, experiment, lesson, section, place)
        began = time.perf_counter()
        losses = learning.done(stop)
        seconds = round(time.perf_counter() - began, 3)
        told.append(
            {"layer": layer.name, "epochs": len(losses), "first_loss": losses[0], "loss": losses[-1]}
            | {"seconds": seconds}
        )
        table += [[layer.name, epoch, loss] for epoch, loss in enumerate(losses, 1)]
        epochs = f"{len(losses):,} epoch{'s' if len(losses) != 1 else ''}"
        session.log.note(
            f"pretrained '{layer.name}', {number} of {len(places)}: loss {losses[0]:.4g} -> {losses[-1]:.4g} "
            f"in {epochs}, {seconds:.1f} s"
        )
    run.write_table(HISTORY, ("layer", "epoch", "loss"), table)
    run.update({PRETRAINED: told})


def _layers(model: keras.Model) -> list[Any]:
    """The layers of a stack, without its input."""
    return [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]


def _places(experiment: Experiment) -> list[int]:
    """Where the layers stand that are pretrained: those that learn, where the config names none."""
    config, layers = experiment.config, _layers(experiment.model)
    assert config.pretrain is not None
    steps = pretrained_steps(config)
    return [place for place, _ in steps if config.pretrain.layers or layers[place].trainable]


@dataclass
class _Learning:
    """The pretraining of one layer."""

    session: Session
    experiment: Experiment
    lesson: Lesson
    section: Pretrain
    place: int

    def done(self, stop: Callable[[], bool]) -> list[float]:
        """Train the layer; the loss of each epoch."""
        layers = _layers(self.experiment.model)
        layer, after = layers[self.place], layers[self.place + 1 : self.place + 2]
        rows = self.rows(layers[: self.place], layer)
        self.check_reach(rows, layer)
        model, encoder = autoencoder(
            layer,
            after[0] if after else None,
            rows.shape[1:],
            activation=self.section.activation,
            corruption=self.section.corruption,
            seed=self.seed,
        )
        quiet = _Quiet(self.session, layer.name)
        try:
            trained = train(model, (rows, rows), None, self.recipe(), quiet, _ignore, stop)
        except Halted as halt:
            raise self.broken(halt.cause, layer) from None
        layer.set_weights(encoder.get_weights())
        return [float(row["loss"]) for row in trained.history]

    @property
    def seed(self) -> int:
        """Another one for each layer."""
        return (self.experiment.config.seed + 1 + self.place) % 2**32

    def rows(self, below: list[Any], layer: Any) -> Any:
        """What the layers below make of the training rows, float32 `(rows, ...)`.

        Raises:
            MemoryLimitError: It would take more memory than is free.
        """
        features = self.experiment.inputs(self.experiment.dataset.train)
        shape = below[-1].output.shape[1:] if below else features.shape[1:]  # type: ignore[union-attr]
        needed = 4 * row_count(features) * int(np.prod([side or 1 for side in shape]))
        free = available_memory()
        if free is not None and needed > free:
            message = (
                f"the numbers that '{layer.name}' is to give back take {size(needed)} of memory, and "
                f"{size(free)} are free; pretrain fewer layers with pretrain.layers, or use fewer rows"
            )
            raise MemoryLimitError(Problem(message, PRETRAIN, id="memory"))
        return np.asarray(predict(Below(below), features))

    def check_reach(self, rows: Any, layer: Any) -> None:
        """Refuse a decoder that can't give what the layer gets."""
        activation = self.section.activation
        low, high = float(rows.min()), float(rows.max())
        least, most = REACH.get(activation, (-np.inf, np.inf))
        if low < least or high > most:
            gives = f"{least:g} or more" if most == np.inf else f"{least:g} to {most:g}"
            message = (
                f"the decoder gives {gives} with {activation}, and '{layer.name}' gets {low:.4g} to "
                f"{high:.4g}; use linear, or scale the features so"
            )
            raise ConfigError(Problem(message, (*PRETRAIN, "activation"), id="pretrain"))

    def recipe(self) -> Recipe:
        """How the layer is trained: with an optimizer and a loss of its own."""
        section = self.section
        return replace(
            self.lesson.recipe,
            loss=make(section.loss, (*PRETRAIN, "loss")),
            loss_weights=None,
            optimizer=make(section.optimizer, (*PRETRAIN, "optimizer")),
            metrics=[],
            callbacks=[],
            early_stopping=None,
            epochs=section.epochs,
            batch_size=section.batch_size,
            seed=self.seed,
            engine="auto",
            xla=False,
            parts=1,
        )

    def broken(self, cause: Diverged | KeyboardInterrupt, layer: Any) -> BaseException:
        """What to raise where training broke off."""
        if not isinstance(cause, Diverged):
            return cause
        message = (
            f"the loss became {cause.loss:g} in step {cause.step} of epoch {cause.epoch} of pretraining "
            f"'{layer.name}'; lower pretrain.optimizer.learning_rate, or set clipnorm: 1 on the optimizer"
        )
        return DivergedError(Problem(message, id="diverged"))


class _Quiet(Silent):
    """Writes epochs into the log alone, and passes on what the user should know."""

    def __init__(self, session: Session, layer: str) -> None:
        self.session, self.layer, self._epochs = session, layer, 0

    def note(self, text: str) -> None:
        """Pass on."""
        self.session.log.note(text)

    def started(self, plan: Plan) -> None:
        """Keep how many epochs there are."""
        self._epochs = plan.epochs

    def epoch_ended(self, epoch: int, logs: Logs, seconds: float) -> None:
        """Write the line."""
        self.session.log.write(f"'{self.layer}' {epoch_line(epoch, self._epochs, logs, seconds)}")


def _ignore(row: Logs) -> None:
    """The history comes with what was trained."""
