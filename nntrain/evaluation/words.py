"""Sentences that the scores of classes and of labels share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nntrain.errors import listing

Flags = NDArray[np.bool_]


def absences(
    predicted: Flags, present: Flags, names: Sequence[str], one: str, several: str
) -> tuple[str, ...]:
    """What one should know of scores that count as 0.

    Args:
        predicted: Whether the model ever says so, a truth value for each name.
        present: Whether a row is so, a truth value for each name.
        names: The classes or labels.
        one: What one of them is called, `class`.
        several: What more of them are called, `classes`.
    """
    never = [name for name, said in zip(names, predicted, strict=True) if not said]
    absent = [name for name, found in zip(names, present, strict=True) if not found]
    notes = []
    if never:
        notes.append(f"never predicted, so precision and F1 count as 0: {quoted(never, one, several)}")
    if absent:
        notes.append(f"not in these rows, so recall and F1 count as 0: {quoted(absent, one, several)}")
    return tuple(notes)


def quoted(names: Sequence[str], one: str, several: str) -> str:
    """`label 'a'`, `labels 'a', 'b'`."""
    return f"{several if len(names) > 1 else one} {listing([repr(name) for name in names])}"
