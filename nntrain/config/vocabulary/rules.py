"""Rules for one value: which are good, in words, as a test and as JSON Schema."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from nntrain.config.spelling import spelled


@dataclass(frozen=True)
class Rule:
    """Which values are good, and the words that follow `must be`."""

    words: str
    accepts: Callable[[object], bool]
    schema: Mapping[str, Any]
    """The same as JSON Schema, as nearly as that can say it."""
    choices: tuple[str, ...] = ()


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    # The comparison is false for nan, inf and integers past what a float holds.
    return (
        isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
    )


def _each(value: object, test: Callable[[object], bool], depth: int = 1) -> bool:
    """Whether a value, or every member of a list of up to `depth` levels, passes."""
    if isinstance(value, (list, tuple)) and depth:
        return bool(value) and all(_each(item, test, depth - 1) for item in value)
    return test(value)


def number(
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
) -> Rule:
    """A finite number within bounds."""
    limits = {"above": above, "at least": at_least, "below": below, "at most": at_most}
    words = [f"{name} {limit:g}" for name, limit in limits.items() if limit is not None]
    if below is None and at_most is None:
        words = [*words, "finite"] if words else ["a finite number"]

    def accepts(value: object) -> bool:
        if not isinstance(value, (int, float)) or not _is_number(value):
            return False
        low = (above is None or value > above) and (at_least is None or value >= at_least)
        return low and (below is None or value < below) and (at_most is None or value <= at_most)

    limits = {"exclusiveMinimum": above, "minimum": at_least, "exclusiveMaximum": below, "maximum": at_most}
    bounds = {keyword: limit for keyword, limit in limits.items() if limit is not None}
    return Rule(" and ".join(words), accepts, {"type": "number", **bounds})


def whole(at_least: int | None = None) -> Rule:
    """A whole number."""
    words = "a whole number" + ("" if at_least is None else f" of at least {at_least}")
    bounds = {} if at_least is None else {"minimum": at_least}

    def accepts(value: object) -> bool:
        return isinstance(value, int) and _is_whole(value) and (at_least is None or value >= at_least)

    return Rule(words, accepts, {"type": "integer", **bounds})


def listed(rule: Rule, *, depth: int = 1) -> Rule:
    """What the rule says, or a list of it (of lists, for a depth of 2)."""
    schema = rule.schema
    for _ in range(depth):
        schema = {"anyOf": [rule.schema, _array_of(schema)]}
    return Rule(f"{rule.words}, or a list of them", lambda v: _each(v, rule.accepts, depth), schema)


def list_of(rule: Rule, words: str) -> Rule:
    """A list, and nothing else, whose members follow the rule."""
    schema = _array_of(rule.schema)
    return Rule(words, lambda v: isinstance(v, (list, tuple)) and _each(v, rule.accepts), schema)


def _array_of(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": items}


def choice(*words: str, any_case: bool = False, others: Iterable[object] = ()) -> Rule:
    """One of some words; `others` are accepted values that aren't text."""
    more = tuple(others)

    def accepts(value: object) -> bool:
        if isinstance(value, str):
            return (value.lower() if any_case else value) in words
        return any(value is other for other in more)

    shown = [*words, *(spelled(other) for other in more)]
    schema: dict[str, Any] = {"enum": [*words, *more]}
    if any_case:
        schema = {"anyOf": [schema, {"type": "string", "pattern": any_case_pattern(words)}]}
    return Rule("one of " + ", ".join(shown), accepts, schema, words)


def any_case_pattern(words: Iterable[str]) -> str:
    """A regular expression for some words in any mixture of cases, in the dialect of JSON Schema."""
    letters = ("".join(f"[{c.upper()}{c.lower()}]" if c.isalpha() else c for c in word) for word in words)
    return f"^({'|'.join(letters)})$"


def _is_shape(value: object) -> bool:
    if not isinstance(value, (list, tuple)) or list(value).count(-1) > 1:
        return False
    return all(size is None or (_is_whole(size) and (size == -1 or size >= 1)) for size in value)


def _is_range(value: object) -> bool:
    return _is_ascending(value) and isinstance(value, (list, tuple)) and len(value) == 2


def _is_ascending(value: object) -> bool:
    if not isinstance(value, (list, tuple)) or not value or not _each(value, _is_number):
        return False
    return all(a < b for a, b in pairwise(value))


ANY_NUMBER = number()
POSITIVE = number(above=0)
NOT_NEGATIVE = number(at_least=0)
SHARE = number(at_least=0, at_most=1)
BELOW_ONE = number(at_least=0, below=1)
INSIDE = number(above=0, below=1)
COUNT = whole(1)
FROM_ZERO = whole(0)
COUNTS = listed(COUNT)
NUMBERS = listed(ANY_NUMBER)
AXES = listed(whole())
MARGINS = listed(FROM_ZERO, depth=2)
FLAG = Rule("true or false", lambda v: isinstance(v, bool), {"type": "boolean"})
TEXT = Rule("text", lambda v: isinstance(v, str), {"type": "string"})
LIST = Rule("a list", lambda v: isinstance(v, (list, tuple)), {"type": "array"})
_SIZE = {"anyOf": [{"const": -1}, {"type": "integer", "minimum": 1}, {"type": "null"}]}
_ONE_FREE = {"contains": {"const": -1}, "minContains": 0, "maxContains": 1}
SHAPE = Rule(
    "a list of whole numbers of at least 1, one of which may be -1",
    _is_shape,
    {"type": "array", "items": _SIZE, **_ONE_FREE},
)
_PAIR = {"minItems": 2, "maxItems": 2}
INCREASING = Rule("a list of numbers, each above the one before", _is_ascending, _array_of(ANY_NUMBER.schema))
RANGE = Rule("a list of a lower and a higher number", _is_range, _array_of(ANY_NUMBER.schema) | _PAIR)
DTYPE = Rule("text, such as float32", lambda v: isinstance(v, (str, Mapping)), {"type": ["string", "object"]})
WEIGHTS = Rule(
    "the path of a local .h5 file (nothing is downloaded)",
    lambda v: isinstance(v, str) and v.endswith(".h5") and "://" not in v,
    {"type": "string", "pattern": "^(?!.*://).*\\.h5$"},
)
TOKENS = Rule("a list of tokens (a file of them is not read)", LIST.accepts, LIST.schema)
GROUPS = Rule(
    "a whole number of at least 1, or -1",
    lambda v: _is_whole(v) and (v == -1 or COUNT.accepts(v)),
    {"anyOf": [COUNT.schema, {"const": -1}]},
)
PADDING = choice("valid", "same", any_case=True)
CAUSAL = choice("valid", "same", "causal", any_case=True)
