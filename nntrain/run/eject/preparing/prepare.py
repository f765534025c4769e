"""The part of the script that makes `x` of the rows, as the network reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nntrain.config.data import SequenceSource, SklearnSource
from nntrain.config.text_steps import TextSteps
from nntrain.run.eject.code import text
from nntrain.run.eject.draft import Draft
from nntrain.run.eject.preparing import numbers, words
from nntrain.run.eject.preparing.columns import columns
from nntrain.run.eject.sources import series, texts
from nntrain.run.eject.sources.tables import by_columns


def preparing(draft: Draft) -> list[str]:
    """The lines that give `x`; of several inputs a mapping by the input's name."""
    states = draft.dataset.preprocess["inputs"]
    if len(states) == 1:
        ((_, state),) = states.items()
        return _one(draft, "x", state)
    found, names = [], {}
    for name, state in states.items():
        variable = f"x_{''.join(sign if sign.isalnum() else '_' for sign in name)}"
        names[name] = variable
        found += _one(draft, variable, state)
    pairs = ", ".join(f"{text(name)}: {variable}" for name, variable in names.items())
    return [*found, f"x = {{{pairs}}}"]


def _one(draft: Draft, variable: str, state: Mapping[str, Any]) -> list[str]:
    """The lines for one input, by what its state is."""
    data = draft.config.data
    plain = isinstance(data, SklearnSource) and not by_columns(data)
    if state["kind"] == "table" and not plain:
        return columns(draft, variable, state["columns"])
    if state["kind"] == "windows":
        return series.windows(draft)
    if isinstance(data, SequenceSource):
        return texts.padded(draft, data)
    if state["kind"] == "tokens":
        return []
    if state["kind"] == "text":
        steps = TextSteps.model_validate(state["text"]["steps"])
        name = state.get("column")
        read = [] if name is None else [f"texts = {words.cells(name)}"]
        return [*read, *words.rows(draft, variable, "texts", steps, data.preprocess.text_of(name))]
    flat = len(next(iter(draft.dataset.input_shapes.values()))) == 1
    return numbers.alike(variable, data.preprocess.numeric, flat=flat)
