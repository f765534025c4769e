"""The rows of a source as training, validation and test rows: divided, or as the source brings them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Split
from nntrain.data.beside import check_apart, groups_of, times_of, training_weights, weights_of
from nntrain.data.dataset import Array, Features, Index, Part, Raw
from nntrain.data.splits import Division, Ties, divide
from nntrain.data.targets import Target
from nntrain.errors import Location, listing

OWN = ("validation", "test")
"""Splits that a source may bring itself."""


@dataclass(frozen=True)
class Piece:
    """Raw features and encoded targets of one split."""

    inputs: Mapping[str, Features]
    targets: Mapping[str, Array]
    index: Index
    """Row number in the source, or in the split that the source brings itself."""
    own: bool = False
    """Whether the source brings this split itself."""
    where: Callable[[int, str], Location] | None = None
    """The place of a cell of rows that the source brings itself, as in `Table`."""


@dataclass(frozen=True)
class Divided:
    """All splits."""

    parts: Mapping[str, Piece]
    """`train`, and `validation` and `test` where there are any."""
    weights: NDArray[np.float32] | None
    """What each training row counts, shape `(n,)`; None where all count the same."""
    notes: tuple[str, ...]
    """How rows were divided, where that is not by chance alone."""


def divide_rows(split: Split, raw: Raw, seed: int, targets: Sequence[Target]) -> Divided:
    """Features, targets and row numbers by split; the first target with classes keeps their shares.

    Args:
        split: Says how.
        raw: The rows, and the splits that the source brings itself.
        seed: The same seed and rows give the same splits.
        targets: Encoded, in the order of the parts of `raw`.

    Raises:
        DataError: A split would be empty, or rows lack what divides or weighs them.
    """
    own = {name: part for name in OWN if (part := getattr(raw, name)) is not None}
    ties = _ties(raw.rows, targets)
    shares = split.model_copy(update={name: None if name == "test" else 0.0 for name in own})
    division = divide(len(raw.rows), shares, seed, ties)
    check_apart(raw.rows, ties.times, list(own.items()))
    weights = weights_of(raw.rows)
    parts = {}
    for name in ("train", *OWN):
        index = getattr(division, name)
        if index is not None:
            chosen = {target.info.name: target.values[0][index] for target in targets}
            whole = len(index) == len(raw.rows)  # then it is every row in its order: no copy is needed
            rows = raw.rows if whole else replace(raw.rows, targets={}, beside={}).take(index)
            parts[name] = Piece(rows.inputs, chosen, index)
    notes = tuple(_notes(raw.rows, ties, division))
    for i, (name, part) in enumerate(own.items(), 1):
        chosen = {target.info.name: target.values[i] for target in targets}
        parts[name] = Piece(part.inputs, chosen, np.arange(len(part)), True, part.where)
    return Divided(parts, None if weights is None else training_weights(weights[division.train]), notes)


def _ties(rows: Part, targets: Sequence[Target]) -> Ties:
    """What keeps rows together or in order."""
    classes = [target for target in targets if target.info.task == "classification"][:1]
    return Ties(
        classes[0].values[0] if classes else None,
        classes[0].info.names if classes else (),
        groups_of(rows),
        times_of(rows),
    )


def _notes(rows: Part, ties: Ties, division: Division) -> Iterator[str]:
    """A sentence on groups or times: how many, or up to when, are in each split."""
    indices = {name: index for name in ("train", *OWN) if (index := getattr(division, name)) is not None}
    groups, times = ties.groups, ties.times
    if groups is not None:
        counts = (f"{len(np.unique(groups[index])):,} {name}" for name, index in indices.items())
        yield f"groups of '{rows.beside['group'].column}', each in one split: {listing(counts)}"
    if times is not None:
        given = rows.beside["time"]
        last = (f"{name} up to {given.values[i[times[i].argmax()]]}" for name, i in indices.items())
        yield f"rows in the order of '{given.column}': {listing(last)}"
