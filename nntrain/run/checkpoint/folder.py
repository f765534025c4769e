"""Where a run's checkpoints are; nothing here needs NumPy."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

FOLDER = "checkpoint"


def committed(run: Path) -> list[int]:
    """The epochs after which a run has a checkpoint, damaged or not, from the first to the last."""
    folder = run / FOLDER
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return sorted(int(name) for name in names if re.fullmatch(r"\d{5,}", name))


def go_on(run: Path) -> str:
    """The command that goes on with a run."""
    return f"nntrain resume {shlex.quote(str(run))}"
