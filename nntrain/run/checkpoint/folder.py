"""Where a run's checkpoints are; nothing here needs NumPy."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from nntrain.errors import ArtefactError, Location, Problem

FOLDER = "checkpoint"
NAME = re.compile(r"(\d{5,})(?:-(\d{7,}))?")
"""`00007` after a whole epoch, `00007-0000120` after steps of the next one."""
PRETRAINED = "pretrain"
"""The key of a run's record that is there from the begin of pretraining on: what each layer came to."""
NEVER = "it was ended before one was written"


class Position(NamedTuple):
    """How far training has come."""

    epoch: int
    """Epochs that are done."""
    step: int = 0
    """Steps of the next one that are done too."""

    @property
    def name(self) -> str:
        """Of the checkpoint's directory."""
        return f"{self.epoch:05}-{self.step:07}" if self.step else f"{self.epoch:05}"

    def __str__(self) -> str:
        return f"step {self.step:,} of epoch {self.epoch + 1:,}" if self.step else f"epoch {self.epoch:,}"


def committed(run: Path) -> list[Position]:
    """Where a run has checkpoints, damaged or not, from the first to the last."""
    folder = run / FOLDER
    found = [NAME.fullmatch(entry.name) for entry in folder.iterdir()] if folder.is_dir() else []
    return sorted(Position(int(match[1]), int(match[2] or 0)) for match in found if match)


def go_on(run: Path) -> str:
    """The command that goes on with a run."""
    return f"nntrain resume {shlex.quote(str(run))}"


def can_go_on(run: Path, record: Mapping[str, Any]) -> bool:
    """Whether a run that was ended has something to go on from: a checkpoint, or layers to pretrain again.

    Args:
        run: Its directory.
        record: Its `run.json`.
    """
    return bool(committed(run)) or (PRETRAINED in record and record.get("status") != "finished")


def nothing_to_go_on_from(run: Path, why: str) -> ArtefactError:
    """What to say of a run that has no whole checkpoint."""
    message = f"has no checkpoint to go on from: {why}; train it again with nntrain fit"
    return ArtefactError(Problem(message, location=Location(str(run)), id="no-checkpoint"))
