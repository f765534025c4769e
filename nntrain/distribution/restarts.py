"""Workers that are lost are started again, and go on from the last checkpoint."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nntrain.signals import SIGNALS

LOST = 7
"""The exit code of a first worker that tells of another one's loss."""
ASKED = tuple(128 + number for number in SIGNALS)
"""Exit codes of a first worker that was asked to end."""


@dataclass(frozen=True)
class Attempt:
    """How workers that were started together ended."""

    code: int
    """The exit code of the first one."""
    addresses: tuple[str, ...]
    """`host:port` of each."""

    @property
    def is_loss(self) -> bool:
        """Whether a worker was lost, so that starting all again may help."""
        return self.code == LOST or (self.code > 128 and self.code not in ASKED)


Start = Callable[[Sequence[str]], Attempt]
"""Starts workers with the arguments of `nntrain`, and waits for them."""


def keep_going(
    start: Start,
    arguments: Sequence[str],
    again: Callable[[Path], Sequence[str]],
    run: Path | None,
    runs: Path,
    restarts: int,
    say: Callable[[str], None],
) -> int:
    """Start workers, and start them again where one is lost.

    Args:
        start: Does so.
        arguments: Of `nntrain`, the first time.
        again: The arguments that go on with a run.
        run: The run that is gone on with, where it is known.
        runs: The folder of all runs, in which a new one is looked for.
        restarts: How often they are started again at most.
        say: Is told of it.

    Returns:
        The exit code of the first worker, the last time.
    """
    for left in range(restarts, -1, -1):
        done = start(arguments)
        if not done.is_loss or not left:
            break
        run = run or run_of(runs, done.addresses)
        number = f"start {restarts - left + 2} of {restarts + 1}"
        if run is not None and any((run / "checkpoint").glob("[0-9]*")):
            arguments = again(run)
            say(f"all workers are started again ({number}) and go on with {run}")
        else:
            say(f"all workers are started again ({number}), from the beginning: there is no checkpoint yet")
    return done.code


def run_of(runs: Path, addresses: Sequence[str]) -> Path | None:
    """The newest run that workers with these addresses wrote; None if they came to none."""
    for record in sorted(runs.glob("*/*/run.json"), key=lambda path: path.parent.name, reverse=True):
        if record.parent.is_symlink():
            continue
        try:
            written = json.loads(record.read_bytes())
        except (OSError, ValueError):
            continue
        if isinstance(written, dict) and written.get("workers") == [*addresses]:
            return record.parent
    return None
