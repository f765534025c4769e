"""What a run is expected to reach: a comparison such as `>= 0.97`, and what it is compared with."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from nntrain.config.section import fault
from nntrain.config.spelling import spelled

BASELINE = "baseline"
"""Stands for what the baseline reaches in the same score."""
COMPARE: Mapping[str, Callable[[float, float], bool]] = {">=": ge, "<=": le, "==": eq, ">": gt, "<": lt}
SUFFIXES: Mapping[str, Decimal] = {"%": Decimal("0.01"), "k": Decimal(1000), "M": Decimal(1_000_000)}
RUN_NUMBERS = ("params", "epochs", "seconds")
"""What is expected of the run as a whole: weights, epochs that were trained, and its seconds."""
SPLITS = ("test", "validation", "training")

_COMPARISON = re.compile(r"([^\w\s.+-]+)\s*(.*)")
_NUMBER = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)\s*([%kM]?)")
_MEANT = {"=>": ">=", "=<": "<=", "=": "==", "===": "==", "≥": ">=", "≤": "<=", ">>": ">", "<<": "<"}
_ALLOWED = "it is one of >=, >, <=, < and =="


@dataclass(frozen=True)
class Comparison:
    """What one number has to be."""

    operator: Literal[">=", "<=", "==", ">", "<", ".."]
    limit: float | None
    """None: what the baseline reaches. Of a range it is the lower end."""
    most: float | None = None
    """Of a range its upper end, which belongs to it."""
    percent: bool = False
    """Whether it is written in percent."""

    def holds(self, value: float | None, baseline: float | None = None) -> bool:
        """Whether a number is as expected; what is no number never is.

        Args:
            value: To its last digit.
            baseline: What the baseline reaches, if there is one.
        """
        limit = baseline if self.limit is None else self.limit
        if value is None or limit is None or not (math.isfinite(value) and math.isfinite(limit)):
            return False
        if self.most is not None:
            return limit <= value <= self.most
        return COMPARE[self.operator](value, limit)

    def nearest(self, value: float, baseline: float | None = None) -> float | None:
        """The limit that a number lies nearest to; None if that is the baseline's, and there is none."""
        limit = baseline if self.limit is None else self.limit
        if limit is None or self.most is None:
            return limit
        return min((limit, self.most), key=lambda end: abs(value - end))


def comparison(text: str) -> Comparison:
    """Read `>= 0.97`, `< 50k`, `> baseline` or `0.9..0.99`.

    Raises:
        ValueError: It is no comparison; says what to write.
    """
    bare = text.strip()
    low, dots, high = bare.partition("..")
    if dots:
        return _range(bare, _number(low), _number(high))
    found = _COMPARISON.fullmatch(bare)
    if found is None:
        example = f">= {bare}" if _number(bare) else ">= 0.97"
        raise ValueError(f'does not say how it is compared; write a comparison such as "{example}"')
    sign, rest = found[1], found[2].strip()
    if sign not in COMPARE:
        meant = _MEANT.get(sign)
        hint = f'; write "{meant} {rest}"' if meant and rest else f"; {_ALLOWED}"
        raise ValueError(f"'{sign}' is no comparison{hint}")
    operator: Any = sign
    if rest == BASELINE:
        return Comparison(operator, None)
    number = _number(rest)
    if number is None:
        shown = f"'{rest}'" if rest else "nothing"
        raise ValueError(
            f"'{sign}' is followed by {shown}; write a number such as 0.97, 97%, 50k or 1.5M, or 'baseline'"
        )
    return Comparison(operator, number, percent=rest.endswith("%"))


def _range(text: str, low: float | None, high: float | None) -> Comparison:
    if low is None or high is None:
        raise ValueError("is no range; write two numbers such as 0.95..0.99")
    if low > high:
        raise ValueError(f"the range begins at {low:g}, above its end {high:g}; exchange the two")
    return Comparison("..", low, high, percent=text.endswith("%"))


def _number(text: str) -> float | None:
    """`0.97`, `97%`, `50k`, `1.5M`; None if it is none of these, or too large."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None or len(text) > 40:
        return None
    number = float(Decimal(found[1]) * SUFFIXES.get(found[2], Decimal(1)))
    return number if math.isfinite(number) else None


def _checked(value: Any) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        message = f'does not say how {spelled(value)} is compared; write a comparison such as ">= {value}"'
        raise fault(message, id="expectation")
    if isinstance(value, dict) and value:
        inner = next(iter(value))
        raise fault(
            f"must be a comparison such as \">= 0.97\", got a mapping; write '{inner}' behind a dot, as in "
            "test.accuracy",
            id="expectation",
        )
    if not isinstance(value, str):
        raise fault(f'must be a comparison such as ">= 0.97", got {spelled(value)}', id="expectation")
    try:
        comparison(value)
    except ValueError as error:
        raise fault(str(error), id="expectation") from None
    return value.strip()


Expectation = Annotated[str, BeforeValidator(_checked)]
"""A comparison as it is written."""
