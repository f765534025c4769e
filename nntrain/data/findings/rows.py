"""Rows that are there twice: in two splits, within one, or under two labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nntrain.data.dataset import Array, Table
from nntrain.data.findings.chance import expected_pairs
from nntrain.data.findings.finding import SHOWN_ROWS, Finding
from nntrain.data.findings.keys import keys_of
from nntrain.data.findings.view import View

Keys = NDArray[np.int64]
IDENTICAL = "identical to"


def row_keys(view: View) -> dict[str, Keys]:
    """A number a row of each split, over all inputs: equal for identical rows, within one process."""
    found = {split: np.zeros(len(part), np.int64) for split, part in view.parts.items()}
    for name in view.train.inputs:
        arrays = [part.inputs[name] for part in view.parts.values()]
        kinds = {array.dtype for array in arrays if not isinstance(array, Table)}
        common = np.result_type(*kinds) if len(kinds) > 1 else None  # a split of its own may have another
        for split, part in view.parts.items():
            start = 0
            for rows in part.stored[name].pieces() if name in part.stored else (part.inputs[name],):
                own = slice(start, start + len(rows))
                for matrix in _matrices(rows):
                    found[split][own] = _mixed(found[split][own], keys_of(matrix, common))
                start += len(rows)
    return found


def work(view: View) -> int:
    """What `row_keys` costs, in bytes: those of the rows, four times where they are floats, and 250 a row."""
    total = 0
    for part in view.parts.values():
        total += 250 * len(part)
        for features in part.inputs.values():
            if isinstance(features, Table):
                total += len(part) * (32 * len(features.numeric) + 64 * len(features.categorical))
            else:
                row = features.nbytes // max(1, len(features))
                total += len(part) * row * (4 if features.dtype.kind == "f" else 1)
    return total


def _matrices(features: Any) -> Iterator[Array]:
    """Arrays whose rows' bytes are equal where the rows are; -0.0 is 0.0, and every gap is alike."""
    if not isinstance(features, Table):
        yield features if features.dtype != object else _hashes(features)
        return
    if features.numeric:
        yield np.column_stack([features.numeric[name] for name in features.order if name in features.numeric])
    for name in features.order:
        if name in features.categorical:
            yield _hashes(features.categorical[name])


def _hashes(texts: Array) -> Keys:
    return np.fromiter((hash(text) for text in texts.ravel()), np.int64, texts.size).reshape(texts.shape)


def _mixed(keys: Keys, more: Keys) -> Keys:
    """Two keys as one; the order matters."""
    mixed = keys.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + more.view(np.uint64)
    return (mixed ^ (mixed >> np.uint64(29))).view(np.int64)


def in_two_splits(view: View, keys: Mapping[str, Keys]) -> Iterator[Finding]:
    """Held-out rows that are identical to a row of another split."""
    for name in view.held_out:
        others = [other for other in ("train", "validation") if other in keys and other != name]
        for other in others if name == "test" else ["train"]:
            found = repeated(keys[other], keys[name])
            if len(found):
                yield _in_two(view, name, other, found, IDENTICAL)


def _in_two(view: View, name: str, other: str, found: NDArray[np.int64], how: str) -> Finding:
    """The finding for pairs of positions `(pairs, 2)` in a split and in another."""
    total = len(view.parts[name])
    count = f"{len(found):,} of {total:,} {name} rows"
    against = "a training row" if other == "train" else f"a {other} row"
    chance = how == IDENTICAL and expected_pairs(view, total * len(view.parts[other])) >= 1
    rows = [
        place
        for mine, theirs in found[:SHOWN_ROWS]
        for place in (view.place(name, mine), view.place(other, theirs))
    ]
    said = f"{count} {'is' if len(found) == 1 else 'are'} {how} {against}"
    why = (
        "rows of few different values repeat by chance, and flatter the scores all the same"
        if chance
        else "the network is scored on what it has learnt by heart"
    )
    return Finding(
        "rows_in_two_splits" if how == IDENTICAL else "near_rows_in_two_splits",
        "warning" if chance else "leak",
        said,
        f"{why}: remove the copies, or keep them in one split",
        rows=tuple(rows),
        pairs=True,
        figures={"rows": len(found), "of": total},
    )


