"""What the processes of a bench say to one another: a JSON object a line, over pipes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nntrain import errors
from nntrain.config.training import Device
from nntrain.errors import Location, NntrainError, Problem
from nntrain.run import finite

Message = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """What a process is started for."""

    what: str
    """A key of `worker.JOBS`."""
    file: str
    overrides: tuple[str, ...]
    device: Device | None
    allow_code: bool
    folder: str | None = None
    """Where the arrays for peers lie; None where none were asked for."""
    plan: Message | None = None
    """What the survey found out for this process."""

    def to_json(self) -> Message:
        """For the pipe."""
        return asdict(self)


def error_message(error: NntrainError) -> Message:
    """A user's mistake for the pipe, with every problem and its place."""
    return {"error": {"type": type(error).__name__, "problems": [asdict(p) for p in error.problems]}}


def error_of(message: Mapping[str, Any]) -> NntrainError:
    """The error that a process told, to be raised here."""
    kind = getattr(errors, message["type"])
    return kind(*map(_problem, message["problems"]))  # type: ignore[no-any-return]


def _problem(told: Mapping[str, Any]) -> Problem:
    place = told["location"]
    return Problem(told["message"], tuple(told["key"]), place and Location(**place), told["id"])


class Channel:
    """The pipes to the process that started this one; what else is printed goes to the error stream."""

    def __init__(self) -> None:
        self._answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def read(self) -> Message:
        """The next line; ends this process if the other one has gone."""
        line = sys.stdin.readline()
        if not line:
            raise SystemExit(0)
        message: Message = finite.loads(line)
        return message

    def write(self, message: Message) -> None:
        """Answer."""
        self._answers.write(finite.dumps(message) + "\n")
        self._answers.flush()


class Turns:
    """Makes an engine train when it is its turn: the end of an epoch waits for the next command.

    The clock of an epoch starts where the last one ended, or when the command was read, so that all that
    an engine does between two epochs counts. The first epoch begins before the engine is called: tracing
    and compiling belong to it.
    """

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._epochs = 0
        self._seconds: list[float] = []
        self._began = 0.0
        self.notes: list[str] = []
        """What should be known of the engine; told with each turn."""

    def begin(self, **about: Any) -> None:
        """Tell that all is ready, and wait for the first turn."""
        self._channel.write({"ready": about})
        self._wait()

    def epoch_ended(self, loss: float) -> None:
        """Note an epoch; at the end of the turn, report it and wait for the next."""
        now = time.perf_counter()
        self._seconds.append(now - self._began)
        self._loss = loss
        self._began = now
        if len(self._seconds) == self._epochs:
            self._channel.write(
                {"seconds": self._seconds, "loss": loss, "memory": peak_memory(), "notes": self.notes}
            )
            self._wait()

    def _wait(self) -> None:
        self._epochs = int(self._channel.read()["epochs"])
        self._seconds = []
        self._began = time.perf_counter()


def peak_memory() -> int | None:
    """Most bytes of memory that this process has held; None where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage, knows nothing of the process that this one was forked from
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
