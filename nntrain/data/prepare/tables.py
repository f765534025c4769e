"""A table as one float32 matrix: each number a column, each text its categories, bins, number or words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from nntrain.config.data import Preprocess
from nntrain.config.data_preprocess import Kind
from nntrain.data.dataset import Array, Features, Table, missing_values
from nntrain.data.files import check_memory
from nntrain.data.prepare import numbers
from nntrain.data.prepare.numbers import Numbers
from nntrain.data.prepare.statistics import Measuring, blocks
from nntrain.data.prepare.texts import Counting, Texts, read_texts
from nntrain.data.prepare.unfit import gaps, negatives
from nntrain.data.prepare.words import Words, WordsOf, read_words
from nntrain.errors import DataError, Problem, listing

FEWEST_ROWS = 8192
"""Of a block: with fewer, calling NumPy takes longer than what it computes."""

Steps = Numbers | Texts | Words
"""Of one column."""


@dataclass(frozen=True)
class FittedTable:
    """What was learnt from the training rows of a table, column by column."""

    rows: int
    steps: Mapping[str, Steps]
    """By feature column, in the file's order."""

    @property
    def order(self) -> tuple[str, ...]:
        """The feature columns that are read."""
        return tuple(self.steps)

    @property
    def texts(self) -> tuple[str, ...]:
        """Those that hold texts."""
        return tuple(name for name, steps in self.steps.items() if not isinstance(steps, Numbers))

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the prepared columns, as `age`, `age missing` or `color=red`."""
        return tuple(column for name in self.steps for column in self._columns_of(name))

    @property
    def notes(self) -> tuple[str, ...]:
        """Columns that do not vary, and numbers beyond the range that was declared."""
        constant = [name for name, steps in self.steps.items() if steps.constant]
        found = [f"columns with one value in the training rows: {listing(constant)}"] if constant else []
        of_range: dict[tuple[float, float] | None, dict[str, Numbers]] = {}
        for name, steps in self.steps.items():
            if isinstance(steps, Numbers) and numbers.beyond([steps]):
                of_range.setdefault(steps.steps.range, {})[name] = steps
        for group in of_range.values():
            found.append(f"{numbers.beyond(list(group.values()))}: {listing(group)}")
        told = (note for steps in self.steps.values() if isinstance(steps, Words) for note in steps.notes)
        return (*found, *told)

    def _columns_of(self, name: str) -> tuple[str, ...]:
        steps = self.steps[name]
        own = (name,) if isinstance(steps, Numbers) else steps.columns
        return (*own, f"{name} missing") if _flagged(steps) else own

    def _places(self) -> Iterator[tuple[str, int, int]]:
        """Each feature column with its first prepared column, and the one after its last."""
        start = 0
        for name in self.steps:
            stop = start + len(self._columns_of(name))
            yield name, start, stop
            start = stop

    def apply(self, features: Features) -> Array:
        """A matrix of shape `(rows, columns)`, float32.

        Raises:
            DataError: A category is unknown, a value is missing or below 0 where that is an error, or a
                result is too large for 32 bits.
        """
        assert isinstance(features, Table)
        self._refuse_unfit(features)
        width = len(self.columns)
        check_memory(len(features) * width * 4, f"{len(features)} rows of {width} prepared columns take")
        out = np.zeros((len(features), width), np.float32)
        self._write_numbers(features, out)
        for name, start, stop in self._places():
            steps = self.steps[name]
            if _flagged(steps):
                stop -= 1
                kind = features.numeric if isinstance(steps, Numbers) else features.categorical
                out[:, stop] = missing_values(kind[name])
            if not isinstance(steps, Numbers):
                steps.write(features, out[:, start:stop])
        return out

    def _write_numbers(self, table: Table, out: Array) -> None:
        """Block by block rather than column by column: the rows of a block stay in the cache."""
        places = [
            (steps, table.numeric[name], start)
            for name, start, _ in self._places()
            if isinstance(steps := self.steps[name], Numbers)
        ]
        if not places:
            return
        span = slice(places[0][-1], places[-1][-1] + 1)  # what else lies there holds zeros so far
        with np.errstate(over="ignore"):
            for rows in blocks(len(table), out.shape[1], FEWEST_ROWS):
                block = out[rows]
                for steps, values, column in places:
                    block[:, column] = steps.prepared(values[rows])
                if not np.isfinite(block[:, span]).all():
                    raise self._too_large(table, block, rows.start)

    def _too_large(self, table: Table, block: Array, start: int) -> DataError:
        position = int(np.isfinite(block).all(axis=0).argmin())
        at = start + int(np.isfinite(block[:, position]).argmin())
        name = next(name for name, first, _ in self._places() if first == position)
        location, row = table.place(at, name)
        value = table.numeric[name][at]
        message = f"column '{name}': {value:g}{row} is more than a 32-bit number can hold once scaled"
        return DataError(Problem(message, location=location, id="not_finite"))

    def _refuse_unfit(self, table: Table) -> None:
        unfilled: dict[str, Kind] = {
            name: "numeric" if isinstance(steps, Numbers) else "categorical"
            for name, steps in self.steps.items()
            if not steps.fills
        }
        settings = {name: steps.steps for name, steps in self.steps.items() if isinstance(steps, Numbers)}
        problems = [*gaps(table, unfilled, trained=True), *negatives(table, settings, trained=True)]
        if problems:
            raise DataError(*problems)

    def to_json(self) -> dict[str, Any]:
        """`rows`, and `columns`: one mapping each, with settings and findings."""
        columns = [
            {"name": name, "kind": _kind(steps)}
            | (numbers.without_lists(steps.to_json()) if isinstance(steps, Numbers) else steps.to_json())
            for name, steps in self.steps.items()
        ]
        return {"kind": "table", "rows": self.rows, "columns": columns}


def read_table(document: Mapping[str, Any]) -> FittedTable:
    """What `FittedTable.to_json` wrote.

    Raises:
        KeyError, TypeError, ValueError: It did not write that.
    """
    steps: dict[str, Steps] = {}
    for column in document["columns"]:
        name = column["name"]
        if column["kind"] == "numeric":
            steps[name] = numbers.read(numbers.with_lists(column))
        elif column["kind"] == "text":
            steps[name] = read_words(name, document["rows"], column)
        else:
            steps[name] = read_texts(name, column)
    return FittedTable(document["rows"], steps)


def _flagged(steps: Steps) -> bool:
    return bool(steps.flagged.size) if isinstance(steps, Numbers) else steps.flagged


def _kind(steps: Steps) -> str:
    if isinstance(steps, Words):
        return "text"
    return "numeric" if isinstance(steps, Numbers) else "categorical"


class TableFitting:
    """What training rows teach, in the making: they are added in tables of any length."""

    def __init__(self, settings: Preprocess) -> None:
        self._settings = settings
        self._rows = 0
        self._columns: dict[str, Measuring | Counting | WordsOf] = {}

    def add(self, table: Table) -> None:
        """Take in rows that `check_table` has seen.

        Where all values of a column are needed in the end (medians, quartiles, most frequent values), the
        table's own are kept, not a copy: they must not change before the result.
        """
        self._rows += len(table)
        for name in table.order:
            if name not in self._columns:
                self._columns[name] = self._begun(name, name in table.numeric)
            column = self._columns[name]
            if isinstance(column, Measuring):
                column.add(table.numeric[name])
            else:
                column.add(table.categorical[name])

    def _begun(self, name: str, numeric: bool) -> Measuring | Counting | WordsOf:
        if numeric:
            return Measuring(1, self._settings.numeric_of(name))
        if name in self._settings.texts:
            return WordsOf(name, self._settings.texts[name])
        key_of = partial(self._settings.key_of, name, "categorical")
        return Counting(name, self._settings.categorical_of(name), key_of)

    def result(self) -> FittedTable:
        """What all rows taught; to be called once.

        Raises:
            DataError: A column to be filled has no value in the training rows, or too many categories.
        """
        columns = self._columns.items()
        if empty := [
            _empty(name, column.steps.impute, self._settings)
            for name, column in columns
            if isinstance(column, Measuring) and isinstance(column.steps.impute, str) and len(column.empty)
        ]:
            raise DataError(*empty)
        steps = {
            name: Numbers(column.steps, column.result()) if isinstance(column, Measuring) else column.result()
            for name, column in columns
        }
        return FittedTable(self._rows, steps)


def _empty(name: str, impute: str, settings: Preprocess) -> Problem:
    message = (
        f"no training row has a value of '{name}', so there is no {impute} to fill in; "
        "drop the column, or impute a number"
    )
    return Problem(message, settings.key_of(name, "numeric", "impute"), id="empty_column")
