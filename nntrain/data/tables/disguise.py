"""Columns of texts that are numbers or dates in a spelling that is not read as such.

Taken for categories, each of them would become a column of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from nntrain.data.tables import words
from nntrain.data.tables.cells import SHOWN_PROBLEMS, Cells
from nntrain.errors import DataError, Problem

UNIT = re.compile(r"[+-]?\d+(?:\.\d+)?(\s?[^\d\s.,:/-]{1,6})")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
FEWEST_UNITS = 10
"""Texts with a unit below which they may well be categories, such as `5 doors`."""


def check_disguise(cells: Cells, features: Sequence[str], targets: Sequence[str]) -> None:
    """Refuse dates that nothing says how to read, and numbers with a decimal comma.

    Args:
        cells: The table.
        features: Its columns of texts that are features, those left out that are to be read as texts.
        targets: The same of targets, whose dates are nobody's business.

    Raises:
        DataError: With the first cell of each such column.
    """
    problems = [problem for name in features for problem in _date(cells, name)]
    for name in [*features, *targets]:
        problems += comma(cells, name, otherwise=f", or read them as texts with data.categorical: [{name}]")
    if problems:
        raise DataError(*problems[:SHOWN_PROBLEMS])


def _date(cells: Cells, name: str) -> list[Problem]:
    first = cells.date_in(name)
    other = None if first is not None else cells.alike(name, words.OTHER_DATE)
    if first is not None:
        message = f"column '{name}' holds dates such as '{first}'; read it as days since 1970 with "
        message += f"data.dates: [{name}], as texts with data.categorical, or leave it out with data.drop"
    elif other is not None:
        message = f"column '{name}' holds dates such as '{other}'; write them as 2026-01-31 and read them "
        message += f"with data.dates: [{name}], or leave the column out with data.drop"
    else:
        return []
    return [Problem(message, location=cells.where(0, name) if cells.where else None, id="dates")]


def comma(cells: Cells, name: str, *, otherwise: str = "") -> list[Problem]:
    """That a column of texts holds numbers with a decimal comma; nothing if it does not.

    Args:
        cells: The table.
        name: The column.
        otherwise: What else could be done.
    """
    if cells.alike(name, words.COMMAS) is None:
        return []
    found = ((i, text) for i, text in enumerate(cells.texts(name)) if text and "," in text)
    row, text = next(found, (None, None))
    if row is None:
        return []
    message = f"column '{name}' holds numbers with a decimal comma, such as '{text}'; write them with a point"
    where = cells.where(row, name) if cells.where else None
    return [Problem(message + otherwise, location=where, id="decimal_comma")]


def spelling(texts: Collection[str]) -> Iterator[str]:
    """How numbers are written that were taken for categories; nothing where these are none.

    Args:
        texts: The categories.
    """
    if len(texts) < FEWEST_UNITS:
        return
    units = {found[1].strip() if (found := UNIT.fullmatch(text)) else None for text in texts}
    if len(units) == 1 and None not in units:
        yield f"with '{units.pop()}' behind them"
    elif all(map(THOUSANDS.fullmatch, texts)):
        yield "with ',' between the thousands"
