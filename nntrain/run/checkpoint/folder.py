"""Where a run's checkpoints are; nothing here needs NumPy."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from nntrain.errors import ArtefactError, Location, Problem

FOLDER = "checkpoint"
NEVER = "it was ended before one was written"


def committed(run: Path) -> list[int]:
    """The epochs after which a run has a checkpoint, damaged or not, from the first to the last."""
    folder = run / FOLDER
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return sorted(int(name) for name in names if re.fullmatch(r"\d{5,}", name))


def go_on(run: Path) -> str:
    """The command that goes on with a run."""
    return f"nntrain resume {shlex.quote(str(run))}"


def nothing_to_go_on_from(run: Path, why: str) -> ArtefactError:
    """What to say of a run that has no whole checkpoint."""
    message = f"has no checkpoint to go on from: {why}; train it again with nntrain fit"
    return ArtefactError(Problem(message, location=Location(str(run)), id="no-checkpoint"))
