"""What a range of a search holds: its mistakes, its points, and a value from a number between 0 and 1."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from nntrain.config.section import Fault

if TYPE_CHECKING:
    from nntrain.config.search.section import Range

KINDS = ("log", "int", "float", "choice")
ID = "range"


def kind_of(given: Range) -> str:
    """Which of `log`, `int`, `float` and `choice` a valid range is."""
    return next(kind for kind in KINDS if getattr(given, kind) is not None)


def ends_of(given: Range) -> tuple[float, float]:
    """The low and the high end of a range of numbers."""
    ends: tuple[float, float] = getattr(given, kind_of(given))
    return ends


def range_faults(given: Range) -> list[Fault]:
    """What is wrong with a range by itself."""
    kinds = [kind for kind in KINDS if getattr(given, kind) is not None]
    if not kinds:
        return [("says nothing of its values; write one of log, int, float and choice", (), ID)]
    if len(kinds) > 1:
        message = f"{' and '.join(kinds)} exclude one another; keep one of them"
        return [(message, (kinds[1],), ID)]
    if kinds == ["choice"]:
        return list(_choice_faults(given))
    return list(_number_faults(given, kinds[0]))


def _choice_faults(given: Range) -> Iterator[Fault]:
    values = given.choice or ()
    if len(values) < 2:
        message = "there is nothing to choose between" if values else "there is nothing to choose from"
        yield f"{message}; list two values or more, as in [relu, linear]", ("choice",), ID
    for i, value in enumerate(values):
        if any(_same(value, other) for other in values[:i]):
            yield "stands twice; remove one of the two", ("choice", i), ID
    for key in ("step", "steps"):
        if getattr(given, key) is not None:
            yield "goes with ranges of numbers, and this is a choice; remove it", (key,), ID


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _number_faults(given: Range, kind: str) -> Iterator[Fault]:
    low, high = getattr(given, kind)
    if low > high:
        message = f"the range begins at {_told(low)}, above its end {_told(high)}; exchange the two"
        yield message, (kind,), ID
    elif low == high:
        yield (
            f"the range is empty, for both ends are {_told(low)}; write the value where it belongs instead",
            (kind,),
            ID,
        )
    elif kind == "log" and low <= 0:
        yield (
            f"a logarithm needs numbers above 0, and the range begins at {_told(low)}; "
            "write a small number such as 1e-6, or float",
            (kind, 0),
            ID,
        )
    if given.step is not None and given.steps is not None:
        yield "step and steps exclude one another; keep one of them", ("steps",), ID
    elif given.step is not None:
        yield from _step_faults(given.step, kind, high - low)


def _told(number: float) -> str:
    return f"{number:.10g}"


def _step_faults(step: float, kind: str, width: float) -> Iterator[Fault]:
    if kind == "log":
        yield "a logarithmic range has no step; write how many values it has as steps: 5", ("step",), ID
    elif kind == "int" and step != int(step):
        yield f"whole numbers are whole steps apart, got {_told(step)}", ("step",), ID
    elif 0 < width < step:
        yield f"is larger than the range, which is {_told(width)} wide", ("step",), ID


def points(given: Range) -> tuple[Any, ...] | None:
    """Every value of a range, from the low end; None where they can't be counted."""
    kind = kind_of(given)
    if kind == "choice":
        return given.choice or ()
    low, high = ends_of(given)
    if given.steps is not None:
        return tuple(dict.fromkeys(_at(given, i / (given.steps - 1)) for i in range(given.steps)))
    step = given.step if given.step is not None else 1 if kind == "int" else None
    if step is None:
        return None
    count = math.floor((high - low) / step + 1e-9) + 1
    return tuple(_number(low + i * step, kind) for i in range(count))


def count_points(given: Range) -> int | None:
    """How many values a range has, without making them; None where they can't be counted."""
    if kind_of(given) == "choice" or given.steps is not None:
        return len(points(given) or ())
    low, high = ends_of(given)
    step = given.step if given.step is not None else 1 if kind_of(given) == "int" else None
    return None if step is None else math.floor((high - low) / step + 1e-9) + 1


def value_at(given: Range, share: float) -> Any:
    """The value at a share of the way through a range.

    Args:
        given: A valid range.
        share: From 0 up to, but not including, 1.
    """
    known = count_points(given)
    if known is None:
        return _at(given, share)
    if kind_of(given) == "int" and given.steps is None:
        low, _ = ends_of(given)
        return int(low + int(share * known) * (given.step or 1))
    every = points(given)
    assert every is not None
    return every[int(share * known)]


def share_of(given: Range, value: float) -> float:
    """How far a number lies through a range, from 0 to 1."""
    low, high = ends_of(given)
    if kind_of(given) == "log":
        low, high, value = math.log(low), math.log(high), math.log(value)
    return (value - low) / (high - low)


def _at(given: Range, share: float) -> Any:
    kind = kind_of(given)
    low, high = ends_of(given)
    if kind == "log":
        found = math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
        return _number(min(max(found, low), high), kind)
    return _number(low + share * (high - low), kind)


def _number(value: float, kind: str) -> float | int:
    """A number with the digits that a reader needs: six of what was computed."""
    return round(value) if kind == "int" else float(f"{value:.6g}")
