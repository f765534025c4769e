"""`preprocess.json`: what was fitted, in a form that people read and that gives back the same bits.

Python writes a float with the fewest digits that read back as the same float, so nothing is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np

from nntrain.data.categories import TextColumn
from nntrain.data.kind import State
from nntrain.data.preprocessing import Fitted
from nntrain.data.sequences.features import SequenceState
from nntrain.data.series.features import WindowState
from nntrain.data.statistics import Statistics
from nntrain.data.texts.vocabulary import Vocabulary
from nntrain.errors import ArtefactError, Problem

VERSION = 2


def to_json(fitted: Mapping[str, Fitted | State], targets: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """The fitted state as plain values.

    Args:
        fitted: By input.
        targets: What the source calls the columns or the array of each target.

    Returns:
        `version`; `inputs`: of each `rows` (training rows it was fitted on), the settings, and either
        `columns` (one mapping a column of a table), `array` (its row shape, and statistics as lists: one
        value a feature), `text`, `sequences` or `windows`; `targets`: the source's names of each.
    """
    return {
        "version": VERSION,
        "inputs": {name: state_to_json(state) for name, state in fitted.items()},
        "targets": {name: list(columns) for name, columns in targets.items()},
    }


def state_to_json(fitted: Fitted | State) -> dict[str, Any]:
    """The state of one input."""
    if isinstance(fitted, State):
        return fitted.to_json()
    document: dict[str, Any] = {
        "rows": fitted.rows,
        "scale": fitted.scale,
        "range": list(fitted.range) if fitted.range else None,
    }
    if fitted.row_shape is None:
        return document | {"columns": [_column(fitted, name) for name in fitted.order]}
    array: dict[str, Any] = {"row_shape": list(fitted.row_shape), "tokens": fitted.tokens}
    if fitted.statistics is not None:
        array |= {key: None if v is None else v.tolist() for key, v in _vectors(fitted.statistics).items()}
    return document | {"array": array}


def _vectors(statistics: Statistics) -> dict[str, Any]:
    return {
        "missing": statistics.missing,
        "impute": statistics.impute,
        "mean": statistics.mean,
        "std": statistics.std,
        "min": statistics.low,
        "max": statistics.high,
    }


def _column(fitted: Fitted, name: str) -> dict[str, Any]:
    for text in fitted.texts:
        if text.name == name:
            return {
                "name": name,
                "kind": "categorical",
                "missing": text.missing,
                "impute": text.impute,
                "categories": list(text.categories),
                "unknown": "error" if text.unknown_is_error else "zeros",
            }
    assert fitted.statistics is not None
    feature = fitted.numeric.index(name)
    values = {key: None if v is None else v[feature].item() for key, v in _vectors(fitted.statistics).items()}
    return {"name": name, "kind": "numeric", **values}


def from_json(document: Mapping[str, Any]) -> tuple[dict[str, Fitted | State], dict[str, tuple[str, ...]]]:
    """The fitted state of each input, and the source's names of each target, from their JSON.

    Raises:
        ArtefactError: Another version, or it is not what `to_json` wrote.
    """
    version = document.get("version")
    if version != VERSION:
        message = f"the preprocessing has version {version!r}; this nntrain reads version {VERSION}"
        raise ArtefactError(Problem(message, id="version"))
    try:
        fitted = {name: _state(state) for name, state in document["inputs"].items()}
        return fitted, {name: tuple(columns) for name, columns in document["targets"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        kind = type(error).__name__
        message = f"the preprocessing is not as nntrain wrote it ({kind}: {error})"
        raise ArtefactError(Problem(message, id="damaged")) from None


def _state(document: Mapping[str, Any]) -> Fitted | State:
    if "text" in document:
        return Vocabulary.from_json(document)
    if "sequences" in document:
        return SequenceState.from_json(document)
    if "windows" in document:
        return WindowState.from_json(document, _state)
    return _array_state(document) if "array" in document else _table_state(document)


def _array_state(document: Mapping[str, Any]) -> Fitted:
    array = document["array"]
    return Fitted(
        rows=document["rows"],
        scale=document["scale"],
        range=_pair(document["range"]),
        order=(),
        numeric=(),
        texts=(),
        statistics=None if array["tokens"] else _statistics(array),
        row_shape=tuple(array["row_shape"]),
        tokens=array["tokens"],
    )


def _table_state(document: Mapping[str, Any]) -> Fitted:
    columns: Sequence[Mapping[str, Any]] = document["columns"]
    numeric = [column for column in columns if column["kind"] == "numeric"]
    keys = ("missing", "impute", "mean", "std", "min", "max")
    vectors = {key: [column[key] for column in numeric] for key in keys}
    if None in vectors["impute"]:
        vectors["impute"] = cast(Any, None)
    return Fitted(
        rows=document["rows"],
        scale=document["scale"],
        range=_pair(document["range"]),
        order=tuple(column["name"] for column in columns),
        numeric=tuple(column["name"] for column in numeric),
        texts=tuple(_text(column) for column in columns if column["kind"] == "categorical"),
        statistics=_statistics(vectors) if numeric else None,
        row_shape=None,
        tokens=False,
    )


def _text(column: Mapping[str, Any]) -> TextColumn:
    unknown_is_error = column["unknown"] == "error"
    return TextColumn(
        column["name"], column["missing"], column["impute"], tuple(column["categories"]), unknown_is_error
    )


def _pair(values: Sequence[float] | None) -> tuple[float, float] | None:
    return None if values is None else (float(values[0]), float(values[1]))


def _statistics(vectors: Mapping[str, Any]) -> Statistics:
    impute = vectors["impute"]
    return Statistics(
        missing=np.array(vectors["missing"], np.int64),
        impute=None if impute is None else np.array(impute, np.float64),
        mean=np.array(vectors["mean"], np.float64),
        std=np.array(vectors["std"], np.float64),
        low=np.array(vectors["min"], np.float64),
        high=np.array(vectors["max"], np.float64),
    )
