"""Columns that divide or weigh rows, as numbers: groups as codes, times in their order, and weights."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array, Beside, Part, Use, missing_values
from nntrain.errors import DataError, KeyPath, Problem, listing

Codes = NDArray[np.int64]
KEYS: dict[Use, tuple[str, ...]] = {
    "group": ("split", "by_group"),
    "time": ("split", "by_time"),
    "weight": ("sample_weight",),
}
"""The keys under `data` that name each column."""


def groups_of(part: Part) -> Codes | None:
    """The group of each row as a number from 0, shape `(rows,)`; None where rows are not grouped.

    Raises:
        DataError: A row has no group.
    """
    given = _given(part, "group")
    if given is None:
        return None
    if given.values.dtype != object:
        return np.unique(given.values, return_inverse=True)[1].astype(np.int64)
    import pyarrow as pa

    encoded = pa.array(given.values, pa.string()).dictionary_encode()
    return np.asarray(encoded.indices.to_numpy(), np.int64)


def times_of(part: Part) -> Array | None:
    """The time of each row as a number that grows with it, shape `(rows,)`; None where none is asked for.

    Dates without a zone count as UTC where no date has one.

    Raises:
        DataError: A row has no time, or one that is neither a date nor a number.
    """
    given = _given(part, "time")
    if given is None:
        return None
    if given.values.dtype.kind == "M":
        return given.values.astype("datetime64[us]").astype(np.int64)
    if given.values.dtype != object:
        return given.values
    dates = _plain_dates(given.values)
    if dates is not None:
        return dates
    read: dict[str, float | datetime | None] = {text: _time(text) for text in set(given.values.tolist())}
    unreadable = np.fromiter((read[text] is None for text in given.values), np.bool_, len(part))
    if unreadable.any():
        said = f"is no time ({int(unreadable.sum())} of {len(part)} rows)"
        advice = "write dates as 2026-01-31 or 2026-01-31T09:30, or times as numbers"
        raise _wrong(part, given, unreadable, "time", said, advice)
    return _numbers(part, given, read)


def _plain_dates(texts: Array) -> Codes | None:
    """Microseconds of texts that are all dates without a zone, read in one go; None where one is not."""
    import pyarrow as pa

    try:
        return np.asarray(pa.array(texts, pa.string()).cast(pa.timestamp("us")).cast(pa.int64()), np.int64)
    except pa.ArrowInvalid:
        return None


def _time(text: str) -> float | datetime | None:
    """A number or a date; None for what is neither."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _numbers(part: Part, given: Beside, read: dict[str, float | datetime | None]) -> Array:
    """Microseconds, or the numbers themselves, where all times are of one kind."""
    kinds = {text: _kind(time) for text, time in read.items()}
    first = kinds[given.values[0]]
    other = np.fromiter((kinds[text] != first for text in given.values), np.bool_, len(part))
    if other.any():
        said = f"is {kinds[given.values[int(other.argmax())]]}, and the first row has {first}"
        raise _wrong(part, given, other, "time", said, "write all times alike")
    numbers = {text: _microseconds(time) for text, time in read.items()}
    return np.array([numbers[text] for text in given.values])


def _kind(time: float | datetime | None) -> str:
    if isinstance(time, datetime):
        return "a date with a time zone" if time.tzinfo else "a date"
    return "a number"


def _kind_of(values: Array) -> str:
    """What all times of a column are."""
    if values.dtype == object:
        return _kind(_time(values[0]))
    return "a date" if values.dtype.kind == "M" else "a number"


def _microseconds(time: float | datetime | None) -> float | int:
    if isinstance(time, datetime):
        aware = time if time.tzinfo else time.replace(tzinfo=UTC)
        passed = aware - datetime(1970, 1, 1, tzinfo=UTC)
        return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds
    return time if time is not None else 0.0


