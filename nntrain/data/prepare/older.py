"""`preprocess.json` of version 2, which had one scale for all numbers and one-hot texts alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNSET = {"flag_missing": False, "clip": None, "log": False}
"""Steps of numbers that version 2 did not have."""
UNMEASURED = {"quartile_1": None, "median": None, "quartile_3": None}
"""Statistics that it did not take."""


def from_version_2(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same state as version 3 writes it; it prepares rows to the same bits.

    Raises:
        KeyError, TypeError, ValueError: It is not what version 2 wrote.
    """
    return {
        "inputs": {name: _input(state) for name, state in document["inputs"].items()},
        "targets": document["targets"],
    }


def _input(state: Mapping[str, Any]) -> dict[str, Any]:
    scaled = {"scale": state["scale"], "range": state["range"]}
    if "array" not in state:
        columns = [_column(column, scaled) for column in state["columns"]]
        return {"kind": "table", "rows": state["rows"], "columns": columns}
    array = state["array"]
    if array["tokens"]:
        return {"kind": "tokens", "rows": state["rows"], "row_shape": array["row_shape"]}
    filling = array["impute"]
    first = None if filling is None else filling[0]
    return {"kind": "array", "rows": state["rows"], **array, **scaled, **_numbers(filling, first)}


def _column(column: Mapping[str, Any], scaled: Mapping[str, Any]) -> dict[str, Any]:
    filling = column["impute"]
    if column["kind"] == "numeric":
        return {**column, **scaled, **_numbers(filling, filling)}
    own = {"flag_missing": False, "encode": "one_hot", "bins": None}
    return {**column, **own, "filling": filling, "distinct": len(column["categories"])}


def _numbers(filling: Any, impute: float | None) -> dict[str, Any]:
    """What version 3 adds. By which statistic gaps are filled was not kept: a number stands for it."""
    return {**UNSET, **UNMEASURED, "impute": impute, "filling": filling}
