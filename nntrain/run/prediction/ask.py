"""What is asked of a run, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nntrain.errors import Problem


@dataclass(frozen=True)
class Ask:
    """What is asked of a run."""

    inputs: tuple[str, ...]
    """One path, several images, or `-` for standard input."""
    to: str | None = None
    """A file or folder; None for standard output."""
    force: bool = False
    """Whether a file that is there is replaced."""
    top: int = 0
    """So many classes a row, the most likely first."""
    probabilities: bool = False
    """The probability of every class."""
    skip_bad: bool = False
    """Whether rows that can't be used are left out."""


@dataclass
class Predicted:
    """What was done."""

    run: Path
    ask: Ask
    schema: str
    """Digest of what rows the run takes."""
    rows: int = 0
    """Rows that were predicted."""
    skipped: int = 0
    """Rows that were left out."""
    problems: list[Problem] = field(default_factory=list)
    """What is wrong with the first of them."""
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    """From the first row that the model was given to the last that was written."""

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "run": str(self.run),
            "schema_sha256": self.schema,
            "inputs": list(self.ask.inputs),
            "to": self.ask.to,
            "rows": self.rows,
            "skipped": self.skipped,
            "problems": [problem.as_json() for problem in self.problems],
            "notes": self.notes,
            "seconds": round(self.seconds, 3),
            "rows_per_second": round(self.rows / self.seconds, 1) if self.seconds else 0.0,
        }
