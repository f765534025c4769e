"""From cells to rows: what each column is for, which are numbers, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nntrain.config.data import Column, Columns, Preprocess
from nntrain.data.dataset import Array, Beside, Features, Part, Raw, Table, TargetOrigin, Use, missing_values
from nntrain.data.roles import Roles, find_columns, find_roles
from nntrain.data.streaming.features import StoredFeatures
from nntrain.data.tables.cells import SHOWN_PROBLEMS, Cells
from nntrain.data.tables.disguise import check_disguise
from nntrain.data.texts.features import Texts
from nntrain.errors import DataError, KeyPath, Problem, listing

MANY_TEXTS = 1_000
"""A column with more different texts than this is remarked on: one-hot makes a column of each."""


class Chosen(Protocol):
    """What a config says of a table's columns, whatever the table is read from."""

    @property
    def inputs(self) -> dict[str, tuple[Column, ...]] | None:
        """Columns by input."""

    @property
    def targets(self) -> Mapping[str, Any] | None:
        """Columns by output, where the config names several targets."""

    @property
    def target_columns(self) -> dict[str, tuple[Column, ...]]:
        """The columns of each target."""

    @property
    def drop(self) -> Columns:
        """Columns that play no part."""

    @property
    def categorical(self) -> Columns:
        """Columns to be read as text."""

    @property
    def dates(self) -> Columns:
        """Columns to be read as days."""

    @property
    def columns_beside(self) -> dict[tuple[str, ...], Column]:
        """Columns that divide or weigh rows, by the keys under `data` that name them."""

    @property
    def preprocess(self) -> Preprocess:
        """What is done to the features afterwards."""

    @property
    def token_columns(self) -> frozenset[str]:
        """Columns of texts, each the only one of an input, that are to be rows of word numbers."""


ReadFeatures = Callable[[Any, tuple[str, ...], Collection[str], Collection[str]], Table | StoredFeatures]
"""Reads columns as features, or says how they are to be read: given cells, order, texts and dates."""


def build(source: Chosen, cells: Cells, shown: str, features: ReadFeatures | None = None) -> Raw:
    """Rows out of a table whose kinds of column are still to be found out.

    A column is text where `categorical` names it or where fewer than half of its cells are numbers. Texts
    that are all true or false (yes or no) are 1 and 0 among the features.

    Args:
        source: Says which columns matter.
        cells: What was read.
        shown: The path as the user wrote it.
        features: Reads the features, if not into memory.

    Returns:
        A table of features an input; targets as texts or as float64.

    Raises:
        DataError: The cells or columns are not what the config says.
    """
    roles, as_text, dates = _roles(source, cells)
    predicted = [name for columns in roles.targets.values() for name in columns]
    columns = [*roles.features, *predicted]
    text = _texts(cells, columns, as_text, dates)
    truth = {n for n in text.intersection(roles.features) - as_text if cells.is_truth(n)}
    text -= truth
    unread = text - as_text
    check_disguise(
        cells, [name for name in roles.features if name in unread], [n for n in predicted if n in unread]
    )
    table = (features or make_table)(cells, roles.features, text, dates)
    inputs = {
        name: selected(table, columns, as_rows=not source.token_columns.isdisjoint(columns))
        for name, columns in roles.inputs.items()
    }
    targets = {
        name: read_target(cells, columns, text, dates, roles.keys[name])
        for name, columns in roles.targets.items()
    }
    beside = {use: read_beside(cells, use, column) for use, column in roles.beside.items()}
    width = f"{len(roles.features)} feature column" + ("s" if len(roles.features) > 1 else "")
    return Raw(
        Part(inputs, targets, beside, cells.where),
        targets={
            name: TargetOrigin(roles.keys[name], columns, where=cells.where)
            for name, columns in roles.targets.items()
        },
        description=f"{shown}: {cells.rows:,} rows, {width}{_predicted(roles)}",
        notes=(
            *cells.notes,
            *_nameless([name for name in cells.nameless if name in columns]),
            *_remarks(source, roles, [name for name in columns if name in truth], table),
        ),
    )


def _texts(cells: Cells, columns: Iterable[str], as_text: set[str], dates: set[str]) -> set[str]:
    """The columns that are no numbers."""
    found: set[str] = set()
    problems: list[Problem] = []
    for name in columns:
        try:
            if cells.looks_like_text(name) and name not in dates:
                found.add(name)
        except DataError as error:
            problems += error.problems
    if problems:
        raise DataError(*problems[:SHOWN_PROBLEMS])
    return found | as_text.intersection(columns)


def read_beside(cells: Cells, use: Use, column: str) -> Beside:
    """A column that weighs rows, or their time, as numbers; a group, or dates, as texts."""
    as_number = use == "weight" or (use == "time" and not cells.looks_like_text(column))
    return Beside(column, cells.numbers(column) if as_number else cells.texts(column))


def _nameless(names: list[str]) -> Iterator[str]:
    """A note on columns whose cell of the header is empty, as pandas writes the numbers of rows."""
    if names:
        one = len(names) == 1
        yield (
            f"the header is empty above column{'' if one else 's'} {listing(names)} (named by position); "
            f"if {'it only counts' if one else 'they only count'} the rows, "
            f"add data.drop: [{', '.join(names)}]"
        )


