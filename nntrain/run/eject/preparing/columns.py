"""The lines that make one matrix of a table whose columns are treated in different ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from nntrain.config.data import Categorical, Numeric
from nntrain.config.text_steps import TextSteps
from nntrain.run.eject.code import Call, Expression, lines, listed, text
from nntrain.run.eject.draft import Draft
from nntrain.run.eject.preparing import functions, numbers, words

Column = Mapping[str, Any]
"""The state of a column in `preprocess.json`."""


def columns(draft: Draft, variable: str, state: Sequence[Column], rows: str = "train") -> list[str]:
    """The lines that prepare the columns of `table`.

    Args:
        draft: Takes the functions.
        variable: Of the matrix.
        state: Of each column, in the order in which they stand in the matrix.
        rows: The numbers of the rows that teach.
    """
    steps = [_steps(column) for column in state]
    if all(one == steps[0] and not _flagged(column) for one, column in zip(steps, state, strict=True)):
        first = steps[0]
        if isinstance(first, Numeric) and first.impute != "most_frequent":
            found = lines("features = ", listed([text(column["name"]) for column in state]))
            found.append(f'{variable} = table[features].to_numpy("float64")')
            return [*found, *numbers.alike(variable, first, flat=True, rows=rows)]
    parts = lines("columns = ", listed(list(_parts(draft, state))))
    return [*parts, f'{variable} = np.column_stack(columns).astype("float32")']


def _parts(draft: Draft, state: Sequence[Column]) -> Iterator[Expression]:
    """What is stacked: columns that follow one another and are treated alike go together."""
    for _, some in groupby(state, key=lambda column: None if _flagged(column) else str(_steps(column))):
        group = list(some)
        own = _steps(group[0])
        if isinstance(own, Numeric) and not _flagged(group[0]):
            yield _numbers(draft, [column["name"] for column in group], own)
            continue
        for column in group:
            yield _column(draft, column)
            if _flagged(column):
                yield f"table[{text(column['name'])}].isna()"


def _column(draft: Draft, column: Column) -> Expression:
    name, steps = column["name"], _steps(column)
    if isinstance(steps, Numeric):
        return _numbers(draft, [name], steps)
    if isinstance(steps, TextSteps):
        return words.column(draft, words.cells(name), steps)
    filling = column["filling"]
    filled = "" if filling is None else f".fillna({text(filling)})"
    cells = f"table[{text(name)}]{filled}.to_numpy()"
    if steps.encode == "hashing":
        draft.need("from hashlib import blake2b")
        draft.define(functions.HASHED)
        return Call("hashed", [cells, str(steps.bins)])
    draft.define(functions.ONE_HOT if steps.encode == "one_hot" else functions.ORDINAL)
    unseen = [text(filling)] if filling is not None and not column["missing"] else []
    return Call(steps.encode, [cells, *unseen])


def _numbers(draft: Draft, names: Sequence[str], steps: Numeric) -> Expression:
    draft.define(functions.NUMBERS)
    found: Expression = Call("numbers", [text(name) for name in names])
    if isinstance(steps.impute, str):
        draft.define(functions.FILLED[steps.impute])
        if steps.impute == "most_frequent":
            draft.need("from sklearn.impute import SimpleImputer")
        found = Call(f"filled_with_{steps.impute}", [found])
    elif steps.impute is not None:
        found = Call("np.nan_to_num", [found], {"nan": numbers.number(steps.impute)})
    if steps.clip is not None:
        found = Call(
            "np.clip", [found, *(str(end) if end is None else numbers.number(end) for end in steps.clip)]
        )
    if steps.log:
        found = Call("np.log1p", [found])
    if steps.scale == "rescale":
        assert steps.range is not None
        draft.define(functions.SCALED["rescale"])
        return Call("rescaled", [found, *map(numbers.number, steps.range)])
    if steps.scale is not None:
        draft.define(functions.SCALED[steps.scale])
        found = Call(steps.scale, [found])
    return found


def _steps(column: Column) -> Numeric | Categorical | TextSteps:
    if column["kind"] == "text":
        return TextSteps.model_validate(column["text"]["steps"])
    kind = Numeric if column["kind"] == "numeric" else Categorical
    return kind(**{key: column[key] for key in kind.model_fields})


def _flagged(column: Column) -> bool:
    return column["kind"] != "text" and bool(column["flag_missing"] and column["missing"])
