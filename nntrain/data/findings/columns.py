"""Columns of which little can be learnt: with gaps, with one value, or with another value in every row."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array
from nntrain.data.findings.finding import Finding
from nntrain.data.findings.kept import Told
from nntrain.data.findings.view import Column, View, columns_text
from nntrain.data.profile import ID_NAME
from nntrain.errors import listing

MANY_GAPS = 0.5
"""A column with a larger share of gaps than this is a warning."""
UNEVEN_GAPS = 0.1
"""So is one whose shares of gaps differ by more than this between splits."""
ALMOST_EVERY = 0.95
"""Texts that differ in a larger share of the rows than this identify rows."""
FEWEST_ROWS = 20
STAND_INS = (-99, -999, -9999, -99999, 99, 999, 9999, 99999)
"""Numbers that are written where a value is missing."""
FEWEST_STAND_INS = 3


def gaps(view: View) -> Iterator[Finding]:
    """Missing values: the columns that have any in one note, those with many one by one."""
    few: list[tuple[str, int]] = []
    total = len(view.train)
    first: tuple[Column, int] | None = None
    for column in view.columns:
        missing = {split: column.told(split) for split in view.parts}
        counts = {split: found.gaps for split, found in missing.items()}
        if not any(counts.values()):
            continue
        shares = {split: counts[split] / len(view.parts[split]) for split in counts}
        if _uneven(view, shares) or shares["train"] > MANY_GAPS:
            yield _many_gaps(view, column, missing, shares)
        elif counts["train"]:
            few.append((column.name, counts["train"]))
            first = first or (column, missing["train"].first[0])
    if first is not None:
        names = tuple(name for name, _ in few)
        told = listing([f"'{name}' {count:,}" for name, count in few], 6)
        yield Finding(
            "missing_values",
            "note",
            f"values are missing in {len(few)} column{'s' if len(few) > 1 else ''} of {total:,} training "
            f"rows: {told}",
            "data.preprocess says what stands in for them",
            names,
            (view.place("train", first[1], first[0].name),),
            figures={"columns": len(few), "values": sum(count for _, count in few)},
        )


def _uneven(view: View, shares: dict[str, float]) -> bool:
    """Whether gaps are far more frequent in one split, and not by chance."""
    for split in view.held_out:
        gap = abs(shares[split] - shares["train"])
        share = (shares[split] + shares["train"]) / 2
        error = np.sqrt(share * (1 - share) * (1 / len(view.train) + 1 / len(view.parts[split])))
        if gap > max(UNEVEN_GAPS, 5 * error):
            return True
    return False


def _many_gaps(view: View, column: Column, missing: dict[str, Told], shares: dict[str, float]) -> Finding:
    shown = [f"{100 * share:.3g} % of the {_rows(split)}" for split, share in shares.items()]
    told = " and ".join([*([", ".join(shown[:-1])] if shown[:-1] else []), shown[-1]])
    worst = max(shares, key=lambda split: shares[split])
    uneven = _uneven(view, shares)
    return Finding(
        "uneven_missing_values" if uneven else "many_missing_values",
        "warning",
        f"{columns_text([column])} is empty in {told}",
        "the splits were not made alike: find out where they come from"
        if uneven
        else f"what stands in for them outweighs what is known: {view.leave_out([column.name])}",
        (column.name,),
        view.places(worst, missing[worst].first, column.name),
        figures={split: round(share, 6) for split, share in shares.items()},
    )


def _rows(split: str) -> str:
    return "training rows" if split == "train" else f"{split} rows"


def constants(view: View) -> Iterator[Finding]:
    """Columns with one value in all training rows."""
    found = [column for column in view.columns if column.is_constant]
    if not found or len(view.train) < 2:
        return
    names = tuple(column.name for column in found)
    array = found[0].feature is not None
    one = len(found) == 1
    value = found[0].parts["train"][0]
    empty = value is None or value != value
    known = "empty" if empty else f"'{value}'" if isinstance(value, str) else f"{value:g}"
    is_one = f"is {known}" if one else "hold one value each"
    yield Finding(
        "constant_columns",
        "note" if array else "warning",
        f"{columns_text(found)} {is_one} in all {len(view.train):,} training rows",
        f"nothing can be learnt from {'it' if one else 'them'}"
        + (", which does no harm" if array else f": {view.leave_out(names)}"),
        names,
        view.places("train", [0], names[0]),
        figures={"columns": len(found)},
    )


def stand_ins(view: View) -> Iterator[Finding]:
    """Columns of a table in which a number such as -999 stands for a missing one, far from all others."""
    rows = view.sample("train")
    positions = np.arange(len(view.train))[rows]
    for column in view.columns:
        if column.is_text or column.feature is not None:
            continue
        values = column.part("train", rows)
        for number in STAND_INS:
            here = values == number
            others = values[~here & ~np.isnan(values)]
            if here.sum() < FEWEST_STAND_INS or len(others) < FEWEST_ROWS:
                continue
            low, high = others.min(), others.max()
            if max(low - number, number - high) > 2 * (high - low):
                told = f"is {number} in {int(here.sum()):,} of {len(values):,} training rows"
                yield Finding(
                    "stand_in",
                    "warning",
                    f"column '{column.name}' {told}, and from {low:.4g} to {high:.4g} in all others",
                    "if that means that the value is missing, empty those cells (or add it to "
                    "data.missing) and let data.preprocess.numeric.impute fill them",
                    (column.name,),
                    view.places("train", positions[here], column.name),
                    figures={"value": number, "rows": int(here.sum())},
                )


def identifiers(view: View) -> Iterator[Finding]:
    """Columns that number or name the rows."""
    if len(view.train) < FEWEST_ROWS:
        return
    rows = view.sample("train")
    positions = np.arange(len(view.train))[rows]
    for column in view.columns:
        values = column.part("train", rows)
        count, distinct = len(values), _distinct(values)
        if column.feature is not None or not _names_rows(column, values, view.train.index[rows], distinct):
            continue
        seen = f"training rows{'' if isinstance(rows, slice) else ' looked at'}"
        every = (
            f"each of the {count:,} {seen} has"
            if distinct == count
            else f"{distinct:,} of {count:,} {seen} have"
        )
        own = f"a {'text' if column.is_text else 'number'} of {'its' if distinct == count else 'their'} own"
        yield Finding(
            "identifier_column",
            "warning",
            f"column '{column.name}' names the rows: {every} {own}",
            f"new rows have other ones, so that nothing useful is learnt from it: "
            f"{view.leave_out([column.name])}",
            (column.name,),
            view.places("train", positions, column.name),
            figures={"distinct": distinct, "rows": count},
        )


def _names_rows(column: Column, values: Array, index: NDArray[np.int64], distinct: int) -> bool:
    """Whether a column's values are made to tell rows apart.

    Numbers are where they are whole, all different, and have such a name or rise with the rows.
    """
    if column.is_text:
        return not column.in_words and distinct >= ALMOST_EVERY * len(values)
    if distinct < len(values) or not (values == np.floor(values)).all():
        return False
    steps = values - index
    return bool(ID_NAME.search(column.name)) or bool((steps == steps[0]).all())


def _distinct(values: Array) -> int:
    if values.dtype == object:
        return len(set(values) - {None})
    return len(np.unique(values[~np.isnan(values)]))
