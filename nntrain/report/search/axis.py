"""The keys of a search as axes from 0 to 1, on the scale that their values are drawn on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nntrain.config.dump import to_flow
from nntrain.config.search.ranges import count_points, ends_of, kind_of, points, share_of, value_at
from nntrain.config.search.section import Range
from nntrain.report.figure import shorten

WIDEST = 18
"""Characters of a choice on an axis."""
FEW = 64
"""Up to so many points of a range are its levels; more are as good as any number between its ends."""
MOST_TICKS = 6


@dataclass(frozen=True)
class Axis:
    """One key."""

    name: str
    """As it is shown."""
    given: Range
    """Was checked."""

    @property
    def is_choice(self) -> bool:
        """Whether its values have no order."""
        return kind_of(self.given) == "choice"

    def at(self, value: Any) -> float:
        """Where a value lies, from 0 to 1; choices lie evenly, in the order of the config.

        Raises:
            ValueError: A choice is none of the range's.
        """
        if not self.is_choice:
            return min(max(share_of(self.given, value), 0.0), 1.0)
        choices = self.given.choice or ()
        place = next((i for i, c in enumerate(choices) if c == value and type(c) is type(value)), None)
        if place is None:
            raise ValueError(f"{value!r} is none of the choices of {self.name}")
        return place / max(len(choices) - 1, 1)

    @property
    def levels(self) -> tuple[float, ...] | None:
        """The places that values can take, where these are few; None for any number between the ends."""
        count = count_points(self.given)
        if count is None or count > FEW:
            return None
        return tuple(self.at(value) for value in points(self.given) or ())

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Places with what is written there."""
        if self.is_choice:
            choices = self.given.choice or ()
            labels = choice_labels(choices)
            return [(self.at(choice), label) for choice, label in zip(choices, labels, strict=True)]
        low, high = ends_of(self.given)
        values = _powers(low, high) if kind_of(self.given) == "log" else _round(low, high)
        return [(self.at(value), f"{value:.6g}") for value in values]

    def text(self, place: float) -> str:
        """The value at a place in words."""
        if self.is_choice:
            return min(self.ticks, key=lambda tick: abs(tick[0] - place))[1]
        found = value_at(self.given, min(place, math.nextafter(1.0, 0.0)))
        return f"{found:.4g}"


def axes_of(space: Mapping[str, Range], names: Mapping[str, str]) -> tuple[Axis, ...]:
    """An axis for each key of a search.

    Args:
        space: The ranges.
        names: What each key is called in a picture.
    """
    return tuple(Axis(shorten(names[key], 32), given) for key, given in space.items())


def _powers(low: float, high: float) -> list[float]:
    """Powers of ten within a range, with 2 and 5 times each where there are few."""
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    factors = (1,) if last - first > 2 else (1, 2, 5)
    found = [factor * 10.0**power for power in range(first, last + 1) for factor in factors]
    slack = 1e-9
    inside = [value for value in found if low * (1 - slack) <= value <= high * (1 + slack)]
    every = math.ceil(len(inside) / MOST_TICKS)
    return inside[::every] if len(inside) > 1 else [low, high]


def _round(low: float, high: float) -> list[float]:
    """Round numbers within a range."""
    from matplotlib.ticker import MaxNLocator

    whole = isinstance(low, int) and isinstance(high, int)
    found = MaxNLocator(nbins=MOST_TICKS - 1, integer=whole, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    slack = 1e-9 * (high - low)
    return [float(value) for value in found if low - slack <= value <= high + slack]


def choice_labels(choices: Sequence[Any]) -> list[str]:
    """What tells choices apart, short: of layers that differ in one argument that argument's value."""
    texts = [_plain(choice) for choice in choices]
    if all(isinstance(choice, dict) for choice in choices):
        common = set.intersection(*({(k, to_flow(v)) for k, v in choice.items()} for choice in choices))
        rest = [
            " ".join(to_flow(v) for k, v in choice.items() if (k, to_flow(v)) not in common)
            for choice in choices
        ]
        texts = rest if all(rest) and len(set(rest)) == len(rest) else texts
    short = [shorten(text, WIDEST) for text in texts]
    if len(set(short)) == len(short):
        return short
    return [shorten(f"{i}: {text}", WIDEST) for i, text in enumerate(texts, 1)]


def _plain(choice: Any) -> str:
    return choice if isinstance(choice, str) else to_flow(choice)