def _remarks(source: Chosen, roles: Roles, truth: list[str], table: Table | StoredFeatures) -> Iterator[str]:
    """Notes on truth values, on texts of many kinds, and on columns that nothing reads."""
    if truth:
        yield (
            f"columns of true and false (or yes and no) are 1 and 0: {listing(truth)}; "
            "data.categorical keeps them as texts"
        )
    in_memory = table.categorical if isinstance(table, Table) else {}
    steps = source.preprocess
    for name, texts in in_memory.items():
        wide = name not in steps.texts and steps.categorical_of(name).encode == "one_hot"
        if wide and (count := len({*texts})) > MANY_TEXTS:
            yield (
                f"column '{name}' holds {count:,} different texts, and one_hot makes a column of each; if it "
                f"only names the rows, add data.drop: [{name}]"
            )
    if roles.left_out:
        yield f"columns that no input names are left out: {listing(roles.left_out)}"


def _roles(source: Chosen, cells: Cells) -> tuple[Roles, set[str], set[str]]:
    """What each column is for, the columns to read as text, and those to read as dates."""
    problems: list[Problem] = []
    as_text = find_columns(source.categorical, cells.names, ("data", "categorical"), problems)
    dates = find_columns(source.dates, cells.names, ("data", "dates"), problems)
    several = source.targets is not None
    targets: dict[tuple[str, ...], tuple[Column, ...]] = {
        ("targets", name) if several else (name,): columns for name, columns in source.target_columns.items()
    }
    try:
        roles = find_roles(cells.names, source.inputs, targets, source.drop, source.columns_beside)
    except DataError as error:
        raise DataError(*error.problems, *problems) from None
    if problems:
        raise DataError(*problems)
    return roles, {*as_text, *source.preprocess.texts}, set(dates)


def selected(table: Table | StoredFeatures, columns: tuple[str, ...], *, as_rows: bool) -> Features:
    """What one input reads.

    Args:
        table: All features.
        columns: Those of the input.
        as_rows: Whether its only column holds texts that become rows of word numbers.
    """
    if not as_rows:
        return table.select(columns)
    assert isinstance(table, Table)
    (column,) = columns
    return Texts.of_column(table, column)


def _predicted(roles: Roles) -> str:
    """The targets as the end of a description."""
    names = [f"'{name}'" for columns in roles.targets.values() for name in columns]
    return f", target{'s' if len(names) > 1 else ''} {listing(names, 4)}" if names else ""


def make_table(
    cells: Cells, order: tuple[str, ...], text: Collection[str], dates: Collection[str] = ()
) -> Table:
    """The columns named in `order`, those in `text` as texts, those in `dates` as days, others as numbers.

    Raises:
        DataError: Cells that are no numbers, or too large; every column's first is shown.
    """
    numeric: dict[str, NDArray[np.float64]] = {}
    problems: list[Problem] = []
    for name in order:
        if name not in text:
            try:
                numeric[name] = cells.days(name) if name in dates else cells.numbers(name)
            except DataError as error:
                problems += error.problems
            if len(problems) == SHOWN_PROBLEMS:
                break
    if problems:
        raise DataError(*problems)
    categorical = {name: cells.texts(name) for name in order if name in text}
    return Table(numeric, categorical, order, np.arange(cells.rows), cells.where)


def read_target(
    cells: Cells,
    columns: tuple[str, ...],
    text: Collection[str],
    dates: Collection[str] = (),
    key: KeyPath = (),
) -> Array:
    """A target: of one column texts or float64 `(rows,)`, of several float64 `(rows, columns)`.

    Args:
        cells: What was read.
        columns: What the target is made of.
        text: The columns that hold texts.
        dates: The columns that hold dates.
        key: The config key that names them; empty for the file of a finished run.

    Raises:
        DataError: Cells of the target are missing or no numbers, or one of several columns holds texts.
    """
    if len(columns) == 1:
        return _read_column(cells, columns[0], columns[0] in text, columns[0] in dates)
    texts = [f"'{name}'" for name in columns if name in text]
    if texts:
        holds = f"{listing(texts)} {'hold' if len(texts) > 1 else 'holds'} texts"
        message = f"a target of several columns needs numbers, and {holds}"
        message += "; give it an output of its own with data.targets" if key else ""
        location = None if key or not cells.where else cells.where(0, texts[0][1:-1])
        raise DataError(Problem(message, key, location, id="text_target"))
    return np.column_stack([_read_column(cells, name, False, name in dates) for name in columns])


def _read_column(cells: Cells, name: str, as_text: bool, as_date: bool) -> Array:
    read = cells.texts if as_text else cells.days if as_date else cells.numbers
    target: Array = read(name)
    missing = missing_values(target)
    if missing.any():
        count = int(missing.sum())
        message = (
            f"the target '{name}' is missing here ({count} of {cells.rows} rows); "
            "a row without a target can't be used: remove it from the file"
        )
        location = cells.where(int(missing.argmax()), name) if cells.where else None
        raise DataError(Problem(message, location=location, id="missing_target"))
    return target