def nearly_in_two_splits(view: View, name: str, found: NDArray[np.int64], how: str) -> Finding:
    """The finding for rows of a split that are nearly the same as training rows; pairs of positions."""
    return _in_two(view, name, "train", found, how)


def repeated(known: Keys, keys: Keys) -> NDArray[np.int64]:
    """Pairs of positions: in `keys`, and of the first equal one in `known`. Shape `(pairs, 2)`."""
    unique, first = np.unique(known, return_index=True)
    at = np.minimum(np.searchsorted(unique, keys), len(unique) - 1)
    (mine,) = np.nonzero(unique[at] == keys)
    return np.column_stack([mine, first[at[mine]]])


def within(view: View, keys: Mapping[str, Keys]) -> Iterator[Finding]:
    """Training rows that are there more than once."""
    own = keys["train"]
    _, first, numbers = np.unique(own, return_index=True, return_inverse=True)
    again = np.flatnonzero(first[numbers] != np.arange(len(own)))
    if not len(again):
        return
    chance = expected_pairs(view, len(own) ** 2 // 2) >= 1
    rows = [
        p
        for at in again[:SHOWN_ROWS]
        for p in (view.place("train", first[numbers[at]]), view.place("train", at))
    ]
    one = len(again) == 1
    said = f"{len(again):,} of {len(own):,} training rows repeat{'s' if one else ''} an earlier one"
    yield Finding(
        "duplicated_rows",
        "note" if chance or len(again) < 0.01 * len(own) else "warning",
        said,
        "what is there twice counts twice in training: remove the copies unless they are meant",
        rows=tuple(rows),
        pairs=True,
        figures={"rows": len(again), "of": len(own)},
    )


def under_two_labels(view: View, keys: Mapping[str, Keys]) -> Iterator[Finding]:
    """Identical rows of different classes, over all splits."""
    splits = list(view.parts)
    together = np.concatenate([keys[split] for split in splits])
    owners = np.concatenate([np.full(len(keys[split]), i) for i, split in enumerate(splits)])
    positions = np.concatenate([np.arange(len(keys[split])) for split in splits])
    _, rows = np.unique(together, return_inverse=True)
    if rows.max(initial=-1) == len(rows) - 1:
        return
    for target in view.targets:
        if target.task not in ("classification", "multi_label"):
            continue
        labels = np.concatenate([view.parts[split].targets[target.name] for split in splits])
        _, codes = np.unique(labels, axis=0, return_inverse=True)
        wrong, pairs = _outvoted(rows, codes.ravel())
        if not wrong:
            continue
        examples = [view.place(splits[owners[i]], positions[i]) for pair in pairs for i in pair]
        best = 1 - wrong / len(rows)
        whose = f" of '{target.name}'" if len(view.targets) > 1 else ""
        one = wrong == 1
        said = (
            f"{wrong:,} of {len(rows):,} rows {'has' if one else 'have'} another label{whose} than identical "
            f"rows have, so that no network names more than {100 * best:.4g} % of these labels correctly"
        )
        yield Finding(
            "label_noise",
            "warning",
            said,
            "look at their labels, or give the features what tells them apart",
            rows=tuple(examples),
            pairs=True,
            figures={"rows": int(wrong), "of": len(rows)},
        )


def _outvoted(rows: NDArray[np.int64], codes: NDArray[np.int64]) -> tuple[int, list[tuple[int, int]]]:
    """How many rows have not the commonest label of those identical to them; pairs of different labels."""
    both = rows * (int(codes.max()) + 1) + codes
    kinds, first, counts = np.unique(both, return_index=True, return_counts=True)
    owners = kinds // (int(codes.max()) + 1)
    starts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]])
    wrong = int(counts.sum() - np.maximum.reduceat(counts, starts).sum())
    ends = np.r_[starts[1:], len(kinds)]
    several = [sorted(map(int, first[s : s + 2])) for s, e in zip(starts, ends, strict=True) if e - s > 1]
    return wrong, sorted((pair[0], pair[1]) for pair in several)[:SHOWN_ROWS]
