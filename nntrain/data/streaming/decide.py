"""Whether rows stay in their file, and what that means for those that are held out."""

from __future__ import annotations

from dataclasses import replace

from nntrain.arrays import Stored, joined
from nntrain.config.data import StreamedSection
from nntrain.data.dataset import Rows
from nntrain.data.files import size
from nntrain.data.memory import available_memory

MOST = 0.5
"""Part of the free memory that rows may take before `streaming: auto` leaves them in their file."""
HELD_OUT = 1 / 16
"""Part of the free memory that the rows of a held-out split may take, to be read but once."""


def streams(source: StreamedSection, needed: int) -> str | None:
    """Why rows stay in their file; None if they are read at once.

    Args:
        source: Says what is asked for.
        needed: Bytes that the rows would take in memory, as they are read and once they are prepared.
    """
    if source.streaming is True:
        return "the rows stay in their file and are read in chunks (streaming: true)"
    free = available_memory()
    if source.streaming is False or free is None or needed <= MOST * free or source.streaming_faults:
        return None
    return (
        f"the rows stay in their file and are read in chunks (streaming: auto): they would take "
        f"{size(needed)} of memory, and {size(free)} are free"
    )


def settled(rows: Rows) -> Rows:
    """Held-out rows, in memory if they take little of it; else read once, so that what is wrong is known.

    Raises:
        DataError: A row can't be prepared.
    """
    free = available_memory()
    found = dict(rows.inputs)
    for name, x in rows.inputs.items():
        if not isinstance(x, Stored):
            continue
        if free is None or x.nbytes <= HELD_OUT * free:
            found[name] = joined(list(x.parts()))
        else:
            for _ in x.parts():
                pass
    return replace(rows, inputs=found)
