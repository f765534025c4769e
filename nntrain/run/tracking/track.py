"""Trackers of a run: each is told of every epoch, and one that fails is left out from then on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from nntrain.run.session import Session
from nntrain.training.observer import Logs

if TYPE_CHECKING:
    from nntrain.evaluation import SplitScores

TRACKING = "tracking"
"""The key of `run.json` under which each tracker's facts stand."""
Splits = Mapping[str, Mapping[str, "SplitScores"]]
"""Scores by split and output."""


class Tracker(Protocol):
    """Tells another program of a training."""

    name: ClassVar[str]
    """The key in `training` that asks for it."""
    what: ClassVar[str]
    """What it writes, for messages."""
    failures: tuple[type[Exception], ...]
    """What it raises where that program, or the disk, does not play along."""

    def begin(self, rows: Sequence[Logs]) -> Mapping[str, Any]:
        """Start, with the epochs that were trained before; facts for the run's record."""

    def epoch(self, row: Logs) -> None:
        """An epoch ended; `row` is that of `history.csv`."""

    def finish(self, splits: Splits) -> None:
        """The run is scored."""

    def close(self, status: str) -> None:
        """Training ended: `finished`, `failed` or `interrupted`."""


class Tracking:
    """All trackers of a run. A failure of theirs is a note, and training goes on without them."""

    def __init__(self, session: Session, trackers: Sequence[Tracker]) -> None:
        """Tell nobody yet.

        Args:
            session: With the run's directory.
            trackers: Whom to tell.
        """
        self.session, self.trackers = session, list(trackers)
        if self.trackers:
            self._facts: dict[str, Any] = session.directory.record.setdefault(TRACKING, {})

    def begin(self, rows: Sequence[Logs]) -> None:
        """Start with the epochs that were trained before."""
        self._each(lambda tracker: self._facts.update({tracker.name: dict(tracker.begin(rows))}))
        if self.trackers:
            self.session.directory.update({})

    def epoch(self, row: Logs) -> None:
        """Pass on an epoch."""
        self._each(lambda tracker: tracker.epoch(row))

    def finish(self, splits: Splits) -> None:
        """Pass on the scores, and end."""
        self._each(lambda tracker: tracker.finish(splits))
        self.close("finished")

    def close(self, status: str) -> None:
        """End."""
        self._each(lambda tracker: tracker.close(status))
        self.trackers.clear()

    def _each(self, tell: Callable[[Tracker], None]) -> None:
        for tracker in list(self.trackers):
            try:
                tell(tracker)
            except tracker.failures as error:
                reason = _reason(error)
                self.trackers.remove(tracker)
                self._facts.setdefault(tracker.name, {})["failed"] = reason
                self.session.log.note(
                    f"{tracker.what} can't be written any more, and training goes on: {reason}"
                )


def _reason(error: Exception) -> str:
    """The first line of what a library says, without the place in its own graph."""
    text = re.sub(r"^{{.*?}} ", "", str(error).strip()).partition("\n")[0]
    return text[:200] or type(error).__name__
