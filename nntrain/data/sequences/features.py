"""Rows of whole numbers of differing length, and what the training rows teach: how long, and how many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Preprocess, SequenceSource
from nntrain.config.text_steps import LONGEST_ROW, Side
from nntrain.data.files import check_memory
from nntrain.data.kind import Array, Index, Kind, State
from nntrain.data.texts.padding import padded
from nntrain.errors import DataError, Location, Problem


def _objects(values: Iterable[bytes]) -> Array:
    """An array of objects, shape `(n,)`."""
    held = list(values)
    out = np.empty(len(held), object)
    out[:] = held
    return out


@dataclass(frozen=True)
class Sequences(Kind):
    """Sequences, one after another in a flat array."""

    flat: NDArray[np.int32]
    starts: Index
    """Where each begins, shape `(rows,)`."""
    lengths: Index
    """How many numbers each has, shape `(rows,)`."""
    index: Index
    """Row number in the source, from 0, shape `(rows,)`."""
    where: Callable[[int], tuple[Location, str]]
    """The place of a row, from its number in the source, or that of the file and the row in words. It may
    read the file again, so it is for errors alone."""
    source: SequenceSource
    """Says how they become rows of one length."""

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[NDArray[np.int32]]:
        for start, length in zip(self.starts, self.lengths, strict=True):
            yield self.flat[start : start + length]

    def take(self, rows: Index) -> Sequences:
        """The sequences at these positions."""
        return replace(self, starts=self.starts[rows], lengths=self.lengths[rows], index=self.index[rows])

    def arrays(self) -> Iterator[tuple[str, Array]]:
        """The numbers and the lengths."""
        yield "numbers", np.concatenate(list(self)) if len(self) else self.flat[:0]
        yield "lengths", self.lengths

    def comparable(self) -> Array:
        """The bytes of each sequence."""
        return _objects(sequence.tobytes() for sequence in self)

    def check(self, settings: Preprocess) -> None:
        """Nothing is left to be refused: the reader has seen every number."""

    def fit(self, settings: Preprocess) -> SequenceState:
        """The length and the highest number of the training rows, where the config does not give them."""
        longest = int(self.lengths.max())
        length = longest if self.source.length is None else self.source.length
        if length > LONGEST_ROW:
            message = f"a training row has {length:,} numbers; name a length that rows are cut to, "
            message += f"up to {LONGEST_ROW:,}"
            raise DataError(Problem(message, ("data", "length"), id="too_long"))
        highest = max((int(row.max()) for row in self if len(row)), default=0)
        return SequenceState(
            rows=len(self),
            length=length,
            padding=self.source.padding,
            truncating=self.source.truncating,
            numbers=self.source.num_words or highest + 1,
            given=self.source.num_words is not None,
            unknown=self.source.unknown,
            cut=int((self.lengths > length).sum()),
            zeros=sum(bool((row == 0).any()) for row in self),
        )


@dataclass(frozen=True)
class SequenceState(State):
    """How sequences become rows of one length."""

    rows: int
    length: int
    padding: Side
    truncating: Side
    numbers: int
    """How many numbers there are, from 0."""
    given: bool
    """Whether the config says so."""
    unknown: int | None
    """What stands for higher numbers; None where they are refused."""
    cut: int
    """Training rows that are cut."""
    zeros: int
    """Training rows that hold a 0 themselves."""

    @property
    def columns(self) -> tuple[str, ...]:
        """A position in a sequence has no name."""
        return ()

    @property
    def vocabulary(self) -> int:
        """How many numbers there are, from 0."""
        return self.numbers

    @property
    def notes(self) -> tuple[str, ...]:
        """Rows that are cut, and rows that hold what padding holds."""
        found = []
        if self.cut:
            are = "is" if self.cut == 1 else "are"
            found.append(
                f"a row has {self.length:,} numbers; {self.cut:,} of {self.rows:,} training rows {are} "
                f"longer and {are} cut"
            )
        if self.zeros:
            found.append(f"0 fills up short rows, and {self.zeros:,} training rows hold a 0 of their own")
        return tuple(found)

    def apply(self, features: Sequences) -> NDArray[np.int32]:
        """Rows of one length, int32 `(rows, length)`.

        Raises:
            DataError: A number is too high, or the rows need more memory than there is.
        """
        size = len(features) * self.length * 4
        check_memory(size, f"{len(features):,} rows of {self.length:,} numbers take")
        for position, row in enumerate(features):
            if self.unknown is None and len(row) and row.max() >= self.numbers:
                raise self._too_high(features, position, int(row.max()))
        out = padded(features, len(features), self.length, self.padding, self.truncating)
        if self.unknown is not None:
            out[out >= self.numbers] = self.unknown
        return out

    def _too_high(self, features: Sequences, position: int, number: int) -> DataError:
        location, row = features.where(int(features.index[position]))
        known = "data.num_words has" if self.given else "the training rows hold"
        message = f"the number {number}{row} is higher than those that {known}, 0 to {self.numbers - 1}; "
        message += f"set data.num_words: {number + 1}, or let data.unknown stand for such numbers"
        return DataError(Problem(message, location=location, id="too_high"))

    def to_json(self) -> dict[str, Any]:
        """The state under `sequences`."""
        return {
            "kind": "sequences",
            "rows": self.rows,
            "sequences": {
                "length": self.length,
                "padding": self.padding,
                "truncating": self.truncating,
                "numbers": self.numbers,
                "given": self.given,
                "unknown": self.unknown,
                "cut": self.cut,
                "zeros": self.zeros,
            },
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> SequenceState:
        """The state of a run.

        Raises:
            KeyError, TypeError: It is not what `to_json` gave.
        """
        return cls(rows=document["rows"], **document["sequences"])
