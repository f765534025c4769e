"""All findings of a data set: cheaply when training starts, thoroughly for `nntrain check --data`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from nntrain.data.findings import classes, near, rows
from nntrain.data.findings.columns import constants, gaps, identifiers, stand_ins
from nntrain.data.findings.finding import Finding, by_severity
from nntrain.data.findings.giveaways import giveaways
from nntrain.data.findings.shift import shifts
from nntrain.data.findings.view import View

Look = Callable[[View], tuple[Finding, ...]]

QUICK_ROWS = 5_000
"""Rows of a split on which columns are compared when training starts."""
QUICK_COLUMNS = 100
"""Columns that are then compared."""
QUICK_WORK = 400_000_000
"""Bytes of rows that are then compared as wholes: floats count four times, and a row 250 more."""
TOLD = 5
"""Findings that are then told."""


def thorough(view: View) -> tuple[Finding, ...]:
    """Everything that can be found; example rows are looked up in their file."""
    view = replace(view, locate=True)
    keys = rows.row_keys(view)
    return _sorted(
        [
            *giveaways(view),
            *rows.in_two_splits(view, keys),
            *near.near_rows(view, keys),
            *classes.order(view),
            *classes.absent(view),
            *shifts(view),
            *rows.under_two_labels(view, keys),
            *identifiers(view),
            *stand_ins(view),
            *constants(view),
            *gaps(view),
            *rows.within(view, keys),
            *not_compared(view),
        ]
    )


def not_compared(view: View) -> Iterator[Finding]:
    """A word on what is not looked for among rows that stay in their file, being too many to be kept."""
    if not near.all_held(view):
        held, total = len(view.train.held), len(view.train)
        yield Finding(
            "rows_in_their_file",
            "note",
            f"the rows stay in their file, and columns are compared on {held:,} of {total:,} training rows",
            "rows that are nearly the same, and labels in another order, are not looked for: "
            "data.streaming: false does, where the rows fit in memory",
            figures={"rows": held, "of": total},
        )


def quick(view: View) -> tuple[Finding, ...]:
    """What is found within a second: a fifth of one on 60,000 rows of 784 bytes.

    Columns are compared on 5,000 rows, evenly spread, and only the first 100 columns. Whole rows are compared
    with one another up to a size: 380,000 rows of 784 bytes are, or 330,000 of 30 numbers. Rows beyond it,
    rows that are nearly the same, and the order of classes are left to `thorough`.
    """
    view = replace(view, most_rows=QUICK_ROWS, most_columns=QUICK_COLUMNS)
    keys = rows.row_keys(view) if rows.work(view) <= QUICK_WORK else None
    whole = [] if keys is None else [*rows.in_two_splits(view, keys), *rows.under_two_labels(view, keys)]
    return _sorted(
        [
            *giveaways(view),
            *whole,
            *classes.absent(view),
            *shifts(view),
            *identifiers(view),
            *stand_ins(view),
            *constants(view),
        ]
    )


def _sorted(findings: list[Finding]) -> tuple[Finding, ...]:
    """The gravest first; a column that names the rows differs between splits by its nature."""
    names = {finding.columns for finding in findings if finding.id == "identifier_column"}
    kept = [f for f in findings if f.id != "shifted_columns" or f.columns not in names]
    return by_severity(kept)


def notes(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """Leaks and warnings as the notes of a run, the first five, and where to see the others."""
    told = [finding for finding in findings if finding.severity != "note"]
    lines = [f"{finding.severity}: {finding.message}" for finding in told[:TOLD]]
    rest = len(told) - len(lines)
    if rest:
        lines.append(f"{rest} more finding{'s' if rest > 1 else ''}: nntrain check CONFIG --data shows all")
    return tuple(lines)
