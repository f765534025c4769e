"""One thing that a run says of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nntrain.run.page.course import Edit


@dataclass(frozen=True)
class Finding:
    """One thing that can be mended, or that is worth knowing."""

    id: str
    title: str
    """In a sentence."""
    why: str
    """What it was seen by, and what it means."""
    edit: Edit | None = None
    weight: Literal["problem", "note"] = "problem"
