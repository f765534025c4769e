"""Preprocessing as a part of the network: what each input takes, and what is done to it there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from nntrain.data.dataset import Array, Features, Table
from nntrain.data.prepare.arrays import FittedArray, FittedTokens
from nntrain.data.prepare.fitted import Fitted
from nntrain.data.prepare.numbers import Numbers
from nntrain.data.prepare.tables import FittedTable
from nntrain.data.prepare.texts import Texts
from nntrain.data.prepare.words import Words
from nntrain.data.sequences.features import SequenceState
from nntrain.data.series.features import Windows, WindowState
from nntrain.data.texts.vocabulary import Vocabulary
from nntrain.run.export.ask import Port
from nntrain.run.export.numeric import Numeric

Tensors = Mapping[str, Any]
Feeds = dict[str, Array]


@dataclass(frozen=True)
class Inside:
    """How one input of the network is fed."""

    ports: tuple[Port, ...]
    """What the exported network takes for it."""
    graph: Callable[[Tensors], Any] | None
    """Prepares raw tensors; None where there is nothing to prepare."""
    feed: Callable[[Features, Array], Feeds]
    """What the ports take of some rows: given these as they were read, and as the network takes them."""
    why: str | None = None
    """The reason why preprocessing stays outside; None where it does not."""


def outside(name: str, rows: Array, columns: Sequence[str], why: str | None) -> Inside:
    """An input that is given prepared rows.

    Args:
        name: Of the input.
        rows: Prepared, any number of them.
        columns: The prepared columns, where they have names.
        why: The reason, as the end of a sentence.
    """
    dtype = "float32" if np.issubdtype(rows.dtype, np.floating) else "int32"
    shape = (None, *(int(size) for size in rows.shape[1:]))
    port = Port(name, shape, dtype, "prepared rows" if why else "rows", tuple(columns), {"raw": why is None})
    return Inside((port,), None, lambda _, prepared: {name: prepared}, why)


def inside(name: str, state: Fitted, raw: Features, rows: Array, *, texts: bool, alone: bool) -> Inside:
    """An input that is given rows as they are read, where that can be.

    Args:
        name: Of the input.
        state: What was fitted.
        raw: Rows as they are read, any number of them.
        rows: The same, prepared.
        texts: Whether the format takes texts.
        alone: Whether the network has no other input.
    """
    if isinstance(state, FittedArray):
        return _array(name, state, raw)
    if isinstance(state, FittedTokens):
        return outside(name, rows, (), None)
    if isinstance(state, FittedTable):
        return _table(name, state, rows, texts, "" if alone else f"{name}_")
    if isinstance(state, WindowState):
        return _windows(name, state, rows)
    if isinstance(state, SequenceState):
        why = f"rows are cut or filled up with 0 to {state.length:,} numbers ({state.padding})"
        return outside(name, rows, (), why)
    assert isinstance(state, Vocabulary)
    return outside(name, rows, state.columns, "texts are taken apart into words")


def same_scale(state: Fitted) -> bool:
    """Whether all numbers of a row are prepared alike, so that few bits can hold them before that."""
    if isinstance(state, FittedTokens):
        return True
    if not isinstance(state, FittedArray) or len(state.numbers.flagged):
        return False
    shift, divisor = state.numbers.affine
    return bool((shift == shift[0]).all() and (divisor == divisor[0]).all())


def _array(name: str, state: FittedArray, raw: Features) -> Inside:
    assert isinstance(raw, np.ndarray)
    dtype = "uint8" if raw.dtype == np.uint8 else "float32"
    port = Port(name, (None, *state.row_shape), dtype, _of_shape(state.row_shape), extra={"raw": True})
    steps = Numeric.of([state.numbers])

    def graph(tensors: Tensors) -> Any:
        return steps.applied(ops.cast(tensors[name], "float32"))

    return Inside((port,), graph, lambda given, _: {name: np.asarray(given).astype(dtype)})


def _of_shape(shape: tuple[int, ...]) -> str:
    if len(shape) == 3:
        return f"images of {shape[0]} x {shape[1]} pixels"
    return "raw rows"


def _table(name: str, state: FittedTable, rows: Array, texts: bool, prefix: str) -> Inside:
    why = _in_the_way(state, texts)
    if why:
        return outside(name, rows, state.columns, why)
    if not state.texts:
        return _matrix(name, state)
    names = {column: prefix + plain for column, plain in _port_names(state.order).items()}
    ports, numeric = [], []
    for column, steps in state.steps.items():
        is_number = isinstance(steps, Numbers)
        kind = "float32" if is_number else "string"
        unknown = {} if not isinstance(steps, Texts) else {"unknown": steps.steps.unknown}
        extra = {"raw": True, **unknown}
        ports.append(Port(names[column], (None, 1), kind, f"column '{column}'", (column,), extra))
        numeric += [column] if is_number else []

    def graph(tensors: Tensors) -> Any:
        parts = [
            Numeric.of([steps]).applied(tensors[names[column]])
            if isinstance(steps, Numbers)
            else _encoded(steps, tensors[names[column]])
            for column, steps in state.steps.items()
        ]
        return ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0]

    def feed(given: Features, _: Array) -> Feeds:
        assert isinstance(given, Table)
        return {
            names[column]: (
                given.numeric[column].astype(np.float32)
                if column in numeric
                else np.array([text or "" for text in given.categorical[column].tolist()])
            )[:, np.newaxis]
            for column in state.order
        }

    return Inside(tuple(ports), graph, feed)


def _in_the_way(state: FittedTable, texts: bool) -> str | None:
    """Why a table's columns can't be prepared inside; None where they can."""
    for column, steps in state.steps.items():
        if isinstance(steps, Words):
            return f"column '{column}' is taken apart into words"
        if isinstance(steps, Texts) and steps.steps.encode == "hashing":
            return f"column '{column}' is hashed by BLAKE2"
    return None if texts or not state.texts else f"column '{state.texts[0]}' holds texts"


def _port_names(columns: Sequence[str]) -> dict[str, str]:
    """A name for each column that every runtime takes."""
    found: dict[str, str] = {}
    for column in columns:
        plain = re.sub(r"\W+", "_", column, flags=re.ASCII).strip("_") or "column"
        plain = f"c_{plain}" if plain[0].isdigit() else plain
        name, number = plain, 1
        while name in found.values():
            number += 1
            name = f"{plain}_{number}"
        found[column] = name
    return found


def _matrix(name: str, state: FittedTable) -> Inside:
    """A table of numbers alone as one matrix."""
    port = Port(name, (None, len(state.order)), "float32", "raw columns", state.order, {"raw": True})
    steps = Numeric.of([one for one in state.steps.values() if isinstance(one, Numbers)])
    return Inside((port,), lambda tensors: steps.applied(tensors[name]), lambda x, _: {name: _raw(x, state)})


def _windows(name: str, state: WindowState, rows: Array) -> Inside:
    table = state.fitted
    if not isinstance(table, FittedTable) or table.texts:
        why = f"column '{table.texts[0]}' holds texts" if isinstance(table, FittedTable) else ""
        return outside(name, rows, state.columns, why)
    shape = (None, state.window, len(table.order))
    port = Port(name, shape, "float32", f"windows of {state.window} rows", table.order, {"raw": True})
    steps = Numeric.of([one for one in table.steps.values() if isinstance(one, Numbers)])

    def feed(given: Features, _: Array) -> Feeds:
        assert isinstance(given, Windows)
        places = given.starts[:, np.newaxis] + np.arange(given.window)
        return {name: _raw(given.table, table)[places]}

    return Inside((port,), lambda tensors: steps.applied(tensors[name]), feed)


def _raw(table: Features, state: FittedTable) -> NDArray[np.float32]:
    """The numbers of a table, shape `(rows, columns)`."""
    assert isinstance(table, Table)
    return np.stack([table.numeric[column] for column in state.order], axis=1).astype(np.float32)


def _encoded(steps: Texts | Words, texts: Any) -> Any:
    """Columns of 0 and 1, or a number, for texts of shape `(rows, 1)`; an empty text is a missing one."""
    assert isinstance(steps, Texts)
    words = [*steps.categories]
    rows = _rows_of(steps)
    if "" not in words and (steps.fills or steps.flagged):
        words.append("")
        known = rows[1 + words.index(steps.filling)] if steps.filling is not None else rows[0]
        rows = np.concatenate([rows, known[np.newaxis]])
    if steps.flagged:
        flags = np.zeros((len(rows), 1), np.float32)
        flags[1 + words.index("")] = 1
        rows = np.concatenate([rows, flags], axis=1)
    refuses = steps.steps.unknown == "error"  # the layer then stops at a text that it does not know
    numbers = keras.layers.StringLookup(vocabulary=words, num_oov_indices=0 if refuses else 1)(texts)
    return ops.take(rows[1:] if refuses else rows, ops.reshape(numbers, (-1,)), axis=0)


def _rows_of(steps: Texts) -> NDArray[np.float32]:
    """What stands for an unknown text, and for each category in turn."""
    count = len(steps.categories)
    if steps.steps.encode == "ordinal":
        return np.array([[count], *([i] for i in range(count))], np.float32)
    return np.eye(count + 1, dtype=np.float32)[:, 1:]
