"""Which columns of a table each input reads and each output predicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from nntrain.config.data import INPUT, Column
from nntrain.config.data_beside import beside_faults
from nntrain.config.data_section import column_faults
from nntrain.data.beside import KEYS
from nntrain.data.dataset import Use
from nntrain.errors import DataError, KeyPath, Problem, did_you_mean, listing

SHOWN_NAMES = 30
"""Columns in an error at most; the target is often the last."""


@dataclass(frozen=True)
class Roles:
    """The columns of a table by the part that they play."""

    inputs: Mapping[str, tuple[str, ...]]
    targets: Mapping[str, tuple[str, ...]]
    keys: Mapping[str, KeyPath]
    """The config key that names each target."""
    left_out: tuple[str, ...]
    """Columns that play no part although nothing drops them."""
    beside: Mapping[Use, str] = field(default_factory=dict)
    """Columns that divide or weigh rows."""

    @property
    def features(self) -> tuple[str, ...]:
        """The columns of all inputs, each once."""
        return tuple(dict.fromkeys(name for columns in self.inputs.values() for name in columns))


def find_roles(
    names: Sequence[str],
    inputs: Mapping[str, Sequence[Column]] | None,
    targets: Mapping[tuple[str, ...], Sequence[Column]],
    drop: Sequence[Column] = (),
    beside: Mapping[tuple[str, ...], Column] = MappingProxyType({}),
) -> Roles:
    """Look up the columns that a config names or counts.

    Args:
        names: The table's columns.
        inputs: Columns by input; None for one input of all that are left.
        targets: Columns by the keys under `data` that name them; the last is the target's name.
        drop: Columns that play no part.
        beside: Columns that divide or weigh rows, by the keys under `data` that name them.

    Raises:
        DataError: There is no such column, a column has two parts to play, or no feature is left.
    """
    problems: list[Problem] = []
    dropped = find_columns(drop, names, ("data", "drop"), problems)
    predicted = {
        keys: find_columns(columns, names, ("data", *keys), problems) for keys, columns in targets.items()
    }
    read = {
        name: find_columns(columns, names, ("data", "inputs", name), problems)
        for name, columns in (inputs or {}).items()
    }
    aside = {
        keys: found
        for keys, column in beside.items()
        for found in find_columns([column], names, ("data", *keys), problems)
    }
    if not problems:
        faults = [*column_faults(read, predicted), *beside_faults(read, predicted, aside)]
        problems += [Problem(message, ("data", *where), id=name) for message, where, name in faults]
        problems += _dropped(dropped, predicted, read)
    if problems:
        raise DataError(*problems)
    taken = {*dropped, *aside.values(), *(name for columns in predicted.values() for name in columns)}
    rest = tuple(name for name in names if name not in taken)
    if inputs is None:
        read, rest = {INPUT: rest}, ()
        if not read[INPUT]:
            raise _no_features(bool(drop), next(iter(predicted), ("path",)))
    return Roles(
        inputs=read,
        targets={keys[-1]: columns for keys, columns in predicted.items()},
        keys={keys[-1]: ("data", *keys) for keys in predicted},
        left_out=tuple(name for name in rest if not any(name in columns for columns in read.values())),
        beside={use: aside[keys] for use, keys in KEYS.items() if keys in aside},
    )


def find_columns(
    columns: Sequence[Column], names: Sequence[str], key: KeyPath, problems: list[Problem]
) -> tuple[str, ...]:
    """The names of columns that a config names or counts; what is not there becomes a problem."""
    found = []
    for i, column in enumerate(columns):
        single = len(columns) == 1 and key[1] not in ("inputs", "drop", "categorical")
        try:
            found.append(find_column(column, names, key if single else (*key, i)))
        except DataError as error:
            problems += error.problems
    return tuple(found)


def find_column(column: Column, names: Sequence[str], key: KeyPath) -> str:
    """The name of a column that a config names or counts, from 0 or from the end with -1.

    Raises:
        DataError: There is no such column.
    """
    if isinstance(column, int):
        if -len(names) <= column < len(names):
            return names[column]
        message = f"there is no column {column}: there are {len(names)}, counted from 0 (-1 is the last)"
    elif column in names:
        return column
    else:
        message = (
            f"there is no column '{column}'{did_you_mean(column, names)}; "
            f"the columns are {listing(names, SHOWN_NAMES)}"
        )
    raise DataError(Problem(message, key, id="unknown_column"))


def _dropped(
    dropped: Sequence[str],
    targets: Mapping[tuple[str, ...], Sequence[str]],
    inputs: Mapping[str, Sequence[str]],
) -> list[Problem]:
    problems = []
    for i, name in enumerate(dropped):
        part = next(
            (f"read by the input '{key}'" for key, columns in inputs.items() if name in columns), None
        )
        if any(name in columns for columns in targets.values()):
            part = "the target" if len(targets) == 1 else "a target"
        if part:
            message = f"'{name}' is {part}; it can't be dropped"
            problems.append(Problem(message, ("data", "drop", i), id="conflict"))
    return problems


def _no_features(drops: bool, target: tuple[str, ...]) -> DataError:
    if drops:
        message = "drops every column but the target; leave at least one feature"
        return DataError(Problem(message, ("data", "drop"), id="no_features"))
    message = "every column is to be predicted; leave at least one feature"
    return DataError(Problem(message, ("data", target[0]), id="no_features"))
