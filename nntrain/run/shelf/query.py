"""Which runs to list, and in which order: `test.accuracy>0.9` is compared, and never evaluated."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

from nntrain.errors import Problem, UsageError, did_you_mean, listing
from nntrain.run.shelf.listing import RunRow, score_names
from nntrain.run.shelf.stored import Status

Kind = Literal["text", "number", "time"]
KINDS: dict[str, Kind] = {
    "run": "text",
    "name": "text",
    "status": "text",
    "started": "time",
    "epochs": "number",
    "seconds": "number",
    "parameters": "number",
    "seed": "number",
    "task": "text",
}
"""What there is beside scores, which are numbers."""
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
EXPRESSION = re.compile(r"\s*(.+?)\s*(==|!=|>=|<=|=|>|<)\s*(.*?)\s*", re.DOTALL)
SPLITS = ("training.", "validation.", "test.")


@dataclass(frozen=True)
class Condition:
    """One `--filter`."""

    key: str
    sign: str
    value: str | float | datetime

    def holds(self, row: RunRow) -> bool:
        """Whether a run is one of those; one that has no such value is not."""
        found = row.value(self.key)
        if found is None:
            return False
        if self.sign in ORDER:
            return ORDER[self.sign](found, self.value)
        if isinstance(self.value, str):
            text = found.isoformat(" ", "seconds") if isinstance(found, datetime) else str(found)
            same = fnmatchcase(text, self.value)
        else:
            same = found == self.value
        return same == (self.sign == "=")


def filtered(rows: Sequence[RunRow], expressions: Sequence[str]) -> list[RunRow]:
    """The runs that meet every expression.

    Args:
        rows: The runs.
        expressions: Each a key, one of `=`, `!=`, `<`, `<=`, `>`, `>=`, and a value; `*` in a text stands for
            any characters.

    Raises:
        UsageError: An expression is none, or names what no run has.
    """
    conditions = [_condition(text, rows) for text in expressions]
    return [row for row in rows if all(condition.holds(row) for condition in conditions)]


def ordered(rows: Sequence[RunRow], key: str) -> list[RunRow]:
    """The runs by a key, the highest last, or first with a `-` before it; those without it come first of all.

    Raises:
        UsageError: There is no such key.
    """
    name = key.removeprefix("-")
    _check(name, rows, f"--sort {key}")

    def of(row: RunRow) -> tuple[bool, Any]:
        value = row.value(name)
        return (value is not None, value.lower() if isinstance(value, str) else value)

    known = sorted((row for row in rows if of(row)[0]), key=of, reverse=key != name)
    return [*(row for row in rows if not of(row)[0]), *known]


def _condition(text: str, rows: Sequence[RunRow]) -> Condition:
    found = EXPRESSION.fullmatch(text)
    if found is None:
        message = "compares nothing: write a key, one of =, !=, <, <=, > and >=, and a value, such as"
        raise _wrong(f"--filter {text}", f"{message} 'test.accuracy>0.9'")
    key, sign, value = found[1], found[2].replace("==", "="), found[3]
    where = f"--filter {text}"
    _check(key, rows, where)
    kind = KINDS.get(key, "number")
    if kind == "number":
        return Condition(key, sign, _number(value, key, where))
    if kind == "time":
        return Condition(key, sign, f"{value}*" if sign in {"=", "!="} else _time(value, where))
    if sign in ORDER:
        raise _wrong(where, f"'{key}' is text, for which there are = and != alone")
    states = get_args(Status)
    if key == "status" and value not in states and "*" not in value:
        raise _wrong(
            where, f"there is no status '{value}'{did_you_mean(value, states)}; they are {listing(states)}"
        )
    return Condition(key, sign, value.replace("[", "[[]"))


def _number(value: str, key: str, where: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise _wrong(where, f"'{key}' is a number, and '{value}' is none") from None


def _time(value: str, where: str) -> datetime:
    try:
        return datetime.fromisoformat(value).astimezone()
    except ValueError:
        message = f"'{value}' is no time; write 2026-11-21, or 2026-11-21T18:30"
        raise _wrong(where, message) from None


def _check(key: str, rows: Sequence[RunRow], where: str) -> None:
    """Refuse a key that no run has; before there is any score, each may be one.

    Raises:
        UsageError: There is no such key.
    """
    scores = score_names(rows)
    if key in KINDS or key in scores or (not scores and key.startswith(SPLITS)):
        return
    known = [*KINDS, *scores]
    raise _wrong(where, f"no run has '{key}'{did_you_mean(key, known)}; there are {listing(known, 20)}")


def _wrong(where: str, message: str) -> UsageError:
    return UsageError(Problem(f"{where}: {message}", id="filter"))
