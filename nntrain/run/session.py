"""What the steps of one `fit` hand to one another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nntrain.config.schema import Config
from nntrain.data.dataset import Dataset
from nntrain.run.directory import RunDirectory
from nntrain.run.lock import RunLock
from nntrain.run.log import LoggedObserver
from nntrain.run.signals import heeded
from nntrain.run.startup import Started
from nntrain.run.team import Team

METRICS = "metrics.json"
"""Written last: a run that has it has finished."""
LAST_EPOCH = "last_epoch.keras"
"""Weights of a run that broke off, as they were after its last whole epoch."""


@dataclass
class Session:
    """What the steps of one fit hand to one another."""

    config: Config
    runs: Path
    log: LoggedObserver
    began: float = field(default_factory=time.perf_counter)
    timings: dict[str, Any] = field(default_factory=dict)
    earlier: Mapping[str, float] = field(default_factory=dict)
    """Of a run that goes on: seconds that the commands before took for it, by the names of `timings`."""
    started: Started | None = None
    run: RunDirectory | None = None
    lock: RunLock | None = None
    """Held while the run is written."""
    place: Callable[[Mapping[str, Any], datetime], RunDirectory] | None = None
    """Makes the directory from its record, where it is not one of its own among the runs."""
    origin: Mapping[str, Any] = field(default_factory=dict)
    """What the record says of where the run comes from, such as the one that it reproduces."""
    team: Team | None = None
    """The workers that train together; None for a process that trains alone."""
    read: Callable[[Config], Dataset] | None = None
    """Reads the rows, where that is not `read_data`."""
    pictures: bool = True
    """Whether pictures are drawn as the run ends; `nntrain pictures` draws them later."""

    @property
    def writes(self) -> bool:
        """Whether this process is the one that writes the run."""
        return self.team is None or self.team.leads

    @property
    def computing(self) -> Started:
        """What is computed on, once that is known."""
        if self.started is None:
            raise RuntimeError("nothing has started yet")
        return self.started

    @property
    def directory(self) -> RunDirectory:
        """The run's directory, once it is there."""
        if self.run is None:
            raise RuntimeError("the run has no directory yet")
        return self.run

    @property
    def total(self) -> float:
        """Seconds since the command began, and those of the commands before."""
        return round(self.earlier.get("total", 0.0) + time.perf_counter() - self.began, 3)

    def open_directory(self, record: Mapping[str, Any], now: datetime) -> RunDirectory:
        """Make the run's directory, with status `running`.

        Raises:
            MachineError: It can't be made.
        """
        if self.place is not None:
            return self.place(record, now)
        return RunDirectory.create(self.runs, self.config.name, record, now)

    def release(self) -> None:
        """Let others work on the run."""
        if self.team is not None:
            self.team.end()
        if self.lock is not None:
            self.lock.release()
            self.lock = None

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long the block took; a signal that came meanwhile ends it, if nobody else asks for it."""
        began = time.perf_counter()
        try:
            with heeded():
                yield
        finally:
            self.timings[name] = round(self.earlier.get(name, 0.0) + time.perf_counter() - began, 3)
