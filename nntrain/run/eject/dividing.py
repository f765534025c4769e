"""The part of the script that gives `train`, `validation` and `test`, row numbers each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nntrain.data.dataset import Beside
from nntrain.run.eject.code import Call, lines, listed, literal, text
from nntrain.run.eject.draft import Draft, Source
from nntrain.run.eject.targets import Predicted

HELD_OUT = ("test", "validation")
FOLD = '''
def fold(rows, number, count):
    """The rows of the other folds, and those of one."""
    order = np.random.RandomState({seed}).permutation(len(rows)){sort}
    folds = np.empty(len(rows), int)
    folds[order] = np.arange(len(rows)) % count
    return rows[folds != number - 1], rows[folds == number - 1]
'''
SORTED = """
    order = order[np.argsort({y}[rows][order], kind="stable")]"""


def dividing(draft: Draft, source: Source, found: list[Predicted], beside: Mapping[Any, Beside]) -> list[str]:
    """The lines that divide the rows.

    Args:
        draft: Takes the functions.
        source: Which rows there are.
        found: What is predicted: the first that has classes keeps their shares.
        beside: The groups or times of the rows, where these divide them.
    """
    split = draft.config.data.split
    if len(source.divided) > 1:
        return []
    if "group" in beside:
        return _by_group(draft, beside["group"])
    if "time" in beside:
        return _by_time(draft, beside["time"])
    shares = {"test": split.test or 0.0, "validation": 0.0 if split.fold else split.validation}
    started = [] if source.divided else [f"train = np.arange({source.rows})"]
    drawn = [
        f"train, {name} = hold_out(train, {share})"
        for name, share in shares.items()
        if share and name not in source.divided
    ]
    seed = "SEED" if split.seed is None else str(split.seed)
    labels = [one.y for one in found if one.info.task == "classification"]
    kept = labels[0] if labels and split.stratify else ""
    if split.numbered_fold is not None:
        number, count = split.numbered_fold
        draft.define(FOLD.format(seed=seed, sort=SORTED.format(y=kept) if kept else ""))
        drawn.append(f"train, validation = fold(train, {number}, {count})")
    if any("hold_out" in line for line in drawn):
        draft.need("from sklearn.model_selection import train_test_split")
        draft.define("\n".join(_hold_out(seed, kept)))
    return [*started, *drawn]


def _hold_out(seed: str, kept: str) -> list[str]:
    named = {"test_size": "held", "random_state": seed} | ({"stratify": f"{kept}[rows]"} if kept else {})
    return [
        "def hold_out(rows, share):",
        '    """Draw a share of the rows: those that stay, and those that are held out."""',
        "    held = round(len(rows) * share)",
        *lines("stay, out = ", Call("train_test_split", ["rows"], named), indent="    "),
        "    return np.sort(stay), np.sort(out)",
    ]


def _by_group(draft: Draft, given: Beside) -> list[str]:
    """The groups of each split by name, as the run drew them."""
    found = [f"groups = table[{text(given.column)}].astype(str).to_numpy()"]
    held = []
    for name in HELD_OUT:
        rows = draft.dataset.splits.get(name)  # type: ignore[call-overload]
        if rows is not None:
            names = sorted({str(group) for group in given.values[rows.index].tolist()})
            found += lines(f"{name} = ", listed([text(group) for group in names]))
            found.append(f"{name} = np.flatnonzero(np.isin(groups, {name}))")
            held.append(name)
    return [*found, *_others(held)]


def _by_time(draft: Draft, given: Beside) -> list[str]:
    """The rows of each split by the moment from which on they are in it."""
    splits = draft.dataset.splits
    as_text = given.values.dtype.kind not in "fiu"
    column = f"table[{text(given.column)}]"
    if as_text:
        draft.need("import pandas as pd")
        column = f"pd.to_datetime({column}, utc=True)"
    found, held = [f"times = {column}"], []
    later = ""
    for name in HELD_OUT:
        rows = splits.get(name)  # type: ignore[call-overload]
        if rows is None:
            continue
        first = min(given.values[rows.index].tolist())
        moment = f'pd.Timestamp({text(str(first))}, tz="UTC")' if as_text else literal(first)
        found.append(f"{name} = np.flatnonzero((times >= {moment}){later})")
        later = f" & (times < {moment})"
        held.append(name)
    return [*found, *_others(held)]


def _others(held: list[str]) -> list[str]:
    inside = held[0] if len(held) == 1 else f"np.concatenate([{', '.join(held)}])"
    return [f"train = np.setdiff1d(np.arange(len(table)), {inside})"]
