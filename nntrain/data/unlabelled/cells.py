"""Cells of some rows as a table of the run's columns, and which of them the run can't use."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from nntrain.arrays import Values
from nntrain.data.csv_sheet import parse
from nntrain.data.dataset import Array, Index, Table, missing_values
from nntrain.data.prepare.fitted import Fitted
from nntrain.data.prepare.numbers import Numbers, below_zero
from nntrain.data.prepare.tables import FittedTable
from nntrain.data.prepare.texts import Texts as Categories
from nntrain.data.prepare.words import Words
from nntrain.data.streaming.features import chunk_rows
from nntrain.data.tables import arrow, words
from nntrain.data.tables.build import selected
from nntrain.data.tables.cells import FLOAT32_MAX
from nntrain.data.texts.vocabulary import Vocabulary
from nntrain.data.unlabelled.chunk import Chunk, Fault, sifted
from nntrain.errors import Location, Problem, did_you_mean, listing

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Wanted:
    """The columns that a run reads."""

    order: tuple[str, ...]
    texts: Collection[str]
    dates: Collection[str]


@dataclass(frozen=True)
class Read:
    """Cells of some rows as they were read."""

    wanted: Wanted
    """The columns."""
    first: int
    """Row number in the input of the first, from 0."""
    rows: int
    plain: Mapping[str, NDArray[np.float64]]
    """Columns of plain numbers; NaN where a cell is missing."""
    texts: Mapping[str, Any]
    """The other columns, Arrow arrays of trimmed texts; null where a cell is missing."""
    where: Callable[[int, str], Location]
    """The place of a cell, by its position and column."""
    faults: Sequence[Fault] = field(default_factory=list)
    """Rows that could not be read."""


def prepared(fitted: Mapping[str, Fitted], read: Read, skip: bool) -> Iterator[Chunk]:
    """The rows as the model takes them, in portions that fit into memory however wide they become.

    Args:
        fitted: What the run's training rows taught, by input.
        read: The cells.
        skip: Whether bad rows are left out.

    Raises:
        DataError: A row is no good, and such are not to be left out.
    """
    table, faults = _table(read)
    yield from of_table(fitted, table, [*read.faults, *faults], skip)


def of_table(
    fitted: Mapping[str, Fitted], table: Table, faults: Sequence[Fault], skip: bool
) -> Iterator[Chunk]:
    """The rows of a table as the model takes them, in portions.

    Raises:
        DataError: A row is no good, and such are not to be left out.
    """
    step = chunk_rows(row_bytes(fitted))
    for start in range(0, len(table), step):
        stop = min(start + step, len(table))
        part = table if step >= len(table) else table.take(np.arange(start, stop))
        own = [fault.part(start, stop) for fault in faults]
        yield _of_part(fitted, part, [fault for fault in own if fault.rows.any()], skip)


def row_bytes(fitted: Mapping[str, Fitted]) -> int:
    """What a prepared row takes, nearly."""
    widths = [
        state.steps.length or len(state.words) if isinstance(state, Vocabulary) else len(state.columns)
        for state in fitted.values()
    ]
    return 4 * max(1, sum(widths))


def _of_part(fitted: Mapping[str, Fitted], table: Table, faults: Sequence[Fault], skip: bool) -> Chunk:
    """A portion of them.

    Raises:
        DataError: A row is no good, and such are not to be left out.
    """

    def prepare(rows: Index) -> Mapping[str, Values]:
        part = table if len(rows) == len(table) else table.take(rows)
        return {
            name: cast(Fitted, state).apply(
                selected(part, state.order, as_rows=isinstance(state, Vocabulary))
            )
            for name, state in fitted.items()
            if isinstance(state, FittedTable | Vocabulary)
        }

    return sifted(table.index, faults, prepare, lambda: [*_unfit(fitted, table)], skip)


def _table(read: Read) -> tuple[Table, list[Fault]]:
    """The columns as numbers and texts, and the cells that are neither."""
    numeric: dict[str, NDArray[np.float64]] = {}
    categorical: dict[str, NDArray[np.object_]] = {}
    faults: list[Fault] = []
    wanted = read.wanted
    for name in wanted.order:
        if name in read.plain:
            numeric[name] = read.plain[name]
        elif name in wanted.texts:
            categorical[name] = arrow.texts(read.texts[name])
        elif name in wanted.dates:
            numeric[name], bad = _days(arrow.texts(read.texts[name]))
            faults += [_no_date(read, name, bad)] if bad.any() else []
        else:
            numeric[name], bad = _numbers(read.texts[name])
            faults += [_no_number(read, name, bad)] if bad.any() else []

    def where(row: int, column: str) -> Location:
        return read.where(row - read.first, column)

    index = np.arange(read.first, read.first + read.rows)
    return Table(numeric, categorical, wanted.order, index, where), faults


def _numbers(column: Any) -> tuple[NDArray[np.float64], Mask]:
    """Texts as numbers, truth values as 0 and 1; and which are no number that 32 bits can hold."""
    numbers, bad = parse(column)
    if bad.any():
        texts = arrow.texts(column)
        truth = words.truth_words({*texts[bad]}) if np.isnan(numbers).all() else None
        if truth is not None:
            return np.array([np.nan if text is None else truth[text] for text in texts]), ~bad & False
    with np.errstate(invalid="ignore"):
        bad |= np.abs(numbers) > FLOAT32_MAX
    numbers[bad] = np.nan
    return numbers, bad


def _days(texts: Array) -> tuple[NDArray[np.float64], Mask]:
    """Dates as days since 1970; and which are none, or have a zone where the first has none."""
    days, bad = np.full(len(texts), np.nan), np.zeros(len(texts), bool)
    rest = np.arange(len(texts))
    while len(rest):
        found, wrong = words.days(texts[rest])
        stop = len(rest) if wrong is None else wrong
        days[rest[:stop]] = found[:stop]
        bad[rest[stop : stop + 1]] = True
        rest = rest[stop + 1 :]
    return days, bad


def _no_number(read: Read, name: str, bad: Mask) -> Fault:
    def told(row: int) -> Problem:
        cell = str(read.texts[name][row])
        try:
            size = "not a finite number" if not np.isfinite(float(cell)) else "more than 32 bits can hold"
        except ValueError:
            size = "not a number"
        message = f"column '{name}': '{cell}' is {size}; the run was trained on numbers here"
        word = "not_a_number" if size == "not a number" else "too_large_a_number"
        return Problem(message, location=read.where(row, name), id=word)

    return Fault(bad, told, column=name)


def _no_date(read: Read, name: str, bad: Mask) -> Fault:
    def told(row: int) -> Problem:
        cell = str(read.texts[name][row])
        what = "is no date" if words.moment(cell) is None else words.mixed_zones(cell)
        message = f"column '{name}': '{cell}' {what}; write dates as 2026-01-31 or 2026-01-31T12:00"
        return Problem(message, location=read.where(row, name), id="not_a_date")

    return Fault(bad, told, column=name)


def _unfit(fitted: Mapping[str, Fitted], table: Table) -> Iterator[Fault]:
    """Cells that can be read and not be prepared."""
    for state in fitted.values():
        if isinstance(state, Vocabulary):
            yield from _empty(table, state.order[0], state)
        if not isinstance(state, FittedTable):
            continue
        for name, steps in state.steps.items():
            if isinstance(steps, Words):
                yield from _empty(table, name, steps.vocabulary)
                continue
            if not steps.fills:
                yield from _missing(table, name, isinstance(steps, Numbers))
            if isinstance(steps, Numbers):
                yield from _negative(table, name, steps)
            elif steps.steps.unknown == "error" and steps.steps.encode != "hashing":
                yield from _unknown(table, name, steps)


def _problem(table: Table, row: int, name: str, message: str, id: str) -> Problem:
    location, words = table.place(row, name)
    return Problem(f"column '{name}'{words}: {message}", location=location, id=id)


def _missing(table: Table, name: str, numeric: bool) -> Iterator[Fault]:
    bad = missing_values(table.numeric[name] if numeric else table.categorical[name])
    if bad.any():
        key = f"data.preprocess.{'numeric' if numeric else 'categorical'}.impute"
        message = f"the value is missing, and the run has none to fill in; write one, or train with {key}"
        yield Fault(bad, lambda row: _problem(table, row, name, message, "missing_value"), column=name)


def _negative(table: Table, name: str, steps: Numbers) -> Iterator[Fault]:
    bad = below_zero(table.numeric[name], steps.steps)
    if bad is not None:
        key = f"data.preprocess.columns.{name}.clip: [0, null]"

        def told(row: int) -> Problem:
            value = f"{table.numeric[name][row]:g}"
            message = f"{value} is below 0, and 'log' takes none; mend it, or train with {key}"
            return _problem(table, row, name, message, "negative_number")

        yield Fault(bad, told)


def _unknown(table: Table, name: str, steps: Categories) -> Iterator[Fault]:
    texts, known = table.categorical[name], {*steps.categories, None}
    bad = np.fromiter((text not in known for text in texts.tolist()), bool, len(texts))
    if bad.any():
        own = (
            f"columns.{name}.unknown: own"
            if steps.steps.encode == "ordinal"
            else "categorical.unknown: zeros"
        )

        def told(row: int) -> Problem:
            near = did_you_mean(str(texts[row]), steps.categories)
            message = (
                f"no training row has '{texts[row]}'{near}; known are {listing(steps.categories)}; "
                f"mend it, or train with data.preprocess.{own} to let such texts pass"
            )
            return _problem(table, row, name, message, "unknown_category")

        yield Fault(bad, told)


def _empty(table: Table, name: str, vocabulary: Vocabulary) -> Iterator[Fault]:
    if vocabulary.steps.empty == "error":
        texts = table.categorical[name]
        bad = np.fromiter((not text or text.isspace() for text in texts.tolist()), bool, len(texts))
        if bad.any():
            message = "the text is empty, and the run was trained without empty texts"
            yield Fault(bad, lambda row: _problem(table, row, name, message, "empty_text"))
