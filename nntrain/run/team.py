"""This process among the workers that train one network together, from their meeting to their end."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nntrain.arrays import Stored
from nntrain.config.schema import Config
from nntrain.config.workers import Membership, membership
from nntrain.data.dataset import Dataset, Rows
from nntrain.distribution.links import Links
from nntrain.distribution.meeting import check_port, meet
from nntrain.errors import MachineError, Problem, UsageError, dotted, listing
from nntrain.run.checkpoint.folder import go_on
from nntrain.run.environment import versions
from nntrain.run.signals import listen_again
from nntrain.training.together import ALONE, Together

if TYPE_CHECKING:
    import tensorflow as tf

FREE = ("cluster", "description", "expect", "training.tensorboard", "training.mlflow", "training.checkpoint")
"""Keys that may differ: one worker alone does what they say, or they say which worker it is."""
NEWS = 5.0
"""Seconds within which it is known who is gone, after TensorFlow has noticed."""


class Team:
    """The workers; before they meet, only who they are to be."""

    def __init__(self, who: Membership) -> None:
        """Take a place among them."""
        self.who = who
        self.together: Together = ALONE
        self.strategy: tf.distribute.Strategy | None = None
        self.goes_on_from: str | None = None
        """The checkpoint that training is to go on from, in words; all workers read it."""
        self.run: Path | None = None
        """The run that this worker writes, once it is there."""
        self._links: Links | None = None

    @classmethod
    def of(cls, config: Config) -> Team | None:
        """The team that a config and the environment speak of; None for a process that trains alone.

        Raises:
            ConfigError: It is not known who the others are.
            MachineError: This worker's port is in use.
        """
        who = membership(config, os.environ)
        if who is None:
            return None
        check_port(who)
        return cls(who)

    @property
    def leads(self) -> bool:
        """Whether this is the first worker, which alone writes the run."""
        return self.who.leads

    def begin(self, config: Config, dataset: Dataset) -> None:
        """Meet the others and connect TensorFlow with theirs; nothing has been computed yet.

        Raises:
            ConflictError: One of them was given something else.
            MachineError: One of them does not come.
        """
        self._links = meet(self.who, self._given(config, dataset), _difference)
        from nntrain.distribution.strategy import end_waiting, gathering, strategy_of

        self._links.watch(end_waiting)
        with self.told():
            self.strategy = strategy_of(self.who)
            listen_again()  # a worker that is asked to end would else train on
            gather = gathering(self.strategy, self.who)
        self.together = Together(
            worker=self.who.index,
            workers=len(self.who.workers),
            number=lambda number: round(gather(np.array([number]))[0, 0]),
            any=lambda one: bool(gather(np.array([one])).any()),
            gather=gather,
        )

    def _given(self, config: Config, dataset: Dataset) -> dict[str, Any]:
        code = config.user_code
        return {
            "workers": list(self.who.workers),
            "versions": versions(),
            "config": dict(_leaves(config.plain())),
            "data": dataset.fingerprint,
            "rows": "in their file" if is_stored(dataset.train) else "in memory",
            "code": None if code is None else code.sha256,
            "checkpoint": self.goes_on_from,
        }

    def described(self, config: Config, stored: bool) -> str:
        """What is shared by whom, in words; `stored`: whether rows stay in their file."""
        size, count = config.training.batch_size, len(self.who.workers)
        told = f"{count} workers learn from {size // count} rows of each batch of {size} each"
        if not stored:
            return f"{told}; every one holds all rows in memory"
        if config.training.shuffle:
            return f"{told}; every one reads a part of the file of its own"
        return f"{told}; without shuffle every one reads the whole file"

    @contextmanager
    def told(self) -> Iterator[None]:
        """What TensorFlow says of workers that are gone, in words.

        Raises:
            MachineError: One of them is gone, or does not answer.
        """
        try:
            yield
        except BaseException as error:
            message = self._loss(error)
            if message is not None:
                raise MachineError(Problem(message, id="workers")) from error
            raise

    def _loss(self, error: BaseException) -> str | None:
        tensorflow = sys.modules.get("tensorflow")
        if tensorflow is None or not isinstance(error, tensorflow.errors.OpError) or self._links is None:
            return None
        lost = self._links.lost(NEWS)
        if lost:
            names = listing(self.who.name(i) for i in lost)
            if self._links.silent:
                told = f"{names} did not answer for {self._links.patience:g} s: it hangs, or"
                return f"{told} the network to it is broken{self._again}"
            return f"{names} ended before the others had trained{self._again}"
        from nntrain.model.build import GONE

        if isinstance(error, GONE):
            return (
                f"a worker has not answered for {self.who.timeout:g} s: it hangs, or the network between the "
                f"workers is broken{self._again}"
            )
        return None

    @property
    def _again(self) -> str:
        """How to go on, for the end of a message; others leave that to the first worker."""
        return "" if self.run is None else f"; {self.how_to_go_on(self.run)}"

    def how_to_go_on(self, run: Path) -> str:
        """What to do to go on with a run, in words."""
        count = len(self.who.workers)
        if self.who.on_this_machine == count:
            return f"go on with: nntrain launch --workers {count} --resume {shlex.quote(str(run))}"
        return f"start all of them again, each with: {go_on(run)}"

    def finish(self) -> None:
        """All is done: the first worker says so, and the others wait for that.

        Raises:
            MachineError: The first one ended before.
        """
        if self._links is None:
            return
        if self.leads:
            self._links.finish()
        elif not self._links.wait_until_done():
            message = f"{self.who.name(0)} ended before it had written the run; its own messages say why"
            raise MachineError(Problem(message, id="workers"))

    def end(self) -> None:
        """Hang up, however this worker ends."""
        if self._links is not None:
            self._links.close()


def refuse_workers(config: Config, what: str) -> None:
    """Refuse what one worker after another can't do together.

    Args:
        config: From `load_config`.
        what: The beginning of a sentence, such as `--folds trains several runs`.

    Raises:
        UsageError: The config asks for workers.
    """
    if config.training.distribute == "workers":
        message = f"{what}, and this config is for workers that train one together"
        raise UsageError(f"{message}; add training.distribute=null")


def is_stored(rows: Rows) -> bool:
    """Whether the rows of a split stay in their file."""
    return any(isinstance(inputs, Stored) for inputs in rows.inputs.values())


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every single value of nested mappings and lists, by its key."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, list | tuple) and value:
        for i, inner in enumerate(value):
            yield from _leaves(inner, (*path, i))
    elif not dotted(path).startswith(FREE):
        yield dotted(path), value if isinstance(value, str | int | float | bool | None) else str(value)


def _difference(first: Mapping[str, Any], other: Mapping[str, Any]) -> str | None:
    """How what a worker was given differs from what the first one was given."""
    for kind, named in (("versions", "{key}"), ("config", "{key}")):
        ours, theirs = first[kind], other.get(kind) or {}
        for key in sorted({*ours, *theirs}):
            if ours.get(key, _NONE) != theirs.get(key, _NONE):
                shown = [_shown(values, key) for values in (theirs, ours)]
                return f"{named.format(key=key)} is {shown[0]} there and {shown[1]} here"
    for kind, words in _WORDS.items():
        if first[kind] != other.get(kind):
            shown = [_short(found) for found in (other.get(kind), first[kind])]
            return f"{words} is {shown[0]} there and {shown[1]} here"
    return None


_NONE = object()
_WORDS = {
    "workers": "the list of workers",
    "data": "the SHA-256 of the data",
    "rows": "the place of the rows (data.streaming)",
    "code": "the SHA-256 of the file of code",
    "checkpoint": "the checkpoint to go on from",
}


def _shown(values: Mapping[str, Any], key: str) -> str:
    return str(values[key]) if key in values else "not set"


def _short(found: Any) -> str:
    if isinstance(found, list):
        return listing(found)
    text = str(found)
    return f"{text[:12]}..." if len(text) == 64 else text
