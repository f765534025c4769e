"""JSON lines: an object a line, such as `{"x": [4, 7], "y": 0}`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from nntrain.config.data import SequenceSource
from nntrain.data.csv_scan import not_utf8
from nntrain.data.dataset import Array
from nntrain.data.files import check_memory
from nntrain.errors import DataError, Location, Problem, did_you_mean, listing


def read_lines(source: SequenceSource, file: Path, shown: str) -> tuple[list[list[int]], Array, list[int]]:
    """The sequences, the targets, and the line that each row stands on.

    Targets are texts, or numbers of shape `(rows,)` or `(rows, values)`.

    Raises:
        DataError: A line is no such object, or the file is empty or not UTF-8.
    """
    check_memory(file.stat().st_size, "the file takes at least", shown)
    rows, targets, lines = [], [], []
    try:
        with file.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    place = Location(shown, number)
                    row = line_object(line, place)
                    rows.append(sequence_of(value_of(row, source.x, place), source.x, place))
                    targets.append(_target(value_of(row, source.y, place), source.y, place))
                    lines.append(number)
    except UnicodeDecodeError:
        raise not_utf8(file, shown) from None
    if not rows:
        raise DataError(
            Problem("the file is empty; give one with rows", location=Location(shown), id="empty")
        )
    return rows, _alike(targets, source.y, shown, lines), lines


def line_object(line: str, place: Location) -> dict[str, Any]:
    """The object of a line.

    Raises:
        DataError: There is none.
    """
    try:
        found = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        why = error.msg if isinstance(error, json.JSONDecodeError) else "brackets inside brackets"
        column = f" at column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        message = f"this line is no JSON{column} ({why}); a line is an object such as"
        raise _wrong(f'{message} {{"x": [4, 7], "y": 0}}', place) from None
    except ValueError:  # a number of thousands of digits
        raise _wrong("this line holds a number that is too large", place) from None
    if not isinstance(found, dict):
        raise _wrong('this line is no object; write one such as {"x": [4, 7], "y": 0}', place)
    return found


def value_of(row: dict[str, Any], key: str, place: Location) -> Any:
    """A value of a line.

    Raises:
        DataError: It is not there.
    """
    if key not in row:
        hint = did_you_mean(key, row)
        holds = f"it holds {listing(row)}" if row else "it holds nothing"
        raise _wrong(f"this line has no '{key}'{hint}; {holds}", place)
    return row[key]


def sequence_of(value: Any, key: str, place: Location) -> list[int]:
    """A value as a list of whole numbers.

    Raises:
        DataError: It is none.
    """
    if not isinstance(value, list):
        raise _wrong(f"'{key}' must be a list of whole numbers, got {_shown(value)}", place)
    for number in value:
        if not isinstance(number, int) or isinstance(number, bool):
            raise _wrong(f"'{key}' must be a list of whole numbers, and {_shown(number)} is none", place)
    return value


def _target(value: Any, key: str, place: Location) -> Any:
    """A text, a number, or a list of numbers."""
    numbers = value if isinstance(value, list) and value else [value]
    if isinstance(value, str) and value:
        return value
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, (int, float)):
            wanted = "a text, a number or a list of numbers"
            raise _wrong(f"'{key}' must be {wanted}, and {_shown(number)} is none", place)
        if not abs(number) <= float(np.finfo(np.float32).max):
            raise _wrong(f"'{key}' holds {_shown(number)}, more than a 32-bit number can hold", place)
    return value


def _alike(targets: list[Any], key: str, shown: str, lines: list[int]) -> Array:
    """Targets as an array; all of them are of the first one's kind and size."""
    first = targets[0]
    for line, target in zip(lines, targets, strict=True):
        if _kind(target) != _kind(first):
            message = f"'{key}' is {_kind(target)} here and {_kind(first)} in line {lines[0]}; "
            raise _wrong(f"{message}write all of them alike", Location(shown, line))
    if isinstance(first, str):
        return np.array(targets, object)
    return np.array(targets, np.float64)


def _kind(target: Any) -> str:
    if isinstance(target, list):
        return f"a list of {len(target)}"
    return "a text" if isinstance(target, str) else "a number"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:37]}..."


def _wrong(message: str, place: Location) -> DataError:
    return DataError(Problem(message, location=place, id="json_line"))
