"""One thing that was found in the data, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

Severity = Literal["leak", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("leak", "warning", "note")
"""The gravest first. A leak lets the network see what it is to predict, so that its scores flatter."""

SHOWN_ROWS = 3
"""Example rows of a finding."""


@dataclass(frozen=True)
class Place:
    """An example row."""

    split: str
    row: int
    """Its number in the source, from 0; of a split that the source brings itself, within that split."""
    file: str | None = None
    line: int | None = None
    """Where it stands in a file of cells."""

    @property
    def text(self) -> str:
        """`test row 3`, or `rows.csv:5`."""
        return f"{_shown(self.split)} row {self.row}" if self.file is None else f"{self.file}:{self.line}"

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {"split": self.split, "row": self.row, "file": self.file, "line": self.line}


@dataclass(frozen=True)
class Finding:
    """What was found, where, and what to do about it."""

    id: str
    """A stable word for programs."""
    severity: Severity
    found: str
    """What was found and where, without example rows."""
    advice: str
    """Why it matters and what to do, in few words."""
    columns: tuple[str, ...] = ()
    """The columns that it is about; empty where it is about whole rows."""
    rows: tuple[Place, ...] = ()
    """Example rows."""
    pairs: bool = False
    """Whether the examples are pairs of rows that are alike, one after the other."""
    figures: Mapping[str, float | int] = field(default_factory=dict)
    """What was counted or measured."""

    @property
    def message(self) -> str:
        """One sentence."""
        examples = places_text(self.rows, pairs=self.pairs)
        text = f"{self.found}{f' ({examples})' if examples else ''}; {self.advice}"
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)

    def to_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "id": self.id,
            "severity": self.severity,
            "message": self.message,
            "columns": list(self.columns),
            "rows": [place.to_json() for place in self.rows],
            "figures": dict(self.figures),
        }


def by_severity(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """The gravest first, else in the order given."""
    return tuple(sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)))


def places_text(rows: Sequence[Place], *, pairs: bool) -> str:
    """Example rows in words: `test rows 3, 8`, `rows.csv:5, rows.csv:9`, or pairs of them."""
    if pairs:
        couples = zip(rows[::2], rows[1::2], strict=True)
        return ", ".join(f"{one.text} and {other.text}" for one, other in couples)
    words = []
    for (split, file), group in groupby(rows, key=lambda place: (place.split, place.file)):
        members = list(group)
        if file is not None:
            words += [place.text for place in members]
        else:
            s = "s" if len(members) > 1 else ""
            words.append(f"{_shown(split)} row{s} {', '.join(str(place.row) for place in members)}")
    return ", ".join(words)


def _shown(split: str) -> str:
    return "training" if split == "train" else split
