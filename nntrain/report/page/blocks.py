"""What a page is made of, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "quiet", "good", "bad", "note"]


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Facts:
    """Names with what stands beside each."""

    facts: Mapping[str, str]


@dataclass(frozen=True)
class Span:
    """A score between 0 and 1, drawn: its interval, its value and the baseline."""

    value: float
    low: float | None
    high: float | None
    reference: float | None


@dataclass(frozen=True)
class Table:
    """Rows of cells; the first cell of each names the row."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str | Span | None]]
    words: int = 1
    """How many columns are texts, on the left; the others stand right-aligned."""
    strong: bool = False
    """Whether the last row is a sum."""


@dataclass(frozen=True)
class Picture:
    """An image file of the run."""

    title: str
    alt: str
    content: bytes
    media: str
    """`image/png` or `image/svg+xml`."""


@dataclass(frozen=True)
class Curve:
    """One quantity by epoch."""

    title: str
    lines: Mapping[str, Sequence[float]]
    """By `training`, `validation` or another name: a value an epoch, NaN where there is none."""
    best_epoch: int | None = None
    """Epoch whose weights were kept, from 1."""
    stopped: bool = False
    """Whether training stopped early after the last one."""


@dataclass(frozen=True)
class Curves:
    """Charts beside one another."""

    each: Sequence[Curve]


@dataclass(frozen=True)
class Code:
    """Text as it stands in a file."""

    text: str
    label: str


@dataclass(frozen=True)
class Advice:
    """One finding, with the edit that it suggests."""

    title: str
    why: str
    tone: Tone
    code: str | None = None
    command: str | None = None
    """The same edit on the command line."""


@dataclass(frozen=True)
class Items:
    """A list."""

    items: Sequence[str]


@dataclass(frozen=True)
class Folded:
    """Blocks that are shown when asked for."""

    summary: str
    blocks: Sequence[Block]


Block = Text | Facts | Table | Picture | Curves | Code | Advice | Items | Folded


@dataclass(frozen=True)
class Group:
    """Blocks under a heading of their own within a section; without one where `title` is empty."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Section:
    """A part of the page with its heading."""

    id: str
    title: str
    groups: Sequence[Group]


@dataclass(frozen=True)
class Figure:
    """One number of the head of the page."""

    value: str
    name: str
    beside: str = ""


@dataclass(frozen=True)
class Page:
    """The whole of it."""

    title: str
    """The run's name."""
    subtitle: str
    status: str
    tone: Tone
    verdict: Sequence[str]
    """A sentence for each output."""
    figures: Sequence[Figure]
    sections: Sequence[Section]
    foot: str
