"""Expectations as a table for the terminal, with as many digits as show on which side a number lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from nntrain.config.expect import RUN_NUMBERS, Comparison
from nntrain.report.tables import ABSENT, name_text, number, ruled_table, seconds_text

if TYPE_CHECKING:
    from rich.table import Table

MET, MISSED = "ok", "missed"


class Judged(Protocol):
    """What became of one expectation."""

    @property
    def name(self) -> str:
        """Such as `test.accuracy`."""

    @property
    def expected(self) -> str:
        """Such as `>= 0.97`."""

    @property
    def comparison(self) -> Comparison:
        """The same, read."""

    @property
    def value(self) -> float | None:
        """What was reached; None where it is no number."""

    @property
    def baseline(self) -> float | None:
        """What it is compared with, if that is the baseline's."""

    @property
    def why(self) -> str | None:
        """Why there is no number."""

    @property
    def met(self) -> bool:
        """Whether it is as expected."""

    @property
    def difference(self) -> float | None:
        """How far the number lies above the nearest limit."""


def expectations_table(found: Sequence[Judged]) -> Table:
    """A row for each: what is expected and reached, how far above the limit that is, and `ok` or `missed`."""
    table = ruled_table("Expectation", "expected", "reached", "difference", "outcome")
    for one in found:
        gap = ABSENT if one.difference is None else _signed(one.difference)
        style = "" if one.met else "bold"
        outcome = name_text(MET if one.met else MISSED, style)
        table.add_row(name_text(one.name), expected_text(one), reached_text(one), gap, outcome)
    return table


def expected_text(one: Judged) -> str:
    """The comparison, with the baseline's number where it is compared with that."""
    return one.expected if one.baseline is None else f"{one.expected} ({number(one.baseline)})"


def reached_text(one: Judged) -> str:
    """The number, with so many digits that what is shown is as expected exactly where the number is."""
    if one.value is None:
        return ABSENT
    for text in _ever_longer(one.name, one.value):
        if one.comparison.holds(float(text.replace(",", "")), one.baseline) == one.met:
            return text
    return repr(one.value)


def sentence(one: Judged) -> str:
    """Why an expectation is missed: `test.accuracy is 0.96996, and >= 0.97 is expected`."""
    reached = "no number" if one.value is None else reached_text(one)
    why = "" if one.why is None else f" ({one.why})"
    return f"{one.name} is {reached}, and {expected_text(one)} is expected{why}"


def _signed(difference: float) -> str:
    return f"{difference:+,.0f}" if abs(difference) >= 1000 else f"{difference:+.3g}"


def _ever_longer(name: str, value: float) -> Iterator[str]:
    if name == "seconds":
        yield seconds_text(value)
    elif name in RUN_NUMBERS and float(value).is_integer():
        yield f"{value:,.0f}"
    yield number(value)
    for digits in range(5, 17):
        yield f"{value:,.{digits}f}"
