"""A study as its files have it, for those who look at it: neither its config's file nor Optuna is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nntrain.config.search.section import Range
from nntrain.config.search.space import short_keys
from nntrain.report.search.axis import axes_of
from nntrain.report.search.tried import Found, Tried
from nntrain.run.bounded import read_bounded
from nntrain.run.search.ledger import WORKERS, Ledger, is_at_work
from nntrain.run.search.study import CONFIG, MOST, STUDY, damaged, read_record
from nntrain.search.trial import COUNTED, Trial, best_of

NEEDED = {"objective", "direction", "sampler", "pruner", "seed", "trials", "space"}


def is_study(path: Path) -> bool:
    """Whether a directory is a study's."""
    return (path / STUDY).is_file()


@dataclass(frozen=True)
class Seen:
    """A study."""

    path: Path
    """As the user wrote it."""
    record: Mapping[str, Any]
    """`study.json`."""
    space: Mapping[str, Range]
    trials: tuple[Trial, ...]

    @classmethod
    def of(cls, path: Path) -> Seen:
        """Read it.

        Raises:
            ArtefactError: There is no study, or one of its files is not as nntrain wrote it.
        """
        record = read_record(path)
        search = record.get("search")
        if not isinstance(search, dict) or set(search) < NEEDED:
            raise damaged(path / STUDY)
        try:
            space = TypeAdapter(dict[str, Range]).validate_python(search["space"])
        except ValidationError:
            raise damaged(path / STUDY) from None
        trials = tuple(Ledger(path).trials)
        if any(set(trial.values) != set(space) for trial in trials):
            raise damaged(path / STUDY)
        return cls(path, record, space, trials)

    @property
    def search(self) -> Mapping[str, Any]:
        """The section as it was when the study was last worked on."""
        found: Mapping[str, Any] = self.record["search"]
        return found

    @property
    def maximizes(self) -> bool:
        """Whether more is better."""
        return bool(self.search["direction"] == "maximize")

    @property
    def best(self) -> Trial | None:
        """The best trial; None if none finished."""
        return best_of(self.trials, self.search["direction"])

    @property
    def status(self) -> str:
        """`finished` where all trials are there, `running` while anybody tries one, else `interrupted`."""
        ended = sum(trial.state in COUNTED - {"running"} for trial in self.trials)
        if ended >= self.search["trials"]:
            return "finished"
        at_work = any(
            trial.state == "running" and is_at_work(self.path / WORKERS / trial.worker)
            for trial in self.trials
        )
        return "running" if at_work else "interrupted"

    def of_state(self, *states: str) -> list[Trial]:
        """The trials in one of these states, by number."""
        return [trial for trial in self.trials if trial.state in states]

    @property
    def names(self) -> dict[str, str]:
        """By key what it is called where there is little room."""
        return short_keys(list(self.space))

    @cached_property
    def found(self) -> Found:
        """The search as its pictures need it.

        Raises:
            ArtefactError: A trial has a value that its range does not have.
        """
        axes = axes_of(self.space, self.names)
        try:
            tried = [
                Tried(
                    trial.number,
                    trial.state,
                    trial.value,
                    tuple(axis.at(trial.values[key]) for key, axis in zip(self.space, axes, strict=True)),
                )
                for trial in self.trials
            ]
        except (ValueError, TypeError):
            raise damaged(self.path / STUDY) from None
        return Found(self.search["objective"], self.maximizes, axes, tried)

    @property
    def config(self) -> str:
        """The config's file as it was when the study began; empty where the copy is gone."""
        try:
            return read_bounded(self.path / CONFIG, MOST).decode(errors="replace")
        except FileNotFoundError:
            return ""
