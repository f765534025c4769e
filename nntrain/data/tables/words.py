"""Texts that stand for numbers: truth values, dates and times."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]
PAIRS = ({"false": 0.0, "true": 1.0}, {"no": 0.0, "yes": 1.0})
"""Words for truth values; a column holds those of one pair, in whatever case."""
DATE = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$"
"""How a date or a time looks: ISO 8601."""
OTHER_DATE = r"^\d{1,2}[./-]\d{1,2}[./-](\d\d|\d{4})$"
"""How dates look that are written otherwise; which number is the day, the text does not tell."""
COMMAS = r"^[+-]?\d+(,\d+)?$"
"""How numbers with a decimal comma look; those that are whole have none."""
DAY = 86_400.0
"""Seconds."""


def truth_words(distinct: set[str]) -> dict[str, float] | None:
    """What each of a column's words stands for; None where they are not those of one pair."""
    for pair in PAIRS:
        if distinct and all(word.lower() in pair for word in distinct):
            return {word: pair[word.lower()] for word in distinct}
    return None


def days(texts: Texts) -> tuple[NDArray[np.float64], int | None]:
    """Days since 1970-01-01 and which text is the first that can't be read.

    Args:
        texts: Dates and times, shape `(rows,)`; None where missing. A zone is taken into account.

    Returns:
        Numbers of the same shape, NaN where missing; and the position of the first text that is no date, or
        is written with a zone where the first has none (or the other way round). None if all are fine.
    """
    known: dict[str, float] = {}
    zoned: bool | None = None
    found = np.full(len(texts), np.nan)
    for i, text in enumerate(texts):
        if text is None:
            continue
        if text not in known:
            found_at = moment(text)
            if found_at is None or (zoned is not None and zoned != (found_at.tzinfo is not None)):
                return found, i
            zoned = found_at.tzinfo is not None
            known[text] = found_at.replace(tzinfo=found_at.tzinfo or UTC).timestamp() / DAY
        found[i] = known[text]
    return found, None


def moment(text: str) -> datetime | None:
    """The time that a text names; None if it names none."""
    if not re.match(DATE, text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def mixed_zones(text: str) -> str:
    """What is wrong with a time that has a zone where the others have none, or the reverse."""
    zoned = (found := moment(text)) is not None and found.tzinfo is not None
    return (
        "has a zone and the cells before have none" if zoned else "has no zone and the cells before have one"
    )
