"""What processes that train one network together agree on; a process alone agrees with itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Together:
    """One of the processes; all ask the same questions in the same order, and get the same answers."""

    worker: int = 0
    """Its number, from 0."""
    several: bool = False
    """Whether there are others."""
    number: Callable[[int], int] = int
    """The number that the first process gives."""
    any: Callable[[bool], bool] = bool
    """Whether one of them says so."""


ALONE = Together()