def weights_of(part: Part) -> NDArray[np.float64] | None:
    """What each row counts, shape `(rows,)`; None where all count the same.

    Raises:
        DataError: A row has no weight, or one below 0.
    """
    given = _given(part, "weight")
    if given is None:
        return None
    weights: NDArray[np.float64] = given.values.astype(np.float64)
    wrong = ~((weights >= 0) & np.isfinite(weights))
    if wrong.any():
        said = f"is below 0 or not finite ({int(wrong.sum())} of {len(part)} rows)"
        raise _wrong(part, given, wrong, "weight", said, "a weight is a number from 0 up")
    return weights


def training_weights(weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """The weights of the training rows as training takes them.

    Raises:
        DataError: All are 0.
    """
    if not weights.any():
        message = "all training rows have weight 0, so there is nothing to learn from; mend the weights"
        raise DataError(Problem(message, _key("weight"), id="weight"))
    return weights.astype(np.float32)


def check_apart(rows: Part, times: Array | None, others: Sequence[tuple[str, Part]]) -> None:
    """Make sure that files of their own keep what the division keeps: groups apart, times in order.

    Args:
        rows: The rows that are divided.
        times: Of these rows, where they are divided by time.
        others: Rows that are a split of their own, with the split's name.

    Raises:
        DataError: A group stands in both, or a test row is older than rows that are trained on.
    """
    for name, other in others:
        if "group" in rows.beside:
            known = set(rows.beside["group"].values.tolist())
            groups_of(other)  # none is missing
            both = sorted(known & set(other.beside["group"].values.tolist()), key=str)
            if both:
                shown = listing((f"'{group}'" for group in both), 4)
                message = f"{'groups stand' if len(both) > 1 else 'a group stands'} in data.path and in "
                message += f"data.{name}_path: {shown}; all rows of a group belong to one split"
                raise DataError(Problem(message, _key("group"), id="group"))
        after = times_of(other)
        if times is None or after is None:
            continue
        kinds = [_kind_of(part.beside["time"].values) for part in (rows, other)]
        if kinds[0] != kinds[1]:
            message = (
                f"data.path has {kinds[0]} in every row, and data.{name}_path {kinds[1]}; write times alike"
            )
            raise DataError(Problem(message, _key("time"), id="time"))
        if after.min() < times.max():
            oldest = other.beside["time"].values[int(after.argmin())]
            newest = rows.beside["time"].values[int(times.argmax())]
            message = (
                f"rows of data.{name}_path are as old as {oldest}, and data.path goes up to {newest}; "
                f"a model that looks ahead is scored on newer rows than it was trained on: remove "
                "this, or mend the files"
            )
            raise DataError(Problem(message, _key("time"), id="time"))


def _key(use: Use) -> KeyPath:
    return ("data", *KEYS[use])


def _given(part: Part, use: Use) -> Beside | None:
    """The column, of which no value is missing."""
    given = part.beside.get(use)
    if given is None:
        return None
    missing = np.isnat(given.values) if given.values.dtype.kind == "M" else _missing(given.values)
    if missing.any():
        said = f"is missing ({int(missing.sum())} of {len(part)} rows)"
        raise _wrong(part, given, missing, use, said, "fill it in, or remove the row")
    return given


def _missing(values: Array) -> NDArray[np.bool_]:
    return missing_values(values) if values.dtype.kind in "Of" else np.zeros(len(values), bool)


def _wrong(
    part: Part, given: Beside, wrong: NDArray[np.bool_], use: Use, said: str, advice: str
) -> DataError:
    """The error for the first of the rows that are wrong: at its cell, or with its number."""
    row = int(wrong.argmax())
    location = part.where(row, given.column) if part.where else None
    place = "" if location else f" in row {row} (from 0)"
    value = "" if said.startswith("is missing") else f" {str(given.values[row])!r}"
    message = f"the {use} '{given.column}'{place}:{value} {said}; {advice}"
    return DataError(Problem(message, () if location else _key(use), location, use))
