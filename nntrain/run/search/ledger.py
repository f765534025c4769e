"""What became of every trial of a study: a file of JSON lines that any number of processes add to."""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from nntrain.errors import ArtefactError, Location, Problem
from nntrain.run.files import explained
from nntrain.search.trial import MOST_LOST, Trial, times_lost, to_be_tried_again

TRIALS = "trials.jsonl"
WORKERS = "workers"
Choose = Callable[[list[Trial]], Mapping[str, Any] | None]
"""Gives the values of a new trial, from those before it; None where there are enough."""
GONE = "the process that tried it was killed, three times with these values"


class Trials(Protocol):
    """What is known of a study's trials, wherever that is kept."""

    @property
    def look(self) -> float:
        """Seconds between two looks at it."""

    @property
    def trials(self) -> list[Trial]:
        """Every trial, by number, as it is now."""

    def begin(self, worker: Worker, choose: Choose) -> Trial | None:
        """Take up a trial; None where nothing is left."""

    def end(self, trial: Trial) -> None:
        """Note what became of a trial."""

    def find_lost(self) -> None:
        """Note which trials were broken off by the end of the process that tried them."""

    def keep(self) -> None:
        """Have the study's directory hold all that is known."""


class Ledger:
    """The trials of a study, in its directory."""

    look = 0.2
    """Seconds between two looks at it."""

    def __init__(self, study: Path) -> None:
        """Of a study's directory, which is there."""
        self.path = study / TRIALS
        self._workers = study / WORKERS
        self._read = 0
        self._trials: dict[int, Trial] = {}

    @property
    def trials(self) -> list[Trial]:
        """Every trial, by number, as the file has it now.

        Raises:
            ArtefactError: A line of the file is none of nntrain's.
        """
        with explained(self.path):
            if not self.path.exists():
                return []
            with self.path.open("rb") as stream:
                stream.seek(self._read)
                content = stream.read()
        whole = content[: content.rfind(b"\n") + 1]  # what follows was cut off, or is being written
        for line in whole.splitlines():
            try:
                self._take(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise _damaged(self.path) from None
        self._read += len(whole)
        return [self._trials[number] for number in sorted(self._trials)]

    def _take(self, event: Mapping[str, Any]) -> None:
        number = event["trial"]
        if event["event"] == "begun":
            self._trials[number] = Trial(
                number, event["values"], worker=event["worker"], again=event.get("again")
            )
            return
        told = {key: event[key] for key in ("value", "seconds", "why", "marks") if key in event}
        steps = tuple(math.nan if step is None else step for step in event.get("steps", ()))
        self._trials[number] = replace(self._trials[number], state=event["state"], steps=steps, **told)

    def begin(self, worker: Worker, choose: Choose) -> Trial | None:
        """Take up a trial: values that were broken off, or new ones.

        Args:
            worker: Who does.
            choose: Gives the values of a new one.

        Returns:
            The trial; None where nothing is left to be taken up.
        """
        with self._alone() as add:
            self._find_lost(add)
            trials = self.trials
            left = to_be_tried_again(trials)
            values = left[0].values if left else choose(trials)
            if values is None:
                return None
            again = left[0].number if left else None
            add(_begun(Trial(len(trials) + 1, values, worker=worker.name, again=again)))
            return self.trials[-1]

    def end(self, trial: Trial) -> None:
        """Note what became of a trial."""
        with self._alone() as add:
            add(_ended(trial))

    def find_lost(self) -> None:
        """Note which trials were broken off by the end of the process that tried them."""
        with self._alone() as add:
            self._find_lost(add)

    def _find_lost(self, add: Callable[[Mapping[str, Any]], None]) -> None:
        trials = self.trials
        for trial in trials:
            if trial.state == "running" and not is_at_work(self._workers / trial.worker):
                lost = replace(trial, state="lost")
                often = times_lost([*(t for t in trials if t.number != trial.number), lost], lost)
                ending = {"state": "failed", "why": GONE} if often >= MOST_LOST else {"state": "lost"}
                add({"event": "ended", "trial": trial.number, **ending})

    def keep(self) -> None:
        """Do nothing: it does."""

    @contextlib.contextmanager
    def _alone(self) -> Iterator[Callable[[Mapping[str, Any]], None]]:
        """Nobody else adds to the file inside the block, which is given what adds a line."""
        with explained(self.path):
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            self._drop_torn(handle)

            def add(event: Mapping[str, Any]) -> None:
                line = json.dumps({**event, "at": round(time.time(), 3)}, allow_nan=False) + "\n"
                with explained(self.path):
                    os.write(handle, line.encode())
                    os.fsync(handle)

            yield add
        finally:
            os.close(handle)

    def _drop_torn(self, handle: int) -> None:
        """Cut off a line that a killed process, or a full disk, left unfinished."""
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            with explained(self.path):
                os.ftruncate(handle, self.path.read_bytes().rfind(b"\n") + 1)


def _begun(trial: Trial) -> dict[str, Any]:
    event = {"event": "begun", "trial": trial.number, "values": dict(trial.values), "worker": trial.worker}
    return event if trial.again is None else {**event, "again": trial.again}


def _ended(trial: Trial) -> dict[str, Any]:
    event: dict[str, Any] = {"event": "ended", "trial": trial.number, "state": trial.state}
    event |= {"value": trial.value, "seconds": trial.seconds, "why": trial.why}
    steps = [step if math.isfinite(step) else None for step in trial.steps]
    return {**event, "steps": steps, "marks": dict(trial.marks)}


def lines_of(trials: Iterable[Trial]) -> bytes:
    """The content of a ledger that has these trials."""
    events = []
    for trial in trials:
        events += [_begun(trial)] if trial.state == "running" else [_begun(trial), _ended(trial)]
    return "".join(json.dumps(event, allow_nan=False) + "\n" for event in events).encode()


def _damaged(file: Path) -> ArtefactError:
    return ArtefactError(Problem("holds a line that is no trial", location=Location(str(file)), id="damaged"))


class Worker:
    """A process that works on a study: its file is locked for as long as it lives, however it ends."""

    def __init__(self, study: Path) -> None:
        """Begin work.

        Raises:
            MachineError: The file can't be made.
        """
        folder = study / WORKERS
        self.name = f"{socket.gethostname()}-{os.getpid()}-{time.time_ns():x}"
        self._path = folder / self.name
        with explained(self._path):
            folder.mkdir(exist_ok=True)
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            fcntl.flock(self._handle, fcntl.LOCK_EX)

    def close(self) -> None:
        """End work."""
        self._path.unlink(missing_ok=True)
        os.close(self._handle)


def is_at_work(file: Path) -> bool:
    """Whether the process lives whose file this is."""
    try:
        handle = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    file.unlink(missing_ok=True)
    return False
