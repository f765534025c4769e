"""What the configs that are made have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

COMMENTS_AT = 34
SHOWN = 5
"""Members of a list at most."""
FEW_ROWS = 3
"""A class with fewer rows can't be in training, validation and test rows."""
UNEVEN = 1.5
"""From this ratio of the largest to the smallest class on, classes are weighted."""

Classes = Sequence[tuple[str, int]]
"""Names and counts, the most frequent first."""


@dataclass(frozen=True)
class Start:
    """A config made for files."""

    name: str
    """What to call it, without `.yaml`."""
    text: str
    findings: tuple[str, ...]
    """What was found in the files, one sentence each."""


def clean(text: str) -> str:
    """Text that can stand in a comment."""
    return "".join(c if c.isprintable() else " " for c in text)


def noted(line: str, note: str) -> str:
    """A line with a comment behind it."""
    return f"{line.ljust(COMMENTS_AT)}  # {clean(note)}"


def shares(classes: Classes) -> str:
    """The largest classes: `50 of setosa, 50 of virginica and 3 more classes`."""
    shown = [f"{count:,} of {name}" for name, count in classes[:SHOWN]]
    rest = len(classes) - len(shown)
    return ", ".join(shown) + (f" and {rest} more classes" if rest else "")


def split(rows: int, classes: Classes) -> tuple[float, float]:
    """Shares of validation and test rows; more of so few that a split would miss a class."""
    return (0.25, 0.25) if rows * 0.12 < 3 * (len(classes) or 1) else (0.15, 0.2)


def last_layer(classes: Classes, second: str) -> Iterator[str]:
    """The layer that gives probabilities; of two classes that of `second`."""
    if len(classes) == 2:
        yield f"    # The probability of {clean(second)}."
        yield "    - {type: Dense, units: 1, activation: sigmoid}"
    else:
        yield "    # A probability for each class."
        yield f"    - {{type: Dense, units: {len(classes)}, activation: softmax}}"


def class_weight(classes: Classes) -> Iterator[str]:
    """The line that weighs classes, where they differ much in size."""
    counts = [count for _, count in classes]
    if counts and counts[0] >= UNEVEN * counts[-1]:
        largest, smallest = counts[0] / sum(counts), counts[-1] / sum(counts)
        note = f"the largest class has {largest:.0%} of the rows, the smallest {smallest:.0%}"
        yield noted("  class_weight: balanced", note)
