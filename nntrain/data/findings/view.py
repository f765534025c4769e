"""Rows as the findings look at them: split, with encoded targets, and nothing prepared yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from nntrain.data.dataset import Array, Index, Table, TargetInfo, TargetOrigin
from nntrain.data.findings.finding import SHOWN_ROWS, Place
from nntrain.data.findings.kept import Told, is_constant, scan, spread, told
from nntrain.data.streaming.features import StoredFeatures
from nntrain.errors import listing

LOCATED_ROWS = 100_000
"""Rows beyond this number are named by number alone: finding a line reads the file up to it."""
MOST_COLUMNS = 1000
"""Arrays with more features than this are looked at as whole rows, not column by column."""
MOST_BYTE_COLUMNS = 63
"""The same for arrays of bytes, where more features than this are an image."""


@dataclass(frozen=True)
class Held:
    """The rows of one split."""

    inputs: Mapping[str, Table | Array]
    targets: Mapping[str, Array]
    """Encoded as `Rows` says, but for a reconstruction, which has none."""
    index: Index
    kept: Index | None = None
    """Positions of the rows that `inputs` hold, where the others stay in their file."""
    stored: Mapping[str, StoredFeatures] = field(default_factory=dict)
    """All rows of such inputs."""
    told: Mapping[str, Mapping[str | int, Told]] = field(default_factory=dict)
    """What all rows say of the columns of such inputs."""

    def __len__(self) -> int:
        return len(self.index)

    @property
    def held(self) -> Index:
        """Positions of the rows that `inputs` hold."""
        return np.arange(len(self)) if self.kept is None else self.kept

    @property
    def whole(self) -> bool:
        """Whether these are all rows."""
        return self.kept is None or len(self.kept) == len(self)

    @classmethod
    def of(
        cls, inputs: Mapping[str, Table | Array | StoredFeatures], targets: Mapping[str, Array], index: Index
    ) -> Held:
        """Rows, of which some are kept where they stay in their file."""
        stored = {name: x for name, x in inputs.items() if isinstance(x, StoredFeatures)}
        held = {name: x for name, x in inputs.items() if not isinstance(x, StoredFeatures)}
        if not stored:
            return cls(held, targets, index)
        kept = spread(stored)
        scanned = {name: scan(x, kept, MOST_COLUMNS) for name, x in stored.items()}
        held |= {name: found.rows for name, found in scanned.items()}
        told = {name: found.told for name, found in scanned.items()}
        return cls(held, targets, index, kept, stored, told)


@dataclass(frozen=True)
class Column:
    """One feature in every split."""

    name: str
    input: str
    parts: Mapping[str, Array]
    """Of each split, shape `(rows,)`, of those rows that are held: float64 with NaN for gaps, or texts with
    None; views, not copies."""
    feature: int | None = None
    """Its number in an array; None for a column of a table."""
    in_words: bool = False
    """Whether its texts are taken apart into words: each may well be another."""
    held: Mapping[str, Held] = field(default_factory=dict)
    """The rows of each split."""

    @property
    def is_text(self) -> bool:
        """Whether it holds texts."""
        return self.parts["train"].dtype == object

    def part(self, split: str, rows: Index | slice = slice(None)) -> Array:
        """Its values in rows of a split that are held, by their positions in it; numbers as float64."""
        kept = self.held[split].kept
        if kept is not None and not isinstance(rows, slice):
            rows = np.searchsorted(kept, rows)
        values = self.parts[split][rows]
        return values if self.is_text else values.astype(np.float64, copy=False)

    @property
    def is_constant(self) -> bool:
        """Whether all training rows have one value, a gap being one."""
        return is_constant(self.parts["train"]) and (self.held["train"].whole or self.told("train").constant)

    def told(self, split: str) -> Told:
        """What all rows of a split say of it."""
        held = self.held[split]
        if held.kept is None:
            return told(self.parts[split])
        return held.told[self.input][self.name if self.feature is None else self.feature]


@dataclass(frozen=True)
class View:
    """Everything that the findings look at."""

    parts: Mapping[str, Held]
    """`train`, and `validation` and `test` where there are such rows."""
    targets: Sequence[TargetInfo]
    origins: Mapping[str, TargetOrigin] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    """The splits that the source brings itself."""
    wholes: frozenset[str] = frozenset()
    """Inputs whose rows are texts, sequences or windows: compared as wholes, and not measured."""
    in_words: frozenset[str] = frozenset()
    """Columns of texts that are taken apart into words."""
    tokens: bool = False
    """The features are word numbers."""
    description: str = ""
    notes: tuple[str, ...] = ()
    """What was told when the rows were read, such as files that were left out."""
    locate: bool = False
    """Whether example rows are looked up in their file."""
    most_rows: int = 100_000
    """Columns are compared on at most so many rows of a split, evenly spread."""
    most_columns: int = MOST_COLUMNS
    """Columns are looked at one by one up to this number; the others are left out."""

    @property
    def train(self) -> Held:
        """The training rows."""
        return self.parts["train"]

    @property
    def held_out(self) -> dict[str, Held]:
        """Validation and test rows."""
        return {name: part for name, part in self.parts.items() if name != "train"}

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The features one by one; empty for images and texts."""
        found: dict[tuple[str, str], Column] = {}
        for name in self.train.inputs:
            for column in self._of_input(name):
                same_file = isinstance(self.train.inputs[name], Table)
                found.setdefault(("" if same_file else name, column.name), column)
        return tuple(found.values())[: self.most_columns]

    def _of_input(self, name: str) -> Iterator[Column]:
        features = {split: part.inputs[name] for split, part in self.parts.items()}
        first = features["train"]
        if isinstance(first, Table):
            for column in first.order:
                parts = {s: cells(t, column) for s, t in features.items() if isinstance(t, Table)}
                yield Column(column, name, parts, in_words=column in self.in_words, held=self.parts)
        elif self.has_columns(first):
            prefix = f"{name} feature" if len(self.train.inputs) > 1 else "feature"
            for i in range(first.shape[1]):
                parts = {s: a[:, i] for s, a in features.items() if not isinstance(a, Table)}
                yield Column(f"{prefix} {i}", name, parts, i, held=self.parts)

    def has_columns(self, features: Table | Array) -> bool:
        """Whether features are numbers one by one, rather than an image or a text."""
        if isinstance(features, Table):
            return True
        most = MOST_BYTE_COLUMNS if features.dtype == np.uint8 else MOST_COLUMNS
        return (
            features.ndim == 2 and features.shape[1] <= most and features.dtype != object and not self.tokens
        )

    def sample(self, split: str) -> Index | slice:
        """Positions in a split, evenly spread, at most `most_rows`; all of them as a slice."""
        part = self.parts[split]
        return slice(None) if part.whole and len(part) <= self.most_rows else self.some(split, self.most_rows)

    def some(self, split: str, most: int) -> Index:
        """Positions of rows of a split that are held, evenly spread, at most so many."""
        held = self.parts[split].held
        return held[np.linspace(0, len(held) - 1, min(most, len(held))).astype(np.int64)]

    def place(self, split: str, position: int, column: str = "") -> Place:
        """An example row, by its position in a split; with its line where that is looked up and found."""
        part = self.parts[split]
        row = int(part.index[position])
        for features in part.inputs.values():
            if isinstance(features, Table) and features.where is not None and self.locate:
                if row >= LOCATED_ROWS:
                    break
                at = features.where(row, column or features.order[0])
                if at.line is None:
                    break  # the file has no lines, and rows are told by number
                return Place(split, row, at.source, at.line)
        return Place(split, row)

    def places(self, split: str, positions: Sequence[int] | Index, column: str = "") -> tuple[Place, ...]:
        """The first of these as example rows."""
        return tuple(self.place(split, int(at), column) for at in positions[:SHOWN_ROWS])

    def leave_out(self, names: Sequence[str]) -> str:
        """How columns are kept from the network, in words."""
        tables = [t for t in self.train.inputs.values() if isinstance(t, Table)]
        if len(self.train.inputs) == 1 and tables and tables[0].where is not None:
            return f"leave {'it' if len(names) == 1 else 'them'} out with data.drop: [{', '.join(names)}]"
        if tables:
            return f"name the other columns in data.inputs, without {'it' if len(names) == 1 else 'them'}"
        return f"take {'it' if len(names) == 1 else 'them'} out of the array"


def columns_text(columns: Sequence[Column], limit: int = 6) -> str:
    """`column 'a'`, `columns 'a', 'b' and 3 more`, or `features 3, 5` of an array."""
    s = "s" if len(columns) > 1 else ""
    if columns[0].feature is None:
        quoted = [f"'{column.name}'" for column in columns]
        return f"column{s} {listing(quoted, limit)}"
    prefix, _, _ = columns[0].name.rpartition(" ")
    return f"{prefix}{s} {listing([column.feature for column in columns], limit)}"


def cells(table: Table, column: str) -> Array:
    """A column of a table."""
    return table.numeric[column] if column in table.numeric else table.categorical[column]
