"""Columns handled two at a time: what is done to them waits for memory, not for Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

PARALLEL = 1 << 20
"""Numbers from which on a second thread is worth its start."""


def by_twos(task: Callable[[Given], Made], columns: Iterable[Given], numbers: int) -> list[Made]:
    """What the task makes of each column, in their order.

    Args:
        task: Spends its time where NumPy or Arrow lets other threads run.
        columns: What it is given, one by one.
        numbers: How many numbers they hold together; few are handled in this thread.
    """
    if numbers < PARALLEL:
        return [task(column) for column in columns]
    with ThreadPoolExecutor(2) as threads:
        return list(threads.map(task, columns))
