"""Edits of a config that findings suggest, by what it has already."""

from __future__ import annotations

from typing import Any

from nntrain.run.page.course import Course, Edit, Outcome

FASTER, SLOWER = 10.0, 0.1
"""What a learning rate is multiplied by."""


def balance(course: Course, outcome: Outcome) -> Edit | None:
    """Let every class count the same, by what is not in use yet."""
    if outcome.task != "classification" or outcome.output:
        return None
    if course.training.get("class_weight") is None and course.training.get("resample") is None:
        return Edit(("training", "class_weight"), "balanced")
    if course.training.get("resample") is None:
        return Edit(("training", "resample"), "over")
    return None


def rate(course: Course, factor: float) -> Edit | None:
    """The same optimizer with another learning rate; of a schedule, with another one to begin with."""
    known = course.training.get("optimizer")
    wanted: dict[str, Any] = dict(known) if isinstance(known, dict) else {"type": known}
    given = wanted.get("learning_rate", course.rate)
    if isinstance(given, dict):
        begin = given.get("initial_learning_rate")
        if not isinstance(begin, (int, float)):
            return None
        wanted["learning_rate"] = {**given, "initial_learning_rate": _round(begin * factor)}
    elif isinstance(given, (int, float)) and isinstance(wanted.get("type"), str):
        wanted["learning_rate"] = _round(given * factor)
    else:
        return None
    return Edit(("training", "optimizer"), wanted)


def _round(rate: float) -> float:
    return float(f"{rate:.3g}")
