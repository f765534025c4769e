"""What the rows of a table may not hold: gaps that nothing fills, and numbers without a logarithm.

And steps that suit no column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nntrain.config.data import Numeric, Preprocess
from nntrain.config.data_preprocess import Kind
from nntrain.data.dataset import Table, missing_values
from nntrain.data.prepare.numbers import below_zero
from nntrain.data.texts.features import Texts
from nntrain.errors import DataError, Problem, did_you_mean, listing

FILLS: Mapping[Kind, str] = {
    "numeric": "mean | median | most_frequent | a number",
    "categorical": "most_frequent | a text",
}
"""What can fill a gap, by kind of column."""


def gaps(table: Table, unfilled: Mapping[str, Kind], *, trained: bool) -> Iterator[Problem]:
    """Columns with missing values that nothing replaces.

    Args:
        table: The rows.
        unfilled: The columns whose gaps nothing fills, and what they hold.
        trained: Whether it is too late to change the config.
    """
    for name, kind in unfilled.items():
        numeric = kind == "numeric"
        missing = missing_values(table.numeric[name] if numeric else table.categorical[name])
        if not missing.any():
            continue
        key = f"data.preprocess.{kind}.impute"
        remedy = f"fill it in, or train with {key}" if trained else f"set {key}: {FILLS[kind]}"
        location, row = table.place(int(missing.argmax()), name)
        count = int(missing.sum())
        have = "has" if count == 1 else "have"
        message = (
            f"column '{name}': {count} of {len(table)} rows {have} no value, the first{row or ' here'}; "
            f"{remedy}"
        )
        yield Problem(message, location=location, id="missing_value")


def negatives(table: Table, numbers: Mapping[str, Numeric], *, trained: bool) -> Iterator[Problem]:
    """Columns with numbers below 0 whose logarithm is asked for.

    Args:
        table: The rows.
        numbers: The steps of each column of numbers.
        trained: Whether it is too late to change the config.
    """
    for name, steps in numbers.items():
        below = below_zero(table.numeric[name], steps)
        if below is None:
            continue
        at, count = int(below.argmax()), int(below.sum())
        location, row = table.place(at, name)
        clip = f"data.preprocess.columns.{name}.clip: [0, null]"
        remedy = f"mend it, or train with {clip}" if trained else f"set {clip} to make such numbers 0"
        message = (
            f"column '{name}': {table.numeric[name][at]:g}{row} is below 0, and 'log' takes none "
            f"({count} of {len(table)} rows); {remedy}"
        )
        yield Problem(message, location=location, id="negative_number")


def check_table(table: Table, settings: Preprocess) -> None:
    """Refuse steps that do not suit a column, gaps that nothing fills and numbers without a logarithm.

    Raises:
        DataError: Naming each such column and where the first culprit is.
    """
    if problems := list(_unsuited(table, settings)):
        raise DataError(*problems)
    unfilled: dict[str, Kind] = {}
    for name in table.order:
        if name in table.numeric and settings.numeric_of(name).impute is None:
            unfilled[name] = "numeric"
        elif name in settings.texts:
            continue
        elif name in table.categorical and settings.categorical_of(name).impute is None:
            unfilled[name] = "categorical"
    logs = {name: settings.numeric_of(name) for name in table.order if name in table.numeric}
    problems = [*gaps(table, unfilled, trained=False), *negatives(table, logs, trained=False)]
    problems += _empty_texts(table, settings)
    if problems:
        raise DataError(*problems)


def _empty_texts(table: Table, settings: Preprocess) -> Iterator[Problem]:
    """Columns of texts of which some are empty, where that is an error."""
    for name in table.order:
        if name in settings.texts:
            try:
                Texts.of_column(table, name).check(settings)
            except DataError as error:
                yield from error.problems


def _unsuited(table: Table, settings: Preprocess) -> Iterator[Problem]:
    """Keys of single columns that are made for the other kind."""
    for name in table.order:
        steps = settings.columns.get(name)
        kinds: tuple[Kind, str, str] = ("categorical", "numbers", "texts")
        if name in table.categorical:
            kinds = ("numeric", "texts", "numbers")
        wrong = steps.telling.get(kinds[0]) if steps else None
        if wrong:
            fits = "impute, flag_missing, " + (
                "encode, bins and unknown" if kinds[0] == "numeric" else "clip, log, scale and range"
            )
            message = f"is for {kinds[2]}, and column '{name}' holds {kinds[1]}, which take {fits}"
            yield Problem(message, ("data", "preprocess", "columns", name, wrong), id="conflict")


def refuse_unknown_columns(names: tuple[str, ...], settings: Preprocess) -> None:
    """Refuse steps of a column that no input has.

    Args:
        names: The feature columns of all inputs.
        settings: What is asked for.

    Raises:
        DataError: With the name that may have been meant.
    """
    problems = []
    for name in settings.columns:
        if name not in names:
            hint = did_you_mean(name, names) or f"; the features are {listing(names)}"
            message = f"no feature column is called '{name}'{hint}"
            problems.append(Problem(message, ("data", "preprocess", "columns", name), id="unknown_column"))
    if problems:
        raise DataError(*problems)
